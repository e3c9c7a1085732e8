/**
 * What follows from a person's decision. Decisions speak of the finding: `uphold` confirms it, `reject` says that
 * it was wrong, `narrow` that it went too far; `reverse` undoes a sanction and its strike, `lift` only ends it. A `snooze`
 * speaks of findings to come.
 *
 * E1. A decision is taken once; replaying it changes nothing.
 * E2. A decision without a reason or a name is no decision.
 * E3. What people uphold is not cut short by the cap on automated suspensions.
 * E4. A finding that people have called wrong has no case left in which it could be upheld or lead to a termination; and
 *     what they have lifted or narrowed an uphold does not put back.
 */
import type { Decision, DecisionKind } from '../domain/case.ts'
import type { Clause } from '../topology/policy.ts'
import {
  isDecided,
  isSameStrike,
  isTakenOver,
  keptById,
  reviewById,
  type AccountStanding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'
import { decideRefer, decideTerminate } from './approvals.ts'
import { evolve } from './evolve.ts'
import { decideTheft, isAboutKeys } from './decide-key.ts'
import { takingOver, unclaimed } from './incident.ts'
import { end, issue, type Plan, type SanctionOutcome } from './issue.ts'
import { matterOf, sanctioningStep, strikes, strikeWeight } from './ladder.ts'
import { counted, type Outcome } from './outcome.ts'
import { restored } from './restore.ts'
import { casesOf, closeReview, findingOfReview } from './reviews.ts'
import { broughtDown } from './resting.ts'
import { retold } from './retold.ts'
import { narrowed, resolveScope, type ResolvedScope } from './scope.ts'
import { decideSnooze } from './snoozes.ts'
import { clauseOf, type Terms } from './terms.ts'

type Decide = (standing: AccountStanding, decision: Decision, terms: Terms) => readonly Outcome[]

const BY_KIND: Readonly<Record<DecisionKind, Decide>> = {
  uphold: decideUphold,
  reject: decideReject,
  narrow: decideNarrow,
  terminate: decideTerminate,
  reverse: decideReverse,
  lift: decideLift,
  refer: decideRefer,
  snooze: decideSnooze,
}

export function decideDecision(
  standing: AccountStanding,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  if (standing.words.includes(decision.id)) return [counted('duplicate')]
  const seen: Outcome = { kind: 'wordSeen', id: decision.id }
  if (decision.reason.trim() === '' || decision.decidedBy.trim() === '') return [seen, counted('noReason')]
  const open = reviewById(standing, decision.caseId)
  if (open !== undefined && isAboutKeys(open)) return [seen, ...decideTheft(standing, open, decision, terms)]
  return [seen, ...BY_KIND[decision.kind](standing, decision, terms)]
}

function decideUphold(standing: AccountStanding, decision: Decision, terms: Terms): readonly Outcome[] {
  const open = reviewById(standing, decision.caseId)
  if (open === undefined) return [counted('unknownCase')]
  const kept = keptById(standing, open.review.sanctionId)
  if (kept === undefined && open.review.sanctionId !== null) return forgotten(open, terms)
  if (kept === undefined) return upholdHeld(standing, open, decision, terms, null)
  return [...confirm(standing, kept, open, decision, terms), closeReview(open, terms.nowMs, false)]
}

/** What the case was about is so long over that it is no longer known: an answer to an appeal never makes it worse. */
function forgotten(open: OpenReview, terms: Terms): readonly Outcome[] {
  return [counted('unknownSanction', open.review.clause), closeReview(open, terms.nowMs, false)]
}

/** A case that held an act back: the act follows now, by a person. */
function upholdHeld(
  standing: AccountStanding,
  open: OpenReview,
  decision: Decision,
  terms: Terms,
  scope: ResolvedScope | null,
): readonly Outcome[] {
  const clause = clauseOf(terms.policy, open.review.clause)
  const closed = closeReview(open, terms.nowMs, true)
  const plan = clause === undefined ? null : heldPlan(standing, clause, open, decision, terms)
  if (plan === 'sameIncident') return [counted('sameIncident', open.review.clause), closed]
  if (plan === null) return [counted('nothingToDo', open.review.clause), closed]
  const narrower = scope === null ? plan : { ...plan, ...limitedTo(plan.act, scope) }
  const issued = [issue(standing, narrower, terms)]
  return [...takingOver(standing, plan.finding, issued, [decision.decidedBy], terms), closed]
}

function heldPlan(
  standing: AccountStanding,
  clause: Clause,
  open: OpenReview,
  decision: Decision,
  terms: Terms,
): Plan | 'sameIncident' | null {
  const finding = unclaimed(standing, findingOfReview(open), clause.severity, terms.nowMs)
  if (finding === null) return 'sameIncident'
  const weight = strikeWeight(strikes(standing, { ...matterOf(finding), clause: clause.id }, terms.nowMs))
  const next = sanctioningStep(clause, weight)
  if (next === undefined || next.step.act === 'review') return null
  return {
    clause,
    finding,
    act: next.step.act,
    scope: resolveScope(standing, next.step, finding),
    step: next.index,
    durationMs: next.step.durationMs,
    underReview: false,
    decidedBy: [decision.decidedBy],
    refund: 'none',
    replaces: null,
  }
}

/** A sanction under review or appeal stands; where a cap or limit had cut it, it now gets its step in full (E3). */
function confirm(
  standing: AccountStanding,
  kept: KeptSanction,
  open: OpenReview,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  // What stands in its place may have come down since (resting.ts).
  const { sanction } = standing.sanctions.findLast((one) => isSameStrike(kept, one)) ?? kept
  if (kept.sanction.act === 'warning' || sanction.act === 'warning') return []
  if (open.review.reason === 'appeal' || !sanction.underReview || kept.voided) return []
  // E4.
  if (isDecided(standing, kept)) return []
  const clause = clauseOf(terms.policy, sanction.clause)
  const step = clause?.ladder.steps[sanction.step]
  if (clause === undefined || step === undefined || step.act === 'review') return []
  const finding = findingOfReview(open)
  const plan: Plan = {
    ...replacement(kept, clause, open, decision),
    step: sanction.step,
    act: step.act,
    scope: resolveScope(standing, step, finding),
    durationMs: step.durationMs,
  }
  return replaced(standing, kept, issue(standing, plan, terms), decision, terms)
}

function replacement(
  kept: KeptSanction,
  clause: Clause,
  open: OpenReview,
  decision: Decision,
): Omit<Plan, 'act' | 'scope' | 'durationMs'> {
  return {
    clause,
    finding: findingOfReview(open),
    step: kept.sanction.step,
    underReview: false,
    decidedBy: [decision.decidedBy],
    refund: kept.sanction.refund,
    replaces: { kept, decisionId: decision.id },
  }
}

/** The new record first, so that nothing is open in between; no new one where its time is over already. */
function replaced(
  standing: AccountStanding,
  kept: KeptSanction,
  by: SanctionOutcome,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  if ((by.sanction.endsAtMs ?? Infinity) <= terms.nowMs) return []
  const inForce = standing.sanctions.filter((one) => isSameStrike(kept, one) && one.endedAtMs === null)
  return [
    by,
    ...inForce.map((one) => end(standing, one, 'lifting', 'superseded', [decision.decidedBy], terms)),
  ]
}

function decideReject(standing: AccountStanding, decision: Decision, terms: Terms): readonly Outcome[] {
  const open = reviewById(standing, decision.caseId)
  if (open === undefined) return [counted('unknownCase')]
  const kept = keptById(standing, open.review.sanctionId)
  const undone = kept === undefined || kept.voided ? [] : undo(standing, kept, causeOf(open), decision, terms)
  const others = kept === undefined ? [] : casesOf(standing, kept).filter((one) => one !== open)
  return [...undone, ...[open, ...others].map((one) => closeReview(one, terms.nowMs, true))]
}

/** Those in which people were asked whether it stands: they have said so, and an appeal has an answer of its own. */
function answered(
  standing: AccountStanding,
  kept: KeptSanction,
  { caseId }: Decision,
  terms: Terms,
): readonly Outcome[] {
  return casesOf(standing, kept)
    .filter(({ review }) => review.reason === 'underReview' || review.id === caseId)
    .map((open) => closeReview(open, terms.nowMs, false))
}

function causeOf(open: OpenReview): 'appeal' | 'decision' {
  return open.review.reason === 'appeal' ? 'appeal' : 'decision'
}

/**
 * The sanction is undone, and with it whatever is in force in its place: they are one strike. What it took over returns, and
 * what rested on it comes down.
 */
function undo(
  standing: AccountStanding,
  kept: KeptSanction,
  cause: 'appeal' | 'decision',
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const reversals = standing.sanctions
    .filter((one) => isSameStrike(kept, one))
    .filter((one) => one === kept || one.endedAtMs === null)
    .map((one) => end(standing, one, 'reversal', cause, [decision.decidedBy], terms))
  const undone = [...reversals, ...restored(standing, kept, decision, terms)]
  return [...undone, ...afterwards(standing, kept, undone, cause, decision, terms)]
}

/** What becomes of the strikes and the cases that rested on one that is undone. */
function afterwards(
  standing: AccountStanding,
  kept: KeptSanction,
  undone: readonly Outcome[],
  cause: 'appeal' | 'decision',
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const without = undone.reduce(evolve, standing)
  const down = broughtDown(without, { undone: [kept], cause, decision }, terms)
  return [...down, ...retold(down.reduce(evolve, without), kept, terms)]
}

function decideNarrow(standing: AccountStanding, decision: Decision, terms: Terms): readonly Outcome[] {
  const open = reviewById(standing, decision.caseId)
  const kept = named(standing, decision)
  if (kept !== undefined) return narrowKept(standing, kept, decision, terms)
  if (open === undefined) return [counted('unknownCase')]
  if (open.review.sanctionId !== null) return forgotten(open, terms)
  const clause = clauseOf(terms.policy, open.review.clause)
  const { actor, proposedScope } = open.review
  const from = { scope: proposedScope, scopeTarget: actor.level === proposedScope ? actor.id : null }
  const scope = clause === undefined ? null : narrowedBy(from, clause, decision)
  return scope === null
    ? [counted('notNarrower', open.review.clause)]
    : upholdHeld(standing, open, decision, terms, scope)
}

function narrowedBy(
  from: Omit<ResolvedScope, 'rateCeilingPerMinute'>,
  clause: Clause,
  decision: Decision,
): ResolvedScope | null {
  const { narrowToScope, narrowToTarget } = decision
  return narrowToScope === null ? null : narrowed(from, narrowToScope, narrowToTarget, clause)
}

/** A ceiling lets requests pass, and so suspends nothing. */
function limitedTo(act: Plan['act'], scope: ResolvedScope): Pick<Plan, 'act' | 'scope'> {
  return { act: act === 'suspension' && scope.scope === 'rate' ? 'restriction' : act, scope }
}

function narrowKept(
  standing: AccountStanding,
  kept: KeptSanction,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const { sanction } = kept
  const clause = clauseOf(terms.policy, sanction.clause)
  if (clause === undefined) return [counted('unknownClause', sanction.clause)]
  if (kept.endedAtMs !== null || kept.finding === null) return [counted('alreadyEnded', sanction.clause)]
  if (sanction.act !== 'restriction' && sanction.act !== 'suspension')
    return [counted('nothingToDo', sanction.clause)]
  const scope = narrowedBy(sanction, clause, decision)
  if (scope === null) return [counted('notNarrower', sanction.clause)]
  const plan: Plan = {
    clause,
    finding: kept.finding,
    ...limitedTo(sanction.act, scope),
    step: sanction.step,
    durationMs: (sanction.endsAtMs ?? terms.nowMs) - sanction.effectiveAtMs,
    underReview: false,
    decidedBy: [decision.decidedBy],
    refund: sanction.refund,
    replaces: { kept, decisionId: decision.id },
  }
  const by = replaced(standing, kept, issue(standing, plan, terms), decision, terms)
  return [...by, ...answered(standing, kept, decision, terms)]
}

function decideReverse(standing: AccountStanding, decision: Decision, terms: Terms): readonly Outcome[] {
  const kept = named(standing, decision)
  if (kept === undefined) return [counted('unknownSanction')]
  if (kept.voided && !canComeBack(standing, kept)) return [counted('alreadyEnded', kept.sanction.clause)]
  const undone = kept.voided
    ? forGood(standing, kept, decision, terms)
    : undo(standing, kept, 'decision', decision, terms)
  return [...undone, ...casesOf(standing, kept).map((open) => closeReview(open, terms.nowMs, true))]
}

/** What a graver strike had only taken over. */
function forGood(
  standing: AccountStanding,
  kept: KeptSanction,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const undone = [end(standing, kept, 'reversal', 'decision', [decision.decidedBy], terms)]
  return [...undone, ...afterwards(standing, kept, undone, 'decision', decision, terms)]
}

/** Taken over by a graver strike, and nobody has said since that it was wrong. */
function canComeBack(standing: AccountStanding, kept: KeptSanction): boolean {
  const withdrawn = standing.sanctions.some(
    (one) => isSameStrike(kept, one) && (one.endCause === 'decision' || one.endCause === 'appeal'),
  )
  return isTakenOver(kept) && !withdrawn
}

function decideLift(standing: AccountStanding, decision: Decision, terms: Terms): readonly Outcome[] {
  const kept = named(standing, decision)
  if (kept === undefined) return [counted('unknownSanction')]
  if (kept.endedAtMs !== null) return [counted('alreadyEnded', kept.sanction.clause)]
  const lifted = end(standing, kept, 'lifting', 'decision', [decision.decidedBy], terms)
  const asked = casesOf(standing, kept).filter(({ review }) => review.reason === 'underReview')
  return [lifted, ...asked.map((open) => closeReview(open, terms.nowMs, false))]
}

/** The sanction that a decision names; where it names none, what is in force of the strike that its case is about. */
function named(standing: AccountStanding, { caseId, sanctionId }: Decision): KeptSanction | undefined {
  if (sanctionId !== null) return keptById(standing, sanctionId)
  const kept = keptById(standing, reviewById(standing, caseId)?.review.sanctionId ?? null)
  if (kept === undefined) return undefined
  return standing.sanctions.findLast((one) => isSameStrike(kept, one) && one.endedAtMs === null) ?? kept
}
