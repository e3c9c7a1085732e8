/** What weighs: findings that sanction nobody, and count beside what is found under other clauses. */
import { describe, it, expect } from 'vitest'
import { accountActor, type Actor } from '../../src/domain/actor.ts'
import {
  ACCOUNT,
  accountState,
  CIRCUMVENTION,
  DAY,
  endUser,
  grantOf,
  HOUR,
  JAILBREAK,
  key,
  MALWARE,
  policy,
  SCRAPING,
  signal,
  T0,
} from './support/fixtures.ts'
import { given } from './support/given.ts'

function malware(atMs: number) {
  return signal({ clause: MALWARE, detectorId: 'malware.generation', atMs })
}

function jailbreak(atMs: number, actor: Actor = accountActor(ACCOUNT)) {
  return signal({ clause: CIRCUMVENTION, detectorId: JAILBREAK, atMs, actor })
}

function weighingOn(on: readonly string[]) {
  const weighs = [{ detector: JAILBREAK, on, standsMs: 7 * DAY }]
  return policy({
    clauses: policy().clauses.map((one) => (one.id === CIRCUMVENTION ? { ...one, weighs } : one)),
  })
}

describe('what weighs', () => {
  it('acts on one finding where something weighs on it, and on nothing that weighs alone', () => {
    const account = given()
    account.hear(T0, jailbreak(T0)).expectOnlyCounted('weighs')
    account.hear(T0 + DAY, jailbreak(T0 + DAY)).expectOnlyCounted('weighs')
    account.hear(T0 + DAY + HOUR, malware(T0 + DAY + HOUR)).expectActs({ act: 'suspension', clause: MALWARE })
    expect(account.act).toMatchObject({ detectorId: 'malware.generation', strikeOrdinal: 1 })
    expect(account.act.signalIds).toHaveLength(3)
    expect(account.standing.pending).toEqual([])
  })

  it('waits for a finding of the clause itself where what weighs comes after the first', () => {
    const account = given()
      .hear(T0, malware(T0))
      .hear(T0 + HOUR, jailbreak(T0 + HOUR))
    account.expectOnlyCounted('weighs')
    account.hear(T0 + 2 * HOUR, malware(T0 + 2 * HOUR)).expectActs({ act: 'suspension' })
  })

  it('counts what weighs as one, however much there is of it', () => {
    const patient = policy().clauses.map((one) =>
      one.id === MALWARE ? { ...one, ladder: { ...one.ladder, corroboration: 3 } } : one,
    )
    const account = given({ policy: policy({ clauses: patient }) })
    for (const day of [0, 1, 2, 3]) account.hear(T0 + day * DAY, jailbreak(T0 + day * DAY))
    account.hear(T0 + 4 * DAY, malware(T0 + 4 * DAY)).expectOnlyCounted('uncorroborated')
    account.hear(T0 + 5 * DAY, malware(T0 + 5 * DAY)).expectActs({ act: 'suspension' })
  })

  it.each([
    ['after its time', 7 * DAY, accountActor(ACCOUNT), {}],
    [
      'that people have stopped',
      HOUR,
      accountActor(ACCOUNT),
      { switchedOff: (id: string) => id === JAILBREAK },
    ],
    ['on other clauses only', HOUR, accountActor(ACCOUNT), { policy: weighingOn([SCRAPING]) }],
  ])('gives no weight %s', (_, afterMs, actor, terms) => {
    const account = given().hear(T0, jailbreak(T0, actor)).expectOnlyCounted('weighs')
    account.terms = { ...account.terms, ...terms }
    account.hear(T0 + afterMs, malware(T0 + afterMs)).expectOnlyCounted('uncorroborated')
  })

  it('counts over the keys of an account, and not for those who have a ladder of their own', () => {
    given()
      .hear(T0, jailbreak(T0, key('k1')))
      .hear(T0 + HOUR, malware(T0 + HOUR))
      .expectActs({ act: 'suspension' })
    const reseller = given({}, accountState({ grants: [grantOf('reseller')] }))
    reseller.hear(T0, jailbreak(T0, endUser('u1'))).expectOnlyCounted('weighs')
    reseller.hear(T0 + HOUR, malware(T0 + HOUR)).expectOnlyCounted('uncorroborated')
  })

  it('counts for nothing where it rests on the very requests that were found', () => {
    const requests = ['r1']
    const same = (clause: string, detectorId: string, atMs: number) =>
      signal({ clause, detectorId, atMs, requests })
    given()
      .hear(T0, same(CIRCUMVENTION, JAILBREAK, T0))
      .hear(T0 + HOUR, same(MALWARE, 'malware.generation', T0 + HOUR))
      .expectOnlyCounted('uncorroborated')
  })

  it('lets nothing weigh on its own clause', () => {
    const own = policy().clauses.map((one) =>
      one.id === CIRCUMVENTION ? { ...one, ladder: { ...one.ladder, corroboration: 2 } } : one,
    )
    const account = given({ policy: policy({ clauses: own }) }).hear(T0, jailbreak(T0))
    const rotation = signal({
      clause: CIRCUMVENTION,
      detectorId: 'circumvention.key-rotation',
      atMs: T0 + HOUR,
    })
    account.hear(T0 + HOUR, rotation).expectOnlyCounted('uncorroborated')
  })
})
