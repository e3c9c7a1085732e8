/**
 * How evenly values are spread: Shannon's entropy in bits, 0 for one value alone, log2(n) for n values that come
 * equally often. Exact while a pane holds at most `limit` values; past that it gives up its rarer half.
 *
 * E1. Past the limit it is never told too high, and too low by at most 1 + r * log2(R) bits, where R units, a share r
 *     of all, were given up: what is told is the entropy of what was kept, weighed by its share (the grouping property,
 *     of which the unknown terms are left out).
 * E2. The weights of the counts are rounded to multiples of 2^-20 (`figures.ts`, G1), so that order and grouping
 *     change no digit.
 *
 * Source: Claude E. Shannon, "A Mathematical Theory of Communication", 1948, section 6.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { Counts, forEachEncoded } from './counts.ts'
import { asSummand } from './figures.ts'
import { withoutRarerHalf } from './rarer-half.ts'

/** What a value that came so often adds to the sum from which the entropy follows. */
export function entropyWeight(count: number): number {
  return count < 2 ? 0 : asSummand(count * Math.log2(count))
}

/** From counts that add up to `kept` of `total`, and the sum of their weights; unknown where nothing was counted. */
export function entropyBits(kept: number, total: number, weights: number): number {
  if (total === 0) return NaN
  return kept === 0 ? 0 : Math.max(0, kept * Math.log2(kept) - weights) / total
}

/** The entropy of what is of one kind with that share, and of another without it. */
function bitsOfOneOrOther(share: number): number {
  return share === 0 ? 0 : -share * Math.log2(share) - (1 - share) * Math.log2(1 - share)
}

export class Entropy implements Accumulator<Entropy> {
  readonly #limit: number
  #counts = new Counts()
  #total = 0
  #kept = 0
  #weights = 0

  /** `limit`: Infinity for the merge of a window, which its panes bound. */
  constructor(limit: number) {
    this.#limit = limit
  }

  static decode(limit: number, reader: ByteReader): Entropy {
    const entropy = new Entropy(limit)
    entropy.#total = reader.varint()
    forEachEncoded(reader, (hash, count) => entropy.#change(hash, count))
    return entropy
  }

  /** `hash` as of `hash31`, so many times. True where others had to be given up. */
  add(hash: number, times = 1): boolean {
    this.#total += times
    this.#change(hash, times)
    if (this.#counts.size <= this.#limit) return false
    this.#giveUpRare()
    return true
  }

  /** Takes so many of the value out again. */
  take(hash: number, times: number): void {
    this.#total -= times
    this.#change(hash, -times)
  }

  value(): number {
    return entropyBits(this.#kept, this.#total, this.#weights)
  }

  /** By how much it may be too low, in bits (E1); 0 where it is exact. */
  error(): number {
    const givenUp = this.#total - this.#kept
    return givenUp === 0 ? 0 : 1 + (givenUp / this.#total) * Math.log2(givenUp)
  }

  /**
   * By how much it may be off, in bits, where any part of `left` belongs to it too: by the grouping property what is there and
   * what is left out weigh as much as they are, and which of the two a value is from is one bit at most.
   */
  errorBeside(left: Entropy): number {
    if (this.#total === 0) return 0
    const told = this.value()
    const share = left.#total / (this.#total + left.#total)
    const leftBits = Math.log2(Math.max(1, left.#counts.size + left.#total - left.#kept))
    const most = told + this.error()
    const more = share * Math.max(0, leftBits - most) + bitsOfOneOrOther(Math.min(share, 0.5))
    return Math.max(this.error() + more, told * share)
  }

  merge(other: Entropy): void {
    this.#total += other.#total
    other.#counts.forEach((hash, count) => this.#change(hash, count))
    if (this.#counts.size > this.#limit) this.#giveUpRare()
  }

  leave(other: Entropy): boolean {
    this.#total -= other.#total
    other.#counts.forEach((hash, count) => this.#change(hash, -count))
    return true
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 144 + this.#counts.size * 40
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#total)
    this.#counts.encode(writer)
  }

  #change(hash: number, by: number): void {
    const before = this.#counts.count(hash)
    if (by > 0) this.#counts.add(hash, by)
    else this.#counts.take(hash, -by)
    const after = Math.max(0, before + by)
    this.#kept += after - before
    this.#weights += entropyWeight(after) - entropyWeight(before)
  }

  #giveUpRare(): void {
    const { kept } = withoutRarerHalf(this.#counts)
    this.#counts = kept
    this.#kept = 0
    this.#weights = 0
    kept.forEach((_hash, count) => {
      this.#kept += count
      this.#weights += entropyWeight(count)
    })
  }
}
