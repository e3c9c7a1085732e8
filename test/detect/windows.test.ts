/** What features read: edges of windows, time that moves on, stragglers, sub-keys. Told by when detectors fire. */
import { describe, expect, it } from 'vitest'
import { Evaluation } from '../../src/detect/evaluation.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { NO_LISTS } from '../../src/detect/list-board.ts'
import type { CompiledTopology } from '../../src/topology/model.ts'
import { ACCOUNT, detector, Drive, HOUR_MS, MINUTE_MS, START_MS, topologyOf } from './harness.ts'

const topology = topologyOf(`
features:
  requests_1m: { count: usage, window: 1m }
  requests_1h: { count: usage, window: 1h }
  arrivals_1h: { count: arrivals, window: 1h }
  gpuSeconds_1h: { sum: usage.gpuSeconds, window: 1h }
  meanTokens_1h: { mean: usage.outputTokens, window: 1h }
  slowest_1h: { max: usage.durationMs, window: 1h }
  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }
  topAddress_1h: { topShare: usage.clientAddressHash, window: 1h }
  ofKey_10m: { count: usage, by: keyId, window: 10m }
  refusedOfKey_10m: { count: usage, by: keyId, where: 'status == "rate_limited"', window: 10m }
  early_10m: { earlyRetries: usage, by: keyId, window: 10m }
  walk_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, window: 1h }
  keysCreated_24h: { count: accountEvents, where: 'kind == "keyCreated"', window: 24h }
detectors:
${detector('test.always', 'requests_1h > 0', 'once: 1m, evidence: [requests_1h]')}
`)

/** The features' values as an event of that time with that key would read them. */
function read(drive: Drive, timeMs: number, keyId: string | null = 'key-1', of = topology) {
  const evaluation = new Evaluation(drive.plan, () => null, NO_JITTER, NO_LISTS)
  evaluation.at({ key: ACCOUNT, state: drive.state, body: { keyId }, timeMs, asOf: false, poolId: null })
  return (name: string): number => evaluation.feature(indexOf(of, name))
}

function indexOf({ features }: CompiledTopology, name: string): number {
  return features.findIndex((feature) => feature.name === name)
}

describe('each aggregate', () => {
  it('tells count, sum, mean, maximum, distinct values and the top share of a window', () => {
    const drive = new Drive(topology)
    drive.usage(START_MS, { gpuSeconds: 1.25, outputTokens: 10, durationMs: 700, clientAddressHash: 'a' })
    drive.usage(START_MS + 1, { gpuSeconds: 2, outputTokens: 30, durationMs: 90, clientAddressHash: 'b' })
    drive.usage(START_MS + 2, { gpuSeconds: 0, outputTokens: 20, durationMs: null, clientAddressHash: 'b' })
    drive.usage(START_MS + 3, { gpuSeconds: 0, outputTokens: 20, durationMs: null, clientAddressHash: null })
    const value = read(drive, START_MS + 3)
    expect(value('requests_1h')).toBe(4)
    expect(value('gpuSeconds_1h')).toBe(3.25)
    expect(value('meanTokens_1h')).toBe(20)
    expect(value('slowest_1h')).toBe(700)
    expect(value('addresses_1h')).toBe(2)
    expect(value('topAddress_1h')).toBeCloseTo(2 / 3)
  })

  it('of nothing is 0 for counts and unknown for means, maxima and shares', () => {
    const value = read(new Drive(topology), START_MS)
    expect(['requests_1h', 'gpuSeconds_1h', 'addresses_1h', 'ofKey_10m'].map(value)).toEqual([0, 0, 0, 0])
    expect(['meanTokens_1h', 'slowest_1h', 'topAddress_1h', 'walk_1h'].map(value)).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ])
  })

  it('never counts what came in among what ended', () => {
    const value = read(new Drive(topology).usage(START_MS, { phase: 'arrived' }), START_MS)
    expect([value('requests_1h'), value('arrivals_1h')]).toEqual([0, 1])
  })

  it('sees a slot that walks, over several panes', () => {
    const drive = new Drive(topology)
    for (let at = 0; at < 80; at++) {
      drive.verdict(START_MS + at * MINUTE_MS * 0.5, { templateHash: 't', slotOrdinal: 500 + at })
    }
    expect(read(drive, START_MS + 40 * MINUTE_MS)('walk_1h')).toBe(1)
  })

  it('counts retries that were sent before the wait was over, across the edge of a pane', () => {
    const drive = new Drive(topology)
    const refusal = { status: 'rate_limited', retryAfterMs: 20_000 } as const
    drive.usage(START_MS + 50_000, refusal)
    drive.usage(START_MS + 65_000, { durationMs: 1_000 })
    drive.usage(START_MS + 65_000, { durationMs: 20_000 })
    drive.usage(START_MS + 71_000, { durationMs: 500 })
    drive.usage(START_MS + 66_000, { durationMs: 1_000, keyId: 'key-2' })
    expect(read(drive, START_MS + 71_000)('early_10m')).toBe(1)
    expect(read(drive, START_MS + 71_000, 'key-2')('early_10m')).toBe(0)
  })
})

