/**
 * What a gateway asks for every request: may this account be served? Answered from memory.
 *
 * V1. Until the whole compacted topic has been read, the view is as old as can be (V2).
 * V2. `staleMs` is how long the view may have missed something: since the log last said that nothing more is there. Past
 *     `staleAfterMs` the setting decides, and the answer says so.
 * V3. A record that cannot be read is told; the account's last standing goes on, and past what that forbids the setting
 *     decides (V2), until a record can be read.
 */
import type { Clock } from '../domain/clock.ts'
import { ALLOWED, decisionOf, type Ask, type Decision } from './decision.ts'
import type { Standings } from './standings.ts'

export interface StandingViewSettings {
  /** Older than this, the view is no longer trusted. */
  readonly staleAfterMs: number
  /** What a view that is not trusted says: serve (fail open) or refuse (fail closed). Known sanctions hold either way. */
  readonly whenStale: 'allow' | 'refuse'
}

/** Where the view's records come from, and how fresh they are. */
export interface StandingFeed {
  /** Epoch milliseconds as of which everything that was in the log has been delivered. */
  currentAsOfMs(): number
  close(): Promise<void>
}

const UNKNOWN: Decision = { ...ALLOWED, allow: false, stale: true }
const ALLOWED_UNKNOWING: Decision = { ...ALLOWED, stale: true }

export class StandingView {
  readonly #standings: Standings
  readonly #feed: StandingFeed
  readonly #clock: Clock
  readonly #settings: StandingViewSettings
  #freshUntilMs = 0

  constructor(standings: Standings, feed: StandingFeed, clock: Clock, settings: StandingViewSettings) {
    this.#standings = standings
    this.#feed = feed
    this.#clock = clock
    this.#settings = settings
  }

  /** Accounts with something active. */
  get size(): number {
    return this.#standings.size
  }

  /** May the account make this request now? */
  may(accountId: string, ask: Ask): Decision {
    const nowMs = this.#clock.now()
    const active = this.#standings.of(accountId)
    const decision = active === undefined ? ALLOWED : decisionOf(active, accountId, ask, nowMs)
    if (!decision.allow || (this.#isFresh(nowMs) && !this.#standings.isDoubtful(accountId))) return decision
    if (this.#settings.whenStale === 'refuse') return UNKNOWN
    return decision === ALLOWED ? ALLOWED_UNKNOWING : { ...decision, stale: true }
  }

  /** Asks the feed only when what it last said is no longer enough. */
  #isFresh(nowMs: number): boolean {
    if (nowMs <= this.#freshUntilMs) return true
    this.#freshUntilMs = this.#feed.currentAsOfMs() + this.#settings.staleAfterMs
    return nowMs <= this.#freshUntilMs
  }

  /** How long the view may have missed something, milliseconds. */
  staleMs(): number {
    return Math.max(0, this.#clock.now() - this.#feed.currentAsOfMs())
  }

  close(): Promise<void> {
    return this.#feed.close()
  }
}
