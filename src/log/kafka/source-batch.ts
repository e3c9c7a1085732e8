/** From what a broker answered to what the engine reads. */
import type { SourceBatch, SourceRecord } from '../../engine/record.ts'
import { committedBatches } from './committed.ts'
import type { FetchedPartition } from './fetch-answer.ts'
import { RecordReader } from './record-reader.ts'

/** The committed records from `position` on; null where the answer holds nothing that moves the position. */
export function sourceBatch(fetched: FetchedPartition, position: number): SourceBatch | null {
  const last = fetched.batches.at(-1)
  if (last === undefined || last.lastOffset < position) return null
  const { topic, partition, highWatermark } = fetched
  const batches = committedBatches(fetched.batches, fetched.abortedTransactions)
  const reader = new RecordReader(topic, partition, batches, position)
  const records: SourceRecord[] = []
  for (let record = reader.read(); record !== null; record = reader.read()) records.push(record)
  return { topic, partition, records, nextOffset: last.lastOffset + 1, highWatermark }
}
