/**
 * What becomes of later strikes of a ladder when people have called one wrong: each of them was a step further up because
 * of it, and comes down to where it would have been.
 *
 * G1. What the machine did, and is in force, is narrowed to the step that the strikes left behind it lead to; it is lifted
 *     where that step's time would be over by now, and withdrawn where its finding alone would have waited for another.
 * G2. What people decided stays, and nothing becomes stricter.
 * G3. A strike that only a graver clause took over still counts: nobody has called it wrong.
 * G4. What was a restriction and would have been a warning is told anew, as one (O2); where a later strike is in force,
 *     that one speaks.
 */
import type { Decision } from '../domain/case.ts'
import { STRICTNESS, type EndCause } from '../domain/sanction.ts'
import type { Clause } from '../topology/policy.ts'
import {
  isActive,
  isDecided,
  isSameStrike,
  keptById,
  type AccountStanding,
  type Finding,
  type KeptSanction,
} from './account-standing.ts'
import { automatedPlan, issued } from './act.ts'
import { evolve } from './evolve.ts'
import { isGravest } from './exact-match.ts'
import { findingOfSanction, supportOf } from './finding.ts'
import { end, issue, type Plan } from './issue.ts'
import { matterOfStrike, nextStep, sameLadder, sanctioningStep, strikes, strikeWeight } from './ladder.ts'
import type { Outcome } from './outcome.ts'
import { restored } from './restore.ts'
import { casesOf, closeReview } from './reviews.ts'
import { clauseOf, type Terms } from './terms.ts'

/** The word by which strikes were called wrong. */
export interface Withdrawal {
  /** One record of each strike. */
  readonly undone: readonly KeptSanction[]
  readonly cause: 'appeal' | 'decision'
  readonly decision: Decision
}

/** @param standing after the withdrawal */
export function broughtDown(
  standing: AccountStanding,
  withdrawal: Withdrawal,
  terms: Terms,
): readonly Outcome[] {
  const outcomes: Outcome[] = []
  let current = standing
  let { undone } = withdrawal
  for (const kept of resting(standing, undone, terms)) {
    const more = relieved(current, kept, { ...withdrawal, undone }, terms)
    outcomes.push(...more)
    current = more.reduce(evolve, current)
    if (keptById(current, kept.sanction.id)?.voided === true) undone = [...undone, kept]
  }
  return outcomes
}

/** The machine's own that are in force and came after one of the strikes, oldest first. (G2) */
function resting(
  standing: AccountStanding,
  undone: readonly KeptSanction[],
  { nowMs }: Terms,
): readonly KeptSanction[] {
  return standing.sanctions.filter(
    (kept) =>
      isActive(kept, nowMs) &&
      kept.sanction.automated &&
      !isDecided(standing, kept) &&
      undone.some((one) => hasCounted(standing, one, kept)),
  )
}

/** Whether the strike stood on the ladder, not yet forgotten, when the other was made. */
function hasCounted(standing: AccountStanding, strike: KeptSanction, other: KeptSanction): boolean {
  return (
    sameLadder(standing, matterOfStrike(strike))(matterOfStrike(other)) &&
    strike.sanction.strikeOrdinal < other.sanction.strikeOrdinal &&
    strike.strikeExpiresAtMs > madeAtMs(standing, other)
  )
}

/** When the strike was made, whatever stands in its place now. */
function madeAtMs(standing: AccountStanding, kept: KeptSanction): number {
  const first = standing.sanctions.find((one) => isSameStrike(kept, one)) ?? kept
  return first.sanction.issuedAtMs
}

function relieved(
  standing: AccountStanding,
  kept: KeptSanction,
  withdrawal: Withdrawal,
  terms: Terms,
): readonly Outcome[] {
  const clause = clauseOf(terms.policy, kept.sanction.clause)
  if (clause === undefined) return []
  const finding = kept.finding ?? findingOfSanction(kept)
  const earlier = earlierStrikes(standing, kept)
  const weight = weightLeft(standing, kept, earlier, withdrawal)
  if (earlier.length === 0 && weight <= 0 && !sufficesAlone(clause, finding))
    return withdrawn(standing, kept, withdrawal, terms)
  const next = isGravest(clause, finding) ? sanctioningStep(clause, weight) : nextStep(clause, weight)
  if (next === undefined || next.index >= kept.sanction.step) return []
  const plan = automatedPlan(standing, clause, finding, next, terms)
  if (plan === null || STRICTNESS[plan.act] > STRICTNESS[kept.sanction.act]) return []
  return inPlaceOf(standing, kept, plan, withdrawal, terms)
}

/** What counted when it was made, and still does. */
function earlierStrikes(standing: AccountStanding, kept: KeptSanction): readonly KeptSanction[] {
  return strikes(standing, matterOfStrike(kept), madeAtMs(standing, kept)).filter(
    ({ sanction }) => sanction.strikeOrdinal < kept.sanction.strikeOrdinal,
  )
}

/**
 * Neither tells too much: what has been forgotten or taken over since (G3) is not among the strikes that are known, and the
 * step tells less where the ladder had come to its end.
 */
function weightLeft(
  standing: AccountStanding,
  kept: KeptSanction,
  earlier: readonly KeptSanction[],
  { undone }: Withdrawal,
): number {
  const lost = strikeWeight(undone.filter((one) => hasCounted(standing, one, kept)))
  return Math.max(strikeWeight(earlier), kept.sanction.step - lost)
}

/** As a first strike; what was joined since no longer tells its parts. */
function sufficesAlone(clause: Clause, finding: Finding): boolean {
  return isGravest(clause, finding) || supportOf(finding) >= clause.ladder.corroboration
}

function withdrawn(
  standing: AccountStanding,
  kept: KeptSanction,
  { cause, decision }: Withdrawal,
  terms: Terms,
): readonly Outcome[] {
  return [
    end(standing, kept, 'reversal', cause, [decision.decidedBy], terms),
    ...restored(standing, kept, decision, terms),
    ...casesOf(standing, kept).map((open) => closeReview(open, terms.nowMs, true)),
  ]
}

/** The new record first, so that nothing is open in between. */
function inPlaceOf(
  standing: AccountStanding,
  kept: KeptSanction,
  plan: Plan,
  { decision }: Withdrawal,
  terms: Terms,
): readonly Outcome[] {
  const inPlace = { ...plan, replaces: { kept, decisionId: decision.id } }
  const by = issue(standing, inPlace, terms)
  const isOver = (by.sanction.endsAtMs ?? Infinity) <= terms.nowMs
  const lifted = (cause: EndCause): Outcome =>
    end(standing, kept, 'lifting', cause, [decision.decidedBy], terms)
  if (isOver || (plan.act === 'warning' && speaksLater(standing, kept, terms))) return [lifted('decision')]
  const isLookedAt = casesOf(standing, kept).length > 0
  return [...(isLookedAt ? [by] : issued(standing, inPlace, terms)), lifted('superseded')]
}

/** G4. */
function speaksLater(standing: AccountStanding, kept: KeptSanction, { nowMs }: Terms): boolean {
  return strikes(standing, matterOfStrike(kept), nowMs).some(
    (one) => one.sanction.strikeOrdinal > kept.sanction.strikeOrdinal && isActive(one, nowMs),
  )
}
