/**
 * What stays of an automatic S0 sanction whose time is over while nobody has looked at its case.
 *
 * U1. A suspension falls back to the capability, the end user or the stolen key: to what the machine closes for less. It
 *     stays closed to the end of the step that people would have upheld, and as long as the cap at the least.
 * U2. It falls back once, and each end that nobody has confirmed is counted: somebody must be woken.
 */
import {
  isSameStrike,
  isTerminated,
  keptById,
  type AccountStanding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'
import { issue } from './issue.ts'
import { counted, type Outcome } from './outcome.ts'
import { findingOfReview, gathers } from './reviews.ts'
import { s0Scope } from './scope.ts'
import { clauseOf, type Terms } from './terms.ts'

export function unconfirmed(standing: AccountStanding, kept: KeptSanction, terms: Terms): readonly Outcome[] {
  const { sanction } = kept
  const open = caseOf(standing, kept)
  const clause = clauseOf(terms.policy, sanction.clause)
  const isOurs = sanction.severity === 'S0' && sanction.automated && sanction.underReview
  if (!isOurs || open === undefined || clause === undefined || isTerminated(standing, terms.nowMs)) return []
  const finding = kept.finding ?? findingOfReview(open)
  const told = counted('unconfirmed', clause.id, finding.detectorId)
  const scope = sanction.act === 'suspension' ? s0Scope(finding) : null
  if (scope === null) return [told]
  const stepMs = clause.ladder.steps[sanction.step]?.durationMs ?? 0
  const leastMs = terms.nowMs + terms.policy.automatedSuspensionCapMs - sanction.effectiveAtMs
  const plan = {
    clause,
    finding,
    act: 'restriction' as const,
    scope,
    step: sanction.step,
    durationMs: Math.max(stepMs, leastMs),
    underReview: true,
    decidedBy: [],
    refund: sanction.refund,
    replaces: { kept, decisionId: 'unconfirmed' },
  }
  return [told, issue(standing, plan, terms)]
}

/** The open case that looks after the strike, be it among many. */
function caseOf(standing: AccountStanding, kept: KeptSanction): OpenReview | undefined {
  return standing.reviews.find(
    (open) =>
      open.review.reason === 'underReview' &&
      (isSameStrike(kept, keptById(standing, open.review.sanctionId)) || gathers(open, kept.sanction.clause)),
  )
}
