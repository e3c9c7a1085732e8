/**
 * Events that are sent when their time has come, in order and at least once. While the broker is away it says so, once,
 * and tries until it is back or the end has come; what has come due meanwhile is sent then, as by a platform that keeps
 * what it could not send. Nothing is held meanwhile but one batch: later events are made when they are asked for.
 */
import type { Clock } from '../domain/clock.ts'
import type { Publisher } from '../engine/log.ts'
import { silentObserver } from '../engine/observer.ts'
import type { OutputRecord } from '../engine/record.ts'
import { untilAvailable } from '../engine/retry.ts'
import type { Terminal } from './terminal.ts'

const TICK_MS = 50
const MOST_BATCH_RECORDS = 1_000
/** What waits is no partition. */
const NO_PARTITION = -1

export interface PacedFeedOptions<E> {
  readonly publisher: Pick<Publisher, 'publish'>
  readonly encode: (event: E) => OutputRecord
  readonly clock: Clock
  readonly pause: (ms: number) => Promise<void>
  /** When it ends, whatever is left. */
  readonly endMs: number
  /** Ends it at once, in order. */
  readonly interrupted: Promise<void>
  readonly stderr: Pick<Terminal, 'line' | 'status'>
}

export class PacedFeed<E extends { readonly appendTimeMs: number }> {
  readonly #options: PacedFeedOptions<E>
  #sent = 0
  #interrupted = false
  #waiting = false

  constructor(options: PacedFeedOptions<E>) {
    this.#options = options
    void options.interrupted.then(() => (this.#interrupted = true))
  }

  /** Sends each event when its time has come, up to the end. Throws TransientError where the broker is away then. */
  async run(events: Iterable<E>): Promise<void> {
    const startMs = this.#options.clock.now()
    try {
      await this.#send(events)
      await this.#waitFor(this.#options.endMs)
    } finally {
      const seconds = Math.round((this.#options.clock.now() - startMs) / 1000)
      this.#options.stderr.line(`${this.#sent} events sent in ${seconds} s`)
    }
  }

  async #send(events: Iterable<E>): Promise<void> {
    const { clock, encode, endMs } = this.#options
    let batch: OutputRecord[] = []
    for (const event of events) {
      if (event.appendTimeMs > endMs) break
      if (event.appendTimeMs > clock.now() || batch.length >= MOST_BATCH_RECORDS) {
        await this.#publish(batch)
        batch = []
        await this.#waitFor(event.appendTimeMs)
      }
      if (this.#interrupted) break
      batch.push(encode(event))
    }
    await this.#publish(batch)
  }

  async #waitFor(timeMs: number): Promise<void> {
    const { clock, pause } = this.#options
    while (timeMs > clock.now() && !this.#interrupted) await pause(TICK_MS)
  }

  async #publish(batch: readonly OutputRecord[]): Promise<void> {
    const { publisher, pause, clock, endMs, stderr } = this.#options
    if (batch.length > 0) {
      const observer = { ...silentObserver, stalled: this.#stalled.bind(this) }
      const isOver = (): boolean => this.#interrupted || clock.now() >= endMs
      await untilAvailable({ pause, observer }, NO_PARTITION, isOver, () => publisher.publish(batch))
    }
    this.#sent += batch.length
    stderr.status(`${this.#sent} events sent`)
  }

  #stalled(_partition: number, service: string | null, reason: string): void {
    const { stderr } = this.#options
    if (service === null) stderr.line('goes on')
    else if (!this.#waiting) stderr.line(`waiting for ${service}, up to the end (${reason})`)
    this.#waiting = service !== null
  }
}
