/**
 * What follows from time: sanctions end, warnings close or lead on, reviews become overdue.
 *
 * T1. An expiry is announced exactly once, however late; readers took the end as the end before that. What stays of S0
 *     while its case is open is told before it (unconfirmed.ts).
 * T2. A warning that was not heeded leads to the next step at the end of its grace, never before (D2); silence
 *     closes it; an appeal stops its clock.
 * T3. A warning whose notice is not delivered leads nowhere by itself: people look into it.
 * T4. A sanction that is over, no strike any more and past its appeal is forgotten, and the standing says so. So is a
 *     snooze at its end, which every reader took as the end before that.
 */
import type { Clause } from '../topology/policy.ts'
import type { AccountStanding, Finding, KeptSanction } from './account-standing.ts'
import { act } from './act.ts'
import { claimsOf } from './claims.ts'
import { evolve } from './evolve.ts'
import { findingOfSanction } from './finding.ts'
import { takingOver, unclaimed } from './incident.ts'
import { end } from './issue.ts'
import { attributed, flagForgettableAtMs, isOver } from './key-flags.ts'
import { counted, type Outcome } from './outcome.ts'
import { findingOfReview, openReview, reviewWithinMs } from './reviews.ts'
import { forgettableAtMs } from './strikes.ts'
import { clauseOf, type Terms } from './terms.ts'
import { unconfirmed } from './unconfirmed.ts'

type Step = (standing: AccountStanding, terms: Terms) => readonly Outcome[]

/** Everything whose time has come, each thing seeing what the ones before it did, and what they left of the budget. */
export function decideDue(standing: AccountStanding, terms: Terms): readonly Outcome[] {
  const outcomes: Outcome[] = []
  let current = standing
  let { budget } = terms
  const run = (step: Step) => {
    const more = step(current, { ...terms, budget })
    outcomes.push(...more)
    budget = claimsOf(current, more, terms).reduce((left, claim) => left.without(claim), budget)
    current = more.reduce(evolve, current)
  }
  run(expire)
  for (const kept of standing.sanctions) run((now, by) => warningDue(now, kept.sanction.id, by))
  run(overdue)
  run(forget)
  run(forgetFlags)
  run(forgetSnoozes)
  return outcomes
}

/** When `decideDue` has something to do next; null for never. */
export function nextDueMs(standing: AccountStanding): number | null {
  const times = [
    ...standing.sanctions
      .filter((kept) => kept.endedAtMs === null)
      .flatMap((kept) => endings(standing, kept)),
    ...standing.sanctions.map(forgettableAtMs).filter((time) => time !== null),
    ...standing.reviews.filter((open) => !open.overdue).map((open) => open.review.dueAtMs),
    ...standing.keyFlags.map(flagForgettableAtMs).filter((time) => time !== null),
    ...standing.snoozes.map(({ untilMs }) => untilMs),
  ]
  return times.length === 0 ? null : Math.min(...times)
}

function endings(standing: AccountStanding, kept: KeptSanction): readonly number[] {
  const times = [kept.sanction.endsAtMs, graceEndMs(standing, kept)]
  return times.filter((time) => time !== null)
}

/** When the warning leads on, closes or goes to people; null for what is no warning, or waits for people. */
function graceEndMs(standing: AccountStanding, kept: KeptSanction): number | null {
  if (kept.sanction.act !== 'warning') return null
  if (kept.noticeAtMs === null) return kept.reviewed ? null : kept.sanction.effectiveAtMs + kept.graceMs
  const withPeople = standing.reviews.some((open) => open.review.sanctionId === kept.sanction.id)
  return withPeople ? null : kept.noticeAtMs + kept.graceMs
}

function expire(standing: AccountStanding, terms: Terms): readonly Outcome[] {
  return standing.sanctions
    .filter((kept) => kept.endedAtMs === null && (kept.sanction.endsAtMs ?? Infinity) <= terms.nowMs)
    .flatMap((kept) => [
      ...unconfirmed(standing, kept, terms),
      end(standing, kept, 'lifting', 'expired', [], terms),
    ])
}

