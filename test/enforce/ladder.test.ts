import { describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { nextDueMs } from '../../src/enforce/decide-due.ts'
import { statementOf } from '../../src/enforce/statement.ts'
import { MOST } from '../../src/enforce/account-standing.ts'
import { findingOf } from '../../src/enforce/finding.ts'
import {
  accountEvent,
  accountState,
  ACCOUNT,
  appeal,
  CSAM,
  clause,
  DAY,
  decision,
  DISTILLATION,
  REVIEWED,
  endUser,
  FULL_LADDER,
  grantOf,
  HOUR,
  key,
  MALWARE,
  NCII,
  policy,
  SCRAPING,
  signal,
  signalOf,
  step,
  T0,
} from './support/fixtures.ts'
import { Account, given } from './support/given.ts'

/** Warned at T0, told of it an hour later: the grace ends at T0 + 1 h + 1 d. */
function warned() {
  const account = given().hear(T0, signal())
  const warning = account.act
  return { account: account.hear(T0 + HOUR, accountEvent('noticeDelivered', warning.id, T0 + HOUR)), warning }
}

const TO_KEY = { narrowToScope: 'key', narrowToTarget: 'k1' } as const
const GRACE_END = T0 + HOUR + DAY

/** Warned, not heeded, restricted at the end of the grace. */
function restricted() {
  const { account, warning } = warned()
  account.hear(T0 + 3 * HOUR, signal({ atMs: T0 + 3 * HOUR })).passTo(GRACE_END)
  const [restriction] = account.acts
  if (restriction === undefined) throw new Error('no restriction')
  return { account, warning, restriction }
}

describe('the ladder', () => {
  it('begins with a warning that says what to change and by when', () => {
    const { act } = given().hear(T0, signal())
    expect(act).toMatchObject({ act: 'warning', automated: true, step: 0, strikeOrdinal: 1, shadow: false })
    expect(act.statement).toMatchObject({ remediate: 'Register the use.', remediateByMs: T0 + DAY })
  })

  it('makes one warning of fifty signals (one open episode)', () => {
    const account = given()
    for (let i = 0; i < 50; i++) account.hear(T0 + i * HOUR * 0.1, signal({ atMs: T0 + i * HOUR * 0.1 }))
    expect(account.outcomes.filter((one) => one.kind === 'sanction')).toHaveLength(1)
  })

  it('takes no step before the notice was delivered, however long it takes', () => {
    const account = given().hear(T0, signal())
    account.hear(T0 + 10 * DAY, signal({ atMs: T0 + 10 * DAY })).expectOnlyCounted('beforeNotice')
  })

  it('does not hold conduct from before the notice against its author', () => {
    const { account } = warned()
    const atMs = T0 + 1.5 * HOUR
    account.hear(atMs, signal({ atMs, windowMs: HOUR })).expectOnlyCounted('beforeNotice')
    account.passTo(GRACE_END).expectActs({ act: 'lifting', endCause: 'expired' })
  })

  it('takes the next step at the end of the grace where the warning was not heeded, by timer', () => {
    const { account, warning } = warned()
    account.hear(T0 + 3 * HOUR, signal({ atMs: T0 + 3 * HOUR })).expectOnlyCounted('withinGrace')
    account.passTo(GRACE_END - 1).expectActs()
    account.passTo(GRACE_END).expectActs(
      {
        act: 'restriction',
        scope: 'rate',
        rateCeilingPerMinute: 10,
        scopeTarget: 'pool-a',
        strikeOrdinal: 2,
      },
      { act: 'lifting', endsSanctionId: warning.id, endCause: 'superseded' },
    )
  })

  it('closes a warning that was remediated, and one that stayed silent', () => {
    const first = warned()
    first.account
      .hear(T0 + 2 * HOUR, accountEvent('remediated', first.warning.id, T0 + 2 * HOUR))
      .expectActs({ act: 'lifting', endCause: 'remediated' })
    expect(first.account.passTo(GRACE_END).acts).toEqual([])
    warned().account.passTo(GRACE_END).expectActs({ act: 'lifting', endCause: 'expired' })
  })

  it('takes the next step at once when conduct goes on after a warning was closed', () => {
    const { account } = warned()
    const atMs = GRACE_END + 5 * HOUR
    account.hear(atMs, signal({ atMs })).expectActs({ act: 'restriction' })
  })

  it('sends an undelivered warning to people, and goes on when the notice arrives', () => {
    const account = given().hear(T0, signal())
    const { id } = account.act
    account.passTo(T0 + DAY)
    expect(account.openedCase).toMatchObject({ reason: 'underReview', sanctionId: id })
    account.hear(T0 + 2 * DAY, accountEvent('noticeDelivered', id, T0 + 2 * DAY))
    expect(account.standing.reviews).toEqual([])
    account.passTo(T0 + 3 * DAY).expectActs({ act: 'lifting', endCause: 'expired' })
  })

  it('restricts, then suspends, then asks people before a termination (P10)', () => {
    const { account } = restricted()
    const second = GRACE_END + 5 * HOUR
    account
      .hear(second, signal({ atMs: second }))
      .expectActs({ act: 'suspension', scope: 'api', endsAtMs: second + 3 * DAY, underReview: true })
    const third = second + 4 * DAY
    account.hear(third, signal({ atMs: third }))
    expect(account.acts).toEqual([])
    expect(account.openedCase).toMatchObject({
      reason: 'beforeTermination',
      proposedAct: 'termination',
      dueAtMs: third + 8 * HOUR,
    })
    const fourth = third + 5 * DAY
    account.hear(fourth, signal({ atMs: fourth })).expectOnlyCounted('heldForReview')
  })

  it('waits for the cool-down between acts, and takes no evidence twice', () => {
    const { account } = restricted()
    const soon = GRACE_END + 1.5 * HOUR
    account.hear(soon, signal({ atMs: soon })).expectOnlyCounted('cooldown')
    account
      .hear(soon + 60_000, signal({ atMs: soon + 60_000, windowMs: 6 * HOUR }))
      .expectOnlyCounted('overlapsLastAct')
  })

  it('forgets strikes', () => {
    const { account } = restricted()
    const later = GRACE_END + 91 * DAY
    account.hear(later, signal({ atMs: later })).expectActs({ act: 'warning', strikeOrdinal: 3 })
  })

  it('asks for corroboration by signals of different episodes before the first step', () => {
    const account = given()
    const shape = { clause: MALWARE, detectorId: 'malware.generation' }
    account.hear(T0, signal(shape)).expectOnlyCounted('uncorroborated')
    account.hear(T0, signal(shape)).expectOnlyCounted('duplicate')
    account.hear(T0 + HOUR, signal({ ...shape, atMs: T0 + HOUR }))
    expect(account.act).toMatchObject({ act: 'suspension', endsAtMs: T0 + HOUR + DAY })
    expect(account.act.signalIds).toEqual([signalOf(shape).id, signalOf({ ...shape, atMs: T0 + HOUR }).id])
  })

  it('asks for corroboration over all keys, by requests that were not told of already', () => {
    const of = (detectorId: string, request: string, keyId: string, atMs: number) =>
      signal({ clause: MALWARE, detectorId, requests: [request], actor: key(keyId), atMs })
    const account = given().hear(T0, of('one', 'r1', 'k1', T0))
    account.hear(T0 + 1, of('two', 'r1', 'k1', T0 + 1)).expectOnlyCounted('uncorroborated')
    account.hear(T0 + 2, of('one', 'r2', 'k2', T0 + 2))
    expect(account.act).toMatchObject({ act: 'suspension', actor: { level: 'account', id: ACCOUNT } })
  })

  it('binds all who carry the evidence, not the last of them', () => {
    const account = given({}, accountState()).hear(T0, signal({ actor: key('k1') }))
    account.hear(T0 + HOUR, accountEvent('noticeDelivered', account.act.id, T0 + HOUR))
    for (const [hours, keyId] of [
      [3, 'k1'],
      [5, 'throwaway'],
    ] as const)
      account.hear(T0 + hours * HOUR, signal({ actor: key(keyId), atMs: T0 + hours * HOUR }))
    account.passTo(GRACE_END)
    expect(account.acts[0]).toMatchObject({ act: 'restriction', scope: 'rate', actor: { level: 'account' } })
  })

  it('takes no support from a detector that people have stopped meanwhile', () => {
    const stopped = 'malware.generation'
    const account = given().hear(T0, signal({ clause: MALWARE, detectorId: stopped }))
    account.terms = { ...account.terms, switchedOff: (detectorId) => detectorId === stopped }
    const other = { clause: MALWARE, detectorId: 'malware.iteration', atMs: T0 + HOUR }
    account.hear(T0 + HOUR, signal(other)).expectOnlyCounted('uncorroborated')
  })

  it('counts strikes over all keys, but keeps end users of a reseller apart', () => {
    const overKeys = given().hear(T0, signal({ actor: key('k1') }))
    overKeys.hear(T0 + HOUR, signal({ actor: key('k2'), atMs: T0 + HOUR })).expectOnlyCounted('beforeNotice')
    const reseller = given({}, accountState({ grants: [grantOf('reseller')] }))
    reseller.hear(T0, signal({ actor: endUser('u1') })).expectActs({ scope: 'endUser', scopeTarget: 'u1' })
    reseller.hear(T0, signal({ actor: endUser('u2') })).expectActs({ act: 'warning', scopeTarget: 'u2' })
    const ofOneKey = accountState({ grants: [{ ...grantOf('reseller'), scope: { level: 'key', id: 'k1' } }] })
    const other = given({}, ofOneKey).hear(T0, signal({ actor: endUser('u1') }))
    other.hear(T0 + HOUR, signal({ actor: endUser('u2'), atMs: T0 + HOUR })).expectOnlyCounted('beforeNotice')
  })

  it('does not judge conduct by a clause that was not yet in force (no retroactivity)', () => {
    const late = clause(SCRAPING, 'S2', FULL_LADDER)
    const account = given({ policy: policy({ clauses: [{ ...late, effectiveFromMs: T0 + 1 }] }) })
    account.hear(T0, signal()).expectOnlyCounted('beforePolicy')
  })

  it('counts weak signals, unknown clauses and what was switched off, and goes no further', () => {
    given()
      .hear(T0, signal({ more: { confidence: 0.4 } }))
      .expectOnlyCounted('belowConfidence')
    given()
      .hear(T0, signal({ more: { confidence: NaN } }))
      .expectOnlyCounted('belowConfidence')
    given()
      .hear(T0, signal({ clause: 'no.such' }))
      .expectOnlyCounted('unknownClause')
    given({ switchedOff: () => true })
      .hear(T0, signal())
      .expectOnlyCounted('switchedOff')
  })

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

describe('what the machine may not do alone', () => {
  it('sends protected accounts to people (P10)', () => {
    const account = given({}, accountState({ protected: true })).hear(T0, signal())
    expect(account.acts).toEqual([])
    expect(account.openedCase).toMatchObject({ reason: 'protectedAccount', proposedAct: 'warning' })
  })

  it('sends accounts without a snapshot to people: unknown never fires', () => {
    const account = new Account().hear(T0, signal())
    expect(account.acts).toEqual([])
    expect(account.openedCase.reason).toBe('underReview')
  })

  it('opens a case and sanctions nobody for a clause that is review only', () => {
    const account = given().hear(T0, signal({ clause: DISTILLATION }))
    expect(account.acts).toEqual([])
    expect(account.openedCase.reason).toBe('reviewOnlyDetector')
  })

  it('opens a case at once, and sanctions nobody, for a detector that is review only', () => {
    const account = given().hear(T0, signal({ clause: MALWARE, detectorId: REVIEWED }))
    expect(account.acts).toEqual([])
    expect(account.openedCase.reason).toBe('reviewOnlyDetector')
  })

  it('holds what is past the budget for people (P12)', () => {
    const account = given({ budget: { allows: () => false } }).hear(T0, signal())
    expect(account.acts).toEqual([])
    expect(account.openedCase.reason).toBe('budgetExceeded')
    expect(account.latest).toContainEqual(
      expect.objectContaining({ kind: 'counted', reason: 'budgetExceeded' }),
    )
    account
      .hear(T0 + HOUR, decision('uphold', 'ann', { caseId: account.openedCase.id }))
      .expectActs({ act: 'warning', automated: false, decidedBy: ['ann'] })
  })

  it('restricts at most the capability for S0 without an exact match, under review within the hour', () => {
    const account = given().hear(T0, signal({ clause: CSAM, more: { capability: 'image' } }))
    expect(account.act).toMatchObject({
      act: 'restriction',
      scope: 'capability',
      scopeTarget: 'image',
      underReview: true,
    })
    expect(account.openedCase).toMatchObject({
      reason: 'underReview',
      dueAtMs: T0 + HOUR,
      sanctionId: account.act.id,
    })
  })

  it('restricts nobody for S0 where neither capability nor end user is known', () => {
    const account = given().hear(T0, signal({ clause: CSAM }))
    expect(account.acts).toEqual([])
    expect(account.openedCase).toMatchObject({ reason: 'underReview', dueAtMs: T0 + HOUR })
  })

  it('suspends for S0 on an exact match, until the cap', () => {
    const evidence = [{ name: 'exactMatch', value: 1 }]
    const account = given().hear(T0, signal({ clause: CSAM, more: { evidence } }))
    expect(account.act).toMatchObject({ act: 'suspension', scope: 'account', endsAtMs: T0 + 3 * DAY })
  })

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

  it('is not kept from a sanction by cases that only people may decide, nor by what was snoozed', () => {
    const account = given().hear(T0, signal({ detectorId: REVIEWED }))
    account
      .hear(T0 + HOUR, signal({ atMs: T0 + HOUR, detectorId: REVIEWED }))
      .expectOnlyCounted('heldForReview')
    account.hear(T0 + 2 * HOUR, signal({ atMs: T0 + 2 * HOUR })).expectActs({ act: 'warning' })
    const snooze = { detectorId: 'some.snoozed', untilMs: T0 + DAY }
    const snoozed = given().hear(T0, decision('snooze', 'ann', { snooze }))
    snoozed.hear(T0 + 1, signal({ detectorId: 'some.snoozed', atMs: T0 + 1 })).expectActs()
    snoozed.hear(T0 + HOUR, signal({ atMs: T0 + HOUR })).expectActs({ act: 'warning' })
  })

  it('cuts a restriction that closes the whole API at the cap too, and leaves a narrower one alone', () => {
    const week = clause(SCRAPING, 'S2', [step('restriction', 7 * DAY)])
    const terms = { policy: policy({ clauses: [week] }) }
    const whole = given(terms).hear(T0, signal())
    expect(whole.act).toMatchObject({ scope: 'api', endsAtMs: T0 + 3 * DAY, underReview: true })
    expect(given(terms).hear(T0, signal({ actor: key('k1') })).act).toMatchObject({
      scope: 'key',
      endsAtMs: T0 + 7 * DAY,
      underReview: false,
    })
  })

  it('asks the vault to keep what may lead to a sanction, once a signal (P13)', () => {
    const shape = { clause: MALWARE, detectorId: 'malware.generation' }
    const account = given().hear(T0, signal(shape)).hear(T0, signal(shape))
    const asked = account.outcomes.filter((one) => one.kind === 'preservation')
    expect(asked).toMatchObject([
      { preservation: { requestIds: [`request-${MALWARE}-${T0}`], untilMs: T0 + 180 * DAY } },
    ])
  })
})

describe('time', () => {
  it('lifts a sanction at its end exactly once, also when asked late and twice', () => {
    const { account, restriction } = restricted()
    account.passTo(GRACE_END + 30 * HOUR)
    account.expectActs({ act: 'lifting', endsSanctionId: restriction.id, endCause: 'expired' })
    account.hear(GRACE_END + 31 * HOUR, { kind: 'due' }).expectActs()
  })

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

  it('tells once that a review is overdue, and keeps it open', () => {
    const account = given({}, accountState({ protected: true })).hear(T0, signal())
    account.passTo(T0 + 30 * DAY)
    expect(account.latest.filter((one) => one.kind === 'reviewOverdue')).toHaveLength(1)
    expect(account.standing.reviews).toHaveLength(1)
    expect(nextDueMs(account.standing)).toBeNull()
  })
})

describe('the statement of reasons', () => {
  const input = (more: object) => ({
    policy: policy(),
    clause: SCRAPING,
    severity: 'S2' as const,
    language: null,
    finding: findingOf(signalOf()),
    act: 'suspension' as const,
    scope: { scope: 'api' as const, scopeTarget: null, rateCeilingPerMinute: null },
    effectiveAtMs: T0,
    endsAtMs: T0 + DAY,
    automatedDetection: true,
    automatedDecision: true,
    remediateByMs: null,
    ...more,
  })

  it('tells facts in bands, never figures', () => {
    const { text, facts } = statementOf(input({}))
    expect(facts).toEqual([
      { name: 'requests (1h)', band: '1,000 to 10,000' },
      { name: 'slot enumeration (1h)', band: 'more than three quarters' },
    ])
    expect(text).not.toMatch(/4321|4,321|0\.953/)
  })

  it('speaks the account’s language, or its root, or English', () => {
    expect(statementOf(input({ language: 'de-AT' })).text).toContain('Massenabruf')
    expect(statementOf(input({ language: 'fr' })).language).toBe('en')
  })

  it('says no more of S0 than the reason code does (P9)', () => {
    const statement = statementOf(input({ severity: 'S0', clause: CSAM }))
    expect(statement.facts).toEqual([])
    expect(statement.text).not.toMatch(/csam/i)
  })

  it('speaks the account’s language of S0 too, and of how to appeal', () => {
    const { policy: shipped } = loadBundle('topologies')
    const german = statementOf({
      ...input({ severity: 'S0', clause: CSAM, language: 'de-AT' }),
      policy: shipped,
    })
    expect(german).toMatchObject({ language: 'de', facts: [] })
    expect(german.text).toMatch(
      /^Die Nutzung dieses Kontos ist .* eingeschränkt. Gesperrt bis .*: Schnittstelle.$/,
    )
    expect(german.howToAppeal).toMatch(/Widerspruch/)
    const english = statementOf({
      ...input({ severity: 'S0', clause: CSAM, language: 'fr' }),
      policy: shipped,
    })
    expect(english).toMatchObject({ language: 'en', howToAppeal: shipped.howToAppeal })
  })

  it('of an end speaks the account’s language, however the measure came to it', () => {
    const { policy: shipped } = loadBundle('topologies')
    const account = given({ policy: shipped }, accountState({ language: 'de' })).hear(T0, signal())
    const warning = account.act
    account.hear(T0 + HOUR, accountEvent('remediated', warning.id, T0 + HOUR))
    expect(account.act.statement).toMatchObject({
      language: 'de',
      text: 'Die Maßnahme ist beendet: Der Anlass ist behoben.',
    })
    account.hear(T0 + 2 * HOUR, decision('reverse', 'ann', { sanctionId: warning.id }))
    expect(account.act.statement).toMatchObject({
      language: 'de',
      text: 'Die Maßnahme ist zurückgenommen: Ein Mensch hat so entschieden.',
    })
  })

  it('can be appealed for as long as the policy says', () => {
    expect(statementOf(input({})).appealUntilMs).toBe(T0 + 180 * DAY)
  })
})

describe('scopes', () => {
  it('take the narrowest actor that carries the evidence', () => {
    const narrow = clause(SCRAPING, 'S2', [step('restriction', HOUR)])
    const by = (shape: Parameters<typeof signal>[0]) =>
      given({ policy: policy({ clauses: [narrow] }) }).hear(T0, signal(shape)).act
    expect(by({ actor: key('k1') })).toMatchObject({ scope: 'key', scopeTarget: 'k1' })
    expect(by({ actor: endUser('u1') })).toMatchObject({ scope: 'endUser', scopeTarget: 'u1' })
    expect(by({ more: { capability: 'image' } })).toMatchObject({ scope: 'capability', scopeTarget: 'image' })
    expect(by({})).toMatchObject({ scope: 'api', scopeTarget: null, actor: { id: ACCOUNT } })
  })
})
