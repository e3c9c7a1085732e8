/** The example account service as it is run: sanctions on standard input, letters and delivered notices out. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { valueFromLine } from '../../src/codec/json.ts'
import { accountEvent, HOUR, signal, T0 } from '../enforce/support/fixtures.ts'
import { given, sanctionsOf } from '../enforce/support/given.ts'

const FAR_AWAY_MS = Date.UTC(2200, 0, 1)

it('tells the customer of a warning and of its end, and says that the notice was delivered, once; not before its effect, nor its end then', () => {
  const account = given().hear(T0, signal())
  const warning = account.act
  account.hear(T0 + HOUR, accountEvent('remediated', warning.id, T0 + HOUR))
  const inEffect = sanctionsOf(account.outcomes).map((one) => ({ ...one, effectiveAtMs: 0 }))
  const later = inEffect.map((one) =>
    one.endsSanctionId === null
      ? { ...one, id: 'later', effectiveAtMs: FAR_AWAY_MS }
      : { ...one, id: 'end-of-later', endsSanctionId: 'later' },
  )
  const lines = [...inEffect, ...later].map((one) => `${JSON.stringify(one)}\n`)
  const { status, stdout, stderr } = spawnSync(process.execPath, ['examples/account-service.ts'], {
    input: lines.join(''),
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  expect(stderr.match(/^Reference: /gm)).toHaveLength(2)
  expect(stderr).toContain('Register the use.')
  expect(stderr).toContain('- requests (1h): 1,000 to 10,000\n')
  expect(stderr).toContain('This was found automatically. It was decided automatically.\n')
  expect(stderr).toMatch(/^You can appeal until 2027-\d\d-\d\d\.$/m)
  expect(stderr).not.toContain('scraping.bulk-harvest')
  const events = stdout.trim().split('\n')
  expect(events).toHaveLength(1)
  const event = valueFromLine('accounts.events.v1', events[0] ?? '', 1)
  if (!event.ok) throw new Error(event.problem)
  expect(event.value).toMatchObject({ kind: 'noticeDelivered', sanctionId: warning.id, keyId: null })
  const told = given()
    .hear(T0, signal())
    .hear(T0 + HOUR, { kind: 'accountEvent', event: event.value })
  expect(told.latest).toMatchObject([{ kind: 'noticed', sanctionId: warning.id }])
})
