/**
 * The records of some batches of one partition, made one after another as they are asked for. Their keys, values and
 * headers are windows on the batches' bytes.
 *
 * A record must fill exactly the length that it states; one that does not is damage, never half a record.
 */
import type { Headers, Rejection, SourceRecord } from '../../engine/record.ts'
import { MOST_PLAIN_BYTES, type RecordBatch } from './record-batch.ts'

const NO_HEADERS: Headers = Object.freeze({})
const NO_BYTES = Buffer.alloc(0)

/** Of a batch that was not decompressed (record-batch.ts, B3). */
const TOO_LARGE: Rejection = {
  stage: 'deserialize',
  reason: 'tooLarge',
  detail: `its compressed batch stands for more than ${MOST_PLAIN_BYTES} bytes`,
}

export class RecordReader implements Iterator<SourceRecord, undefined> {
  readonly #topic: string
  readonly #partition: number
  readonly #batches: readonly RecordBatch[]
  /** Records before it are passed over. */
  readonly #from: number
  #opened = 0
  #batch: RecordBatch | undefined
  #bytes: Buffer = NO_BYTES
  #at = 0
  #left = 0
  /** Names of the last records' headers, by place. */
  readonly #names: { readonly bytes: Buffer; readonly text: string }[] = []

  constructor(topic: string, partition: number, batches: readonly RecordBatch[], from: number) {
    this.#topic = topic
    this.#partition = partition
    this.#batches = batches
    this.#from = from
  }

  next(): IteratorResult<SourceRecord, undefined> {
    for (;;) {
      while (this.#left === 0) if (!this.#open()) return { done: true, value: undefined }
      const value = this.#batch?.records === null ? this.#unread(this.#batch) : this.#record()
      this.#left--
      if (value.offset >= this.#from) return { done: false, value }
    }
  }

  #open(): boolean {
    const batch = this.#batches[this.#opened++]
    if (batch === undefined) return false
    this.#batch = batch
    this.#bytes = batch.records ?? NO_BYTES
    this.#at = 0
    this.#left = batch.count
    return true
  }

  /** Its offset is what it was when the batch was written: what is compacted later is written anew. */
  #unread({ baseOffset, count, appendTimeMs, baseTimestampMs }: RecordBatch): SourceRecord {
    return {
      topic: this.#topic,
      partition: this.#partition,
      offset: baseOffset + count - this.#left,
      appendTimeMs: appendTimeMs ?? baseTimestampMs,
      key: null,
      value: null,
      headers: NO_HEADERS,
      unreadable: TOO_LARGE,
    }
  }

  #record(): SourceRecord {
    const batch = this.#batch
    const length = this.#varint()
    const end = this.#at + length
    if (batch === undefined || length < 1 || end > this.#bytes.length) throw this.#damaged()
    this.#at++ // attributes of the record: unused by the protocol
    const timestampDelta = this.#varint()
    const offset = batch.baseOffset + this.#varint()
    const key = this.#field()
    const value = this.#field()
    const headerCount = this.#varint()
    const headers = headerCount === 0 ? NO_HEADERS : this.#headers(headerCount, end)
    if (this.#at !== end || headerCount < 0) throw this.#damaged()
    return {
      topic: this.#topic,
      partition: this.#partition,
      offset,
      appendTimeMs: batch.appendTimeMs ?? batch.baseTimestampMs + timestampDelta,
      key,
      value,
      headers,
    }
  }

  /** The first value of each header; headers without a value are left out. */
  #headers(count: number, end: number): Headers {
    const headers: Record<string, Buffer> = {}
    const empty = new Set<string>()
    for (let index = 0; index < count; index++) {
      if (this.#at >= end) throw this.#damaged()
      const name = this.#headerName(index)
      const value = this.#field()
      if (Object.hasOwn(headers, name) || empty.has(name)) continue
      if (value === null) empty.add(name)
      else if (name === '__proto__') Object.defineProperty(headers, name, { value, enumerable: true })
      else headers[name] = value
    }
    return headers
  }

  /** One writer's records bear the same names in the same order: a name that stands where it did is not read anew. */
  #headerName(index: number): string {
    const length = this.#varint()
    if (length <= 0) return ''
    const from = this.#at
    this.#at = from + length
    const known = this.#names[index]
    if (known?.bytes.length === length && this.#stands(known.bytes, from)) return known.text
    const bytes = this.#bytes.subarray(from, this.#at)
    const text = bytes.toString()
    this.#names[index] = { bytes, text }
    return text
  }

  #stands(bytes: Buffer, from: number): boolean {
    for (let at = 0; at < bytes.length; at++) if (this.#bytes[from + at] !== bytes[at]) return false
    return true
  }

  #field(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    const from = this.#at
    this.#at = from + length
    return this.#bytes.subarray(from, this.#at)
  }

  /** A zigzag varint: exact up to 2^53. Past the end it reads zeros; the record's length tells. */
  #varint(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#at++] ?? 0
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let value = byte & 0x7f
    let scale = 0x80
    do {
      byte = bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * scale
      scale *= 0x80
    } while (byte >= 0x80)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #damaged(): Error {
    const batch = this.#batch?.baseOffset ?? -1
    return new Error(`the record batch at ${batch} of ${this.#topic}/${this.#partition} is damaged`)
  }
}
