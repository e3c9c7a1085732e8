/** What the vault is asked to keep (P13), and that it is asked once for each signal, also after a set-back of the store. */
import { expect, it } from 'vitest'
import { evolve } from '../../src/enforce/evolve.ts'
import { foldOutcome } from '../../src/enforce/fold.ts'
import { publicationOf } from '../../src/enforce/publication.ts'
import { DAY, HOUR, policy, SANCTION_IDS, signal, signalOf, T0 } from './support/fixtures.ts'
import { given, type Account } from './support/given.ts'

const asked = ({ latest }: Account) =>
  latest.flatMap((one) => (one.kind === 'preservation' ? [one.preservation] : []))

it('is asked to keep it for as long as an appeal may take from now on, however old the signal is', () => {
  const account = given().hear(T0 + DAY, signal({ atMs: T0 }))
  expect(asked(account)).toMatchObject([
    { askedAtMs: T0 + DAY, untilMs: T0 + 181 * DAY, basis: 'enforcement', signalId: signalOf().id },
  ])
  const told = account.latest.map((one) => publicationOf(one, false)?.topic)
  expect(told).toContain('abuse.preservation.v1')
})

it('is asked of a signal that is just sure enough, and by an id of each signal', () => {
  const account = given().hear(T0, signal({ more: { confidence: 0.5 } }))
  const [first] = asked(account)
  const [second] = asked(account.hear(T0 + HOUR, signal({ atMs: T0 + HOUR })))
  expect(first?.id).toBeDefined()
  expect(second?.id).toBeDefined()
  expect(second?.id).not.toBe(first?.id)
})

it('is not asked again once the log tells that it was, and what led nowhere then leads nowhere now', () => {
  const [value] = asked(given().hear(T0, signal()))
  if (value === undefined) throw new Error('nothing was asked')
  const output = { topic: 'abuse.preservation.v1', value } as const
  const account = given()
  account.standing = evolve(
    account.standing,
    foldOutcome(account.standing, output, T0, policy(), SANCTION_IDS),
  )
  account.hear(T0 + HOUR, signal()).expectOnlyCounted('duplicate')
  expect(asked(account)).toEqual([])
})
