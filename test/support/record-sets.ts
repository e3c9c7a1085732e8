/** Record sets and answers to fetches as brokers send them, written with kafkajs' own encoders. */
import Encoder from 'kafkajs/src/protocol/encoder.js'
import encodeRecord from 'kafkajs/src/protocol/recordBatch/record/v0/index.js'
import batches from 'kafkajs/src/protocol/recordBatch/v0/index.js'

export interface WrittenBatch {
  readonly baseOffset: number
  readonly timestampMs: number
  readonly compression?: number
  readonly transactional?: boolean
  readonly producerId?: number
  readonly control?: boolean
  /** The log's own time instead of the producer's. */
  readonly logAppendTime?: boolean
  /** Offset of the last record as it was written; compaction may have taken it. */
  readonly lastOffset?: number
  readonly records: readonly WrittenEntry[]
}

export interface WrittenEntry {
  readonly offsetDelta: number
  readonly timestampDelta: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | readonly Buffer[]>>
}

export function entry(offsetDelta: number, key: Buffer | null, value: Buffer | null): WrittenEntry {
  return { offsetDelta, timestampDelta: 0, key, value, headers: {} }
}

const ATTRIBUTES_LOW_BYTE = 22
const LOG_APPEND_TIME = 0x08
const CONTROL = 0x20

export async function recordBatch(batch: WrittenBatch): Promise<Buffer> {
  return batchOf(
    batch,
    batch.records.map((record) => encodeRecord(record)),
  )
}

/** A batch of records that were encoded before. */
export async function batchOf(batch: WrittenBatch, records: readonly Encoder[]): Promise<Buffer> {
  const last = batch.records.at(-1)?.offsetDelta ?? 0
  const { buffer } = await batches.RecordBatch({
    compression: batch.compression ?? 0,
    firstOffset: batch.baseOffset,
    firstTimestamp: batch.timestampMs,
    maxTimestamp: batch.timestampMs + Math.max(0, ...batch.records.map((record) => record.timestampDelta)),
    lastOffsetDelta: batch.lastOffset === undefined ? last : batch.lastOffset - batch.baseOffset,
    transactional: batch.transactional ?? false,
    producerId: batch.producerId ?? -1,
    records,
  })
  const flags = (batch.logAppendTime === true ? LOG_APPEND_TIME : 0) | (batch.control === true ? CONTROL : 0)
  buffer.writeUInt8(buffer.readUInt8(ATTRIBUTES_LOW_BYTE) | flags, ATTRIBUTES_LOW_BYTE)
  return buffer
}

export interface WrittenPartition {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number }[]
  readonly recordSet: Buffer
}

/** The answer in one version of the protocol; each partition under its own topic entry. */
export function fetchAnswer(
  version: number,
  partitions: readonly WrittenPartition[],
  throttleMs = 0,
): Buffer {
  const encoder = new Encoder().writeInt32(throttleMs)
  if (version >= 7) encoder.writeInt16(0).writeInt32(0)
  encoder.writeInt32(partitions.length)
  for (const one of partitions) {
    encoder.writeString(one.topic).writeInt32(1).writeInt32(one.partition).writeInt16(one.errorCode)
    encoder.writeInt64(one.highWatermark).writeInt64(one.highWatermark)
    if (version >= 5) encoder.writeInt64(0)
    encoder.writeInt32(one.aborted.length)
    for (const { producerId, firstOffset } of one.aborted) {
      encoder.writeInt64(producerId).writeInt64(firstOffset)
    }
    if (version >= 11) encoder.writeInt32(-1)
    encoder.writeBytes(one.recordSet)
  }
  return encoder.buffer
}
