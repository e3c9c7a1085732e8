/**
 * What a reader of committed records may see of one fetch. kafkajs's own filter lets aborted records through
 * when transactions overlap or are listed out of order, and takes any record with a key of four zero bytes for
 * an abort marker; this one follows the Java client, batch by batch: a batch never spans two transactions.
 */
import type { RecordBatch } from './record-batch.ts'
import { RecordReader } from './record-reader.ts'

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** The batches of committed records among `batches`, in order, without markers. */
export function committedBatches(
  batches: readonly RecordBatch[],
  aborted: readonly AbortedTransaction[],
): readonly RecordBatch[] {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const abortedProducers = new Set<bigint>()
  return batches.filter((batch) => {
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.lastOffset) {
      abortedProducers.add(waiting[0].producerId)
      waiting.shift()
    }
    if (!batch.isControlBatch) return !(batch.inTransaction && abortedProducers.has(batch.producerId))
    if (isAbortMarker(batch)) abortedProducers.delete(batch.producerId)
    return false
  })
}

/** The key of a control record: version and type, two bytes each; type 0 is an abort. */
function isAbortMarker(batch: RecordBatch): boolean {
  const key = new RecordReader('control', 0, [batch], batch.baseOffset).next().value?.key ?? null
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0
}
