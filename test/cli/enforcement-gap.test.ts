/** From a sanction to the gateway that does not act on it, through the topics that lie between. */
import { expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { SAMPLES } from '../codec/samples.ts'
import { accountState, ACCOUNT, CSAM, decision, signalOf, T0 } from '../enforce/support/fixtures.ts'

const MINUTE = 60_000

it('usage that a suspension should have closed is told with its gateway, until the suspension is reversed', async () => {
  const told: (string | null)[] = []
  const platform = await EmbeddedPlatform.start({
    flows: loadFlows(),
    bundle: loadBundle('topologies'),
    hashKey: { id: 'k1', secret: Buffer.from('a key for tests alone') },
    classifier: null,
    startMs: T0,
    gaps: { allowanceMs: 10_000, onGap: ({ serverAddress }) => void told.push(serverAddress) },
  })
  const use = async (serverAddress: string, atMs: number): Promise<void> => {
    const ids = { eventId: `e-${atMs}`, requestId: `r-${atMs}`, accountId: ACCOUNT, serverAddress }
    const used = { ...SAMPLES['inference.usage.v1'], ...ids, durationMs: 100, occurredAtMs: atMs }
    platform.append('inference.usage.v1', used, atMs)
    await platform.advance(atMs + 1_000)
  }
  const state = accountState()
  if (state.kind === 'accountState') platform.append('accounts.state.v1', state.state, T0)
  const evidence = [{ name: 'exactMatch', value: 1 }]
  platform.append('abuse.signals.v1', signalOf({ clause: CSAM, atMs: T0, more: { evidence } }), T0)
  await platform.advance(T0 + 1_000)
  const [suspension] = await platform.taken('abuse.sanctions.v1')
  expect(suspension).toMatchObject({ act: 'suspension', scope: 'account' })
  await use('gateway-1', T0 + 5_000)
  await use('gateway-2', T0 + MINUTE)
  expect(told).toEqual(['gateway-2'])
  const word = decision('reverse', 'ann', { sanctionId: suspension?.id ?? '', decidedAtMs: T0 + 2 * MINUTE })
  if (word.kind === 'decision') platform.append('abuse.decisions.v1', word.decision, T0 + 2 * MINUTE)
  await platform.advance(T0 + 3 * MINUTE)
  await use('gateway-2', T0 + 4 * MINUTE)
  expect(told).toEqual(['gateway-2'])
  await platform.stop()
})
