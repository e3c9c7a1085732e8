/**
 * What comes back when a strike is undone: sanctions of lesser clauses that it took over, because both told of one
 * incident. The graver finding was wrong; the lesser one nobody has called so.
 *
 * O1. A new record under the old strike, with the old end. What has run out meanwhile stays forgiven, and so does what
 *     the clause has gone on without: one open episode for each.
 * O2. What comes back is told anew: a warning leads nowhere before its new notice.
 */
import type { Decision } from '../domain/case.ts'
import { isTakenOver, type AccountStanding, type KeptSanction } from './account-standing.ts'
import { findingOfSanction } from './finding.ts'
import { issue } from './issue.ts'
import type { Outcome } from './outcome.ts'
import { clauseOf, type Terms } from './terms.ts'

export function restored(
  standing: AccountStanding,
  undone: KeptSanction,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  return standing.sanctions
    .filter((kept) => wasTakenOver(standing, kept, undone) && !hasGoneOn(standing, kept))
    .flatMap((kept) => again(standing, kept, decision, terms))
}

/** It was withdrawn in the moment in which a sanction of the strike was issued, in whose place it had stood. */
function wasTakenOver(standing: AccountStanding, kept: KeptSanction, undone: KeptSanction): boolean {
  const { clause, strikeOrdinal } = undone.sanction
  if (!isTakenOver(kept) || kept.sanction.clause === clause) return false
  return standing.sanctions.some(
    ({ sanction }) =>
      sanction.clause === clause &&
      sanction.strikeOrdinal === strikeOrdinal &&
      sanction.issuedAtMs === kept.endedAtMs,
  )
}

function hasGoneOn(standing: AccountStanding, kept: KeptSanction): boolean {
  return standing.sanctions.some(
    (one) =>
      one.sanction.clause === kept.sanction.clause &&
      !one.voided &&
      one.sanction.issuedAtMs >= (kept.endedAtMs ?? Infinity),
  )
}

function again(
  standing: AccountStanding,
  kept: KeptSanction,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const { sanction } = kept
  const clause = clauseOf(terms.policy, sanction.clause)
  const { act, endsAtMs } = sanction
  if (clause === undefined || endsAtMs === null || endsAtMs <= terms.nowMs) return []
  if (act === 'lifting' || act === 'reversal') return []
  const { scope, scopeTarget, rateCeilingPerMinute, step, decidedBy, refund } = sanction
  return [
    issue(
      standing,
      {
        clause,
        finding: kept.finding ?? findingOfSanction(kept),
        act,
        scope: { scope, scopeTarget, rateCeilingPerMinute },
        step,
        durationMs: act === 'warning' ? kept.graceMs : endsAtMs - sanction.effectiveAtMs,
        underReview: false,
        decidedBy,
        refund,
        replaces: { kept, decisionId: decision.id },
      },
      terms,
    ),
  ]
}
