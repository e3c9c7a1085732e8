/**
 * On which of the last two weeks' days something was there: how much of a baseline a key has.
 *
 * Y1. Days are those of UTC. Today is no part of the baseline.
 * Y2. A baseline with fewer than `LEAST_DAYS` active days is cold: what is told against it is unknown.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

const DAY_MS = 86_400_000
export const BASELINE_DAYS = 14
export const LEAST_DAYS = 7

export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS)
}

export class BaselineDays {
  /** The newest day; days before it by bit: the day before is bit 0. */
  #today = -1
  #before = 0

  static decode(reader: ByteReader): BaselineDays {
    const days = new BaselineDays()
    days.#today = reader.varint() - 1
    days.#before = reader.varint()
    return days
  }

  /** The newest day that was noted; -1 before the first. */
  get today(): number {
    return this.#today
  }

  /** Notes activity on a day; true where it is a new newest one. */
  note(day: number): boolean {
    if (day === this.#today) return false
    if (day < this.#today) {
      if (this.#today - day <= BASELINE_DAYS) this.#before |= 1 << (this.#today - day - 1)
      return false
    }
    const passed = day - this.#today
    this.#before = this.#today < 0 || passed > BASELINE_DAYS ? 0 : this.#shifted(passed)
    this.#today = day
    return true
  }

  /** How many days of the baseline were active, as of the newest day. */
  get active(): number {
    let count = 0
    for (let rest = this.#before; rest !== 0; rest &= rest - 1) count++
    return count
  }

  /** How many active days are missing until the baseline is warm: no event adds more than one. */
  get missing(): number {
    return Math.max(0, LEAST_DAYS - this.active)
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#today + 1)
    writer.varint(this.#before)
  }

  #shifted(passed: number): number {
    return ((this.#before << passed) | (1 << (passed - 1))) & ((1 << BASELINE_DAYS) - 1)
  }
}
