/**
 * The request that appends records, versions 3 to 7 of the protocol: one record batch (magic 2) a partition, not
 * compressed. Written into one buffer; kafkajs makes a buffer of 512 bytes of each record and of each of its headers.
 *
 * Q1. The bytes are those that kafkajs would send.
 */
import type { Headers } from '../../engine/record.ts'
import { ByteWriter } from './byte-writer.ts'
import { crc32c } from './crc32c.ts'

/** One record to be written. The timestamp is in milliseconds, as decimal text. */
export interface NewRecord {
  readonly key: Buffer | string | null
  readonly value: Buffer | string | null
  readonly headers: Headers
  readonly timestamp: string
}

export interface NewBatch {
  readonly partition: number
  readonly messages: readonly NewRecord[]
  /** The producer's own number of the first record in this partition. */
  readonly firstSequence: number
}

/** The fields' names are kafkajs'. */
export interface ProduceRequest {
  readonly transactionalId: string | null
  readonly producerId: string | number
  readonly producerEpoch: number
  readonly acks: number
  readonly timeout: number
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly NewBatch[] }[]
}

export const OLDEST_VERSION = 3
export const NEWEST_VERSION = 7

const MAGIC = 2
const TRANSACTIONAL = 0x10
/** What a record takes besides its value: the names of some ten headers and what they say. */
const BESIDE_VALUE_BYTES = 400
/** Records of 64 to 8,191 bytes state their length in two. */
const USUAL_LENGTH_BYTES = 2

export function writeProduceRequest(request: ProduceRequest): Buffer {
  const { transactionalId, acks, timeout, topicData } = request
  const writer = new ByteWriter(expectedBytes(request))
  writer.text(transactionalId)
  writer.int16(acks)
  writer.int32(timeout)
  writer.int32(topicData.length)
  for (const { topic, partitions } of topicData) {
    writer.text(topic)
    writer.int32(partitions.length)
    for (const batch of partitions) {
      writer.int32(batch.partition)
      const sizeAt = writer.position
      writer.int32(0)
      writeBatch(writer, request, batch)
      writer.int32At(sizeAt, writer.position - sizeAt - 4)
    }
  }
  return writer.written
}

function expectedBytes({ topicData }: ProduceRequest): number {
  let bytes = 0
  for (const { partitions } of topicData) {
    for (const { messages } of partitions) {
      for (const { value } of messages) bytes += (value?.length ?? 0) + BESIDE_VALUE_BYTES
    }
  }
  return bytes
}

function writeBatch(writer: ByteWriter, request: ProduceRequest, batch: NewBatch): void {
  const { messages, firstSequence } = batch
  const [baseMs, maxMs] = timeRange(messages)
  writer.int64(0n) // offset of the first record: the broker sets it
  const lengthAt = writer.position
  writer.int32(0)
  writer.int32(0) // the leader's epoch: the broker's
  writer.int8(MAGIC)
  const checksumAt = writer.position
  writer.int32(0)
  writer.int16(request.transactionalId === null ? 0 : TRANSACTIONAL)
  writer.int32(messages.length - 1)
  writer.int64(BigInt(baseMs))
  writer.int64(BigInt(maxMs))
  writer.int64(BigInt(request.producerId))
  writer.int16(request.producerEpoch)
  writer.int32(firstSequence)
  writer.int32(messages.length)
  writeRecords(writer, messages, baseMs)
  writer.int32At(lengthAt, writer.position - lengthAt - 4)
  writer.uint32At(checksumAt, crc32c(writer.written, checksumAt + 4, writer.position))
}

function timeRange(records: readonly NewRecord[]): readonly [number, number] {
  let [firstMs, lastMs] = [Infinity, -Infinity]
  for (const { timestamp } of records) {
    firstMs = Math.min(firstMs, Number(timestamp))
    lastMs = Math.max(lastMs, Number(timestamp))
  }
  return [firstMs, lastMs]
}

/** Most records of a batch state their lengths in as many bytes as the one before. */
function writeRecords(writer: ByteWriter, records: readonly NewRecord[], baseMs: number): void {
  let lengthBytes = USUAL_LENGTH_BYTES
  for (const [index, record] of records.entries()) {
    lengthBytes = writer.varFramed(lengthBytes, () => writeRecord(writer, record, index, baseMs))
  }
}

function writeRecord(writer: ByteWriter, record: NewRecord, index: number, baseMs: number): void {
  const { key, value, headers, timestamp } = record
  writer.int8(0) // attributes of the record: unused by the protocol
  writer.varint(Number(timestamp) - baseMs)
  writer.varint(index)
  writer.varField(key)
  writer.varField(value)
  const names = Object.keys(headers)
  writer.varint(names.length)
  for (const name of names) {
    writer.varField(name)
    writer.varField(headers[name] ?? null)
  }
}
