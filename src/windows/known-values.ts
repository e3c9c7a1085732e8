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

interface Seen {
  readonly first: number
  readonly last: number
}

export class KnownValues {
  #days = new BaselineDays()
  /** By hash, as of `hash31`: the first and the last day, of those in the baseline and today. */
  readonly #values = new Map<number, Seen>()
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
      known.#values.set(hash, { first, last: first + reader.varint() })
    }
    return known
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 160 + this.#values.size * 72
  }

  add(hash: number, timeMs: number): void {
    const day = dayOf(timeMs)
    this.#lastMs = Math.max(this.#lastMs, timeMs)
    if (this.#days.note(day)) this.#beginDay(day)
    const seen = this.#values.get(hash)
    if (day === this.#days.today) {
      this.#events++
      if (seen === undefined || seen.first >= day) this.#new++
    }
    if (seen === undefined && this.#values.size >= MAX_VALUES) this.#fullUntil = day + BASELINE_DAYS
    else
      this.#values.set(hash, {
        first: Math.min(seen?.first ?? day, day),
        last: Math.max(seen?.last ?? day, day),
      })
  }

  value(timeMs: number): number {
    const day = dayOf(timeMs)
    const cold = this.#days.active < LEAST_DAYS || this.#fullUntil >= day
    if (day !== this.#days.today || cold || this.#events < LEAST_EVENTS) return NaN
    return this.#new / this.#events
  }

  encode(writer: ByteWriter): void {
    this.#days.encode(writer)
    writer.varint(this.#fullUntil)
    writer.varint(this.#events)
    writer.varint(this.#new)
    writer.varint(this.#lastMs)
    writer.varint(this.#values.size)
    this.#values.forEach(({ first, last }, hash) => {
      writer.word(hash)
      writer.varint(first)
      writer.varint(last - first)
    })
  }

  #beginDay(day: number): void {
    this.#events = 0
    this.#new = 0
    for (const [hash, { last }] of this.#values) if (last < day - BASELINE_DAYS) this.#values.delete(hash)
  }
}
