/** S0: the machine acts at once, people look within the hour, and nothing is dropped. */
import { describe, expect, it } from 'vitest'
import { MOST } from '../../src/enforce/account-standing.ts'
import {
  accountState,
  appeal,
  CSAM,
  DAY,
  decision,
  endUser,
  grantOf,
  HOUR,
  key,
  NCII,
  policy,
  REVIEWED,
  signal,
  T0,
} from './support/fixtures.ts'
import { given, type Account } from './support/given.ts'

const TO_KEY = { narrowToScope: 'key', narrowToTarget: 'k1' } as const

describe('the machine', () => {
  describe('of S0 drops nothing', () => {
    const grant = grantOf('reseller')
    const reseller = () => given({}, accountState({ grants: [grant] }))
    const exact = { evidence: [{ name: 'exactMatch', value: 1 }], capability: 'image' }
    const byUser = (n: number, detectorId: string) =>
      signal({ clause: CSAM, detectorId, actor: endUser(`u${n}`), atMs: T0 + n, requests: [`r${n}`] })

    it('past the bound of cases: the rest is gathered in one, and what is restricted is looked after', () => {
      for (const detectorId of [REVIEWED, 'csam.exploitation']) {
        const account = reseller()
        for (let n = 0; n < 70; n++) account.hear(T0 + n, byUser(n, detectorId))
        expect(account.standing.reviews).toHaveLength(MOST.reviews + 1)
        expect(account.standing.reviews.at(-1)?.review).toMatchObject({
          clause: CSAM,
          actor: { level: 'account' },
          sanctionId: null,
          dueAtMs: T0 + MOST.reviews + HOUR,
        })
      }
    })

    it('past the bound of cases, nor of what is suspended there and nobody looks at', () => {
      const account = reseller()
      for (let n = 0; n < 64; n++) account.hear(T0 + n, byUser(n, REVIEWED))
      account.hear(T0 + HOUR, signal({ clause: CSAM, detectorId: 'csam.x', atMs: T0 + HOUR, more: exact }))
      account.passTo(T0 + HOUR + 3 * DAY)
      expect(account.acts).toMatchObject([{ act: 'restriction', scope: 'capability' }, { act: 'lifting' }])
    })

    it('behind many newer signals, and judges it once', () => {
      const account = reseller()
      for (let n = 0; n < 140; n++)
        account.hear(T0 + HOUR + n, signal({ actor: key(`k${n}`), atMs: T0 + HOUR + n, detectorId: 'many' }))
      const late = signal({ clause: CSAM, detectorId: 'csam.known-media', atMs: T0, more: exact })
      account.hear(T0 + 2 * HOUR, late).expectActs({ act: 'suspension' })
      account.hear(T0 + 2 * HOUR + 1, late).expectOnlyCounted('duplicate')
      account.hear(T0 + 2 * HOUR + 2, signal({ atMs: T0 })).expectOnlyCounted('tooOld')
    })

    it('where the contract has ended for less: people have it, to report', () => {
      const account = given({}, accountState({ protected: true })).hear(T0, signal())
      const { id: caseId } = account.openedCase
      for (const by of ['ann', 'ben']) account.hear(T0 + 1, decision('terminate', by, { caseId }))
      expect(account.act).toMatchObject({ act: 'termination', severity: 'S2' })
      account.hear(T0 + 2, accountState({ updatedAtMs: T0 + 2 }))
      const found = signal({ clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + HOUR, more: exact })
      account.hear(T0 + HOUR, found).expectActs()
      expect(account.openedCase).toMatchObject({ clause: CSAM, dueAtMs: T0 + 2 * HOUR })
    })

    it('where it reaches back before its clause took effect: people have it, within the hour', () => {
      const clauses = policy().clauses.map((one) => ({ ...one, effectiveFromMs: T0 - HOUR / 2 }))
      const account = given({ policy: policy({ clauses }) })
      account.hear(T0, signal({ clause: CSAM, detectorId: 'csam.known-media', more: exact })).expectActs()
      expect(account.openedCase).toMatchObject({ reason: 'underReview', dueAtMs: T0 + HOUR })
      const later = signal({ clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + HOUR, more: exact })
      account.hear(T0 + HOUR, later).expectActs({ act: 'suspension' })
    })

    it('while people have stopped the machine: they have it, within the hour', () => {
      const account = given({ switchedOff: () => true })
      account.hear(T0, signal({ clause: CSAM, detectorId: 'csam.known-media', more: exact })).expectActs()
      expect(account.openedCase).toMatchObject({ reason: 'underReview', dueAtMs: T0 + HOUR })
      expect(account.latest.some(({ kind }) => kind === 'preservation')).toBe(true)
      const more = signal({ clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + DAY, more: exact })
      account.hear(T0 + DAY, more)
      expect(account.opened).toEqual([])
      account.terms = { ...account.terms, switchedOff: () => false }
      const next = signal({ clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + 2 * DAY, more: exact })
      account.hear(T0 + 2 * DAY, next).expectActs({ act: 'suspension' })
    })
  })

  it('ends an undelivered warning for which there is no case left', () => {
    const account = given({}, accountState())
    account.hear(T0, signal())
    const grown = { ...account.standing }
    const one = given({}, accountState({ protected: true })).hear(T0, signal({ clause: CSAM })).standing
      .reviews[0]
    if (one === undefined) throw new Error('no case')
    const many = Array.from({ length: MOST.reviews }, (_, n) => ({
      ...one,
      overdue: true,
      review: { ...one.review, id: `case-${n}` },
    }))
    account.standing = { ...grown, reviews: many }
    account.passTo(T0 + DAY).expectActs({ act: 'lifting', endCause: 'expired' })
  })

  describe('suspends on an exact match of S0', () => {
    const found = (atMs: number, more: object = {}) =>
      signal({ clause: CSAM, detectorId: 'csam.known-media', atMs, windowMs: HOUR / 2, more })
    const exact = (atMs: number) => found(atMs, { evidence: [{ name: 'exactMatch', value: 1 }] })
    const suspension = { act: 'suspension', clause: CSAM, scope: 'account', step: 0 } as const

    it('though people look at weaker evidence of the clause, or have not looked yet', () => {
      const account = given().hear(T0, signal({ clause: CSAM, detectorId: REVIEWED }))
      expect(account.openedCase.reason).toBe('reviewOnlyDetector')
      account.hear(T0 + 20 * DAY, exact(T0 + 20 * DAY)).expectActs(suspension)
    })

    it('though the capability was restricted for less, be it within the cool-down or long before', () => {
      for (const afterMs of [HOUR / 4, HOUR, 3 * HOUR]) {
        const account = given().hear(T0, found(T0, { capability: 'image' }))
        account.hear(T0 + afterMs, exact(T0 + afterMs)).expectActs(suspension)
      }
    })

    it('though what was made of the same requests under another clause was appealed', () => {
      const account = given({ policy: policy({ clauses: [...policy().clauses, NCII] }) })
      const restricted = { clause: NCII.id, requests: ['r1'], more: { capability: 'image' } }
      const { act } = account.hear(T0, signal(restricted))
      account.hear(T0 + 1, appeal(act.id, { submittedAtMs: T0 + 1 }))
      const evidence = [{ name: 'exactMatch', value: 1 }]
      account
        .hear(T0 + 2, signal({ clause: CSAM, atMs: T0 + 2, requests: ['r1'], more: { evidence } }))
        .expectActs(suspension, { act: 'reversal', endsSanctionId: act.id, endCause: 'superseded' })
    })

    it('once: what follows while it stands is for people', () => {
      const account = given().hear(T0, exact(T0))
      account.hear(T0 + HOUR, exact(T0 + HOUR)).expectOnlyCounted('cooldown')
      account.hear(T0 + 3 * HOUR, exact(T0 + 3 * HOUR)).expectActs()
      expect(account.openedCase.reason).toBe('beforeTermination')
    })

    it('never again on what a person has found to be wrong', () => {
      const account = given().hear(T0, exact(T0))
      account.hear(T0 + HOUR / 4, decision('reject', 'ann', { caseId: account.openedCase.id }))
      account.hear(T0 + HOUR / 2, exact(T0 + HOUR / 2)).expectOnlyCounted('overlapsLastAct')
      account.hear(T0 + HOUR, exact(T0 + HOUR)).expectActs(suspension)
    })

    it('and tells people of it where they must decide, though a case of less is open', () => {
      const account = given({}, accountState({ protected: true })).hear(T0, found(T0))
      account.hear(T0 + HOUR, exact(T0 + HOUR)).expectActs()
      expect(account.openedCase).toMatchObject({ reason: 'protectedAccount', dueAtMs: T0 + 2 * HOUR })
      account.hear(T0 + 2 * HOUR, exact(T0 + 2 * HOUR)).expectOnlyCounted('heldForReview')
    })
  })
})

