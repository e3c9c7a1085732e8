/** One incident, told by several clauses: they rest on the same requests. */
import { isStrike, type AccountStanding, type Finding, type KeptSanction } from './account-standing.ts'

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
