/**
 * How much more there is today than on an active day of the fourteen before: today's sum over the mean of theirs.
 *
 * C1. Unknown while the baseline is cold (`baseline-days.ts`), and where its days sum up to nothing.
 * C2. Today is told as far as it has come: it is too low in the morning, never too high.
 * C3. Summands are rounded to multiples of 2^-20 (`figures.ts`, G1): the order of a day's events changes nothing.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import { BASELINE_DAYS, BaselineDays, dayOf, LEAST_DAYS } from './baseline-days.ts'
import { asSummand } from './figures.ts'

export class DailyChange {
  #days = new BaselineDays()
  /** Ascending days, each followed by its sum. */
  #sums: number[] = []
  #lastMs = 0

  static decode(reader: ByteReader): DailyChange {
    const change = new DailyChange()
    change.#days = BaselineDays.decode(reader)
    change.#lastMs = reader.varint()
    for (let left = reader.varint(); left > 0; left--) change.#sums.push(reader.varint(), reader.double())
    return change
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 144 + this.#sums.length * 8
  }

  add(value: number, timeMs: number): void {
    const day = dayOf(timeMs)
    this.#lastMs = Math.max(this.#lastMs, timeMs)
    if (this.#days.note(day)) this.#forgetBefore(day - BASELINE_DAYS)
    if (day < this.#days.today - BASELINE_DAYS) return
    const at = this.#place(day)
    if (this.#sums[at] !== day) this.#sums.splice(at, 0, day, 0)
    this.#sums[at + 1] = (this.#sums[at + 1] ?? 0) + asSummand(value)
  }

  value(timeMs: number): number {
    const day = dayOf(timeMs)
    const { active, today } = this.#days
    if (day !== today || active < LEAST_DAYS) return NaN
    let before = 0
    const at = this.#place(day)
    for (let earlier = 1; earlier < at; earlier += 2) before += this.#sums[earlier] ?? 0
    return before === 0 ? NaN : (this.#sums[at + 1] ?? 0) / (before / active)
  }

  /** At least how many events more there are from now until it can be that great: it is cold before. */
  stepsTo(limit: number): number {
    return limit > 0 ? this.#days.missing : 0
  }

  encode(writer: ByteWriter): void {
    this.#days.encode(writer)
    writer.varint(this.#lastMs)
    writer.varint(this.#sums.length / 2)
    for (let at = 0; at < this.#sums.length; at += 2) {
      writer.varint(this.#sums[at] ?? 0)
      writer.double(this.#sums[at + 1] ?? 0)
    }
  }

  /** Where the day stands, or belongs. */
  #place(day: number): number {
    let at = this.#sums.length
    while (at > 0 && (this.#sums[at - 2] ?? 0) >= day) at -= 2
    return at
  }

  #forgetBefore(day: number): void {
    let gone = 0
    while (gone < this.#sums.length && (this.#sums[gone] ?? 0) < day) gone += 2
    if (gone > 0) this.#sums = this.#sums.slice(gone)
  }
}
