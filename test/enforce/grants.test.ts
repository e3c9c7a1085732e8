/** What grants of an account mean to its ladders: who is judged apart, and what answers a warning. */
import { describe, expect, it } from 'vitest'
import {
  accountState,
  DAY,
  endUser,
  grantOf,
  HOUR,
  MALWARE,
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
