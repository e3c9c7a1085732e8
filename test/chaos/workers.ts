/**
 * The worker processes. Odd ones are `bailiff run usage enforcement`, as an operator starts it; even ones are the
 * same composition with a fault hook. One that ends by itself is told loudly and started again, as whoever runs it
 * in production would do.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'

const PRODUCT = ['src/cli/main.ts', 'run', 'usage', 'enforcement']
const HOOKED = ['test/chaos/hooked-worker.ts']
const DRAIN_MS = 30_000

export interface WorkersPlan {
  readonly count: number
  readonly environment: Readonly<Record<string, string>>
  /** Where each worker's output goes. */
  readonly folder: string
  /** Told of a worker that ended by itself. */
  readonly onCrash: (worker: Worker, how: string) => void
}

export class Worker {
  readonly number: number
  readonly hooked: boolean
  readonly #plan: WorkersPlan
  readonly #log: WriteStream
  #child: ChildProcess | null = null
  /** Set while somebody is ending it on purpose. */
  #expected = false
  #given = false

  constructor(number: number, plan: WorkersPlan) {
    this.number = number
    this.hooked = number % 2 === 0
    this.#plan = plan
    this.#log = createWriteStream(join(plan.folder, `worker-${number}.log`))
  }

  get name(): string {
    return `worker-${this.number}`
  }

  get alive(): boolean {
    return this.#child !== null
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  start(): void {
    if (this.#child !== null || this.#given) return
    this.#expected = false
    const child = spawn(process.execPath, this.hooked ? HOOKED : PRODUCT, {
      env: { ...process.env, ...this.#plan.environment, KAFKA_CLIENT_ID: this.name },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stdout?.pipe(this.#log, { end: false })
    child.stderr?.pipe(this.#log, { end: false })
    child.once('exit', (code, signal) => this.#ended(child, code, signal))
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM: it drains and leaves its groups. False where it did not in time and was killed. */
  async leave(): Promise<boolean> {
    let inTime = true
    const overdue = setTimeout(() => {
      inTime = false
      this.#child?.kill('SIGKILL')
    }, DRAIN_MS)
    await this.#end('SIGTERM')
    clearTimeout(overdue)
    return inTime
  }

  /** Asks it to stop itself at that point; only hooked ones can. */
  arm(point: string): void {
    this.#child?.send({ arm: point }, () => undefined)
  }

  /** Whether the kernel has it stopped. */
  get stopped(): boolean {
    try {
      return /^State:\s+T/m.test(readFileSync(`/proc/${this.pid}/status`, 'utf8'))
    } catch {
      return false
    }
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  /** The run is over: nothing starts it again. */
  async giveUp(): Promise<void> {
    if (this.#given) return
    this.#given = true
    this.signal('SIGCONT')
    if (!(await this.leave())) this.#plan.onCrash(this, 'had to be killed at the end')
    this.#log.end()
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#expected = true
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#child === child) this.#child = null
    this.#log.write(`${new Date().toISOString()} ended with ${code ?? signal}\n`)
    if (this.#expected || this.#given) return
    this.#plan.onCrash(this, `ended with ${code ?? signal}`)
    setTimeout(() => this.start(), 1_000)
  }
}

export function createWorkers(plan: WorkersPlan): readonly Worker[] {
  return Array.from({ length: plan.count }, (_, at) => new Worker(at + 1, plan))
}
