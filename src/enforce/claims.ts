/**
 * What the machine's sanctions draw on the budget (P12): each new strike once, and nothing that stands in its place later; and
 * which templates they rest on.
 */
import type { AccountStanding, Finding } from './account-standing.ts'
import type { Outcome } from './outcome.ts'
import type { TemplateUse } from './templates.ts'
import type { Claim, Terms } from './terms.ts'

/** Who draws on the budget, and for what. */
export function claimOf(standing: AccountStanding, finding: Finding, terms: Terms): Claim {
  const ageMs = terms.nowMs - (standing.facts?.createdAtMs ?? terms.nowMs)
  return {
    detectorId: finding.detectorId ?? 'none',
    clause: finding.clause,
    youngAccount: ageMs < terms.policy.budgets.youngAccountMs,
    exactMatch: finding.exactMatch,
  }
}

/** Of what the machine decided alone and of what is real. @param before the standing on which it was decided */
export function claimsOf(
  before: AccountStanding,
  outcomes: readonly Outcome[],
  terms: Terms,
): readonly Claim[] {
  if (before.shadow) return []
  return outcomes.flatMap((outcome) => {
    if (outcome.kind !== 'sanction' || outcome.finding === null) return []
    const { automated, clause, strikeOrdinal } = outcome.sanction
    const isNew = strikeOrdinal > (before.ordinals[clause] ?? 0)
    return automated && isNew ? [claimOf(before, outcome.finding, terms)] : []
  })
}

/** Whose findings rest on which templates: what the machine did alone, and what it left to people for that. */
export function templateUsesOf(
  { accountId, shadow }: AccountStanding,
  outcomes: readonly Outcome[],
): readonly TemplateUse[] {
  if (shadow) return []
  return outcomes.flatMap((outcome) => {
    const { clause, templateHash } = accusing(outcome) ?? { clause: '', templateHash: null }
    return templateHash === null ? [] : [{ accountId, clause, templateHash }]
  })
}

function accusing(outcome: Outcome): Finding | null {
  if (outcome.kind === 'sanction' && outcome.sanction.automated) return outcome.finding
  const isHeld = outcome.kind === 'reviewOpened' && outcome.review.reason === 'templateQuarantined'
  return isHeld ? outcome.finding : null
}
