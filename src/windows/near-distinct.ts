/**
 * How many distinct texts, near-duplicates counted once (`likeness.ts`): groups up to a limit, a HyperLogLog past it.
 *
 * N1. A pane takes a hash only where it has none that is near: one template with a thousand names takes one place.
 * N2. The value is the number of groups among the hashes that are there, in which each is near to another: a function
 *     of their set alone. What a pane has depends on its events in their order; of panes, any order and grouping gives
 *     one value (`accumulator.ts`, A1).
 * N3. Texts whose hashes are all near to each other, and to no other's, count as one in whatever order they come. Where
 *     some are near and some are not, it is the order of a pane's events that decides between one text and several.
 * N4. With more than `exactLimit` hashes in a window, each counts by itself, with the error of the sketch: rather too many
 *     than too few.
 * N5. A value may rise when a pane leaves whose hash was near to two groups; it never exceeds the sum of its panes'.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { mix32 } from './hash.ts'
import { HyperLogLog, REGISTERS, STANDARD_ERROR } from './hyper-log-log.ts'
import { areNear, hasNear, type Likeness } from './likeness.ts'

const EXACT = 0
const SKETCHED = 1

/** Of one feature, hashes that are compared with each other: time grows with the square of their number (500: 2 ms). */
export const MOST_COMPARED = 500

interface Kept extends Likeness {
  /** In how many panes of a window; in a pane 1. */
  panes: number
}

export class NearDistinct implements Accumulator<NearDistinct> {
  readonly #exactLimit: number
  /** Each hash once. */
  #kept: Kept[] = []
  /** How many groups they are; null where it must be told anew. */
  #groups: number | null = 0
  #sketch: HyperLogLog | null = null

  constructor(exactLimit: number) {
    this.#exactLimit = exactLimit
  }

  /** A pane, in which each hash is a group (N1). */
  static decode(exactLimit: number, reader: ByteReader): NearDistinct {
    const distinct = new NearDistinct(exactLimit)
    if (reader.varint() === SKETCHED) distinct.#sketch = new HyperLogLog(reader.raw(REGISTERS))
    else
      for (let left = reader.varint(); left > 0; left--)
        distinct.#kept.push({ low: reader.word() | 0, high: reader.word() | 0, panes: 1 })
    distinct.#groups = distinct.#kept.length
    return distinct
  }

  /** To a pane; false where it has that text already (N1). */
  add(hash: Likeness): boolean {
    if (this.#sketch === null && hasNear(this.#kept, hash)) return false
    this.gain(hash)
    return true
  }

  /** In the merge of a window: one more of its panes has the hash. */
  gain(hash: Likeness): void {
    if (this.#sketch !== null) return this.#sketch.add(oneWordOf(hash))
    const known = this.#find(hash)
    if (known !== undefined) {
      known.panes++
      return
    }
    const near = this.#kept.reduce((sum, one) => sum + Number(areNear(one, hash)), 0)
    this.#kept.push({ low: hash.low, high: hash.high, panes: 1 })
    // One that is near to none is a group, and one that is near to a single hash is of its group.
    this.#groups = near > 1 || this.#groups === null ? null : this.#groups + Number(near === 0)
    if (this.#kept.length > this.#exactLimit) this.#toSketch()
  }

  /** A rough size in memory. */
  get bytes(): number {
    return this.#sketch === null ? 128 + this.#kept.length * 48 : 256 + REGISTERS
  }

  value(): number {
    if (this.#sketch !== null) return Math.round(this.#sketch.estimate())
    return (this.#groups ??= groupsOf(this.#kept))
  }

  /** The standard error, in groups; 0 where it is exact. Past the limit near-duplicates come on top (N4). */
  error(): number {
    return this.#sketch === null ? 0 : this.value() * STANDARD_ERROR
  }

  merge(other: NearDistinct): void {
    if (other.#sketch !== null) this.#toSketch().merge(other.#sketch)
    else for (const hash of other.#kept) this.gain(hash)
  }

  /** Takes another pane's texts into this pane, each only where none is near (N1). */
  absorb(other: NearDistinct): void {
    if (other.#sketch !== null) this.#toSketch().merge(other.#sketch)
    else for (const hash of other.#kept) this.add(hash)
  }

  /** A sketch cannot forget. */
  leave(other: NearDistinct): boolean {
    if (this.#sketch !== null || other.#sketch !== null) return false
    for (const hash of other.#kept) {
      const known = this.#find(hash)
      if (known !== undefined && --known.panes === 0) this.#remove(known)
    }
    return true
  }

  encode(writer: ByteWriter): void {
    if (this.#sketch !== null) {
      writer.varint(SKETCHED)
      writer.raw(this.#sketch.registers)
      return
    }
    writer.varint(EXACT)
    writer.varint(this.#kept.length)
    for (const { low, high } of this.#kept) {
      writer.word(low)
      writer.word(high)
    }
  }

  /** As in `gain`: one that is near to none was a group, one that is near to a single hash was of its group. */
  #remove(gone: Kept): void {
    this.#kept = this.#kept.filter((one) => one !== gone)
    const near = this.#kept.reduce((sum, one) => sum + Number(areNear(one, gone)), 0)
    this.#groups = near > 1 || this.#groups === null ? null : this.#groups - Number(near === 0)
  }

  #find({ low, high }: Likeness): Kept | undefined {
    return this.#kept.find((one) => one.low === low && one.high === high)
  }

  #toSketch(): HyperLogLog {
    if (this.#sketch !== null) return this.#sketch
    const sketch = new HyperLogLog()
    for (const hash of this.#kept) sketch.add(oneWordOf(hash))
    this.#kept = []
    this.#sketch = sketch
    return sketch
  }
}

/** How many groups hang together: in each, one leads to every other by steps between near ones. */
function groupsOf(hashes: readonly Likeness[]): number {
  const left = [...hashes]
  let groups = 0
  for (let first = left.pop(); first !== undefined; first = left.pop()) {
    groups++
    const reached = [first]
    for (let from = reached.pop(); from !== undefined; from = reached.pop()) takeNear(from, left, reached)
  }
  return groups
}

/** Moves those of `left` that are near to it. */
function takeNear(from: Likeness, left: Likeness[], reached: Likeness[]): void {
  for (let at = left.length - 1; at >= 0; at--) {
    const one = left[at]
    if (one === undefined || !areNear(one, from)) continue
    reached.push(one)
    const last = left.pop()
    if (last !== undefined && at < left.length) left[at] = last
  }
}

/** 31 bits of both words, as the sketch takes them. */
function oneWordOf({ low, high }: Likeness): number {
  return mix32(low ^ mix32(high)) >>> 1
}
