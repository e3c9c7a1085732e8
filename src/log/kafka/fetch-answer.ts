/** The answer to a fetch, versions 4 to 11 of the protocol, with each partition's records left as bytes. */
import type { AbortedTransaction } from './committed.ts'
import { LOG_START_OFFSET, READ_REPLICA, SESSION, THROTTLED_BY_CLIENT } from './fetch-versions.ts'
import {
  cutOffBytes,
  MOST_PLAIN_BYTES,
  readLong,
  readRecordSet,
  type PlainRoom,
  type RecordBatch,
} from './record-batch.ts'

/** As kafkajs goes on with it: it looks for errors, and keeps quiet while the broker asks it to. */
export interface FetchAnswer {
  readonly clientSideThrottleTime: number
  readonly responses: readonly FetchedTopic[]
}

interface FetchedTopic {
  readonly topicName: string
  readonly partitions: readonly FetchedPartition[]
}

/** One partition's part of the answer. */
export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly abortedTransactions: readonly AbortedTransaction[]
  readonly batches: readonly RecordBatch[]
  /** Length of the batch behind them, where it was cut off or left out; else 0. */
  readonly cutOffBytes: number
}

export async function readFetchAnswer(bytes: Buffer, version: number): Promise<FetchAnswer> {
  const cursor = new Cursor(bytes)
  const throttleMs = cursor.int32()
  if (version >= SESSION) cursor.skip(2 + 4)
  const responses: FetchedTopic[] = []
  const room = { bytes: MOST_PLAIN_BYTES }
  for (let topics = cursor.int32(); topics > 0; topics--) {
    const topicName = cursor.text()
    const partitions: FetchedPartition[] = []
    for (let left = cursor.int32(); left > 0; left--) {
      partitions.push(await readPartition(cursor, topicName, version, room))
    }
    responses.push({ topicName, partitions })
  }
  return { clientSideThrottleTime: version >= THROTTLED_BY_CLIENT ? throttleMs : 0, responses }
}

async function readPartition(
  cursor: Cursor,
  topic: string,
  version: number,
  room: PlainRoom,
): Promise<FetchedPartition> {
  const partition = cursor.int32()
  const errorCode = cursor.int16()
  const highWatermark = cursor.int64()
  cursor.skip(version >= LOG_START_OFFSET ? 16 : 8) // last stable offset, log start offset
  const abortedTransactions: AbortedTransaction[] = []
  for (let left = cursor.int32(); left > 0; left--) {
    abortedTransactions.push({ producerId: cursor.id(), firstOffset: cursor.int64() })
  }
  if (version >= READ_REPLICA) cursor.skip(4)
  const records = cursor.bytes(cursor.int32())
  const batches = await readRecordSet(records, room)
  return {
    topic,
    partition,
    errorCode,
    highWatermark,
    abortedTransactions,
    batches,
    cutOffBytes: cutOffBytes(records, batches.length),
  }
}

/** Reads fields one after the other; past the end it throws. */
class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  skip(length: number): number {
    const from = this.#at
    this.#at = from + length
    return from
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.skip(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.skip(4))
  }

  int64(): number {
    return readLong(this.#bytes, this.skip(8))
  }

  id(): bigint {
    return this.#bytes.readBigInt64BE(this.skip(8))
  }

  text(): string {
    return this.bytes(this.int16()).toString()
  }

  /** A negative length stands for nothing. */
  bytes(length: number): Buffer {
    const from = this.skip(Math.max(0, length))
    if (this.#at > this.#bytes.length) throw new RangeError('the answer to a fetch ends too early')
    return this.#bytes.subarray(from, this.#at)
  }
}
