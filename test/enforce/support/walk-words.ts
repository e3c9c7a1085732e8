/** What the laws of the walk speak of. */
import type { Sanction } from '../../../src/domain/sanction.ts'
import { isActive, type AccountStanding, type OpenReview } from '../../../src/enforce/account-standing.ts'
import { person } from '../../../src/enforce/approvals.ts'
import type { Outcome } from '../../../src/enforce/outcome.ts'
import { activeSanctions } from '../../../src/enforce/standing.ts'
import { strikesOf } from '../../../src/enforce/strikes.ts'
import { wordsHeard, type Edge, type Place } from './walk.ts'

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
