/**
 * What becomes of open cases when people have called a strike of their ladder wrong: what they propose rested on it, and is
 * told anew, under the same id.
 *
 * R1. A case that holds an act back proposes the step that the strikes left lead to; one about a sanction what is in force in
 *     its place. Nothing else of it changes but its reason, where it is no longer about a termination.
 * R2. Who voted for a termination voted on what was told before: those votes are given anew.
 */
import type { ReviewCase } from '../domain/case.ts'
import type { Clause } from '../topology/policy.ts'
import {
  isSameStrike,
  keptById,
  type AccountStanding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'
import { proposed } from './act.ts'
import { isGravest } from './exact-match.ts'
import {
  matterOf,
  matterOfStrike,
  nextStep,
  sameLadder,
  sanctioningStep,
  strikes,
  strikeWeight,
} from './ladder.ts'
import type { Outcome } from './outcome.ts'
import { casesOf, findingOfReview } from './reviews.ts'
import { clauseOf, type Terms } from './terms.ts'

type Told = Pick<ReviewCase, 'reason' | 'proposedAct' | 'proposedScope'>

/** @param standing after all that followed from it. @param undone whose own cases have their answer */
export function retold(standing: AccountStanding, undone: KeptSanction, terms: Terms): readonly Outcome[] {
  const same = sameLadder(standing, matterOfStrike(undone))
  const answered = casesOf(standing, undone)
  return standing.reviews
    .filter((open) => same(matterOf(findingOfReview(open))) && !answered.includes(open))
    .flatMap((open) => {
      const { review } = open
      const told = toldNow(standing, open, terms)
      const revised = { ...review, ...told, revisedAtMs: terms.nowMs }
      return told === null || isAsTold(review, told) ? [] : [{ kind: 'reviewRevised', review: revised }]
    })
}

function isAsTold(review: ReviewCase, told: Told): boolean {
  return (
    told.reason === review.reason &&
    told.proposedAct === review.proposedAct &&
    told.proposedScope === review.proposedScope
  )
}

/** Null where it does not rest on the ladder: a complaint, a clause that is gone, a sanction that is. */
function toldNow(standing: AccountStanding, open: OpenReview, terms: Terms): Told | null {
  const { review } = open
  const clause = clauseOf(terms.policy, review.clause)
  if (review.sanctionId !== null) return ofSanction(standing, review)
  if (review.reason === 'complaint' || clause === undefined) return null
  return ofHeld(standing, open, clause, terms)
}

function ofSanction(standing: AccountStanding, { reason, sanctionId }: ReviewCase): Told | null {
  const kept = keptById(standing, sanctionId)
  const inForce = standing.sanctions.findLast((one) => isSameStrike(one, kept) && one.endedAtMs === null)
  if (inForce === undefined) return null
  const { act, scope } = inForce.sanction
  return { reason, proposedAct: act, proposedScope: scope }
}

function ofHeld(standing: AccountStanding, open: OpenReview, clause: Clause, terms: Terms): Told | null {
  const finding = findingOfReview(open)
  const weight = strikeWeight(strikes(standing, matterOf(finding), terms.nowMs))
  const next = isGravest(clause, finding) ? sanctioningStep(clause, weight) : nextStep(clause, weight)
  if (next === undefined) return null
  const { act, scope } = proposed(standing, next.step, finding)
  const isEarlier = open.review.reason === 'beforeTermination' && next.step.act !== 'review'
  return {
    reason: isEarlier ? 'underReview' : open.review.reason,
    proposedAct: act,
    proposedScope: scope,
  }
}
