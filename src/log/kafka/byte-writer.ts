/** Bytes of a request to Kafka, written one after another into one buffer that grows. Numbers are big-endian. */

/** A text of up to so many ASCII characters is written here, character by character, behind a length of one byte. */
const SHORT_TEXT = 63
const SMALLEST_BYTES = 1_024

export class ByteWriter {
  #bytes: Buffer
  #at = 0

  /** `expectedBytes` spares growing where it is not too small. */
  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(SMALLEST_BYTES, expectedBytes))
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#at
  }

  /** All that has been written; a window, so nothing may be written after this. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  int8(value: number): void {
    this.#room(1)
    this.#at = this.#bytes.writeInt8(value, this.#at)
  }

  int16(value: number): void {
    this.#room(2)
    this.#at = this.#bytes.writeInt16BE(value, this.#at)
  }

  int32(value: number): void {
    this.#room(4)
    this.#at = this.#bytes.writeInt32BE(value, this.#at)
  }

  int64(value: bigint): void {
    this.#room(8)
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at)
  }

  /** Writes over what stands at `position`. */
  int32At(position: number, value: number): void {
    this.#bytes.writeInt32BE(value, position)
  }

  uint32At(position: number, value: number): void {
    this.#bytes.writeUInt32BE(value, position)
  }

  /** A text after its length in two bytes, -1 for none. */
  text(text: string | null): void {
    if (text === null) return this.int16(-1)
    const length = Buffer.byteLength(text)
    this.int16(length)
    this.#room(length)
    this.#at += this.#bytes.write(text, this.#at)
  }

  /** Zigzag: exact for whole numbers below 2^52. */
  varint(value: number): void {
    this.#room(8)
    let left = value < 0 ? -2 * value - 1 : 2 * value
    while (left >= 0x80) {
      this.#bytes[this.#at++] = (left % 0x80) | 0x80
      left = Math.floor(left / 0x80)
    }
    this.#bytes[this.#at++] = left
  }

  /** Bytes or text after their length as a varint, -1 for none. */
  varField(field: Buffer | string | null): void {
    if (field === null) this.varint(-1)
    else if (typeof field === 'string') this.#varText(field)
    else {
      this.varint(field.length)
      this.#room(field.length)
      this.#bytes.set(field, this.#at)
      this.#at += field.length
    }
  }

  /** What `write` writes, after its length as a varint. `lengthBytes` are kept free for that; gives how many it took. */
  varFramed(lengthBytes: number, write: () => void): number {
    this.#room(lengthBytes)
    const start = this.#at
    const from = start + lengthBytes
    this.#at = from
    write()
    const length = this.#at - from
    const needed = varintBytes(length)
    if (needed !== lengthBytes) {
      this.#room(needed)
      this.#bytes.copyWithin(start + needed, from, this.#at)
    }
    this.#at = start
    this.varint(length)
    this.#at = start + needed + length
    return needed
  }

  #varText(text: string): void {
    if (text.length > SHORT_TEXT || !this.#shortText(text)) {
      const length = Buffer.byteLength(text)
      this.varint(length)
      this.#room(length)
      this.#at += this.#bytes.write(text, this.#at)
    }
  }

  /** False, with nothing written, where it is not all ASCII. */
  #shortText(text: string): boolean {
    const { length } = text
    this.#room(1 + length)
    const bytes = this.#bytes
    let at = this.#at
    bytes[at++] = 2 * length
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      bytes[at++] = code
    }
    this.#at = at
    return true
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(2 * needed)
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = grown
  }
}

/** What a length takes as a varint. */
function varintBytes(length: number): number {
  let bytes = 1
  for (let left = length; left >= 0x40; left = Math.floor(left / 0x80)) bytes++
  return bytes
}
