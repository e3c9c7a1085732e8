/**
 * The next step against a ladder, as far as the machine may go alone; past that, a case for people.
 *
 * M1. A protected account, a finding that people have snoozed, an account that nobody has described, one past its budget
 *     (P12) and one with very many active sanctions go to people, and so does S0 that people have stopped the machine from, or
 *     that is found where the contract has ended for less, or reaches back before the clause was in force. So does every step before a termination (P10).
 * M2. S0 without an exact match restricts at most the end user or the capability, under review within the hour.
 * M3. An automated suspension that the cap cuts short is under review until its end.
 * M4. An exact match of S0 suspends whatever the ladder has come to, and whoever looks at less, until what it closes is
 *     closed by such a suspension.
 * M5. What rests on a template of which many accounts are found goes to people, but for S0 (templates.ts).
 */
import type { ReviewReason } from '../domain/case.ts'
import type { Clause, LadderStep } from '../topology/policy.ts'
import {
  isActive,
  isTerminated,
  isTerminatedFor,
  MOST,
  type AccountStanding,
  type Finding,
} from './account-standing.ts'
import { claimOf } from './claims.ts'
import { cappedMs, issue, type Plan } from './issue.ts'
import { isGravest, suspendsAtOnce } from './exact-match.ts'
import {
  hasOwnLadder,
  matterOf,
  nextStep,
  sanctioningStep,
  strikes,
  strikeWeight,
  type NextStep,
} from './ladder.ts'
import { counted, type Outcome } from './outcome.ts'
import { mayBeOthers } from './key-flags.ts'
import { isForPeople, openReview, reviewWithinMs, sameCase, type Proposal } from './reviews.ts'
import { resolveScope, s0Scope, type ResolvedScope } from './scope.ts'
import { isSnoozed } from './snoozes.ts'
import type { Terms } from './terms.ts'

const MOST_ACTIVE = MOST.sanctions / 2

export function act(
  standing: AccountStanding,
  clause: Clause,
  finding: Finding,
  terms: Terms,
): readonly Outcome[] {
  if (isTerminatedFor(standing, clause.severity, terms.nowMs))
    return [counted('terminated', clause.id, finding.detectorId)]
  const weight = strikeWeight(strikes(standing, matterOf(finding), terms.nowMs))
  const atOnce = suspendsAtOnce(standing, clause, finding, terms)
  const next = atOnce ? sanctioningStep(clause, weight) : nextStep(clause, weight)
  if (next === undefined) return [counted('nothingToDo', clause.id, finding.detectorId)]
  const reason = reasonToHold(standing, clause, finding, next.step, terms)
  if (reason !== null) return hold(standing, clause, finding, next.step, reason, terms)
  const plan = automatedPlan(standing, clause, finding, next, terms)
  if (plan === null) return hold(standing, clause, finding, next.step, 'underReview', terms)
  if (isQuarantined(standing, clause, finding, terms))
    return hold(standing, clause, finding, next.step, 'templateQuarantined', terms)
  if (!terms.budget.allows(claimOf(standing, finding, terms)))
    return hold(standing, clause, finding, next.step, 'budgetExceeded', terms)
  return issued(standing, plan, terms)
}

/** M5. */
function isQuarantined(
  { accountId }: AccountStanding,
  { severity }: Clause,
  finding: Finding,
  { templates }: Terms,
): boolean {
  const { clause, templateHash } = finding
  if (severity === 'S0' || templateHash === null) return false
  return templates.isWidespread({ accountId, clause, templateHash })
}

function reasonToHold(
  standing: AccountStanding,
  clause: Clause,
  finding: Finding,
  step: LadderStep,
  terms: Terms,
): ReviewReason | null {
  if (isForPeople(clause, finding)) return 'reviewOnlyDetector'
  if (terms.switchedOff(finding.detectorId ?? '', clause.id)) return 'underReview'
  if (isTerminated(standing, terms.nowMs)) return 'underReview'
  if (finding.windowStartMs < clause.effectiveFromMs && clause.severity === 'S0') return 'underReview'
  if (step.act === 'review') return 'beforeTermination'
  if (standing.facts?.protected === true) return 'protectedAccount'
  if (clause.severity !== 'S0' && mayBeOthers(standing, finding)) return 'suspectedCompromise'
  if (isSnoozed(standing.snoozes, finding, terms.nowMs)) return 'snoozed'
  if (standing.facts === null) return 'underReview'
  const active = standing.sanctions.filter((kept) => isActive(kept, terms.nowMs)).length
  return active >= MOST_ACTIVE && !isGravest(clause, finding) ? 'underReview' : null
}

function hold(
  standing: AccountStanding,
  clause: Clause,
  finding: Finding,
  step: LadderStep,
  reason: ReviewReason,
  terms: Terms,
): readonly Outcome[] {
  const proposal = {
    reason,
    clause: clause.id,
    severity: clause.severity,
    finding,
    ...proposed(standing, step, finding),
    sanctionId: null,
    anchor: finding.signalIds[0] ?? '',
    withinMs: step.reviewWithinMs ?? reviewWithinMs(clause.severity),
  }
  // These are alarms of their own (P12); all else that is held is people's daily work.
  const isAlarm = reason === 'budgetExceeded' || reason === 'templateQuarantined'
  const count = counted(isAlarm ? reason : 'heldForReview', clause.id, finding.detectorId)
  const isOpen = sameCase(standing, reason, finding) !== undefined
  return isOpen ? [count] : [count, ...openReview(standing, proposal, terms)]
}

/** What a case proposes. Of a stolen key nobody is terminated, nor for what a customer's customer did. */
export function proposed(
  standing: AccountStanding,
  step: LadderStep,
  finding: Finding,
): Pick<Proposal, 'act' | 'scope'> {
  if (step.act !== 'review') return { act: step.act, scope: resolveScope(standing, step, finding).scope }
  if (hasOwnLadder(matterOf(finding), standing.facts)) return { act: 'none', scope: 'endUser' }
  return finding.cause === null ? { act: 'termination', scope: 'account' } : { act: 'none', scope: 'key' }
}

/** What the machine may do alone; null where it may do nothing before a person has looked (M2). */
export function automatedPlan(
  standing: AccountStanding,
  clause: Clause,
  finding: Finding,
  next: NextStep,
  terms: Terms,
): Plan | null {
  const { step } = next
  if (step.act === 'review') return null
  const limited = clause.severity === 'S0' && !finding.exactMatch && step.act !== 'warning'
  const scope: ResolvedScope | null = limited ? s0Scope(finding) : resolveScope(standing, step, finding)
  if (scope === null) return null
  const act = limited ? 'restriction' : step.act
  return {
    clause,
    finding,
    act,
    scope,
    step: next.index,
    durationMs: step.durationMs,
    underReview: clause.severity === 'S0' || cappedMs(act, scope, step.durationMs, terms) < step.durationMs,
    decidedBy: [],
    refund: 'none',
    replaces: null,
  }
}

/** The sanction, and the case that looks after it where it is under review. */
export function issued(standing: AccountStanding, plan: Plan, terms: Terms): readonly Outcome[] {
  const outcome = issue(standing, plan, terms)
  if (!plan.underReview) return [outcome]
  const { sanction } = outcome
  const proposal = {
    reason: 'underReview' as const,
    clause: plan.clause.id,
    severity: plan.clause.severity,
    finding: plan.finding,
    act: plan.act,
    scope: plan.scope.scope,
    sanctionId: sanction.id,
    anchor: sanction.id,
    withinMs: reviewWithinMs(plan.clause.severity),
  }
  return [outcome, ...openReview(standing, proposal, terms)]
}
