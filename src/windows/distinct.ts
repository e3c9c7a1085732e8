/**
 * How many distinct values: exact up to a limit, a HyperLogLog past it (standard error 1.63 %). Which of the two
 * depends on the set of values alone, so that panes in any order and grouping agree.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { Counts } from './counts.ts'
import { HyperLogLog, REGISTERS, STANDARD_ERROR } from './hyper-log-log.ts'

const EXACT = 0
const SKETCHED = 1

export class Distinct implements Accumulator<Distinct> {
  readonly #exactLimit: number
  /** In a pane: each value once. In a window: in how many of its panes. */
  #values = new Counts()
  #sketch: HyperLogLog | null = null

  constructor(exactLimit: number) {
    this.#exactLimit = exactLimit
  }

  static decode(exactLimit: number, reader: ByteReader): Distinct {
    const distinct = new Distinct(exactLimit)
    if (reader.varint() === SKETCHED) distinct.#sketch = new HyperLogLog(reader.raw(REGISTERS))
    else for (let left = reader.varint(); left > 0; left--) distinct.#values.add(reader.word(), 1)
    return distinct
  }

  /** `hash` as of `hash31`. False where the value is known to be there already. */
  add(hash: number): boolean {
    if (this.#sketch === null && this.#values.has(hash)) return false
    this.gain(hash)
    return true
  }

  /** In the merge of a window: so many more of its panes have the value. */
  gain(hash: number, panes = 1): void {
    if (this.#sketch !== null) return this.#sketch.add(hash)
    this.#values.add(hash, panes)
    if (this.#values.size > this.#exactLimit) this.#toSketch()
  }

  /** One pane fewer has the value; false where that cannot be told any more. */
  lose(hash: number): boolean {
    if (this.#sketch !== null) return false
    this.#values.take(hash, 1)
    return true
  }

  get exact(): boolean {
    return this.#sketch === null
  }

  /** A rough size in memory. */
  get bytes(): number {
    return this.#sketch === null ? 128 + this.#values.size * 40 : 256 + REGISTERS
  }

  value(): number {
    return this.#sketch === null ? this.#values.size : Math.round(this.#sketch.estimate())
  }

  /** The standard error, in values; 0 where it is exact. */
  error(): number {
    return this.#sketch === null ? 0 : this.value() * STANDARD_ERROR
  }

  merge(other: Distinct): void {
    if (other.#sketch !== null) this.#toSketch().merge(other.#sketch)
    else other.#values.forEach((hash) => this.gain(hash))
  }

  /** A sketch cannot forget. */
  leave(other: Distinct): boolean {
    if (this.#sketch !== null || other.#sketch !== null) return false
    other.#values.forEach((hash) => this.#values.take(hash, 1))
    return true
  }

  encode(writer: ByteWriter): void {
    if (this.#sketch !== null) {
      writer.varint(SKETCHED)
      writer.raw(this.#sketch.registers)
      return
    }
    writer.varint(EXACT)
    writer.varint(this.#values.size)
    this.#values.forEach((hash) => writer.word(hash))
  }

  #toSketch(): HyperLogLog {
    if (this.#sketch !== null) return this.#sketch
    const sketch = new HyperLogLog()
    this.#values.forEach((hash) => sketch.add(hash))
    this.#values = new Counts()
    this.#sketch = sketch
    return sketch
  }
}
