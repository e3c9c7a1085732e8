/** What several clauses tell of one request is one strike. */
import { describe, expect, it } from 'vitest'
import {
  accountEvent,
  accountState,
  CSAM,
  DAY,
  decision,
  HOUR,
  MALWARE,
  SCRAPING,
  signal,
  T0,
} from './support/fixtures.ts'
import { given, type Account } from './support/given.ts'

/** Warned at T0, told of it an hour later: the grace ends at T0 + 1 h + 1 d. */
function warned() {
  const account = given().hear(T0, signal())
  const warning = account.act
  return { account: account.hear(T0 + HOUR, accountEvent('noticeDelivered', warning.id, T0 + HOUR)), warning }
}

const GRACE_END = T0 + HOUR + DAY

describe('the ladder', () => {
  it('makes one incident one strike under its gravest clause', () => {
    const account = given().hear(T0, signal({ requests: ['r1', 'r2'] }))
    const lesser = account.act
    account.hear(
      T0 + 1,
      signal({ clause: CSAM, atMs: T0 + 1, requests: ['r2'], more: { capability: 'image' } }),
    )
    account.expectActs(
      { act: 'restriction', clause: CSAM },
      { act: 'reversal', endsSanctionId: lesser.id, endCause: 'superseded' },
    )
    account.hear(T0 + 2, signal({ atMs: T0 + 2, requests: ['r2', 'r3'] })).expectOnlyCounted('sameIncident')
  })
})

describe('one incident is one strike under its gravest clause', () => {
  const strikes = ({ standing }: Account) =>
    standing.sanctions.filter(({ voided }) => !voided).map(({ sanction }) => sanction.clause)
  const csam = (atMs: number, request: string) =>
    signal({ clause: CSAM, detectorId: 'c', atMs, requests: [request], more: { capability: 'image' } })
  const malware = (atMs: number, request: string) =>
    signal({ clause: MALWARE, detectorId: 'malware.generation', atMs, requests: [request] })

  it('also of what had waited for corroboration', () => {
    const account = given().hear(T0, malware(T0, 'r1'))
    account.hear(T0 + 1, signal({ atMs: T0 + 1, requests: ['r1'] })).hear(T0 + 2, malware(T0 + 2, 'r2'))
    expect(strikes(account)).toEqual([MALWARE])
    const graver = given()
      .hear(T0, malware(T0, 'r1'))
      .hear(T0 + 1, csam(T0 + 1, 'r1'))
    graver.hear(T0 + 2, malware(T0 + 2, 'r2')).expectOnlyCounted('uncorroborated')
  })

  it('also of what a warning did not stop', () => {
    const { account } = warned()
    account
      .hear(T0 + 5 * HOUR, signal({ atMs: T0 + 5 * HOUR, requests: ['r9'] }))
      .hear(T0 + 6 * HOUR, csam(T0 + 6 * HOUR, 'r9'))
      .passTo(GRACE_END)
      .expectActs({ act: 'lifting', endCause: 'expired' })
    const more = warned().account
    more
      .hear(T0 + 5 * HOUR, signal({ atMs: T0 + 5 * HOUR, requests: ['r9', 'r10'] }))
      .hear(T0 + 6 * HOUR, csam(T0 + 6 * HOUR, 'r9'))
      .passTo(GRACE_END)
      .expectActs({ act: 'restriction' }, { act: 'lifting', endCause: 'superseded' })
  })

  it('also of what people uphold, in whichever order', () => {
    for (const first of [SCRAPING, CSAM]) {
      const account = given({}, accountState({ protected: true }))
      account.hear(T0, signal({ requests: ['r1'] })).hear(T0 + 1, csam(T0 + 1, 'r1'))
      const cases = account.standing.reviews.map(({ review }) => review)
      const ordered = [...cases].sort((a) => (a.clause === first ? -1 : 1))
      for (const { id } of ordered) account.hear(T0 + 2, decision('uphold', 'ann', { caseId: id }))
      expect(strikes(account)).toEqual([CSAM])
      expect(account.standing.reviews).toEqual([])
    }
  })
})
