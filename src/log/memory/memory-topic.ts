/**
 * One topic in memory: partitions of records, each at its offset; never trimmed by itself. An offset may be
 * taken by nothing that a reader sees, as markers and aborted records take offsets in Kafka.
 */
import type { OutputRecord, SourceBatch, SourceRecord } from '../../engine/record.ts'

export class MemoryTopic {
  readonly name: string
  /** Null where an offset is taken by nothing that a reader sees. */
  readonly #partitions: (SourceRecord | null)[][]
  /** First offset that is still held, by partition. */
  readonly #low: number[]

  constructor(name: string, partitions: number) {
    this.name = name
    this.#partitions = Array.from({ length: partitions }, () => [])
    this.#low = Array.from({ length: partitions }, () => 0)
  }

  get partitions(): number {
    return this.#partitions.length
  }

  /** Adds empty partitions up to so many; what is there stays where it is. */
  grow(partitions: number): void {
    while (this.#partitions.length < partitions) {
      this.#partitions.push([])
      this.#low.push(0)
    }
  }

  low(partition: number): number {
    return this.#low[partition] ?? 0
  }

  high(partition: number): number {
    return this.low(partition) + this.#records(partition).length
  }

  append(partition: number, record: OutputRecord | RawRecord, appendTimeMs: number): number {
    const offset = this.high(partition)
    const key = typeof record.key === 'string' ? Buffer.from(record.key) : record.key
    this.#records(partition).push({
      topic: this.name,
      partition,
      offset,
      appendTimeMs,
      key,
      value: record.value,
      headers: record.headers,
    })
    return offset
  }

  /** Takes the next offset for nothing that a reader sees. */
  skipOffset(partition: number): void {
    this.#records(partition).push(null)
  }

  /** The records of `limit` offsets from `offset` on. */
  read(partition: number, offset: number, limit: number): readonly SourceRecord[] {
    const from = Math.max(0, offset - this.low(partition))
    return this.#records(partition)
      .slice(from, from + limit)
      .filter((record) => record !== null)
  }

  /** Forgets what lies before `offset`: retention. */
  trim(partition: number, offset: number): void {
    const gone = Math.min(Math.max(0, offset - this.low(partition)), this.#records(partition).length)
    this.#partitions[partition] = this.#records(partition).slice(gone)
    this.#low[partition] = this.low(partition) + gone
  }

  #records(partition: number): (SourceRecord | null)[] {
    const records = this.#partitions[partition]
    if (records === undefined) throw new Error(`${this.name} has no partition ${partition}`)
    return records
  }
}

/** A record as a producer of any kind may write it: without a key, with bytes for one. */
export interface RawRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string>>
}

/** The next batch of a partition, from its first record where `position` has left it; null at its end. */
export function batchFrom(
  topic: MemoryTopic,
  partition: number,
  position: number,
  limit: number,
): SourceBatch | null {
  const from = Math.max(position, topic.low(partition))
  const highWatermark = topic.high(partition)
  if (from >= highWatermark) return null
  const records = topic.read(partition, from, limit)
  return {
    topic: topic.name,
    partition,
    records,
    count: records.length,
    bytes: records.reduce((sum, record) => sum + (record.value?.length ?? 0), 0),
    nextOffset: Math.min(from + limit, highWatermark),
    highWatermark,
  }
}
