/**
 * How often each value came, values being 31-bit hashes: of sets that have outgrown `packed-counts.ts`. Goes
 * through its values in the order in which they came.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

export class Counts {
  readonly #counts = new Map<number, number>()

  get size(): number {
    return this.#counts.size
  }

  /** Adds to the value's count and gives what it is now. */
  add(hash: number, by: number): number {
    const count = (this.#counts.get(hash) ?? 0) + by
    this.#counts.set(hash, count)
    return count
  }

  /** Takes from the value's count; a value with nothing left is forgotten. */
  take(hash: number, by: number): void {
    const count = (this.#counts.get(hash) ?? 0) - by
    if (count > 0) this.#counts.set(hash, count)
    else this.#counts.delete(hash)
  }

  /** How often the value came. */
  count(hash: number): number {
    return this.#counts.get(hash) ?? 0
  }

  has(hash: number): boolean {
    return this.#counts.has(hash)
  }

  forEach(visit: (hash: number, count: number) => void): void {
    this.#counts.forEach((count, hash) => visit(hash, count))
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.size)
    this.forEach((hash, count) => {
      writer.word(hash)
      writer.varint(count)
    })
  }
}

/** Each value that `encode` has written, with its count, in their order. */
export function forEachEncoded(reader: ByteReader, visit: (hash: number, count: number) => void): void {
  for (let left = reader.varint(); left > 0; left--) visit(reader.word(), reader.varint())
}
