/**
 * The yardstick's responses off the wire: Confluent framing with schema 1, then an Avro body of fifteen fields, of
 * which the job reads six. The others are stepped over, not decoded; every peer projects the same way.
 */

/** What the job reads of one response. */
export interface Response {
  readonly eventId: string
  readonly accountId: string
  readonly timeMs: number
  readonly clientAddress: string
  readonly gpuSeconds: number
  readonly templateHash: string
}

const FRAME_BYTES = 5
const SCHEMA_ID = 1
/** userAgent, traceId, requestId, model, region, status. */
const STRINGS_BETWEEN = 6
/** promptTokens, completionTokens, latencyMs. */
const NUMBERS_BETWEEN = 3

/** The response in the bytes; null where they are not framed with the one schema. */
export function readResponse(bytes: Buffer): Response | null {
  if (bytes.length <= FRAME_BYTES || bytes[0] !== 0 || bytes.readUInt32BE(1) !== SCHEMA_ID) return null
  const cursor = new Cursor(bytes, FRAME_BYTES)
  const eventId = cursor.text()
  const accountId = cursor.text()
  const timeMs = cursor.long()
  const clientAddress = cursor.text()
  for (let skipped = 0; skipped < STRINGS_BETWEEN; skipped++) cursor.passText()
  for (let skipped = 0; skipped < NUMBERS_BETWEEN; skipped++) cursor.long()
  const gpuSeconds = cursor.double()
  return { eventId, accountId, timeMs, clientAddress, gpuSeconds, templateHash: cursor.text() }
}

/** Reads Avro's plain values one after the other. */
class Cursor {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  text(): string {
    const length = this.long()
    const from = this.#at
    this.#at = from + length
    return this.#bytes.toString('utf8', from, this.#at)
  }

  passText(): void {
    const length = this.long()
    this.#at += length
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  /** A zigzag varint; exact up to 2^53. */
  long(): number {
    let value = 0
    let scale = 1
    let byte = this.#bytes[this.#at++] ?? 0
    while (byte >= 128) {
      value += (byte - 128) * scale
      scale *= 128
      byte = this.#bytes[this.#at++] ?? 0
    }
    value += byte * scale
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

/** A response as bytes on the wire; the fields that the job does not read are empty. */
export function writeResponse(response: Response): Buffer {
  const { eventId, accountId, timeMs, clientAddress, gpuSeconds, templateHash } = response
  const bytes = Buffer.allocUnsafe(512)
  bytes[0] = 0
  bytes.writeUInt32BE(SCHEMA_ID, 1)
  let at = FRAME_BYTES
  for (const text of [eventId, accountId]) at = writeText(bytes, at, text)
  at = writeLong(bytes, at, timeMs)
  at = writeText(bytes, at, clientAddress)
  for (let left = STRINGS_BETWEEN + NUMBERS_BETWEEN; left > 0; left--) at = writeLong(bytes, at, 0)
  at = bytes.writeDoubleLE(gpuSeconds, at)
  return Buffer.from(bytes.subarray(0, writeText(bytes, at, templateHash)))
}

function writeText(bytes: Buffer, at: number, text: string): number {
  const start = writeLong(bytes, at, text.length)
  return start + bytes.write(text, start, 'latin1')
}

/** A zigzag varint of a number that is not negative. */
function writeLong(bytes: Buffer, at: number, value: number): number {
  let rest = value * 2
  let next = at
  while (rest >= 128) {
    bytes[next++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes[next++] = rest
  return next
}
