/** CRC-32C (Castagnoli), the checksum of Kafka's record batches. Four bytes a step. */

/** The polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78

/** `TABLES[n][byte]`: what the byte does to the checksum when `n` bytes follow it. */
const TABLES = tables()
const [T0, T1, T2, T3] = TABLES

/** Of `bytes` from `from` on, up to `to`. */
export function crc32c(bytes: Buffer, from: number, to: number): number {
  const wordsEnd = to - ((to - from) & 3)
  return (afterBytes(afterWords(-1, bytes, from, wordsEnd), bytes, wordsEnd, to) ^ -1) >>> 0
}

/**
 * One loop a function: V8 compiles the first one while it runs, when it knows nothing of a second one behind it yet,
 * and would throw that code away at the second one in every call.
 */
function afterWords(before: number, bytes: Buffer, from: number, to: number): number {
  let crc = before
  for (let at = from; at < to; at += 4) {
    crc ^=
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    crc =
      (T3[crc & 0xff] ?? 0) ^
      (T2[(crc >>> 8) & 0xff] ?? 0) ^
      (T1[(crc >>> 16) & 0xff] ?? 0) ^
      (T0[crc >>> 24] ?? 0)
  }
  return crc
}

function afterBytes(before: number, bytes: Buffer, from: number, to: number): number {
  let crc = before
  for (let at = from; at < to; at++) crc = (T0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  return crc
}

function tables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL
    return crc
  })
  const after = (table: Int32Array): Int32Array => table.map((crc) => (first[crc & 0xff] ?? 0) ^ (crc >>> 8))
  const second = after(first)
  const third = after(second)
  return [first, second, third, after(third)]
}
