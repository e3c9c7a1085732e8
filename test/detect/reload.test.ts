/**
 * A state that was stored and read back at any moment goes on exactly as one that stayed in memory (P5): same
 * signals to the last digit, same values of every feature after every event.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Evaluation } from '../../src/detect/evaluation.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { NO_LISTS } from '../../src/detect/list-board.ts'
import { planFeatures } from '../../src/detect/feature-plan.ts'
import { ACCOUNT, detector, Drive, START_MS, topologyOf } from './harness.ts'

const LATENESS_MS = 30_000

const topology = {
  ...topologyOf(`
features:
  requests_1m: { count: usage, window: 1m }
  requests_1h: { count: usage, window: 1h }
  requests_30m: { count: usage, window: 30m, pane: 5m }
  gpuSeconds_1h: { sum: usage.gpuSeconds, window: 1h }
  mean_10m: { mean: usage.gpuSeconds, window: 10m }
  max_1h: { max: usage.gpuSeconds, window: 1h }
  distinct_1h: { distinct: usage.clientAddressHash, window: 1h, exactLimit: 6 }
  ofRefused_10m: { distinct: usage.clientAddressHash, by: keyId, where: 'status == "rate_limited"', window: 10m, exactLimit: 2 }
  top_1h: { topShare: usage.clientAddressHash, window: 1h, exactLimit: 4 }
  early_10m: { earlyRetries: usage, by: keyId, window: 10m }
  ofKey_10m: { count: usage, by: keyId, window: 10m }
  walk_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, window: 1h }
  verdicts_24h: { distinct: verdicts.simHash, where: 'containsCode', window: 24h }
  created_24h: { count: accountEvents, where: 'kind == "keyCreated"', window: 24h }
  sliding_10m: { count: usage, sliding: 10m }
  slidingOfKey_1m: { mean: usage.gpuSeconds, by: keyId, sliding: 1m }
  session_2m: { sum: usage.gpuSeconds, session: 2m }
  addressesOfKey_1m: { distinct: usage.clientAddressHash, by: keyId, sliding: 1m, exactLimit: 6 }
  topSliding_1m: { topShare: usage.clientAddressHash, sliding: 1m, exactLimit: 4 }
  spreadSliding_1m: { entropy: usage.clientAddressHash, sliding: 1m, exactLimit: 4 }
  medianSliding_1m: { quantile: usage.gpuSeconds, share: 0.5, sliding: 1m, exactLimit: 9 }
  walkSliding_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, sliding: 1h }
  textsSliding_1h: { distinct: verdicts.simHash, sliding: 1h, exactLimit: 12 }
  rhythmSliding_10m: { regularity: usage, sliding: 10m }
  busySliding_10m: { dutyCycle: usage, by: keyId, sliding: 10m }
  streakSliding_10m: { streak: usage, sliding: 10m }
  addressesInOneGo: { distinct: usage.clientAddressHash, by: keyId, session: 1m, exactLimit: 6 }
  topInOneGo: { topShare: usage.clientAddressHash, session: 1m, exactLimit: 4 }
  spreadInOneGo: { entropy: usage.clientAddressHash, by: keyId, session: 30s, exactLimit: 4 }
  medianInOneGo: { quantile: usage.gpuSeconds, share: 0.5, session: 1m, exactLimit: 9 }
  walkInOneGo: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, session: 2m }
  textsInOneGo: { distinct: verdicts.simHash, session: 2m, exactLimit: 12 }
  rhythmInOneGo: { regularity: usage, session: 30s }
  paceInOneGo: { rate: usage, by: keyId, session: 30s }
  sessionOfKey: { max: usage.gpuSeconds, by: keyId, where: 'status == "ok"', session: 30s }
detectors:
${detector('test.volume', 'requests_30m >= 20 && mean_10m > 0.3', 'once: 10m, evidence: [gpuSeconds_1h, mean_10m, distinct_1h, top_1h, sliding_10m, session_2m]')}
${detector('test.key', 'early_10m >= 2 && ofKey_10m >= 4', 'once: 10m, evidence: [early_10m, ofRefused_10m]')}
${detector('test.content', 'verdicts_24h >= 2 || created_24h >= 5', 'once: 1h, evidence: [verdicts_24h, created_24h]')}
`),
  maxSubKeys: 3,
}

const action = fc.record({
  kind: fc.constantFrom('usage', 'usage', 'usage', 'verdict', 'accountEvent'),
  /** Mostly a few seconds on, sometimes back within the lateness, sometimes far ahead. */
  stepMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: -LATENESS_MS, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 600_000, max: 9_000_000 }) },
  ),
  value: fc.nat(40),
  repeats: fc.integer({ min: 1, max: 8 }),
  reload: fc.boolean(),
})
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

