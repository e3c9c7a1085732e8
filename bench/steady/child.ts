/** A child process of a run. It ends on our order only: an end of its own makes `failed` reject. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { ZodType } from 'zod'
import type { Order } from './messages.ts'

const STOP_PATIENCE_MS = 20_000

export class Child<M> {
  readonly name: string
  readonly #process: ChildProcess
  readonly #failed = Promise.withResolvers<never>()
  readonly #ended: Promise<unknown>
  #expected = false

  constructor(name: string, file: string, plan: object, schema: ZodType<M>, onMessage: (message: M) => void) {
    this.name = name
    this.#process = fork(file, [JSON.stringify(plan)], {
      cwd: import.meta.dirname,
      env: { ...process.env, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
      // Its standard output is ours to say something on: all that it prints is a complaint.
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#failed.promise.catch(() => undefined)
    this.#process.on('message', (message) => onMessage(schema.parse(message)))
    this.#ended = once(this.#process, 'exit')
    this.#process.once('exit', (code, signal) => {
      if (this.#expected) return
      this.#expected = true
      this.#failed.reject(new Error(`${name} ended by itself: ${code ?? signal}`))
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** Rejects when the child has ended and should not have. */
  failed(): Promise<never> {
    return this.#failed.promise
  }

  order(one: Order): void {
    if (this.#process.connected) this.#process.send(one)
  }

  async stop(): Promise<void> {
    if (!this.alive) return
    this.#expected = true
    const overdue = setTimeout(() => this.#process.kill('SIGKILL'), STOP_PATIENCE_MS)
    this.order('stop')
    await this.#ended
    clearTimeout(overdue)
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#expected = true
    this.#process.kill('SIGKILL')
    await this.#ended
  }
}
