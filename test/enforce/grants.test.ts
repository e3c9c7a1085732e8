/** What grants of an account mean to its ladders: who is judged apart, and what answers a warning. */
import { describe, expect, it } from 'vitest'
import {
  accountEvent,
  accountState,
  clause,
  DAY,
  endUser,
  FULL_LADDER,
  grantOf,
  HOUR,
  key,
  MALWARE,
  policy,
  SCRAPING,
  signal,
  T0,
} from './support/fixtures.ts'
import { given } from './support/given.ts'

const RESELLER = grantOf('reseller')
const END = T0 + 10 * DAY

describe('when a reseller’s grant ends', () => {
  const harvest = (user: string, atMs: number) => signal({ clause: SCRAPING, actor: endUser(user), atMs })
  const malware = (user: string, atMs: number) =>
    signal({ clause: MALWARE, detectorId: 'malware.generation', actor: endUser(user), atMs })
  const byItself = () => given({}, accountState({ grants: [{ ...RESELLER, expiresAtMs: END }] }))
  const bySnapshot = () => given({}, accountState({ grants: [RESELLER] }))
  const without = accountState({ updatedAtMs: END })

  it.each([
    ['by its time', byItself, null],
    ['by a word', bySnapshot, without],
  ])('%s, what its end users did before counts on ladders of their own', (_, reseller, word) => {
    const account = reseller()
    for (const [at, user] of ['u1', 'u2', 'u3'].entries())
      account.hear(T0 + at * HOUR, harvest(user, T0 + at * HOUR)).expectActs({ act: 'warning' })
    if (word !== null) account.hear(END, word)
    account.hear(END + HOUR * 2, harvest('u4', END + HOUR * 2)).expectActs({ act: 'warning', step: 0 })
    account.hear(END + HOUR * 3, harvest('u5', END + HOUR * 3)).expectOnlyCounted('beforeNotice')
  })

  it.each([
    ['by its time', byItself, null],
    ['by a word', bySnapshot, without],
  ])('%s, what had waited of one end user corroborates nothing of another', (_, reseller, word) => {
    const account = reseller()
    for (const [at, user] of ['u1', 'u2'].entries())
      account.hear(T0 + at, malware(user, T0 + at)).expectOnlyCounted('uncorroborated')
    if (word !== null) account.hear(END, word)
    account.hear(END + HOUR * 2, malware('u3', END + HOUR * 2)).expectOnlyCounted('uncorroborated')
    account.hear(END + HOUR * 4, malware('u4', END + HOUR * 4)).expectActs({ act: 'suspension' })
    expect(account.act.signalIds).toHaveLength(2)
  })
})

describe('a grant that a warning asked for', () => {
  const POLICY = policy({
    clauses: [{ ...clause(SCRAPING, 'S2', FULL_LADDER), remediedBy: ['scraping', 'bulkProcessing'] }],
  })
  const granted = (atMs: number, ...grants: readonly ReturnType<typeof grantOf>[]) =>
    accountState({ updatedAtMs: atMs, grants })
  /** Warned of what was done by a key, told, and found again within the grace. */
  const unheeded = (...before: readonly ReturnType<typeof grantOf>[]) => {
    const found = (atMs: number) => signal({ actor: key('k1'), atMs })
    const account = given({ policy: POLICY }, granted(T0 - DAY, ...before)).hear(T0, found(T0))
    account.hear(T0 + HOUR, accountEvent('noticeDelivered', account.act.id, T0 + HOUR))
    return account.hear(T0 + 3 * HOUR, found(T0 + 3 * HOUR))
  }
  const at = T0 + 4 * HOUR

  it.each([
    ['for the whole account', grantOf('scraping')],
    ['for the key', grantOf('bulkProcessing', { scope: { level: 'key', id: 'k1' } })],
  ])('%s remedies it: no step follows', (_, grant) => {
    const account = unheeded().hear(at, granted(at, grant))
    account.expectActs({ act: 'lifting', endCause: 'remediated', automated: true })
    account.passTo(T0 + 5 * DAY).expectActs()
  })

  it.each([
    ['of another kind', [], grantOf('reseller')],
    ['for another key', [], grantOf('scraping', { scope: { level: 'key', id: 'k2' } })],
    ['that has run out', [], grantOf('scraping', { expiresAtMs: at - 1 })],
    ['that was there already', [grantOf('scraping')], grantOf('scraping', { expiresAtMs: at + DAY })],
    [
      'for no more than before',
      [grantOf('scraping', { capRequestsPerHour: 10 })],
      grantOf('scraping', { capRequestsPerHour: 10 }),
    ],
  ])('%s does not', (_, before, grant) => {
    const account = unheeded(...before)
      .hear(at, granted(at, grant))
      .expectActs()
    account.passTo(T0 + 5 * DAY)
    expect(
      account.outcomes.some((one) => one.kind === 'sanction' && one.sanction.act === 'restriction'),
    ).toBe(true)
  })

  it('that a snapshot from before the warning tells, read only now, does not', () => {
    const account = given({ policy: POLICY }, granted(T0 - DAY)).hear(T0, signal({ actor: key('k1') }))
    account.hear(at, granted(T0 - HOUR, grantOf('scraping'))).expectActs()
  })

  it('for more than before does, and so does one that had run out by then', () => {
    const small = grantOf('scraping', { capRequestsPerHour: 10 })
    unheeded(small)
      .hear(at, granted(at, grantOf('scraping', { capRequestsPerHour: 20 })))
      .expectActs({ act: 'lifting', endCause: 'remediated' })
    unheeded(grantOf('scraping', { expiresAtMs: T0 - HOUR }))
      .hear(at, granted(at, grantOf('scraping')))
      .expectActs({ act: 'lifting', endCause: 'remediated' })
  })
})
