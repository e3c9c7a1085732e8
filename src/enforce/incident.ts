/**
 * One incident, told by several clauses: they rest on the same requests, and are one strike under the gravest. It is so
 * whenever a strike is made: of a signal, of what waited for it, of a warning that was not heeded, by a person.
 */
import type { Severity } from '../domain/sanction.ts'
import { isStrike, type AccountStanding, type Finding, type KeptSanction } from './account-standing.ts'
import { end } from './issue.ts'
import type { Outcome } from './outcome.ts'
import type { Terms } from './terms.ts'

/** Strikes of other clauses that rest on some of the same requests. */
export function sharingRequests(
  standing: AccountStanding,
  finding: Finding,
  nowMs: number,
): readonly KeptSanction[] {
  return standing.sanctions.filter(
    (kept) =>
      kept.sanction.clause !== finding.clause &&
      isStrike(kept, nowMs) &&
      kept.finding?.requestIds.some((id) => finding.requestIds.includes(id)) === true,
  )
}

/** What is left of the finding beside strikes at least as grave; null where they rest on all of it. */
export function unclaimed(
  standing: AccountStanding,
  finding: Finding,
  severity: Severity,
  nowMs: number,
): Finding | null {
  const graver = sharingRequests(standing, finding, nowMs).filter(
    (kept) => kept.sanction.severity <= severity,
  )
  if (graver.length === 0) return finding
  const claimed = graver.flatMap((kept) => kept.finding?.requestIds ?? [])
  const requestIds = finding.requestIds.filter((id) => !claimed.includes(id))
  return requestIds.length === 0 ? null : { ...finding, requestIds }
}

/** What was decided on the finding, and that the lesser strikes of its incident are undone where that is a strike. */
export function takingOver(
  standing: AccountStanding,
  finding: Finding,
  decided: readonly Outcome[],
  decidedBy: readonly string[],
  terms: Terms,
): readonly Outcome[] {
  if (!decided.some((one) => one.kind === 'sanction')) return decided
  const lesser = sharingRequests(standing, finding, terms.nowMs).filter(
    ({ sanction }) => sanction.act !== 'termination',
  )
  return [
    ...decided,
    ...lesser.map((kept) => end(standing, kept, 'reversal', 'superseded', decidedBy, terms)),
  ]
}
