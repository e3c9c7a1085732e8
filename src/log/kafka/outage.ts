/**
 * Tells of trouble with brokers as a person wants to hear of it. A broker that is away is asked several times a second by
 * everybody who reads; each of them says here how it fared.
 *
 * O1. One warning when the trouble begins, one a minute while it lasts, one line when nobody is in trouble any more. However
 *     often trouble comes and goes, there is at most one warning a minute.
 * O2. That Kafka serves us is said where it does: whoever ends in trouble, or asks no more, has not seen it, and the line is another.
 */
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'

const TELL_AGAIN_MS = 60_000
const NOBODY_ASKS = 'nobody asks any more for what Kafka did not serve'

export class Outage {
  readonly #clock: Clock
  readonly #logger: Logger
  /** Who is in trouble, and with what. */
  readonly #troubled = new Map<object, Set<string>>()
  #sinceMs = 0
  #toldMs = -Infinity
  /** Whether the trouble that lasts has been told, so that its end is worth a line. */
  #told = false

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  /** `who` did not get what it asked `of` (a broker, the group) for. */
  met(who: object, of: string, error: string): void {
    const nowMs = this.#clock.now()
    if (this.#troubled.size === 0) this.#sinceMs = nowMs
    const parts = this.#troubled.get(who) ?? new Set()
    this.#troubled.set(who, parts.add(of))
    if (nowMs - this.#toldMs < TELL_AGAIN_MS) return
    this.#toldMs = nowMs
    this.#told = true
    this.#logger.warn(
      { error, forMs: nowMs - this.#sinceMs },
      'Kafka does not serve us; trying until it does. Is it there, and is KAFKA_BROKERS right?',
    )
  }

  /** `who` gets answers again. */
  over(who: object, of: string): void {
    if (this.#isLast(who, of)) this.#end(who, 'Kafka serves us again')
  }

  /** `who` asks no more for what it did not get of that (O2). */
  unasked(who: object, of: string): void {
    if (this.#isLast(who, of)) this.#end(who, NOBODY_ASKS)
  }

  /** `who` has ended (O2). */
  forget(who: object): void {
    this.#end(who, NOBODY_ASKS)
  }

  #isLast(who: object, of: string): boolean {
    const parts = this.#troubled.get(who)
    return parts?.delete(of) === true && parts.size === 0
  }

  #end(who: object, line: string): void {
    if (!this.#troubled.delete(who) || !this.#told || this.#troubled.size > 0) return
    this.#told = false
    this.#logger.info({ afterMs: this.#clock.now() - this.#sinceMs }, line)
  }
}
