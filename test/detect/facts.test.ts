/** What is known of an account is stored and read back, and read of what earlier versions have stored. */
import { expect, it } from 'vitest'
import { Facts } from '../../src/detect/facts.ts'
import { accountOf } from './harness.ts'

const OWN_HOSTS = { hashKeyId: 'h1', hostHashes: ['0011223344556677'] }

function readBack(cell: Buffer): Facts {
  const facts = new Facts()
  facts.restore(cell)
  return facts
}

it("keeps an account's own hosts, and charges for them", () => {
  const facts = new Facts()
  facts.account = accountOf({})
  const { bytes } = facts
  facts.account = accountOf({ ownHosts: OWN_HOSTS })
  expect(facts.bytes).toBeGreaterThan(bytes)
  expect(readBack(facts.encode()).account?.ownHosts).toEqual(OWN_HOSTS)
})

it('does not know them of an account that was stored before they were told', () => {
  const { ownHosts, ...before } = accountOf({ ownHosts: OWN_HOSTS })
  const cell = Buffer.from(JSON.stringify({ account: before, fired: [], waiting: [] }))
  expect(ownHosts).not.toBeNull()
  expect(readBack(cell).account).toEqual(accountOf({ ownHosts: null }))
})
