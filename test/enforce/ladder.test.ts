import { describe, expect, it } from 'vitest'
import { nextDueMs } from '../../src/enforce/decide-due.ts'
import {
  accountEvent,
  accountState,
  ACCOUNT,
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
  policy,
  SCRAPING,
  signal,
  signalOf,
  step,
  T0,
} from './support/fixtures.ts'
import type { BudgetView } from '../../src/enforce/terms.ts'
import { Account, given } from './support/given.ts'

/** Warned at T0, told of it an hour later: the grace ends at T0 + 1 h + 1 d. */
function warned() {
  const account = given().hear(T0, signal())
  const warning = account.act
  return { account: account.hear(T0 + HOUR, accountEvent('noticeDelivered', warning.id, T0 + HOUR)), warning }
}

const SPENT: BudgetView = { allows: () => false, without: () => SPENT }

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

  it('lets findings corroborate each other within the policy’s window alone', () => {
    const found = (atMs: number) => signal({ clause: MALWARE, detectorId: 'malware.generation', atMs })
    const account = given().hear(T0, found(T0))
    account.hear(T0 + 30 * DAY, found(T0 + 30 * DAY)).expectOnlyCounted('uncorroborated')
    account.hear(T0 + 31 * DAY, found(T0 + 31 * DAY)).expectActs({ act: 'suspension' })
    expect(account.act.signalIds).toHaveLength(2)
  })

  it('takes the window from the findings’ own times, however late and in whichever order they are read', () => {
    const found = (atMs: number) => signal({ clause: MALWARE, detectorId: 'malware.generation', atMs })
    const apart = given().hear(T0 + 40 * DAY, found(T0 + 40 * DAY))
    apart.hear(T0 + 40 * DAY, found(T0)).expectOnlyCounted('uncorroborated')
    const near = given().hear(T0 + 100 * DAY, found(T0 + 29 * DAY))
    near.hear(T0 + 100 * DAY, found(T0)).expectActs({ act: 'suspension' })
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

  it('closes nobody else for what an end user of a reseller did, whatever the step says', () => {
    const steps = [step('suspension', DAY, { scope: 'account' }), step('suspension', DAY, { scope: 'api' })]
    const terms = { policy: policy({ clauses: [clause(SCRAPING, 'S2', [...steps, step('review', 0)])] }) }
    const reseller = given(terms, accountState({ grants: [grantOf('reseller')] }))
    const found = (atMs: number) => reseller.hear(atMs, signal({ actor: endUser('u1'), atMs }))
    found(T0).expectActs({ act: 'suspension', scope: 'endUser', scopeTarget: 'u1' })
    found(T0 + 2 * DAY).expectActs({ act: 'suspension', scope: 'endUser', scopeTarget: 'u1' })
    found(T0 + 4 * DAY).expectActs()
    expect(reseller.openedCase).toMatchObject({ proposedAct: 'none', proposedScope: 'endUser' })
    given(terms)
      .hear(T0, signal({ actor: endUser('u1') }))
      .expectActs({ scope: 'account' })
  })

  it('does not judge conduct by a clause that was not yet in force (no retroactivity)', () => {
    const late = clause(SCRAPING, 'S2', FULL_LADDER)
    const account = given({ policy: policy({ clauses: [{ ...late, effectiveFromMs: T0 + 1 }] }) })
    account.hear(T0, signal()).expectOnlyCounted('beforePolicy')
  })

  it('takes no account of conduct that reaches back before its clause, and finds it again after that', () => {
    const since = { ...clause(SCRAPING, 'S2', FULL_LADDER), effectiveFromMs: T0 - HOUR / 2 }
    const account = given({ policy: policy({ clauses: [since] }) })
    account.hear(T0, signal()).expectOnlyCounted('beforePolicy')
    const atMs = T0 + HOUR / 2
    account.hear(atMs, signal({ atMs })).expectActs({ act: 'warning' })
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
    const account = given({ budget: SPENT }).hear(T0, signal())
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

  it('tells once that a review is overdue, and keeps it open', () => {
    const account = given({}, accountState({ protected: true })).hear(T0, signal())
    account.passTo(T0 + 30 * DAY)
    expect(account.latest.filter((one) => one.kind === 'reviewOverdue')).toHaveLength(1)
    expect(account.standing.reviews).toHaveLength(1)
    expect(nextDueMs(account.standing)).toBeNull()
  })
})