function warningDue(standing: AccountStanding, sanctionId: string, terms: Terms): readonly Outcome[] {
  const kept = standing.sanctions.find((one) => one.sanction.id === sanctionId)
  if (kept === undefined || kept.endedAtMs !== null) return []
  const graceMs = graceEndMs(standing, kept)
  if (graceMs === null || graceMs > terms.nowMs) return []
  if (kept.noticeAtMs === null) return undelivered(standing, kept, terms)
  return kept.unheeded === null
    ? [end(standing, kept, 'lifting', 'expired', [], terms)]
    : leadOn(standing, kept, terms)
}

/** T2: the next step takes the warning's place; where it is held, people have the matter. */
function leadOn(standing: AccountStanding, kept: KeptSanction, terms: Terms): readonly Outcome[] {
  const clause = clauseOf(terms.policy, kept.sanction.clause)
  const closed = end(standing, kept, 'lifting', 'superseded', [], terms)
  if (clause === undefined || kept.unheeded === null) return [closed]
  const finding = ownConduct(standing, kept.unheeded, clause, terms)
  if (finding === null) return [end(standing, kept, 'lifting', 'expired', [], terms)]
  if (terms.switchedOff(kept.unheeded.detectorId ?? '', clause.id))
    return [counted('switchedOff', clause.id), end(standing, kept, 'lifting', 'expired', [], terms)]
  return [...takingOver(standing, finding, act(standing, clause, finding, terms), [], terms), closed]
}

/** As it is seen now: null where others turn out to have held the key, or graver strikes rest on all of it. */
function ownConduct(
  standing: AccountStanding,
  unheeded: Finding,
  clause: Clause,
  terms: Terms,
): Finding | null {
  if (isOver(standing, unheeded)) return null
  return unclaimed(standing, attributed(standing, unheeded), clause.severity, terms.nowMs)
}

function undelivered(standing: AccountStanding, kept: KeptSanction, terms: Terms): readonly Outcome[] {
  const { sanction } = kept
  const finding = kept.finding ?? findingOfSanction(kept)
  const proposal = {
    reason: 'underReview' as const,
    clause: sanction.clause,
    severity: sanction.severity,
    finding,
    act: sanction.act,
    scope: sanction.scope,
    sanctionId: sanction.id,
    anchor: sanction.id,
    withinMs: reviewWithinMs(sanction.severity),
  }
  const opened = openReview(standing, proposal, terms)
  return opened.some((one) => one.kind === 'reviewOpened' && one.review.sanctionId === sanction.id)
    ? opened
    : [...opened, end(standing, kept, 'lifting', 'expired', [], terms)]
}

function forget(standing: AccountStanding, terms: Terms): readonly Outcome[] {
  const over = standing.sanctions.filter((kept) => (forgettableAtMs(kept) ?? Infinity) <= terms.nowMs)
  return over.length === 0 ? [] : [{ kind: 'forgotten', sanctionIds: over.map((kept) => kept.sanction.id) }]
}

function forgetFlags(standing: AccountStanding, terms: Terms): readonly Outcome[] {
  return standing.keyFlags
    .filter((flag) => (flagForgettableAtMs(flag) ?? Infinity) <= terms.nowMs)
    .map((flag) => ({ kind: 'keyFlagForgotten', flag }))
}

function forgetSnoozes({ snoozes }: AccountStanding, { nowMs }: Terms): readonly Outcome[] {
  return snoozes
    .filter(({ untilMs }) => untilMs <= nowMs)
    .map((snooze) => ({ kind: 'snoozed', snooze, atMs: nowMs }))
}

function overdue(standing: AccountStanding, terms: Terms): readonly Outcome[] {
  return standing.reviews
    .filter((open) => !open.overdue && open.review.dueAtMs <= terms.nowMs)
    .flatMap((open) => [
      { kind: 'reviewOverdue' as const, caseId: open.review.id },
      counted('reviewOverdue', open.review.clause, findingOfReview(open).detectorId),
    ])
}
