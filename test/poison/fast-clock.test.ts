/** A fact counts when it comes, though the clock of whoever tells it is a day ahead; and it does not stop the next one. */
import { expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { SAMPLES } from '../codec/samples.ts'

/** When the policy is in force. */
const START_MS = Date.UTC(2026, 5, 1)
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

it('of the account service keeps nobody from being protected, nor from being no longer so', async () => {
  const platform = await EmbeddedPlatform.start({
    flows: loadFlows(),
    bundle: loadBundle('topologies'),
    hashKey: { id: 'test', secret: Buffer.from('a key for fast clocks') },
    classifier: null,
    startMs: START_MS,
  })
  const state = (accountId: string, isProtected: boolean, atMs: number, aheadMs = 0): void => {
    const told = { accountId, protected: isProtected }
    const facts = { ...SAMPLES['accounts.state.v1'], grants: [], ...told }
    platform.append('accounts.state.v1', { ...facts, updatedAtMs: atMs + aheadMs }, atMs)
  }
  const signal = async (accountId: string, atMs: number): Promise<readonly string[]> => {
    const found = { id: `of-${accountId}`, actor: { accountId, level: 'account', id: accountId } } as const
    const window = { occurredAtMs: atMs, windowStartMs: atMs - 1, windowEndMs: atMs }
    platform.append('abuse.signals.v1', { ...SAMPLES['abuse.signals.v1'], ...found, ...window }, atMs)
    await platform.advance(atMs + 1_000)
    const acts = (await platform.taken('abuse.sanctions.v1')).map(({ act }) => act)
    const reasons = (await platform.taken('abuse.reviews.v1')).map(({ reason }) => reason)
    return [...acts, ...reasons]
  }
  state('a', true, START_MS, DAY_MS)
  state('b', true, START_MS, DAY_MS)
  state('b', false, START_MS + HOUR_MS)
  expect(await signal('a', START_MS + 2 * HOUR_MS)).toEqual(['protectedAccount'])
  expect(await signal('b', START_MS + 3 * HOUR_MS)).toContain('warning')
  expect(await platform.count('dlq.accounts.state.v1')).toBe(0)
  await platform.stop()
})
