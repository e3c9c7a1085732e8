/** `bailiff run` as a child process: everything it says is kept, and its health and metrics are asked over HTTP. */
import type { ChildProcess } from 'node:child_process'
import { expect } from 'vitest'
import { startBailiff, stopBailiff, type BailiffEnvironment } from './bailiff-process.ts'
import { until } from './until.ts'

export interface Health {
  readonly status: number
  readonly body: string
}

export class RunningBailiff {
  readonly port: number
  readonly #child: ChildProcess
  readonly #said: Said

  private constructor(child: ChildProcess, said: Said, port: number) {
    this.#child = child
    this.#said = said
    this.port = port
  }

  /** Starts it and waits for its HTTP port, not for readiness. */
  static async start(args: readonly string[], environment: BailiffEnvironment): Promise<RunningBailiff> {
    const child = startBailiff(['run', ...args], environment)
    const said = new Said(child)
    const port = (): number => Number(/"port":(\d+)/.exec(said.stdout)?.[1] ?? '0')
    await until('bailiff run serves', () => port() > 0 || child.exitCode !== null, 30_000)
    if (port() === 0) throw new Error(`bailiff run ended with ${child.exitCode}: ${said.stderr}`)
    return new RunningBailiff(child, said, port())
  }

  get stdout(): string {
    return this.#said.stdout
  }

  get stderr(): string {
    return this.#said.stderr
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async get(path: string): Promise<Health> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`)
    return { status: answer.status, body: await answer.text() }
  }

  async untilReady(withinMs = 90_000): Promise<void> {
    let last: Health = { status: 0, body: '' }
    const ready = async (): Promise<boolean> => (last = await this.get('/readyz')).status === 200
    await until('ready', ready, withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last.body}\n${this.stderr}`)
    })
  }

  /** Waits until it has logged it: what it logs comes by another way than what it answers, and may come later. */
  async untilSaid(pattern: RegExp, withinMs = 60_000): Promise<void> {
    await until(`it says ${pattern}`, () => pattern.test(this.stdout), withinMs)
  }

  /** Waits until it is not ready and says why in words that match; it must be alive all the while. */
  async untilMissing(pattern: RegExp, withinMs = 60_000): Promise<void> {
    let last: Health = { status: 0, body: '' }
    const missing = async (): Promise<boolean> => {
      last = await this.get('/readyz')
      expect((await this.get('/livez')).status).toBe(200)
      return last.status === 503 && pattern.test(last.body)
    }
    await until(`not ready for ${pattern}`, missing, withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last.body}`)
    })
  }

  /** Asks for an orderly end; gives the exit code. */
  stop(): Promise<number | null> {
    return stopBailiff(this.#child)
  }
}

/** What a child says, kept from its first byte on. */
class Said {
  stdout = ''
  stderr = ''

  constructor(child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
  }
}
