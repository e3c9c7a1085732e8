/** What people have snoozed goes to them instead of leading to a sanction, until it is over. */
import { describe, expect, it } from 'vitest'
import type { Snooze } from '../../src/domain/case.ts'
import { snoozeId } from '../../src/domain/ids.ts'
import { MOST } from '../../src/enforce/account-standing.ts'
import type { EnforcementInput } from '../../src/enforce/event.ts'
import { evolve } from '../../src/enforce/evolve.ts'
import { findingOf } from '../../src/enforce/finding.ts'
import { isSnoozed, snoozed } from '../../src/enforce/snoozes.ts'
import { decodeStandings, encodeStandings } from '../../src/enforce/stored-standing.ts'
import { Driver } from './support/driver.ts'
import {
  accountEvent,
  ACCOUNT,
  CSAM,
  DAY,
  decision,
  HOUR,
  MALWARE,
  signal,
  signalOf,
  T0,
} from './support/fixtures.ts'
import { Account, given } from './support/given.ts'

const DETECTOR = 'scraping.bulk-harvest'
const snooze = (detectorId: string | null, untilMs: number): EnforcementInput =>
  decision('snooze', 'ann', { snooze: { detectorId, untilMs } satisfies Snooze })
const found = (atMs: number) => signal({ detectorId: DETECTOR, atMs })