function perform(drive: Drive, { kind, value }: Action, timeMs: number, at: number): void {
  const text = String(value + at)
  if (kind === 'accountEvent') drive.accountEvent(timeMs, value % 2 === 0 ? 'keyCreated' : 'outage')
  else if (kind === 'verdict') {
    const templateHash = String(value % 40)
    drive.verdict(timeMs, {
      templateHash,
      slotOrdinal: value + at,
      simHash: simHashOf(value + at),
      containsCode: value % 3 === 0,
    })
  } else {
    const refused = { status: 'rate_limited', retryAfterMs: value * 1_000 } as const
    const more = {
      keyId: `key-${value % 5}`,
      gpuSeconds: value / 30,
      clientAddressHash: text,
      durationMs: value * 100,
    }
    drive.usage(timeMs, value % 4 === 0 ? { ...more, ...refused } : more)
  }
}

/** So many bits are set: of one text with those that have a few more or fewer, and so on from one to the next. */
function simHashOf(bits: number): string {
  return ((1n << BigInt(bits)) - 1n).toString(16).padStart(16, '0')
}

function everyFeature(drive: Drive, timeMs: number): readonly number[] {
  const evaluation = new Evaluation(planFeatures(topology), () => null, NO_JITTER, NO_LISTS)
  const keys = topology.features.map(({ by }) => (by === null ? [null] : ['key-0', 'key-1', 'key-4']))
  return keys.flatMap((names, index) =>
    names.map((keyId) =>
      evaluation
        .at({ key: ACCOUNT, state: drive.state, body: { keyId }, timeMs, asOf: false, poolId: null })
        .feature(index),
    ),
  )
}

/** Features of usage over an hour, counted anew from all events: what the windows must agree with. */
function naive(times: readonly { timeMs: number; address: string }[], newestMs: number): readonly number[] {
  const pane = (timeMs: number): number => Math.floor(timeMs / 300_000)
  const live = times.filter(({ timeMs }) => pane(timeMs) > pane(newestMs) - 12)
  return [live.length, new Set(live.map(({ address }) => address)).size]
}

describe('a window', () => {
  it('holds what lies in its live panes, no more and no less', () => {
    const counted = topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }
`)
    const evaluation = new Evaluation(planFeatures(counted), () => null, NO_JITTER, NO_LISTS)
    const event = fc.record({ stepMs: fc.integer({ min: -LATENESS_MS, max: 400_000 }), address: fc.nat(30) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const drive = new Drive(counted)
        const times: { timeMs: number; address: string }[] = []
        for (const { stepMs, address } of events) {
          const timeMs = Math.max(START_MS, drive.streamTimeMs + stepMs)
          times.push({ timeMs, address: String(address) })
          drive.usage(timeMs, { clientAddressHash: String(address) })
          evaluation.at({ key: ACCOUNT, state: drive.state, body: null, timeMs, asOf: false, poolId: null })
          expect([0, 1].map((index) => evaluation.feature(index))).toEqual(naive(times, drive.streamTimeMs))
        }
      }),
    )
  })
})

describe('a state that is stored and read back', () => {
  it('goes on as if it had stayed in memory', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 60 }), (actions) => {
        const kept = new Drive(topology)
        const reloaded = new Drive(topology)
        let timeMs = START_MS
        for (const one of actions) {
          timeMs = Math.max(timeMs + one.stepMs, kept.streamTimeMs - LATENESS_MS)
          for (let at = 0; at < one.repeats; at++) {
            perform(kept, one, timeMs, at)
            perform(reloaded, one, timeMs, at)
          }
          if (one.reload) reloaded.reload()
          expect(everyFeature(reloaded, timeMs)).toEqual(everyFeature(kept, timeMs))
        }
        expect(reloaded.signals).toEqual(kept.signals)
      }),
      { numRuns: 200 },
    )
  })
})
