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
  readonly #sums = new Map<number, number>()
  #lastMs = 0

  static decode(reader: ByteReader): DailyChange {
    const change = new DailyChange()
    change.#days = BaselineDays.decode(reader)
    change.#lastMs = reader.varint()
    for (let left = reader.varint(); left > 0; left--) change.#sums.set(reader.varint(), reader.double())
    return change
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 144 + this.#sums.size * 48
  }

  add(value: number, timeMs: number): void {
    const day = dayOf(timeMs)
    this.#lastMs = Math.max(this.#lastMs, timeMs)
    if (this.#days.note(day)) {
      for (const old of this.#sums.keys()) if (old < day - BASELINE_DAYS) this.#sums.delete(old)
    }
    if (day < this.#days.today - BASELINE_DAYS) return
    this.#sums.set(day, (this.#sums.get(day) ?? 0) + asSummand(value))
  }

  value(timeMs: number): number {
    const day = dayOf(timeMs)
    const { active, today } = this.#days
    if (day !== today || active < LEAST_DAYS) return NaN
    let before = 0
    for (const [one, sum] of this.#sums) if (one < day) before += sum
    return before === 0 ? NaN : (this.#sums.get(day) ?? 0) / (before / active)
  }

  encode(writer: ByteWriter): void {
    this.#days.encode(writer)
    writer.varint(this.#lastMs)
    writer.varint(this.#sums.size)
    this.#sums.forEach((sum, day) => {
      writer.varint(day)
      writer.double(sum)
    })
  }
}
