/** From what a broker answered to what the engine reads. */
import type { SourceBatch } from '../../engine/record.ts'
import { committedBatches } from './committed.ts'
import type { FetchedPartition } from './fetch-answer.ts'
import type { RecordBatch } from './record-batch.ts'
import { RecordReader } from './record-reader.ts'

/** The committed records from `position` on; null where the answer holds nothing that moves the position. */
export function sourceBatch(fetched: FetchedPartition, position: number): SourceBatch | null {
  const last = fetched.batches.at(-1)
  if (last === undefined || last.lastOffset < position) return null
  const { topic, partition, highWatermark } = fetched
  const batches = committedBatches(fetched.batches, fetched.abortedTransactions).filter(
    (batch) => batch.lastOffset >= position,
  )
  const reader = (of: readonly RecordBatch[]): RecordReader =>
    new RecordReader(topic, partition, of, position)
  return {
    topic,
    partition,
    records: { [Symbol.iterator]: () => reader(batches) },
    count: batches.reduce(
      (sum, batch) => sum + (batch.baseOffset < position ? countOf(reader([batch])) : batch.count),
      0,
    ),
    bytes: batches.reduce((sum, batch) => sum + (batch.records?.length ?? 0), 0),
    nextOffset: last.lastOffset + 1,
    highWatermark,
  }
}

/** Only a batch in which the position lies has to be read for this: the first one after a seek. */
function countOf(reader: RecordReader): number {
  let count = 0
  while (reader.next().done !== true) count++
  return count
}
