/**
 * A stolen key does not punish its owner: the owner of one, a customer who only moved to another cloud, and an abuser
 * who says that it was theft.
 */
import { describe, expect, it } from 'vitest'
import { activeSanctions, standingOf } from '../../src/enforce/standing.ts'
import { decodeStandings, encodeStandings } from '../../src/enforce/stored-standing.ts'
import { Driver } from './support/driver.ts'
import {
  accountEvent,
  accountState,
  ACCOUNT,
  CSAM,
  DAY,
  decision,
  HOUR,
  key,
  keyEvent,
  keyFound,
  MALWARE,
  policy,
  SCRAPING,
  signal,
  T0,
} from './support/fixtures.ts'
import { given, type Account } from './support/given.ts'

const scraping = (atMs: number, keyId = 'k1') => signal({ actor: key(keyId), atMs })
const SUSPECTED = { scope: 'key', scopeTarget: 'k1', cause: 'suspectedCompromise' } as const
const OWN = { cause: null, step: 0 }

/** Warned for scraping by the key, before anybody thought of theft. */
const warned = () => given().hear(T0, scraping(T0))

const active = ({ standing }: Account) => activeSanctions(standing)

describe('a stolen key', () => {
  it('sanctions nobody by being found', () => {
    const account = given().hear(T0, keyFound('k1', T0))
    account.expectActs()
    expect(account.opened).toEqual([])
    expect(active(account)).toEqual([])
  })

  it('closes itself alone for what is done with it, and asks its owner to replace it', () => {
    const account = given().hear(T0, keyFound('k1', T0))
    account.hear(T0 + HOUR, scraping(T0 + HOUR)).expectActs(SUSPECTED)
    expect(account.act.statement.remediate).toContain('replace this key')
    expect(account.act.statement.text).not.toContain('Bulk collection')
  })

  it('is closed where the policy would limit the account: thieves go up a ladder of the key’s own', () => {
    const account = given().hear(T0, keyFound('k1', T0))
    account.hear(T0 + HOUR, scraping(T0 + HOUR))
    const warning = account.act
    account.hear(T0 + HOUR, accountEvent('noticeDelivered', warning.id, T0 + HOUR))
    account.hear(T0 + 5 * HOUR, scraping(T0 + 5 * HOUR))
    account.passTo(T0 + 26 * HOUR)
    expect(account.acts).toMatchObject([
      { ...SUSPECTED, act: 'restriction', step: 1 },
      { act: 'lifting', endCause: 'superseded' },
    ])
    account.hear(T0 + 3 * DAY, scraping(T0 + 3 * DAY, 'k2')).expectActs({ ...OWN, act: 'warning' })
  })

  it('takes back what stood for it already, before it was found', () => {
    const account = warned().hear(T0 + HOUR, keyFound('k1', T0 + HOUR))
    account.expectActs({ ...SUSPECTED, act: 'warning' }, { act: 'lifting', endCause: 'superseded' })
    account.hear(T0 + 5 * HOUR, scraping(T0 + 5 * HOUR, 'k2')).expectActs({ ...OWN, act: 'warning' })
  })

  it('is open again once it is replaced, and what was done before leads nowhere', () => {
    const account = given().hear(T0, keyFound('k1', T0))
    account.hear(T0 + HOUR, scraping(T0 + HOUR))
    account.hear(T0 + 2 * HOUR, keyEvent('keyRotated', 'k1', T0 + 2 * HOUR))
    account.expectActs({ act: 'lifting', endCause: 'remediated', automated: true })
    expect(active(account)).toEqual([])
    account.hear(T0 + 2.5 * HOUR, scraping(T0 + 2.5 * HOUR)).expectOnlyCounted('keyReplaced')
    account.hear(T0 + 9 * HOUR, scraping(T0 + 9 * HOUR)).expectActs({ ...OWN, act: 'warning' })
  })

  it('keeps another key and another account of the same customer as they were', () => {
    const account = given().hear(T0, keyFound('k1', T0))
    account.hear(T0 + HOUR, scraping(T0 + HOUR, 'k2')).expectActs({ ...OWN, scopeTarget: 'k2' })
    account.hear(T0 + 2 * HOUR, keyEvent('keyRotated', 'k2', T0 + 2 * HOUR)).expectActs()
  })

  it('leads no warning of its owner on, once it is replaced', () => {
    const account = given().hear(T0, signal())
    const { id } = account.act
    account
      .hear(T0 + HOUR, accountEvent('noticeDelivered', id, T0 + HOUR))
      .hear(T0 + 5 * HOUR, signal({ actor: key('k1'), atMs: T0 + 5 * HOUR }))
      .hear(T0 + 6 * HOUR, keyFound('k1', T0 + 6 * HOUR))
      .hear(T0 + 7 * HOUR, keyEvent('keyRotated', 'k1', T0 + 7 * HOUR))
      .passTo(T0 + 2 * DAY)
      .expectActs({ act: 'lifting', endCause: 'expired' })
  })

  it('lets people look at what names no key: whose it was, nobody can tell', () => {
    const account = given()
      .hear(T0, keyFound('k1', T0))
      .hear(T0 + HOUR, signal({ atMs: T0 + HOUR }))
    account.expectActs()
    expect(account.openedCase).toMatchObject({ reason: 'suspectedCompromise', clause: SCRAPING })
  })

  it('never holds back what is gravest', () => {
    const exact = { evidence: [{ name: 'exactMatch', value: 1 }] }
    const account = given().hear(T0, keyFound('k1', T0))
    account.hear(T0 + HOUR, signal({ clause: CSAM, atMs: T0 + HOUR, more: exact }))
    account.expectActs({ act: 'suspension', scope: 'account' })
    account.hear(T0 + 3 * HOUR, signal({ clause: CSAM, atMs: T0 + 3 * HOUR, actor: key('k1') }))
    account.expectActs({ ...SUSPECTED, act: 'restriction', underReview: true })
  })

  it('leaves to people what they look at already', () => {
    const suspending = policy({ automatedSuspensionCapMs: HOUR })
    const account = given({ policy: suspending })
    for (const atMs of [T0, T0 + HOUR])
      account.hear(atMs, signal({ clause: MALWARE, actor: key('k1'), atMs }))
    account.expectActs({ act: 'suspension', underReview: true })
    account.hear(T0 + 1.5 * HOUR, keyFound('k1', T0 + 1.5 * HOUR)).expectActs()
  })

  it('tells billing from when to when its usage is disputed', () => {
    const account = given().hear(T0, keyFound('k1', T0))
    const flags = () => standingOf(account.standing, T0)?.keyFlags
    expect(flags()).toMatchObject([
      { keyId: 'k1', fromMs: T0 - HOUR, endsAtMs: T0 + 14 * DAY, doubt: 'none' },
    ])
    account.hear(T0 + DAY, keyFound('k1', T0 + DAY))
    expect(flags()).toMatchObject([{ fromMs: T0 - HOUR, endsAtMs: T0 + 15 * DAY }])
    account.hear(T0 + 2 * DAY, keyEvent('keyRevoked', 'k1', T0 + 2 * DAY))
    expect(flags()).toMatchObject([{ endsAtMs: T0 + 2 * DAY, replaced: true }])
    account.passTo(T0 + 91 * DAY)
    expect(flags()).toBeUndefined()
  })

  it('is one theft, however often and in whichever order it is found and reported', () => {
    const account = given().hear(T0, keyEvent('keyReportedStolen', 'k1', T0))
    account.hear(T0 + 1, keyFound('k1', T0 - HOUR))
    account.hear(T0 + DAY, keyFound('k1', T0 + DAY))
    account.hear(T0 + 2 * DAY, keyEvent('keyReportedStolen', 'k1', T0 + 2 * DAY))
    account.hear(T0 + 3 * DAY, keyEvent('keyRotated', 'k1', T0 + 3 * DAY))
    account.hear(T0 + 3 * DAY + 1, keyFound('k1', T0 + 3 * DAY - 1))
    expect(account.outcomes.filter(({ kind }) => kind === 'reviewOpened')).toEqual([])
    expect(account.standing.keyFlags).toHaveLength(1)
  })
})

