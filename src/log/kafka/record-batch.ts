/**
 * Record batches (magic 2) as they lie in the answer to a fetch: headers read, records left as bytes.
 *
 * B1. Nothing is copied but what was compressed: keys and values are windows on the answer.
 * B2. A batch that the answer's limit cut off is left out; it is asked for again, by its size. Damage is an error.
 * B3. A batch that stands for more than MOST_PLAIN_BYTES is not decompressed: its records are known to be there, and no
 *     more. Once an answer has come to so many bytes its other compressed batches are left out too (B2).
 *
 * The checksum is not verified, as in kafkajs (trap 22): the fastest CRC-32C that we found in JavaScript takes 0.25 s
 * of CPU per million records of 280 bytes, more than reading them does. Brokers verify it when they take a batch, TCP
 * or TLS guard the way, and what cannot be decoded is set aside.
 */
import { RefusedError } from '../../engine/errors.ts'
import { decompressed } from './decompress.ts'

export interface RecordBatch {
  readonly baseOffset: number
  /** Of the batch as it was written; compaction may have taken that record, or all of them. */
  readonly lastOffset: number
  readonly baseTimestampMs: number
  /** Where the log keeps its own time, the one time of all records; null where it keeps the producer's. */
  readonly appendTimeMs: number | null
  readonly producerId: bigint
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
  /** Number of records in `records`. */
  readonly count: number
  /** The records one after another, decompressed; null where that would be too much (B3). */
  readonly records: Buffer | null
}

/** What one compressed batch may stand for, and all of an answer but for its last: a broker takes a megabyte. */
export const MOST_PLAIN_BYTES = 64 * 1024 * 1024

/** What is left of that to one answer. */
export interface PlainRoom {
  bytes: number
}

/** Where things lie in a batch. `length` counts what follows it. */
const AT = {
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const

const MAGIC = 2
const COMPRESSION = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

/** All whole batches of a record set (B2, B3). */
export async function readRecordSet(
  bytes: Buffer,
  room: PlainRoom = { bytes: MOST_PLAIN_BYTES },
): Promise<readonly RecordBatch[]> {
  const batches: RecordBatch[] = []
  let at = 0
  while (at + AT.magic < bytes.length) {
    const end = at + AT.leaderEpoch + bytes.readInt32BE(at + AT.length)
    checkMagic(bytes.readInt8(at + AT.magic))
    if (end < at + AT.records) throw new Error('a record batch is shorter than its own header')
    if (end > bytes.length) break
    const batch = await readBatch(bytes.subarray(at, end), room)
    if (batch === null) break
    batches.push(batch)
    at = end
  }
  return batches
}

/** How long the batch is that follows `read` others in a record set; 0 where there is none, or it is not known. */
export function cutOffBytes(bytes: Buffer, read: number): number {
  let at = 0
  for (let batch = 0; batch < read; batch++) at += lengthAt(bytes, at)
  return at + AT.leaderEpoch <= bytes.length ? lengthAt(bytes, at) : 0
}

function lengthAt(bytes: Buffer, at: number): number {
  return AT.leaderEpoch + Math.max(0, bytes.readInt32BE(at + AT.length))
}

/** Null where it has to be left out. */
async function readBatch(bytes: Buffer, room: PlainRoom): Promise<RecordBatch | null> {
  const attributes = bytes.readInt16BE(AT.attributes)
  const baseOffset = readLong(bytes, 0)
  const codec = attributes & COMPRESSION
  const packed = bytes.subarray(AT.records)
  const isPlain = codec === 0 || packed.length === 0
  if (!isPlain && room.bytes <= 0) return null
  const records = isPlain ? packed : await decompressed(codec, packed, MOST_PLAIN_BYTES)
  if (!isPlain) room.bytes -= records?.length ?? 0
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(AT.lastOffsetDelta),
    baseTimestampMs: readLong(bytes, AT.baseTimestamp),
    appendTimeMs: (attributes & LOG_APPEND_TIME) === 0 ? null : readLong(bytes, AT.maxTimestamp),
    producerId: bytes.readBigInt64BE(AT.producerId),
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
    count: bytes.readInt32BE(AT.count),
    records,
  }
}

function checkMagic(magic: number): void {
  if (magic === MAGIC) return
  throw new RefusedError(
    `the topic holds records in format ${magic}, of Kafka before 0.11; only format ${MAGIC} is read: ` +
      'copy the topic with a client of today, or start after these records',
  )
}

/** Eight bytes as a number: exact up to 2^53, as all offsets and times are. */
export function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}
