/**
 * Largest share of one value among all: exact while there are at most `limit` values, then Space-Saving, which
 * overestimates a count by at most the total divided by `limit`.
 *
 * Source: Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements", 2005.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

export class TopShare implements Accumulator<TopShare> {
  readonly #limit: number
  readonly #counts = new Map<number, number>()
  #total = 0
  #top = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  static decode(limit: number, reader: ByteReader): TopShare {
    const share = new TopShare(limit)
    share.#total = reader.varint()
    for (let left = reader.varint(); left > 0; left--) share.#put(reader.word(), reader.varint())
    return share
  }

  /** `hash` as of `hash31`. */
  add(hash: number): void {
    this.#total++
    this.#increase(hash, 1)
  }

  /** Unknown where nothing was counted. */
  value(): number {
    return this.#total === 0 ? NaN : this.#top / this.#total
  }

  /** How often the most frequent value came. */
  topCount(): number {
    return this.#top
  }

  merge(other: TopShare): void {
    this.#total += other.#total
    for (const [hash, count] of other.#counts) this.#increase(hash, count)
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#total)
    writer.varint(this.#counts.size)
    for (const [hash, count] of this.#counts) {
      writer.word(hash)
      writer.varint(count)
    }
  }

  bytes(): number {
    return 96 + 32 * this.#counts.size
  }

  #increase(hash: number, by: number): void {
    const known = this.#counts.get(hash)
    if (known !== undefined || this.#counts.size < this.#limit) return this.#put(hash, (known ?? 0) + by)
    const [smallest, count] = this.#smallest()
    this.#counts.delete(smallest)
    this.#put(hash, count + by)
  }

  #put(hash: number, count: number): void {
    this.#counts.set(hash, count)
    if (count > this.#top) this.#top = count
  }

  #smallest(): readonly [number, number] {
    let best: readonly [number, number] = [0, Infinity]
    for (const entry of this.#counts) if (entry[1] < best[1]) best = entry
    return best
  }
}
