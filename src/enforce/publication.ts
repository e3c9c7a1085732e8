/**
 * What leaves, and on which topic.
 *
 * X1. Shadow outcomes leave on shadow topics only; reviews, preservation and referrals never come of shadow (P11).
 * X2. Gateways and billing read the sanctions topic: of an S0 clause it says the neutral code where the clause
 *     would stand, and no detector. Clause and facts stand in the restricted case (P9).
 */
import type { Preservation, Referral, ReviewCase } from '../domain/case.ts'
import type { Sanction } from '../domain/sanction.ts'
import type { Standing } from '../domain/standing.ts'
import type { Policy } from '../topology/policy.ts'
import type { AccountStanding } from './account-standing.ts'
import type { Outcome } from './outcome.ts'
import type { SanctionIds } from './sanction-ids.ts'
import { clauseOf } from './terms.ts'

/** One record to be written, keyed by account. */
export type EnforcementOutput =
  | { readonly topic: 'abuse.sanctions.v1' | 'abuse.sanctions.shadow.v1'; readonly value: Sanction }
  | {
      readonly topic: 'abuse.standing.v1' | 'abuse.standing.shadow.v1'
      readonly accountId: string
      /** Null is the tombstone: nothing is in force. */
      readonly value: Standing | null
    }
  | { readonly topic: 'abuse.reviews.v1'; readonly value: ReviewCase }
  | { readonly topic: 'abuse.preservation.v1'; readonly value: Preservation }
  | { readonly topic: 'abuse.referrals.v1'; readonly value: Referral }

export const ENFORCEMENT_OUTPUTS = [
  'abuse.sanctions.v1',
  'abuse.standing.v1',
  'abuse.reviews.v1',
  'abuse.preservation.v1',
  'abuse.referrals.v1',
  'abuse.sanctions.shadow.v1',
  'abuse.standing.shadow.v1',
] as const satisfies readonly EnforcementOutput['topic'][]

/** The record that an outcome is published as; null for what only changes state. */
export function publicationOf(outcome: Outcome, shadow: boolean): EnforcementOutput | null {
  if (outcome.kind === 'sanction')
    return {
      topic: shadow ? 'abuse.sanctions.shadow.v1' : 'abuse.sanctions.v1',
      value: neutral(outcome.sanction),
    }
  if (shadow) return null
  switch (outcome.kind) {
    case 'reviewOpened':
    case 'reviewRevised':
    case 'reviewClosed':
      return { topic: 'abuse.reviews.v1', value: outcome.review }
    case 'preservation':
      return { topic: 'abuse.preservation.v1', value: outcome.preservation }
    case 'referral':
      return { topic: 'abuse.referrals.v1', value: outcome.referral }
    default:
      return null
  }
}

export function accountOf(output: EnforcementOutput): string {
  return 'accountId' in output ? output.accountId : output.value.accountId
}

export function standingPublication(
  accountId: string,
  shadow: boolean,
  value: Standing | null,
): EnforcementOutput {
  return { topic: shadow ? 'abuse.standing.shadow.v1' : 'abuse.standing.v1', accountId, value }
}

function neutral(sanction: Sanction): Sanction {
  if (sanction.severity !== 'S0') return sanction
  return { ...sanction, clause: sanction.reasonCode, detectorId: null, detectorVersion: null }
}

/** The sanction with its clause again, for a fold: the clause whose id it bears, or that of its strike. */
export function withClause(
  standing: AccountStanding,
  sanction: Sanction,
  policy: Policy,
  ids: SanctionIds,
): Sanction {
  if (sanction.severity !== 'S0' || clauseOf(policy, sanction.clause) !== undefined) return sanction
  const clause = clauseOfId(sanction, policy, ids) ?? clauseOfStrike(standing, sanction)
  return clause === undefined ? sanction : { ...sanction, clause }
}

/** Clauses may share a reason code, and each counts its own strikes: their signals tell them apart, where they are known. */
function clauseOfStrike(standing: AccountStanding, sanction: Sanction): string | undefined {
  const same = standing.sanctions.filter(
    (kept) =>
      kept.sanction.reasonCode === sanction.reasonCode &&
      kept.sanction.strikeOrdinal === sanction.strikeOrdinal &&
      kept.sanction.step === sanction.step,
  )
  const [first] = sanction.signalIds
  const told = same.find((kept) => kept.sanction.signalIds[0] === first)
  return (told ?? same[0])?.sanction.clause
}

function clauseOfId(
  { accountId, id, step, strikeOrdinal, shadow }: Sanction,
  policy: Policy,
  ids: SanctionIds,
): string | undefined {
  return policy.clauses.find((clause) =>
    ids.isOf(id, { accountId, clause: clause.id, step, strikeOrdinal, shadow }),
  )?.id
}
