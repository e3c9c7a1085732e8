/**
 * A judgement that had to wait, as the name of its timer: which detector, whom, which minute. Many events of one
 * minute have one name and so ask once; which try it is follows from when the timer is due.
 */
import type { Timer } from '../engine/logic.ts'
import type { CompiledDetector, FeatureSpec, PoolView } from '../topology/model.ts'
import type { ActorNames } from './finding.ts'

export interface Recheck {
  readonly detectorId: string
  readonly names: ActorNames
  /** The last millisecond of the minute that is being judged. */
  readonly timeMs: number
}

/** A pool whose pressure is as great as can be: what is unknown even so is not unknown because of the pool. */
export const PRESSED: PoolView = {
  complete: true,
  minutes: 60,
  saturatedMinutes: 60,
  degradedMinutes: 0,
  gpuSeconds: 1,
  accountsWaiting: 1_000_000,
  requestsWaiting: 1_000_000,
}

const MINUTE_MS = 60_000
const RECHECK_AFTER_MS = 10_000
const MAX_RECHECKS = 30
/** From an event to the last time that its judgement is asked again. */
export const RECHECK_SPAN_MS = MINUTE_MS + MAX_RECHECKS * RECHECK_AFTER_MS

/**
 * The names that the judgement depends on, the others left out: a detector about accounts asks once a minute and
 * pool, not once a conversation.
 */
export function neededNames(
  detector: CompiledDetector,
  features: readonly FeatureSpec[],
  names: ActorNames,
  grantsScopedBy: readonly string[],
): ActorNames {
  const read = detector.readsFeatures.map((index) => features[index])
  const parts = detector.narrowings.flatMap(({ figures }) => figures.map(({ part }) => part))
  const subKeys = [...read, ...parts].map((feature) => feature?.by?.name)
  const needed = new Set([...subKeys, ...grantsScopedBy])
  const keep = (name: string, at: CompiledDetector['level'], id: string | null): string | null =>
    needed.has(name) || detector.level === at ? id : null
  return {
    accountId: names.accountId,
    keyId: keep('keyId', 'key', names.keyId),
    projectId: keep('projectId', 'project', names.projectId),
    endUserId: keep('endUserId', 'endUser', names.endUserId),
    organizationId: detector.level === 'organization' ? names.organizationId : null,
    conversationId: needed.has('conversationId') ? names.conversationId : null,
    poolId: names.poolId,
    model: needed.has('model') ? names.model : null,
  }
}

/** The timer of the next try; null after the last one. `timer`: the one that has just fired, or null. */
export function recheckTimer(
  detectorId: string,
  names: ActorNames,
  timeMs: number,
  timer: Timer | null,
): Timer | null {
  const minuteEndMs = (Math.floor(timeMs / MINUTE_MS) + 1) * MINUTE_MS
  const dueMs = (timer?.dueMs ?? minuteEndMs) + RECHECK_AFTER_MS
  if (dueMs > minuteEndMs + MAX_RECHECKS * RECHECK_AFTER_MS) return null
  const recheck: Recheck = { detectorId, names, timeMs: minuteEndMs - 1 }
  return { key: names.accountId, name: JSON.stringify(recheck), kind: 'stream', dueMs }
}

/** Null for a timer that this file did not name. */
export function recheckOf(timer: Timer): Recheck | null {
  if (!timer.name.startsWith('{"detectorId"')) return null
  const value: unknown = JSON.parse(timer.name)
  return isRecheck(value) ? value : null
}

function isRecheck(value: unknown): value is Recheck {
  return (
    typeof value === 'object' &&
    value !== null &&
    'detectorId' in value &&
    'names' in value &&
    'timeMs' in value
  )
}
