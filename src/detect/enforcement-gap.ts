/**
 * Whether a request was served although a sanction closed what it used: some gateway does not act on sanctions, or
 * learns of them too late.
 *
 * G1. Only what was served counts: a request that was turned away is enforcement at work.
 * G2. Only what began after the sanction took effect: what was running then may be finished, and gateways have
 *     `allowanceMs` to learn of a sanction. A request that does not say how long it took may have been running for
 *     `UNTOLD_MS`.
 * G3. Whether the sanction's end was announced does not matter: it is over at its end.
 */
import { isAbout, type Asked } from '../domain/binding.ts'
import type { ActiveSanction } from '../domain/standing.ts'
import type { UsageRecord } from '../domain/usage-record.ts'

/** The longest that a request without a duration is believed to have run. */
const UNTOLD_MS = 600_000

/** The sanction that should have closed this; null where none should. A ceiling is for gateways to count. */
export function gapOf(
  record: UsageRecord,
  sanctions: readonly ActiveSanction[],
  allowanceMs: number,
): ActiveSanction | null {
  if (record.phase !== 'completed' || !wasServed(record)) return null
  const beganMs = record.occurredAtMs - (record.durationMs ?? UNTOLD_MS)
  const broken = sanctions.find(
    (one) =>
      one.scope !== 'rate' &&
      beganMs >= one.effectiveAtMs + allowanceMs &&
      (one.endsAtMs === null || beganMs < one.endsAtMs) &&
      isAbout(one, record.accountId, askedBy(record)),
  )
  return broken ?? null
}

function wasServed({ status, outputTokens }: UsageRecord): boolean {
  return status === 'ok' || outputTokens > 0
}

function askedBy({ organizationId, projectId, keyId, endUserId, model, poolId }: UsageRecord): Asked {
  return { organizationId, projectId, keyId, endUserId, capability: model, poolId }
}