describe('an honest move to another cloud that is taken for a theft', () => {
  it('costs nothing: nobody is told anything, and it is forgotten', () => {
    const account = given()
    for (let day = 0; day < 3; day++) account.hear(T0 + day * DAY, keyFound('k1', T0 + day * DAY))
    account.passTo(T0 + 100 * DAY)
    expect(account.outcomes.filter(({ kind }) => kind === 'sanction' || kind === 'reviewOpened')).toEqual([])
    expect(account.standing.keyFlags).toEqual([])
  })

  it('has its key’s habits after two weeks: what is found then is the owner’s own', () => {
    const account = given().hear(T0, keyFound('k1', T0))
    account.hear(T0 + 15 * DAY, scraping(T0 + 15 * DAY)).expectActs({ ...OWN, act: 'warning' })
  })
})

describe('an abuser who pleads theft', () => {
  /** Believed once, and back with the key that he has replaced. */
  const believedOnce = () => {
    const account = warned().hear(T0 + HOUR, keyEvent('keyReportedStolen', 'k1', T0 + HOUR))
    account.hear(T0 + 2 * HOUR, keyEvent('keyRotated', 'k1', T0 + 2 * HOUR))
    return account.hear(T0 + 10 * HOUR, scraping(T0 + 10 * HOUR))
  }
  const pleadsAgain = () =>
    believedOnce().hear(T0 + 11 * HOUR, keyEvent('keyReportedStolen', 'k1', T0 + 11 * HOUR))

  it('is believed once: the warning goes to the key, and ends with its replacement', () => {
    const account = warned().hear(T0 + HOUR, keyEvent('keyReportedStolen', 'k1', T0 + HOUR))
    account.expectActs({ ...SUSPECTED, act: 'warning' }, { act: 'lifting' })
    account.hear(T0 + 2 * HOUR, keyEvent('keyRotated', 'k1', T0 + 2 * HOUR))
    account.expectActs({ act: 'lifting', endCause: 'remediated' })
  })

  it('answers for what comes after', () => {
    believedOnce().expectActs({ ...OWN, act: 'warning' })
  })

  it('meets a person the second time, on whichever key, and nothing changes until that one has spoken', () => {
    for (const keyId of ['k1', 'k9']) {
      const account = believedOnce().hear(
        T0 + 11 * HOUR,
        keyEvent('keyReportedStolen', keyId, T0 + 11 * HOUR),
      )
      account.expectActs()
      expect(account.openedCase).toMatchObject({
        reason: 'suspectedCompromise',
        clause: 'none',
        proposedScope: 'key',
      })
      account.hear(T0 + 12 * HOUR, keyEvent('keyRotated', keyId, T0 + 12 * HOUR)).expectActs()
      expect(active(account)).toHaveLength(1)
    }
  })

  it('opens one case, however many keys he names', () => {
    const account = pleadsAgain()
    for (const keyId of ['k2', 'k3'])
      account.hear(T0 + 12 * HOUR, keyEvent('keyReportedStolen', keyId, T0 + 12 * HOUR))
    expect(account.opened).toEqual([])
    expect(account.standing.reviews).toHaveLength(1)
  })

  it('has earned what the key had coming where the person does not believe it', () => {
    const account = pleadsAgain()
    const caseId = account.openedCase.id
    account.hear(T0 + 40 * HOUR, scraping(T0 + 40 * HOUR)).expectActs(SUSPECTED)
    account.hear(T0 + 41 * HOUR, decision('reject', 'ann', { caseId })).expectActs()
    expect(account.standing.keyFlags.at(-1)).toMatchObject({ doubt: 'rejected' })
    account.hear(T0 + 42 * HOUR, keyEvent('keyRotated', 'k1', T0 + 42 * HOUR)).expectActs()
    account.hear(T0 + 43 * HOUR, keyEvent('keyReportedStolen', 'k1', T0 + 43 * HOUR))
    expect(account.opened).toEqual([])
    expect(account.standing.sanctions.map(({ sanction }) => sanction.cause)).not.toContain('unspecified')
    expect(account.standing.sanctions.at(-1)?.sanction).toMatchObject({ cause: null, scope: 'key' })
  })

  it('is as the first time where the person believes it: what stood is withdrawn once the key is replaced', () => {
    const account = pleadsAgain()
    const caseId = account.openedCase.id
    account.hear(T0 + 12 * HOUR, keyEvent('keyRotated', 'k1', T0 + 12 * HOUR))
    account.hear(T0 + 13 * HOUR, decision('uphold', 'ann', { caseId }))
    account.expectActs({ act: 'reversal', endCause: 'decision', decidedBy: ['ann'] })
    expect(active(account)).toEqual([])
  })

  it('is not terminated over such a case, and it stays open', () => {
    const account = pleadsAgain()
    const caseId = account.openedCase.id
    for (const by of ['ann', 'ben']) account.hear(T0 + 12 * HOUR, decision('terminate', by, { caseId }))
    account.expectActs()
    expect(account.standing.reviews).toHaveLength(1)
  })

  it('may lose a key again after three months', () => {
    const account = believedOnce()
    account.hear(T0 + 100 * DAY, keyEvent('keyReportedStolen', 'k1', T0 + 100 * DAY))
    expect(account.opened).toEqual([])
  })
})

