/**
 * The value that a share of all values does not exceed (the smallest of which at least that share is at most as
 * large): exact while a window holds at most `limit` values, within 1 % of it past that.
 *
 * Q1. Which of the two depends on the number of values alone, and the value on the values alone, so that panes in any
 *     order and grouping agree.
 * Q2. Past the limit values are counted in buckets whose borders grow by the factor `GROWTH`, and told as the middle
 *     of their bucket: off by at most 1 % of the exact value. What is below a millionth is told as 0.
 * Q3. Bounded: `limit` values, or 2,500 buckets.
 *
 * Source: Masson, Rim, Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", 2019.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

export const QUANTILE_ERROR = 0.01
const GROWTH = (1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR)
const LOG_GROWTH = Math.log(GROWTH)
const SMALLEST = 1e-6
const LARGEST = 1e15
/** The bucket of what is below the smallest. */
const NOUGHT = 0
/** Bucket numbers count up from 1. */
const FIRST = 1 - Math.ceil(Math.log(SMALLEST) / LOG_GROWTH)

const EXACT = 0
const SKETCHED = 1

export class Quantile implements Accumulator<Quantile> {
  readonly #share: number
  readonly #limit: number
  /** Ascending; null past the limit. */
  #values: number[] | null = []
  /** Ascending bucket numbers, and how many values each holds. */
  #buckets: number[] = []
  #counts: number[] = []
  #total = 0

  constructor(share: number, limit: number) {
    this.#share = share
    this.#limit = limit
  }

  static decode(share: number, limit: number, reader: ByteReader): Quantile {
    const quantile = new Quantile(share, limit)
    if (reader.varint() === SKETCHED) {
      quantile.#values = null
      for (let left = reader.varint(); left > 0; left--) quantile.#count(reader.varint(), reader.varint())
    } else for (let left = reader.varint(); left > 0; left--) quantile.add(reader.double())
    return quantile
  }

  /** Never gives anything up. */
  add(value: number): boolean {
    if (this.#values === null) this.#count(bucketOf(value), 1)
    else {
      this.#total++
      this.#values.splice(placeIn(this.#values, value), 0, value)
      if (this.#total > this.#limit) this.#toSketch()
    }
    return false
  }

  value(): number {
    return this.#total === 0 ? NaN : this.#at(this.#rankOf(this.#total))
  }

  /** The most by which it may be off, in the unit of the values (Q2); 0 where it is exact. */
  error(): number {
    return this.#values === null ? Math.abs(this.value()) * (1 / (1 - QUANTILE_ERROR) - 1) : 0
  }

  /**
   * By how much it may be off where any part of `left` belongs to it too. So many values move the rank by as much as there are at
   * most; where that leads past the ends, the value is one of what was left out.
   */
  errorBeside(left: Quantile): number {
    const [total, more] = [this.#total, left.#total]
    if (total === 0) return 0
    const rank = this.#rankOf(total + more)
    const lowest = rank > more ? this.#at(rank - more) : Math.min(this.#at(1), left.#at(1))
    const highest = rank <= total ? this.#at(rank) : Math.max(this.#at(total), left.#at(more))
    const off = this.#values === null || left.#values === null ? QUANTILE_ERROR : 0
    const told = this.value()
    return Math.max(told - lowest / (1 + off), highest / (1 - off) - told)
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 144 + (this.#values?.length ?? 0) * 8 + this.#buckets.length * 16
  }

  merge(other: Quantile): void {
    if (other.#values !== null) for (const value of other.#values) this.add(value)
    else {
      this.#toSketch()
      other.#buckets.forEach((bucket, at) => this.#count(bucket, other.#counts[at] ?? 0))
    }
  }

  /** A sketch cannot become exact again. */
  leave(other: Quantile): boolean {
    if (this.#values === null && this.#total - other.#total > this.#limit) {
      for (const value of other.#values ?? []) this.#count(bucketOf(value), -1)
      other.#buckets.forEach((bucket, at) => this.#count(bucket, -(other.#counts[at] ?? 0)))
      return true
    }
    if (this.#values === null || other.#values === null) return false
    for (const value of other.#values) this.#values.splice(placeIn(this.#values, value), 1)
    this.#total = this.#values.length
    return true
  }

  /** Takes one value out again; false where the rest could be told exactly, were it known. */
  take(value: number): boolean {
    if (this.#values === null) {
      if (this.#total - 1 <= this.#limit) return false
      this.#count(bucketOf(value), -1)
      return true
    }
    this.#values.splice(placeIn(this.#values, value), 1)
    this.#total--
    return true
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#values === null ? SKETCHED : EXACT)
    writer.varint((this.#values ?? this.#buckets).length)
    for (const value of this.#values ?? []) writer.double(value)
    this.#buckets.forEach((bucket, at) => {
      writer.varint(bucket)
      writer.varint(this.#counts[at] ?? 0)
    })
  }

  /** Of so many values that which tells. */
  #rankOf(total: number): number {
    return Math.max(1, Math.ceil(this.#share * total))
  }

  /** The value of that rank, the smallest being the first. */
  #at(rank: number): number {
    if (this.#values !== null) return this.#values[rank - 1] ?? NaN
    let left = rank
    for (let at = 0; at < this.#counts.length; at++) {
      left -= this.#counts[at] ?? 0
      if (left <= 0) return middleOf(this.#buckets[at] ?? NOUGHT)
    }
    return NaN
  }

  #toSketch(): void {
    if (this.#values === null) return
    const values = this.#values
    this.#values = null
    this.#total = 0
    for (const value of values) this.#count(bucketOf(value), 1)
  }

  #count(bucket: number, times: number): void {
    this.#total += times
    const at = placeIn(this.#buckets, bucket)
    if (this.#buckets[at] === bucket) this.#counts[at] = (this.#counts[at] ?? 0) + times
    else {
      this.#buckets.splice(at, 0, bucket)
      this.#counts.splice(at, 0, times)
    }
  }
}

/** Where in ascending numbers the first one stands that is not smaller. */
function placeIn(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

function bucketOf(value: number): number {
  if (value < SMALLEST) return NOUGHT
  return Math.ceil(Math.log(Math.min(value, LARGEST)) / LOG_GROWTH) + FIRST
}

/** As far from one border of the bucket as from the other, in shares of the value. */
function middleOf(bucket: number): number {
  return bucket === NOUGHT ? 0 : (2 * GROWTH ** (bucket - FIRST)) / (GROWTH + 1)
}
