/**
 * Largest share of one value among all: exact while a pane holds at most `limit` values. Past that the pane gives
 * up its rarer half (`rarer-half.ts`).
 *
 * T1. A share is never told too high, and too low by at most 2 / limit: each unit that is taken from the top
 *     value is taken from at least limit / 2 values at once, and together they never held more than the total.
 * T2. Whoever floods a pane with rare values hides nothing by it, and pays for the giving up: one in limit / 2
 *     new values sets it off.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { Counts, forEachEncoded } from './counts.ts'
import { withoutRarerHalf } from './rarer-half.ts'

export class TopShare implements Accumulator<TopShare> {
  readonly #limit: number
  #counts = new Counts()
  #total = 0
  /** Count of the most frequent value; NaN where it must be looked for. */
  #top = 0

  /** `limit`: Infinity for the merge of a window, which its panes bound. */
  constructor(limit: number) {
    this.#limit = limit
  }

  static decode(limit: number, reader: ByteReader): TopShare {
    const share = new TopShare(limit)
    share.#total = reader.varint()
    forEachEncoded(reader, (hash, count) => share.#increase(hash, count))
    return share
  }

  /** `hash` as of `hash31`, so many times. True where others had to be given up. */
  add(hash: number, times = 1): boolean {
    this.#total += times
    this.#increase(hash, times)
    if (this.#counts.size <= this.#limit) return false
    this.#giveUpRare()
    return true
  }

  /** Unknown where nothing was counted. */
  value(): number {
    if (Number.isNaN(this.#top)) this.#top = this.#findTop()
    return this.#total === 0 ? NaN : this.#top / this.#total
  }

  /** By how much it may be too low: by all that was given up, were it of the top value; T1 bounds that. 0 where it is exact. */
  error(exactLimit: number): number {
    let kept = 0
    this.#counts.forEach((_hash, count) => (kept += count))
    return this.#total === 0 ? 0 : Math.min((this.#total - kept) / this.#total, 2 / exactLimit)
  }

  /**
   * By how much it may be off where any part of `left` belongs to it too. Too low by no more than had all of its top value, and
   * what was given up, come on top; too high by no more than had all of it been of others.
   */
  errorBeside(left: TopShare, exactLimit: number): number {
    const told = this.value()
    if (this.#total === 0) return 0
    const more = (left.#total === 0 ? 0 : left.value() + left.error(exactLimit)) * left.#total
    const lost = this.error(exactLimit) * this.#total
    const most = Math.min(1, (this.#top + lost + more) / (this.#total + more))
    return Math.max(most - told, told - this.#top / (this.#total + left.#total))
  }

  merge(other: TopShare): void {
    this.#total += other.#total
    other.#counts.forEach((hash, count) => this.#increase(hash, count))
    if (this.#counts.size > this.#limit) this.#giveUpRare()
  }

  leave(other: TopShare): boolean {
    this.#total -= other.#total
    other.#counts.forEach((hash, count) => this.#counts.take(hash, count))
    this.#top = NaN
    return true
  }

  /** Takes so many of the value out again. */
  take(hash: number, times: number): void {
    this.#total -= times
    this.#counts.take(hash, times)
    this.#top = NaN
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 128 + this.#counts.size * 40
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#total)
    this.#counts.encode(writer)
  }

  #increase(hash: number, by: number): void {
    const count = this.#counts.add(hash, by)
    if (count > this.#top) this.#top = count
  }

  #findTop(): number {
    let top = 0
    this.#counts.forEach((_hash, count) => (top = Math.max(top, count)))
    return top
  }

  #giveUpRare(): void {
    const { kept, taken } = withoutRarerHalf(this.#counts)
    this.#counts = kept
    this.#top = Math.max(0, this.#top - taken)
  }
}
