/** Compact binary writing and reading of state: variable-length integers, doubles, raw 32-bit words, text. */

/** Bytes of the longest variable-length integer below 2^53. */
const VARINT_BYTES = 8

/** What is written lies side by side in slabs of so many bytes. */
const SLAB_BYTES = 8_192

export class ByteWriter {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  /** Where in the slab begins what has not been taken. */
  #from = 0
  #at = 0

  /** An unsigned integer below 2^53, seven bits a byte. */
  varint(value: number): void {
    this.#ensure(VARINT_BYTES)
    let rest = value
    while (rest >= 0x80) {
      this.#slab[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#slab[this.#at++] = rest
  }

  double(value: number): void {
    this.#ensure(8)
    this.#at = this.#slab.writeDoubleLE(value, this.#at)
  }

  word(value: number): void {
    this.#ensure(4)
    this.#at = this.#slab.writeUInt32LE(value >>> 0, this.#at)
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.varint(length)
    this.#ensure(length)
    this.#at += this.#slab.write(value, this.#at)
  }

  raw(bytes: Uint8Array): void {
    this.#ensure(bytes.length)
    this.#slab.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** What was written, to keep: nothing is written over it. The writer is empty again. */
  take(): Buffer {
    const taken = this.#slab.subarray(this.#from, this.#at)
    this.#from = this.#at
    return taken
  }

  /** What has been written and not taken moves to the next slab. */
  #ensure(more: number): void {
    if (this.#at + more <= this.#slab.length) return
    const written = this.#at - this.#from
    const next = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, (written + more) * 2))
    this.#slab.copy(next, 0, this.#from, this.#at)
    this.#slab = next
    this.#from = 0
    this.#at = written
  }
}

/** Reads what the writer wrote, in the same order; throws RangeError past the end. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  word(): number {
    const value = this.#bytes.readUInt32LE(this.#at)
    this.#at += 4
    return value
  }

  text(): string {
    const length = this.varint()
    const end = this.#end(length)
    const value = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end
    return value
  }

  raw(length: number): Uint8Array {
    const end = this.#end(length)
    const value = Uint8Array.from(this.#bytes.subarray(this.#at, end))
    this.#at = end
    return value
  }

  #end(length: number): number {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError(`${length} bytes wanted past the end of a cell`)
    return end
  }
}
