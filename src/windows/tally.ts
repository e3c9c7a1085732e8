/** Count, sum, mean and largest value of one pane or window, in one accumulator. */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

export type TallyKind = 'count' | 'sum' | 'mean' | 'max'

export class Tally implements Accumulator<Tally> {
  readonly #kind: TallyKind
  #count = 0
  #sum = 0
  #max = -Infinity

  constructor(kind: TallyKind) {
    this.#kind = kind
  }

  static decode(kind: TallyKind, reader: ByteReader): Tally {
    const tally = new Tally(kind)
    tally.#count = reader.varint()
    if (kind === 'sum' || kind === 'mean') tally.#sum = reader.double()
    if (kind === 'max' && tally.#count > 0) tally.#max = reader.double()
    return tally
  }

  add(value: number): void {
    this.#count++
    this.#sum += value
    if (value > this.#max) this.#max = value
  }

  /** An empty count or sum is 0; an empty mean or maximum is unknown. */
  value(): number {
    if (this.#kind === 'count') return this.#count
    if (this.#kind === 'sum') return this.#sum
    if (this.#count === 0) return NaN
    return this.#kind === 'mean' ? this.#sum / this.#count : this.#max
  }

  merge(other: Tally): void {
    this.#count += other.#count
    this.#sum += other.#sum
    if (other.#max > this.#max) this.#max = other.#max
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#count)
    if (this.#kind === 'sum' || this.#kind === 'mean') writer.double(this.#sum)
    if (this.#kind === 'max' && this.#count > 0) writer.double(this.#max)
  }

  bytes(): number {
    return 48
  }
}