describe('what is known of keys', () => {
  it('leads to nothing while people have stopped the detector', () => {
    const account = given({ switchedOff: (detectorId) => detectorId === 'compromise.key' })
    account.hear(T0, keyFound('k1', T0)).expectOnlyCounted('switchedOff')
    expect(account.standing.keyFlags).toEqual([])
  })

  it('is a person’s to believe while they have snoozed the detector, and what they find prolongs nothing', () => {
    const untilMs = T0 + 30 * DAY
    const word = decision('snooze', 'ann', { snooze: { detectorId: 'compromise.key', untilMs } })
    const account = warned()
      .hear(T0, word)
      .hear(T0 + 1, keyFound('k1', T0 + 1))
    account.expectActs()
    expect(account.openedCase).toMatchObject({ reason: 'suspectedCompromise', clause: 'none' })
    const before = given()
      .hear(T0, keyFound('k1', T0))
      .hear(T0 + 1, word)
    const { keyFlags } = before.standing
    before.hear(T0 + HOUR, keyFound('k1', T0 + HOUR)).expectOnlyCounted('duplicate')
    expect(before.standing.keyFlags).toEqual(keyFlags)
    const reported = warned()
      .hear(T0, word)
      .hear(T0 + HOUR, keyEvent('keyReportedStolen', 'k1', T0 + HOUR))
    expect(reported.opened).toEqual([])
    expect(reported.acts).toMatchObject([SUSPECTED, { act: 'lifting', endCause: 'superseded' }])
  })

  it('survives the store, and a store from before keys were flagged is read', () => {
    const account = given()
      .hear(T0, keyFound('k1', T0))
      .hear(T0 + HOUR, scraping(T0 + HOUR))
    const bytes = encodeStandings({ live: account.standing, shadow: null })
    expect(decodeStandings(ACCOUNT, bytes).live).toEqual(account.standing)
    const before = warned().standing
    const text = encodeStandings({ live: before, shadow: null }).toString()
    const old = text.replaceAll(',"cause":null', '')
    expect(old).not.toBe(text)
    expect(decodeStandings(ACCOUNT, Buffer.from(old)).live).toEqual(before)
  })

  it('comes back from the compacted standing where the store is gone', () => {
    const heard = (driver: Driver, atMs: number, topic: string, input: ReturnType<typeof signal>) =>
      driver.hear({ atMs, topic, input })
    const before = new Driver()
    heard(before, T0 - 1, 'accounts.state.v1', accountState())
    heard(before, T0, 'abuse.signals.v1', keyFound('k1', T0))
    const after = new Driver()
    after.rebuilding = true
    after.fold(before.sent)
    after.rebuilding = false
    heard(after, T0 + HOUR, 'accounts.state.v1', accountState())
    heard(after, T0 + HOUR, 'abuse.signals.v1', scraping(T0 + HOUR))
    expect(after.cell.standings.live.keyFlags).toHaveLength(1)
    expect(after.sent.map(({ output }) => ('value' in output ? output.value : null))).toContainEqual(
      expect.objectContaining(SUSPECTED),
    )
  })

  it('is told in the account’s language, without a word of the clause', () => {
    const account = given({}, accountState({ language: 'en-GB' })).hear(T0, keyFound('k1', T0))
    account.hear(T0 + HOUR, scraping(T0 + HOUR))
    expect(account.act.statement.language).toBe('en')
    expect(account.act.statement.text).toContain('Somebody else may hold your key k1')
  })
})
