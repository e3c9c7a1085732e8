/**
 * Own outputs found in the log, as outcomes: enforcement evolves from its own sanctions, so that what was sent
 * before the store was set back is known again, and not sent twice. Strikes that the log of sanctions no longer
 * tells come from the compacted standing.
 *
 * What the records do not tell (requests of a finding, bands of a case) comes back with the signals, which are
 * read again: `decide` recalls it from the repeat.
 */
import type { ReviewCase } from '../domain/case.ts'
import type { Policy } from '../topology/policy.ts'
import { keptById, reviewById, type AccountStanding } from './account-standing.ts'
import { sanctionOutcome } from './issue.ts'
import type { Outcome } from './outcome.ts'
import { withClause, type EnforcementOutput } from './publication.ts'
import type { SanctionIds } from './sanction-ids.ts'
import { keptStrikes } from './strikes.ts'
import { clauseOf } from './terms.ts'

export function foldOutcome(
  standing: AccountStanding,
  output: EnforcementOutput,
  appendTimeMs: number,
  policy: Policy,
  ids: SanctionIds,
): Outcome {
  switch (output.topic) {
    case 'abuse.sanctions.v1':
    case 'abuse.sanctions.shadow.v1': {
      const sanction = withClause(standing, output.value, policy, ids)
      return sanctionOutcome(sanction, null, clauseOf(policy, sanction.clause))
    }
    case 'abuse.standing.v1':
    case 'abuse.standing.shadow.v1':
      return {
        kind: 'strikesKnown',
        strikes: keptStrikes(standing, output.value?.strikes ?? [], policy, ids),
        keyFlags: output.value?.keyFlags ?? null,
      }
    case 'abuse.reviews.v1':
      return foldReview(standing, output.value, appendTimeMs)
    case 'abuse.preservation.v1':
      return { kind: 'preservation', preservation: output.value, occurredAtMs: output.value.askedAtMs }
    case 'abuse.referrals.v1':
      return { kind: 'referral', referral: output.value }
  }
}

/** A closed matter's evidence is spent unless its sanction stands. */
function foldReview(standing: AccountStanding, review: ReviewCase, appendTimeMs: number): Outcome {
  if (review.status === 'open')
    return reviewById(standing, review.id) === undefined
      ? { kind: 'reviewOpened', review, finding: null }
      : { kind: 'reviewRevised', review }
  const kept = keptById(standing, review.sanctionId)
  const spent = kept === undefined || kept.voided
  return { kind: 'reviewClosed', review, atMs: appendTimeMs, spent }
}