describe('time', () => {
  describe('over an S0 sanction that nobody has looked at', () => {
    const evidence = [{ name: 'exactMatch', value: 1 }]
    const count = (account: Account) =>
      account.latest.filter((one) => one.kind === 'counted' && one.reason === 'unconfirmed').length

    it('leaves the capability closed to the end of the step, and wakes somebody', () => {
      const account = given().hear(T0, signal({ clause: CSAM, more: { evidence, capability: 'image' } }))
      const suspension = account.act
      account.passTo(T0 + 3 * DAY).expectActs(
        {
          act: 'restriction',
          scope: 'capability',
          scopeTarget: 'image',
          endsAtMs: T0 + 7 * DAY,
          underReview: true,
          strikeOrdinal: suspension.strikeOrdinal,
        },
        { act: 'lifting', endsSanctionId: suspension.id, endCause: 'expired' },
      )
      expect(count(account)).toBe(1)
      account.passTo(T0 + 60 * DAY).expectActs({ act: 'lifting', endCause: 'expired' })
      expect(count(account)).toBe(1)
    })

    it('by an owner that was down at the time leaves it closed from then on', () => {
      const account = given().hear(T0, signal({ clause: CSAM, more: { evidence, capability: 'image' } }))
      account.terms = { ...account.terms, nowMs: T0 + 20 * DAY }
      account.passTo(T0 + 20 * DAY)
      expect(account.acts[0]).toMatchObject({ act: 'restriction', endsAtMs: T0 + 23 * DAY })
    })

    it('leaves nothing else closed once its case is, nor where there is nothing narrower', () => {
      const looked = given().hear(T0, signal({ clause: CSAM, more: { capability: 'image' } }))
      looked.hear(T0 + HOUR, decision('narrow', 'ann', { caseId: looked.openedCase.id, ...TO_KEY }))
      looked.passTo(T0 + 60 * DAY).expectActs({ act: 'lifting', endCause: 'expired' })
      expect(count(looked)).toBe(0)
      const whole = given().hear(T0, signal({ clause: CSAM, more: { evidence } }))
      whole.passTo(T0 + 3 * DAY).expectActs({ act: 'lifting', endCause: 'expired' })
      expect(count(whole)).toBe(1)
    })
  })
})
