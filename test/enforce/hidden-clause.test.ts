/**
 * Of an S0 clause the topics that others read hide the clause (P9): which one it was is known again where only the log is left,
 * and never taken for another.
 */
import { describe, expect, it } from 'vitest'
import type { Sanction } from '../../src/domain/sanction.ts'
import type { Strike } from '../../src/domain/standing.ts'
import { emptyStanding } from '../../src/enforce/account-standing.ts'
import { publicationOf, withClause } from '../../src/enforce/publication.ts'
import { keptStrikes, strikesOf } from '../../src/enforce/strikes.ts'
import { ACCOUNT, CSAM, NCII, policy, SANCTION_IDS, SCRAPING, signal, T0 } from './support/fixtures.ts'
import { given } from './support/given.ts'

const EXACT = { evidence: [{ name: 'exactMatch', value: 1 }] }
const POLICY = policy({ clauses: [...policy().clauses, NCII] })

/** Warned under S2, then suspended under both clauses of S0: each for the first time. */
function threeTimes() {
  const account = given({ policy: POLICY }).hear(T0, signal())
  account.hear(T0 + 1, signal({ clause: NCII.id, atMs: T0 + 1, detectorId: 'ncii.known-media', more: EXACT }))
  account.hear(T0 + 2, signal({ clause: CSAM, atMs: T0 + 2, detectorId: 'csam.known-media', more: EXACT }))
  return { account, suspension: account.act }
}

describe('a sanction of S0', () => {
  it('is told without its clause, its detector, and the version of that', () => {
    const { account } = threeTimes()
    const told = account.latest.map((one) => publicationOf(one, false))
    expect(told.find((one) => one?.topic === 'abuse.sanctions.v1')?.value).toMatchObject({
      clause: 'code-S0',
      detectorId: null,
      detectorVersion: null,
    })
  })

  const told = (more: Partial<Sanction>) => {
    const { account, suspension } = threeTimes()
    // What stands in another's place bears an id that tells no clause.
    const hidden = { ...suspension, id: 'replaced', clause: suspension.reasonCode, ...more }
    return withClause(account.standing, hidden, POLICY, SANCTION_IDS).clause
  }

  it('has the clause of the strike that rests on the same signals', () => {
    expect(told({})).toBe(CSAM)
    const { account } = threeTimes()
    const [, ncii] = account.standing.sanctions
    expect(told({ signalIds: ncii?.sanction.signalIds ?? [] })).toBe(NCII.id)
  })

  it('has no clause of another reason code, and none of another step, where no signal tells', () => {
    expect(told({ signalIds: [] })).toBe(NCII.id)
    expect(told({ signalIds: [], step: 1 })).toBe('code-S0')
    expect(told({ signalIds: [], strikeOrdinal: 2 })).toBe('code-S0')
  })
})

describe('a strike of S0 of which the standing alone is left', () => {
  const known = (strikes: readonly Strike[], within = POLICY) =>
    keptStrikes(emptyStanding(ACCOUNT, false), strikes, within, SANCTION_IDS).map(
      ({ sanction }) => sanction.clause,
    )

  it('has the clause that its id tells, or that of the one whose place it took', () => {
    const { account, suspension } = threeTimes()
    const strikes = strikesOf(account.standing)
    expect(known(strikes)).toEqual([SCRAPING, NCII.id, CSAM])
    const [warning, , csam] = strikes
    if (warning === undefined || csam === undefined) throw new Error('there are three')
    const inItsPlace = { ...csam, sanctionId: 'replaced', issuedAtMs: csam.issuedAtMs + 1 }
    expect(csam.sanctionId).toBe(suspension.id)
    expect(known([warning, inItsPlace, csam])).toEqual([SCRAPING, CSAM, CSAM])
  })

  it('is not taken where nothing tells its clause, or the policy has it no longer', () => {
    const { account } = threeTimes()
    const [warning, ncii, csam] = strikesOf(account.standing)
    if (warning === undefined || ncii === undefined || csam === undefined) throw new Error('there are three')
    expect(known([warning, { ...csam, sanctionId: 'of another key' }])).toEqual([SCRAPING])
    const others = POLICY.clauses.filter(({ severity }) => severity !== 'S0')
    expect(known([warning, ncii, csam], policy({ clauses: others }))).toEqual([SCRAPING])
  })
})
