/** What the laws of the walk speak of. */
import type { Sanction } from '../../../src/domain/sanction.ts'
import {
  isActive,
  isSameStrike,
  isTakenOver,
  type AccountStanding,
  type KeptSanction,
  type OpenReview,
  type SanctionCore,
} from '../../../src/enforce/account-standing.ts'
import { person } from '../../../src/enforce/approvals.ts'
import type { Outcome } from '../../../src/enforce/outcome.ts'
import { activeSanctions } from '../../../src/enforce/standing.ts'
import { strikesOf } from '../../../src/enforce/strikes.ts'
import { wordsHeard, type Edge, type Place } from './walk.ts'

/** Looks at each of them; a failure tells the words that led there. */
export function atEach(places: readonly Place[], look: (place: Place) => void): void {
  for (const place of places) {
    try {
      look(place)
    } catch (error) {
      throw new Error(`after: ${place.words.join(' | ')}`, { cause: error })
    }
  }
}

export const last = ({ path }: Place): Edge | undefined => path.at(-1)
export const sanctionsOf = (outcomes: readonly Outcome[]): readonly Sanction[] =>
  outcomes.flatMap((one) => (one.kind === 'sanction' ? [one.sanction] : []))
export const issuedOf = ({ outcomes }: Edge) =>
  sanctionsOf(outcomes).filter((one) => one.endsSanctionId === null)

/** People whose own words asked for this act on the case, as this test has heard them: no word of the ladder's. */
export function voters(place: Place, kind: 'terminate' | 'refer'): number {
  const names = wordsHeard(place).flatMap((input) =>
    input.kind === 'decision' && input.decision.kind === kind ? [person(input.decision.decidedBy)] : [],
  )
  return new Set(names).size
}

/** Not in the place of another sanction of its own strike. */
export function isNewStrike({ before }: Pick<Edge, 'before'>, { clause, strikeOrdinal }: Sanction): boolean {
  return !before.sanctions.some(
    ({ sanction }) => sanction.clause === clause && sanction.strikeOrdinal === strikeOrdinal,
  )
}

/** Whether the one's strike came before the other's on the account's ladder of their clause. */
export function isUnder(one: Sanction, other: SanctionCore): boolean {
  return (
    one.clause === other.clause &&
    one.cause === null &&
    other.cause === null &&
    one.strikeOrdinal < other.strikeOrdinal
  )
}

/** Strikes of the account's ladder before it that nobody has called wrong. */
export function strikesUnder(standing: AccountStanding, { sanction }: KeptSanction): number {
  const earlier = standing.sanctions.filter(
    (one) =>
      one.sanction.clause === sanction.clause &&
      one.sanction.cause === null &&
      one.sanction.strikeOrdinal < sanction.strikeOrdinal &&
      (!one.voided || isTakenOver(one)),
  )
  return new Set(earlier.map((one) => one.sanction.strikeOrdinal)).size
}

/** The machine's, on which no person has had a word of their own. */
export function ownDoing(standing: AccountStanding, kept: KeptSanction): boolean {
  return standing.sanctions
    .filter((one) => isSameStrike(kept, one))
    .every(({ sanction, endCause }) => sanction.automated && endCause !== 'decision')
}

export function isHeldExactMatch({ review, finding }: OpenReview): boolean {
  return review.sanctionId === null && review.severity === 'S0' && finding?.exactMatch === true
}

export function strikesInForce(standing: AccountStanding, nowMs: number): readonly string[] {
  return standing.sanctions
    .filter((kept) => isActive(kept, nowMs))
    .map(({ sanction }) => `${sanction.reasonCode}/${sanction.strikeOrdinal}`)
}

/** What binds the account, and how far it is up each ladder. */
export function bound(standing: AccountStanding) {
  const binding = activeSanctions(standing)
    .filter(({ act }) => act !== 'warning')
    .map(({ act, scope, scopeTarget, reasonCode, endsAtMs }) => ({
      act,
      scope,
      scopeTarget,
      reasonCode,
      endsAtMs,
    }))
  const strikes = [...new Set(strikesOf(standing).map((one) => `${one.reasonCode}/${one.strikeOrdinal}`))]
  return { binding: binding.map((one) => JSON.stringify(one)).sort(), strikes: strikes.sort() }
}
