/**
 * How many distinct values: exact up to a limit, a HyperLogLog past it (standard error 3.25 %). The sketch never
 * goes back to a set, so that the value of a window does not jump.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { HyperLogLog, REGISTERS } from './hyper-log-log.ts'

const EXACT = 0
const SKETCHED = 1

export class Distinct implements Accumulator<Distinct> {
  readonly #exactLimit: number
  #values: Set<number> | null = new Set()
  #sketch: HyperLogLog | null = null

  constructor(exactLimit: number) {
    this.#exactLimit = exactLimit
  }

  static decode(exactLimit: number, reader: ByteReader): Distinct {
    const distinct = new Distinct(exactLimit)
    if (reader.varint() === SKETCHED) {
      distinct.#values = null
      distinct.#sketch = new HyperLogLog(reader.raw(REGISTERS))
      return distinct
    }
    for (let left = reader.varint(); left > 0; left--) distinct.#values?.add(reader.word())
    return distinct
  }

  /** `hash` as of `hash31`. */
  add(hash: number): void {
    if (this.#sketch !== null) return this.#sketch.add(hash)
    this.#values?.add(hash)
    this.#sketchIfLarge()
  }

  get exact(): boolean {
    return this.#sketch === null
  }

  value(): number {
    return this.#sketch === null ? (this.#values?.size ?? 0) : Math.round(this.#sketch.estimate())
  }

  merge(other: Distinct): void {
    if (other.#sketch !== null) this.#toSketch().merge(other.#sketch)
    else for (const hash of other.#values ?? []) this.add(hash)
  }

  encode(writer: ByteWriter): void {
    if (this.#sketch !== null) {
      writer.varint(SKETCHED)
      writer.raw(this.#sketch.registers)
      return
    }
    writer.varint(EXACT)
    writer.varint(this.#values?.size ?? 0)
    for (const hash of this.#values ?? []) writer.word(hash)
  }

  bytes(): number {
    return this.#sketch === null ? 64 + 24 * (this.#values?.size ?? 0) : 64 + REGISTERS
  }

  #sketchIfLarge(): void {
    if ((this.#values?.size ?? 0) > this.#exactLimit) this.#toSketch()
  }

  #toSketch(): HyperLogLog {
    if (this.#sketch !== null) return this.#sketch
    const sketch = new HyperLogLog()
    for (const hash of this.#values ?? []) sketch.add(hash)
    this.#values = null
    this.#sketch = sketch
    return sketch
  }
}
