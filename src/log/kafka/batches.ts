/**
 * Records of one topic as batches that a broker takes. It refuses a batch that is larger than the topic's
 * `max.message.bytes`, however small its records are, and would refuse it again: whoever wrote it never went on
 * (trap 34).
 *
 * B1. Order stays.
 * B2. No batch takes more than MOST_BATCH_BYTES but that of a single record. One that is larger leaves compressed: it came
 *     so, or no broker would have taken it.
 */
import { CompressionTypes } from 'kafkajs'
import type { OutputRecord } from '../../engine/record.ts'

export interface OutputBatch {
  readonly records: readonly OutputRecord[]
  readonly compression: CompressionTypes
}

/** Below Kafka's default of 1,048,588, with room for the head of a batch. */
export const MOST_BATCH_BYTES = 1_000_000
/** Lengths, offset and time of a record; lengths of a header. */
const BESIDE_RECORD_BYTES = 30
const BESIDE_HEADER_BYTES = 10
/** What a character takes at most, counted in UTF-16 units. */
const BYTES_A_UNIT = 3

export function inBatches(records: readonly OutputRecord[]): readonly OutputBatch[] {
  const batches: OutputBatch[] = []
  let [from, bytes] = [0, 0]
  for (const [at, record] of records.entries()) {
    const own = bytesAtMost(record)
    if (at > from && bytes + own > MOST_BATCH_BYTES) {
      batches.push(batch(records.slice(from, at), bytes))
      from = at
      bytes = 0
    }
    bytes += own
  }
  if (from < records.length) batches.push(batch(from === 0 ? records : records.slice(from), bytes))
  return batches
}

function batch(records: readonly OutputRecord[], bytes: number): OutputBatch {
  // Which is as good as what it may have come by, or better.
  const compression = bytes > MOST_BATCH_BYTES ? CompressionTypes.ZSTD : CompressionTypes.None
  return { records, compression }
}

/** Never too little: texts are not measured, which would cost more than a batch that is cut early. */
function bytesAtMost({ key, value, headers }: OutputRecord): number {
  let bytes = BESIDE_RECORD_BYTES + key.length * BYTES_A_UNIT + (value?.length ?? 0)
  for (const name in headers) {
    const header = headers[name]
    const valueBytes = typeof header === 'string' ? header.length * BYTES_A_UNIT : (header?.length ?? 0)
    bytes += BESIDE_HEADER_BYTES + name.length * BYTES_A_UNIT + valueBytes
  }
  return bytes
}
