/**
 * From fetched bytes to decoded items in order: what every source record goes through before it may touch
 * state. Each ends as an event, a rejection with its reason, or a skip (P1); none is lost.
 */
import type { Decoded } from './logic.ts'
import type { Rejection, SourceRecord } from './record.ts'
import type { QueueItem, SourceQueue } from './source-queue.ts'

export interface IntakeRules<E> {
  readonly partition: number
  readonly partitionCount: number
  readonly partitionOf: (key: Buffer, partitionCount: number) => number
  readonly decode: (record: SourceRecord) => Decoded<E>
}

/** One record's item. */
export function admit<E>(record: SourceRecord, queue: SourceQueue<E>, rules: IntakeRules<E>): QueueItem<E> {
  const next = record.offset + 1
  const misplaced = placement(record, rules)
  if (misplaced !== null) return { kind: 'rejected', record, rejection: misplaced, next, queue }
  const decoded = rules.decode(record)
  if (decoded.outcome === 'skipped') return { kind: 'skipped', next, queue }
  if (decoded.outcome === 'rejected') {
    return { kind: 'rejected', record, rejection: decoded.rejection, next, queue }
  }
  const { key, timeMs, body } = decoded
  const aheadMs = timeMs - record.appendTimeMs
  const { maxFutureMs } = queue.source
  if (aheadMs <= maxFutureMs) return { kind: 'event', key, timeMs, body, record, next, queue }
  return { kind: 'rejected', record, rejection: future(aheadMs, maxFutureMs), next, queue }
}

/** How keys and partitions must agree. */
export type PlacementRules = Pick<IntakeRules<unknown>, 'partition' | 'partitionCount' | 'partitionOf'>

/** Why a record does not belong where it lies, or is not to be had; null where it does, and is. */
export function placement(record: SourceRecord, rules: PlacementRules): Rejection | null {
  if (record.unreadable !== undefined) return record.unreadable
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
