/**
 * An exact match of an S0 clause: the only evidence on which the machine suspends an account alone, and then it does so at
 * once.
 *
 * H1. Nothing less holds it back: no restriction, case, warning, appeal or cool-down of weaker evidence, so that nobody
 *     buys time by being found for less.
 * H2. It suspends once: not while a suspension of its matter is in force, and not for what lies before one, before a
 *     person's act or before a matter that people closed.
 */
import type { Clause } from '../topology/policy.ts'
import { isActive, type AccountStanding, type Finding, type KeptSanction } from './account-standing.ts'
import { sharingRequests } from './incident.ts'
import { matterOf, settledAtMs, spentUntilMs, strikes } from './ladder.ts'
import { isForPeople } from './reviews.ts'
import type { Terms } from './terms.ts'

/** Whether the evidence alone may suspend an account. */
export function isGravest({ severity }: Clause, { exactMatch }: Finding): boolean {
  return severity === 'S0' && exactMatch
}

/** H1, H2. */
export function suspendsAtOnce(
  standing: AccountStanding,
  clause: Clause,
  finding: Finding,
  { nowMs }: Terms,
): boolean {
  if (!isGravest(clause, finding) || isForPeople(clause, finding)) return false
  if (sharingRequests(standing, finding, nowMs).some((kept) => isSuspension(kept))) return false
  const own = strikes(standing, matterOf(finding), nowMs).filter(
    (kept) => isSuspension(kept) || kept.sanction.decidedBy.length > 0,
  )
  const closes = finding.cause === null ? 'account' : 'key'
  if (own.some((kept) => isActive(kept, nowMs) && isSuspension(kept) && kept.sanction.scope === closes))
    return false
  const spentMs = [...own.map(spentUntilMs), ...settledAtMs(standing, matterOf(finding))]
  return spentMs.every((untilMs) => finding.windowStartMs >= untilMs)
}

function isSuspension({ sanction }: KeptSanction): boolean {
  return sanction.act === 'suspension'
}
