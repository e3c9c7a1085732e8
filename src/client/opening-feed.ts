/**
 * A feed that is not open yet: tried again while servers are away (P8), so that a gateway may start without them.
 *
 * O1. Until it is open it is as old as can be, so that the view's setting decides.
 * O2. What is refused, rather than away, ends the trying and is what `complete` rejects with.
 * O3. Closed before it is open, it lets go of what is being opened: nothing of it keeps the process alive.
 */
import { silentObserver } from '../engine/observer.ts'
import { untilAvailable } from '../engine/retry.ts'
import type { StandingFeed } from './standing-view.ts'

const NO_PARTITION = -1
const NEVER_MS = 0

export class OpeningFeed implements StandingFeed {
  /** When all that was there has been read. */
  readonly complete: Promise<void>
  #feed: StandingFeed | null = null
  readonly #closing = new AbortController()

  constructor(
    open: (letGo: AbortSignal) => Promise<StandingFeed>,
    pause: (ms: number) => Promise<void>,
    waiting: (service: string, message: string) => void,
  ) {
    const stalled = (_: number, service: string | null, message: string) => {
      if (service !== null) waiting(service, message)
    }
    const services = { observer: { ...silentObserver, stalled }, pause }
    const letGo = this.#closing.signal
    this.complete = untilAvailable(
      services,
      NO_PARTITION,
      () => letGo.aborted,
      () => open(letGo),
    ).then(
      (feed) => this.#opened(feed),
      (error: unknown) => this.#failed(error),
    )
  }

  currentAsOfMs(): number {
    return this.#feed?.currentAsOfMs() ?? NEVER_MS
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#feed?.close()
  }

  async #opened(feed: StandingFeed): Promise<void> {
    this.#feed = feed
    if (this.#closing.signal.aborted) await feed.close()
  }

  #failed(error: unknown): void {
    if (!this.#closing.signal.aborted) throw error
  }
}
