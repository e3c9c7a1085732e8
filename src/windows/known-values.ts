/**
 * How much of today is new to a key: the share of today's events with a value that it had on none of the fourteen days
 * before.
 *
 * N1. Unknown while the baseline is cold (`baseline-days.ts`), below `LEAST_EVENTS` events today, and for a key that has
 *     more than `MAX_VALUES` values: what changes all the time has no usual.
 * N2. A value that stays becomes usual on the next day: a break is told on its first day.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import { BASELINE_DAYS, BaselineDays, dayOf, LEAST_DAYS } from './baseline-days.ts'

export const LEAST_EVENTS = 20
export const MAX_VALUES = 64

/** Numbers a value: its hash, as of `hash31`, and the first and the last of the days on which it was there. */
const WORDS = 3

export class KnownValues {
  #days = new BaselineDays()
  /** One value after another: few, and read one by one. */
  #values: number[] = []
  /** Until when there were too many values. */
  #fullUntil = 0
  #events = 0
  #new = 0
  #lastMs = 0

  static decode(reader: ByteReader): KnownValues {
    const known = new KnownValues()
    known.#days = BaselineDays.decode(reader)
    known.#fullUntil = reader.varint()
    known.#events = reader.varint()
    known.#new = reader.varint()
    known.#lastMs = reader.varint()
    for (let left = reader.varint(); left > 0; left--) {
      const hash = reader.word()
      const first = reader.varint()
      known.#values.push(hash, first, first + reader.varint())
    }
    return known
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 160 + this.#values.length * 8
  }

  add(hash: number, timeMs: number): void {
    const day = dayOf(timeMs)
    this.#lastMs = Math.max(this.#lastMs, timeMs)
    if (this.#days.note(day)) this.#beginDay(day)
    const at = this.#find(hash)
    if (day === this.#days.today) {
      this.#events++
      if (at < 0 || (this.#values[at + 1] ?? 0) >= day) this.#new++
    }
    if (at >= 0) this.#see(at, day)
    else if (this.#values.length < MAX_VALUES * WORDS) this.#values.push(hash, day, day)
    else this.#fullUntil = day + BASELINE_DAYS
  }

  value(timeMs: number): number {
    const day = dayOf(timeMs)
    const cold = this.#days.active < LEAST_DAYS || this.#fullUntil >= day
    if (day !== this.#days.today || cold || this.#events < LEAST_EVENTS) return NaN
    return this.#new / this.#events
  }

  /**
   * At least how many events more there are from now until it can be that great: until it is known; and until so many with
   * a new value have come today, or any on the next day. Of the days that the baseline lacks so many at most come late.
   */
  stepsTo(limit: number, lateDays: number): number {
    if (limit > 1) return Infinity
    if (this.#days.missing > lateDays) return LEAST_EVENTS
    // Rounded down, whatever the division is rounded to.
    const newOnes = limit < 1 ? Math.floor((limit * this.#events - this.#new) / (1 - limit)) : 0
    const today = Math.max(LEAST_EVENTS - this.#events, newOnes)
    return Math.max(0, this.#days.missing, Math.min(LEAST_EVENTS, today))
  }

  encode(writer: ByteWriter): void {
    this.#days.encode(writer)
    writer.varint(this.#fullUntil)
    writer.varint(this.#events)
    writer.varint(this.#new)
    writer.varint(this.#lastMs)
    writer.varint(this.#values.length / WORDS)
    for (let at = 0; at < this.#values.length; at += WORDS) {
      const first = this.#values[at + 1] ?? 0
      writer.word(this.#values[at] ?? 0)
      writer.varint(first)
      writer.varint((this.#values[at + 2] ?? 0) - first)
    }
  }

  #find(hash: number): number {
    for (let at = 0; at < this.#values.length; at += WORDS) if (this.#values[at] === hash) return at
    return -1
  }

  #see(at: number, day: number): void {
    if (day < (this.#values[at + 1] ?? 0)) this.#values[at + 1] = day
    if (day > (this.#values[at + 2] ?? 0)) this.#values[at + 2] = day
  }

  #beginDay(day: number): void {
    this.#events = 0
    this.#new = 0
    const kept: number[] = []
    for (let at = 0; at < this.#values.length; at += WORDS) {
      if ((this.#values[at + 2] ?? 0) >= day - BASELINE_DAYS) kept.push(...this.#values.slice(at, at + WORDS))
    }
    this.#values = kept
  }
}