describe('the edges of a window', () => {
  it('are half open: an event on the edge belongs to the pane that it begins', () => {
    const drive = new Drive(topology).usage(START_MS + MINUTE_MS - 1).usage(START_MS + MINUTE_MS)
    expect(read(drive, START_MS + MINUTE_MS - 1)('requests_1m')).toBe(1)
    expect(read(drive, START_MS + MINUTE_MS)('requests_1m')).toBe(1)
  })

  it('let a pane go once the window of the newest pane has left it', () => {
    const drive = new Drive(topology).usage(START_MS).usage(START_MS + 55 * MINUTE_MS)
    expect(read(drive, START_MS + 55 * MINUTE_MS)('requests_1h')).toBe(2)
    drive.usage(START_MS + 60 * MINUTE_MS)
    expect(read(drive, START_MS + 60 * MINUTE_MS)('requests_1h')).toBe(2)
  })

  it('move on with the evaluating event, also where nothing was added since', () => {
    const drive = new Drive(topology)
    for (let made = 0; made < 3; made++) drive.accountEvent(START_MS, 'keyCreated')
    drive.usage(START_MS + 23 * HOUR_MS)
    expect(read(drive, START_MS + 23 * HOUR_MS)('keysCreated_24h')).toBe(3)
    drive.usage(START_MS + 24 * HOUR_MS)
    expect(read(drive, START_MS + 24 * HOUR_MS)('keysCreated_24h')).toBe(0)
  })

  it('a straggler counts in its own minute, and in the window that is newest', () => {
    const drive = new Drive(topology)
    drive.usage(START_MS + MINUTE_MS).usage(START_MS + MINUTE_MS - 1_000)
    expect(read(drive, START_MS + MINUTE_MS)('requests_1m')).toBe(1)
    expect(read(drive, START_MS + MINUTE_MS - 1_000)('requests_1m')).toBe(1)
    expect(read(drive, START_MS + MINUTE_MS)('requests_1h')).toBe(2)
  })
})

describe('sub-keys', () => {
  it('count a straggler in the window, also where it is the first of its key in an older pane', () => {
    const drive = new Drive(topology).usage(START_MS + MINUTE_MS - 2_000, { keyId: 'other' })
    drive.usage(START_MS + MINUTE_MS)
    expect(read(drive, START_MS + MINUTE_MS)('ofKey_10m')).toBe(1)
    drive.usage(START_MS + MINUTE_MS - 1_000)
    expect(read(drive, START_MS + MINUTE_MS)('ofKey_10m')).toBe(2)
    expect(read(drive.reload(), START_MS + MINUTE_MS)('ofKey_10m')).toBe(2)
  })

  it('are counted apart, and unknown for an event that names none', () => {
    const drive = new Drive(topology)
      .usage(START_MS)
      .usage(START_MS, { keyId: 'key-2', status: 'rate_limited' })
    expect(read(drive, START_MS, 'key-2')('ofKey_10m')).toBe(1)
    expect(read(drive, START_MS, 'key-2')('refusedOfKey_10m')).toBe(1)
    expect(read(drive, START_MS, 'key-1')('refusedOfKey_10m')).toBe(0)
    expect(read(drive, START_MS, null)('ofKey_10m')).toBeNaN()
  })

  it('past the bound are unknown, those before it go on, and a new pane begins anew', () => {
    const drive = new Drive({ ...topology, maxSubKeys: 2 })
    for (const keyId of ['a', 'b', 'c', 'a', 'c']) drive.usage(START_MS, { keyId })
    const value = (keyId: string, timeMs: number) => read(drive, timeMs, keyId)('ofKey_10m')
    expect([value('a', START_MS), value('b', START_MS), value('c', START_MS)]).toEqual([2, 1, NaN])
    drive.reload()
    expect([value('a', START_MS), value('c', START_MS)]).toEqual([2, NaN])
    drive.usage(START_MS + 10 * MINUTE_MS, { keyId: 'c' })
    expect(value('c', START_MS + 10 * MINUTE_MS)).toBe(1)
  })
})

describe('what the store holds', () => {
  it('is dated, but for what has no date: account, told episodes', () => {
    const drive = new Drive(topology).account({}).usage(START_MS).commit()
    expect(drive.slots.filter((slot) => !slot.includes(':'))).toEqual(['facts'])
    drive.usage(START_MS + 50 * HOUR_MS).commit()
    expect(drive.slots.filter((slot) => slot.includes(String(Math.floor(START_MS / 300_000))))).toEqual([])
  })

  it('is rewritten only where it changed', () => {
    const drive = new Drive(topology).usage(START_MS).commit()
    drive.accountEvent(START_MS, 'outage')
    const written: string[] = []
    drive.logic.state.changes(drive.state, ({ name }) => written.push(name.replace(/[.:].*/, '')))
    expect(written).toEqual(['recent'])
    drive.logic.state.changes(drive.state, ({ name }) => written.push(name))
    expect(written).toEqual(['recent'])
  })
})