describe('a snooze', () => {
  it('sends what its detector finds to people, until it ends, and then nothing is held', () => {
    const account = given().hear(T0, snooze(DETECTOR, T0 + DAY))
    account.hear(T0 + HOUR, found(T0 + HOUR)).expectActs()
    expect(account.openedCase).toMatchObject({ reason: 'snoozed', proposedAct: 'warning', sanctionId: null })
    const later = given().hear(T0, snooze(DETECTOR, T0 + DAY))
    later.hear(T0 + DAY, found(T0 + DAY)).expectActs({ act: 'warning' })
  })

  it('is of its detector alone, or of every one', () => {
    const other = given().hear(T0, snooze('scraping.distillation', T0 + DAY))
    other.hear(T0 + 1, found(T0 + 1)).expectActs({ act: 'warning' })
    const all = given().hear(T0, snooze(null, T0 + DAY))
    all.hear(T0 + 1, found(T0 + 1)).expectActs()
    const gravest = { clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + 2 }
    all.hear(T0 + 2, signal({ ...gravest, more: { evidence: [{ name: 'exactMatch', value: 1 }] } }))
    expect(all.openedCase).toMatchObject({ reason: 'snoozed', clause: CSAM })
  })

  it('is of what several found together, where it is of one of them', () => {
    const account = given().hear(T0, snooze('malware.generation', T0 + DAY))
    const of = (detectorId: string, atMs: number) => signal({ clause: MALWARE, detectorId, atMs })
    account.hear(T0 + 1, of('malware.generation', T0 + 1)).hear(T0 + 2, of('malware.iteration', T0 + 2))
    expect(account.openedCase).toMatchObject({ reason: 'snoozed', clause: MALWARE })
  })

  it('is over at its end, whether or not that was noticed', () => {
    const one = { detectorId: DETECTOR, untilMs: T0 + DAY }
    const finding = findingOf(signalOf({ detectorId: DETECTOR }))
    expect([T0 + DAY - 1, T0 + DAY].map((atMs) => isSnoozed([one], finding, atMs))).toEqual([true, false])
    const other = { detectorId: 'other', untilMs: T0 + 2 * DAY }
    expect(snoozed([one], other, T0 + DAY)).toEqual([other])
    given().hear(T0, snooze(DETECTOR, T0)).expectOnlyCounted('nothingToDo')
  })

  it('holds the next step after a warning that was not heeded', () => {
    const account = given().hear(T0, found(T0))
    const { id } = account.act
    account
      .hear(T0 + HOUR, accountEvent('noticeDelivered', id, T0 + HOUR))
      .hear(T0 + 3 * HOUR, found(T0 + 3 * HOUR))
      .hear(T0 + 4 * HOUR, snooze(DETECTOR, T0 + 60 * DAY))
      .passTo(T0 + 30 * DAY)
    expect(account.opened).toMatchObject([{ reason: 'snoozed' }])
    expect(account.acts.map(({ act }) => act)).toEqual(['lifting'])
  })

  it('leads on where people uphold what it sent them', () => {
    const account = given()
      .hear(T0, snooze(null, T0 + DAY))
      .hear(T0 + 1, found(T0 + 1))
    const { id: caseId } = account.openedCase
    account.hear(T0 + 2, decision('uphold', 'ben', { caseId })).expectActs({ act: 'warning' })
  })

  it('ends by a newer word before its time; with nothing to end it changes nothing', () => {
    const account = given()
      .hear(T0, snooze(DETECTOR, T0 + DAY))
      .hear(T0 + 1, snooze(null, T0))
    account.expectOnlyCounted('nothingToDo')
    account.hear(T0 + 2, snooze(DETECTOR, T0 + 2)).hear(T0 + 3, found(T0 + 3))
    account.expectActs({ act: 'warning' })
  })

  it('is over after a year, whatever its word says', () => {
    const account = given().hear(T0, snooze(DETECTOR, T0 + 10_000 * DAY))
    account.hear(T0 + 367 * DAY, found(T0 + 367 * DAY)).expectActs({ act: 'warning' })
  })

  it('is bounded in number, drops what is over, and counts once however often it is applied', () => {
    const account = given()
    for (let at = 0; at < MOST.snoozes; at++) account.hear(T0 + at, snooze(`d${at}`, T0 + DAY))
    account.hear(T0 + HOUR, snooze('one more', T0 + DAY)).expectOnlyCounted('snoozesFull')
    account.hear(T0 + HOUR, snooze('d0', T0 + 2 * DAY))
    expect(account.standing.snoozes).toHaveLength(MOST.snoozes)
    expect(account.latest.reduce(evolve, account.standing).snoozes).toEqual(account.standing.snoozes)
    account.hear(T0 + DAY, snooze('one more', T0 + 2 * DAY))
    expect(account.standing.snoozes.map(({ detectorId }) => detectorId)).toEqual(['d0', 'one more'])
  })

  it('is told with the standing until its end, under no detector’s name, and then the account is forgotten', () => {
    const decided = { atMs: T0, topic: 'abuse.decisions.v1', input: snooze('csam.conjunction', T0 + DAY) }
    const driver = new Driver().hear(decided).passTo(T0 + HOUR)
    const [told] = driver.outputs('abuse.standing.v1')
    const snoozes = [{ id: snoozeId('csam.conjunction'), untilMs: T0 + DAY }]
    expect(told?.value).toMatchObject({ accountId: ACCOUNT, active: [], strikes: [], snoozes })
    expect(JSON.stringify(told)).not.toMatch(/csam/)
    driver.hear({ ...decided, atMs: T0 + HOUR, input: snooze('other', T0 + 2 * DAY) }).passTo(T0 + DAY)
    expect(driver.outputs('abuse.standing.v1').at(-1)?.value).toMatchObject({
      snoozes: [{ id: snoozeId('other'), untilMs: T0 + 2 * DAY }],
    })
    driver.passTo(T0 + 2 * DAY)
    expect(driver.outputs('abuse.standing.v1')).toHaveLength(4)
    expect(driver.outputs('abuse.standing.v1').at(-1)?.value).toBeNull()
  })

  it('is stored with the standing', () => {
    const { standing } = given().hear(T0, snooze(DETECTOR, T0 + DAY))
    const { live } = decodeStandings(ACCOUNT, encodeStandings({ live: standing, shadow: null }))
    expect(new Account().standing.snoozes).toEqual([])
    expect(live.snoozes).toEqual([{ detectorId: DETECTOR, untilMs: T0 + DAY }])
  })
})
