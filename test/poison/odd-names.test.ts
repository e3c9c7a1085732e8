/**
 * Names that are no damage, though they look it: what they do is found, judged and told as of any other name, to the
 * end of the way (P1). One of them is everything that has a name in an event: account, key, end user, pool, address.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import { SAMPLES } from '../codec/samples.ts'

const PLAIN = 'account-1'
const ODD = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '0',
  '-1',
  'null',
  'a\nb',
  'a\u0000b',
  'a/b:c|d,e{f}',
  ' ',
  '\u202eright to left',
  '\u{1f642}'.repeat(128),
  '\ufffd',
  'x'.repeat(256),
]
const NAMES = [PLAIN, ...ODD]
/** When the policy is in force. */
const START_MS = Date.UTC(2026, 5, 1)
const HAMMERED_MS = 25 * 60_000
const SECOND_MS = 1_000

/** A request that is refused each second, though each refusal asks to wait a minute. */
function refused(name: string, atMs: number): UsageRecord {
  const ids = { accountId: name, keyId: name, organizationId: name, projectId: name, endUserId: name }
  const places = {
    conversationId: name,
    poolId: name,
    serverAddress: name,
    clientAddressHash: name,
    model: name,
  }
  const request = { eventId: `${name.slice(0, 200)}@${atMs}`, requestId: `r@${atMs}` }
  return {
    ...SAMPLES['inference.usage.v1'],
    ...ids,
    ...places,
    ...request,
    occurredAtMs: atMs,
    retryAfterMs: 60_000,
  }
}

/** What has come out about each account, with the name in it left out. */
type Told = ReadonlyMap<string, readonly string[]>

async function told(): Promise<{ readonly signals: Told; readonly sanctions: Told; readonly aside: number }> {
  const platform = await EmbeddedPlatform.start({
    flows: loadFlows(),
    bundle: loadBundle('topologies'),
    hashKey: { id: 'test', secret: Buffer.from('a key for odd names') },
    classifier: null,
    startMs: START_MS,
  })
  const state = {
    ...SAMPLES['accounts.state.v1'],
    grants: [],
    protected: false,
    tier: 'payAsYouGo' as const,
    ageAttested: true,
  }
  for (const name of NAMES) platform.append('accounts.state.v1', { ...state, accountId: name }, START_MS)
  for (let atMs = START_MS; atMs < START_MS + HAMMERED_MS; atMs += SECOND_MS) {
    for (const name of NAMES) platform.append('inference.usage.v1', refused(name, atMs), atMs)
    if (atMs % 60_000 === 0) await platform.advance(atMs)
  }
  await platform.advance(START_MS + HAMMERED_MS + 60_000)
  const signals = Map.groupBy(await platform.taken('abuse.signals.v1'), ({ actor }) => actor.accountId)
  const sanctions = Map.groupBy(await platform.taken('abuse.sanctions.v1'), ({ accountId }) => accountId)
  let aside = 0
  for (const topic of ['inference.usage.v1', 'accounts.state.v1', 'abuse.signals.v1']) {
    aside += await platform.count(`dlq.${topic}`)
  }
  await platform.stop()
  return {
    aside,
    signals: linesOf(signals, ({ detectorId, actor, evidence, occurredAtMs }) => [
      detectorId,
      actor.level,
      occurredAtMs,
      evidence,
    ]),
    sanctions: linesOf(sanctions, ({ act, scope, clause, actor, step }) => [
      act,
      scope,
      clause,
      actor.level,
      step,
    ]),
  }
}

function linesOf<V>(byName: ReadonlyMap<string, readonly V[]>, line: (value: V) => readonly unknown[]): Told {
  return new Map(
    [...byName].map(([name, values]) => [name, values.map((value) => JSON.stringify(line(value))).sort()]),
  )
}

describe('an odd name', () => {
  let done: Awaited<ReturnType<typeof told>>
  beforeAll(async () => {
    done = await told()
  })

  it('is no reason to set anything aside', () => {
    expect(done.aside).toBe(0)
  })

  it.each(ODD)('%j is found and sanctioned as a plain one is', (name) => {
    expect(done.signals.get(PLAIN)?.length).toBeGreaterThan(0)
    expect(done.sanctions.get(PLAIN)?.length).toBeGreaterThan(0)
    expect(done.signals.get(name)).toEqual(done.signals.get(PLAIN))
    expect(done.sanctions.get(name)).toEqual(done.sanctions.get(PLAIN))
  })
})
