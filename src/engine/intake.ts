/**
 * From fetched bytes to decoded items in order: what every source record goes through before it may touch
 * state. Each ends as an event, a rejection with its reason, or a skip (P1); none is lost.
 */
import type { Decoded, Source } from './logic.ts'
import type { Rejection, SourceRecord } from './record.ts'
import type { QueueItem } from './source-queue.ts'

export interface IntakeRules<E> {
  readonly partition: number
  readonly partitionCount: number
  readonly partitionOf: (key: Buffer, partitionCount: number) => number
  readonly decode: (record: SourceRecord) => Decoded<E>
}

/** One record's item. */
export function admit<E>(record: SourceRecord, source: Source, rules: IntakeRules<E>): QueueItem<E> {
  const next = record.offset + 1
  const misplaced = placement(record, rules)
  if (misplaced !== null) return { kind: 'rejected', record, rejection: misplaced, next }
  const decoded = rules.decode(record)
  if (decoded.outcome === 'skipped') return { kind: 'skipped', next }
  if (decoded.outcome === 'rejected') return { kind: 'rejected', record, rejection: decoded.rejection, next }
  const aheadMs = decoded.timeMs - record.appendTimeMs
  if (aheadMs > source.maxFutureMs) {
    return { kind: 'rejected', record, rejection: future(aheadMs, source.maxFutureMs), next }
  }
  return {
    kind: 'event',
    event: { key: decoded.key, timeMs: decoded.timeMs, body: decoded.body, record },
    next,
  }
}

/** How keys and partitions must agree. */
export type PlacementRules = Pick<IntakeRules<unknown>, 'partition' | 'partitionCount' | 'partitionOf'>

/** Why a record does not belong where it lies; null where it does. */
export function placement(record: SourceRecord, rules: PlacementRules): Rejection | null {
  if (record.key === null) return { stage: 'validate', reason: 'nullKey', detail: 'the record has no key' }
  const home = rules.partitionOf(record.key, rules.partitionCount)
  if (home === rules.partition) return null
  return {
    stage: 'validate',
    reason: 'wrongPartition',
    detail:
      `the key belongs to partition ${home} by murmur2, the record lies in ${rules.partition}; ` +
      "set the producer's partitioner to murmur2_random or re-key the topic",
  }
}

/** An event time further ahead of the log's own than is allowed. */
export function future(aheadMs: number, maxFutureMs: number): Rejection {
  const detail = `event time is ${aheadMs} ms ahead of the log's time; ${maxFutureMs} ms are allowed`
  return { stage: 'validate', reason: 'future', detail }
}
