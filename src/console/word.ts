/**
 * Decisions as people write them.
 *
 * W1. The same person's same decision on the same matter has the same id: said twice, it counts once.
 */
import type { Decision } from '../domain/case.ts'
import { uuidV5 } from '../domain/ids.ts'

/** What a person decides; what is left out is null. */
export interface Verdict {
  readonly accountId: string
  readonly kind: Decision['kind']
  readonly reason: string
  readonly sawContent: boolean
  readonly caseId?: string | null
  readonly sanctionId?: string | null
  readonly refund?: Decision['refund']
  readonly narrowToScope?: Decision['narrowToScope']
  readonly narrowToTarget?: string | null
  readonly snooze?: Decision['snooze']
}

/** The decision, not yet signed. */
export function decisionOf(verdict: Verdict, person: string, nowMs: number): Decision {
  const { accountId, kind, reason, sawContent } = verdict
  const { caseId = null, sanctionId = null, refund = null, narrowToScope = null } = verdict
  const { narrowToTarget = null, snooze = null } = verdict
  const matter = [caseId ?? '-', sanctionId ?? '-', narrowToScope ?? '-', narrowToTarget ?? '-']
  const snoozed = snooze === null ? [] : [snooze.detectorId ?? '-', String(snooze.untilMs)]
  return {
    id: uuidV5('decision', person, kind, accountId, ...matter, ...snoozed),
    accountId,
    caseId,
    sanctionId,
    kind,
    decidedBy: person,
    decidedAtMs: nowMs,
    reason,
    sawContent,
    refund,
    narrowToScope,
    narrowToTarget,
    snooze,
    signature: null,
  }
}
