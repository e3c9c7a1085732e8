/**
 * Tells of many things of one kind without drowning what else a log has to say: a producer whose clock is wrong makes thousands
 * of records a second that are set aside, each for the same reason. Metrics count them all.
 *
 * S1. Of a kind the first `most` in a minute are told, and once in that minute that there are more.
 */
import type { Clock } from '../domain/clock.ts'

const MINUTE_MS = 60_000

export class Sparing {
  readonly #clock: Clock
  readonly #most: number
  readonly #kinds = new Map<string, { sinceMs: number; told: number }>()

  /** Kinds are names of our own (topics, reasons), so that there are few. */
  constructor(clock: Clock, most: number) {
    this.#clock = clock
    this.#most = most
  }

  /** Whether to tell of one more of this kind: by itself, as one of more that are not told, or not at all. */
  of(kind: string): 'tell' | 'tellOfMore' | 'silent' {
    const nowMs = this.#clock.now()
    const known = this.#kinds.get(kind)
    const minute =
      known === undefined || nowMs - known.sinceMs >= MINUTE_MS ? { sinceMs: nowMs, told: 0 } : known
    this.#kinds.set(kind, minute)
    minute.told++
    if (minute.told <= this.#most) return 'tell'
    return minute.told === this.#most + 1 ? 'tellOfMore' : 'silent'
  }
}
