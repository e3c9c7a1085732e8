/** U7 of `src/detect/usage-logic.ts`: what conditions are left alone for changes nothing of what comes out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/domain/verdict.ts'
import type { CompiledTopology } from '../../src/topology/model.ts'
import { propertyParameters, propertyTimeoutMs } from '../support/property-parameters.ts'
import {
  detector,
  Drive,
  grantOf,
  HOUR_MS,
  MINUTE_MS,
  pressure,
  sanctionOf,
  START_MS,
  strikeOf,
  topologyOf,
} from './harness.ts'

const LATENESS_MS = 30_000

const topology = topologyOf(`
pool: { window: 10m }
features:
  requests_2m: { count: usage, window: 2m }
  requests_1h: { count: usage, window: 1h }
  minute: { count: usage, window: 1m, pane: 1m }
  cancelled_10m: { count: usage, where: 'status == "cancelled"', window: 10m }
  gpuSeconds_1h: { sum: usage.gpuSeconds, window: 1h }
  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }
  sketched_1h: { distinct: usage.clientAddressHash, window: 1h, exactLimit: 4 }
  ofKey_10m: { count: usage, by: keyId, window: 10m }
  secondsOfKey_10m: { sum: usage.gpuSeconds, by: keyId, window: 10m }
  minutesOfKey_10m: { distinct: usage.minute, by: keyId, window: 10m }
  retriesOfKey_10m: { earlyRetries: usage, by: keyId, window: 10m }
  over:
    exceeding: { requests_1h: 8, gpuSeconds_1h: 100, minute: 2, ofKey_10m: 3 }
  evidence: { evidence: verdicts.malwareRatio, wrongPerYear: 50, where: 'side != "prompt"' }
  evidenceOfKey: { evidence: verdicts.malwareRatio, wrongPerYear: 50, by: keyId }
  verdicts_1h: { count: verdicts, window: 1h }
  texts_24h: { distinct: verdicts.simHash, window: 24h }
  created_24h: { count: accountEvents, where: 'kind == "keyCreated"', window: 24h }
  sliding_1m: { count: usage, sliding: 1m }
detectors:
${[
  ['count', 'requests_1h >= 12', 'requests_1h'],
  ['short', 'requests_2m > 4', 'requests_2m'],
  ['tumbling', 'minute >= 3', 'minute'],
  ['quota', 'requests_1h > 2.0 * account.quota.requestsPerHour', 'requests_1h'],
  ['distinct', 'addresses_1h >= 4 && gpuSeconds_1h > 2.0', 'addresses_1h, gpuSeconds_1h'],
  ['sketched', 'sketched_1h > 3', 'sketched_1h'],
  ['either', 'cancelled_10m >= 3 || (created_24h >= 2 && gpuSeconds_1h > 1.0)', 'cancelled_10m'],
  ['both', 'requests_1h >= 5 && texts_24h >= 3', 'requests_1h, texts_24h'],
  ['of', 'ofKey_10m >= 4', 'ofKey_10m'],
  ['verdicts', 'ofKey_10m >= 4 && verdicts_1h >= 2', 'ofKey_10m'],
  ['sliding', 'sliding_1m >= 3', 'sliding_1m'],
  ['flag', '!account.ageAttested && requests_1h >= 2', 'requests_1h'],
  ['grant', '!account.grants.redTeam && cancelled_10m >= 2', 'cancelled_10m'],
  ['standing', 'standing.restricted && requests_1h >= 2', 'requests_1h'],
  ['strikes', 'requests_1h > 9.0 - 4.0 * standing.strikes', 'requests_1h'],
  ['sum', 'gpuSeconds_1h > 120.0', 'gpuSeconds_1h'],
  ['sum-of-quota', 'gpuSeconds_1h >= 1.0 * account.quota.gpuSecondsPerHour', 'gpuSeconds_1h'],
  ['sum-of-key', 'secondsOfKey_10m >= 90.0', 'secondsOfKey_10m'],
  ['minutes', 'minutesOfKey_10m >= 3', 'minutesOfKey_10m'],
  ['retries', 'retriesOfKey_10m >= 3', 'retriesOfKey_10m'],
  ['exceeding', 'over >= 2', 'over'],
  ['evidence', 'evidence >= 1', 'evidence'],
  ['evidence-of-key', 'evidenceOfKey > 0.5 && requests_1h >= 2', 'evidenceOfKey'],
  ['sum-and-pool', 'gpuSeconds_1h > 60.0 && pool.saturatedMinutes >= 1', 'gpuSeconds_1h'],
  [
    'quota-and-pool',
    'gpuSeconds_1h > account.quota.gpuSecondsPerHour && pool.saturatedMinutes >= 1',
    'gpuSeconds_1h',
  ],
  ['evidence-and-pool', 'evidence > 0.2 && requests_1h >= 1 && pool.saturatedMinutes >= 1', 'evidence'],
  ['either-pool', 'cancelled_10m >= 3 || pool.saturatedMinutes >= 1', 'cancelled_10m'],
  ['no-pool', 'requests_1h >= 3 && !(pool.degradedMinutes > 0)', 'requests_1h'],
  ['pool', 'cancelled_10m >= 2 && pool.saturatedMinutes >= 1', 'cancelled_10m'],
]
  .map(([id, when, evidence]) => detector(`test.${id}`, when ?? '', `once: 1m, evidence: [${evidence}]`))
  .join('\n')}
`)

/** The same conditions, asked on every event. */
const eager: CompiledTopology = {
  ...topology,
  detectors: topology.detectors.map((one) => ({ ...one, patience: null, needsPool: false })),
}

const action = fc.record({
  kind: fc.constantFrom(
    'usage',
    'usage',
    'usage',
    'usage',
    'verdict',
    'accountEvent',
    'account',
    'standing',
    'pressure',
  ),
  stepMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
    { weight: 3, arbitrary: fc.integer({ min: -LATENESS_MS, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 10 * MINUTE_MS, max: 3 * HOUR_MS }) },
  ),
  value: fc.nat(7),
  repeats: fc.integer({ min: 1, max: 6 }),
  reload: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
})
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

function perform(drive: Drive, { kind, value }: Action, timeMs: number, at: number): void {
  if (kind === 'pressure') {
    const minute = Math.floor((timeMs - START_MS) / MINUTE_MS)
    drive.board.apply(pressure(minute, { saturated: value % 2 === 0 }), {
      topic: 'p',
      partition: 0,
      offset: at,
    })
  } else if (kind === 'account') {
    const quota = {
      requestsPerMinute: null,
      requestsPerHour: value,
      tokensPerHour: null,
      gpuSecondsPerHour: value === 0 ? null : value * 20,
    }
    const ageAttested = value % 3 === 0 ? null : value % 3 === 1
    const expiresAtMs = timeMs + value * MINUTE_MS
    const grant = grantOf('redTeam', { expiresAtMs })
    drive.account({ quota, ageAttested, grants: value > 3 ? [] : [grant] })
  } else if (kind === 'standing') {
    const endsAtMs = timeMs + 10 * value * MINUTE_MS
    const strikes = Array.from({ length: value % 3 }, (_, ordinal) =>
      strikeOf({ strikeOrdinal: ordinal, sanctionId: `s${ordinal}`, expiresAtMs: endsAtMs }),
    )
    const active = value % 2 === 0 ? [] : [sanctionOf({ effectiveAtMs: timeMs + 5_000, endsAtMs })]
    drive.standing({ active, strikes }, timeMs)
  } else if (kind === 'accountEvent') drive.accountEvent(timeMs, value % 2 === 0 ? 'keyCreated' : 'outage')
  else if (kind === 'verdict') drive.verdict(timeMs, verdictLike(value, at))
  else {
    const status = value % 3 === 0 ? 'cancelled' : value === 1 ? 'rate_limited' : 'ok'
    const retryAfterMs = value === 1 ? MINUTE_MS : null
    const clientAddressHash = String(value + at)
    // Below zero too: what leaves the window may make it larger.
    const gpuSeconds = (value - 1) * 9
    const poolId = value === 5 ? null : 'pool-1'
    const keyId = `key-${value % 2}`
    drive.usage(timeMs, { status, gpuSeconds, retryAfterMs, keyId, poolId, clientAddressHash })
  }
}

/** A hash in which just those bits are set. */
function simHashOf(from: number, to: number): string {
  return ((1n << BigInt(to)) - (1n << BigInt(from))).toString(16).padStart(16, '0')
}

function verdictLike(value: number, at: number): Partial<Verdict> {
  const malware = { label: 'malware', score: 0.9, logLikelihoodRatio: value - 3 } as const
  return {
    simHash: simHashOf(0, 5 * (value + at)),
    contentDigest: String(value + at),
    conversationId: String(at),
    keyId: `key-${value % 2}`,
    side: value === 6 ? 'prompt' : 'exchange',
    scores: [malware],
  }
}

describe('conditions that are left alone', () => {
  const parameters = propertyParameters(300)
  it(
    'give the signals that they give when asked on every event',
    () => {
      const found = new Set<string>()
      fc.assert(
        fc.property(fc.array(action, { minLength: 1, maxLength: 60 }), (actions) => {
          const lazy = new Drive(topology)
          const asked = new Drive(eager)
          let timeMs = START_MS
          for (const one of actions) {
            timeMs = Math.max(timeMs + one.stepMs, lazy.streamTimeMs - LATENESS_MS, START_MS)
            for (let at = 0; at < one.repeats; at++) {
              perform(lazy, one, timeMs, at)
              perform(asked, one, timeMs, at)
            }
            if (one.reload) lazy.reload()
          }
          expect(lazy.signals).toEqual(asked.signals)
          for (const { detectorId } of lazy.signals) found.add(detectorId)
        }),
        parameters,
      )
      expect([...found].sort()).toEqual(topology.detectors.map(({ id }) => id).sort())
    },
    propertyTimeoutMs(parameters),
  )

  it('are asked again when a text leaves that was near to several', () => {
    const texts = topologyOf(`
features:
  requests_24h: { count: usage, window: 24h }
  texts_24h: { distinct: verdicts.simHash, window: 24h }
detectors:
${detector('test.texts', 'requests_24h >= 1 && texts_24h >= 3', 'once: 1m, evidence: [texts_24h]')}
`)
    const drive = new Drive(texts)
    const hashes = [simHashOf(0, 0), simHashOf(0, 7), simHashOf(7, 14), simHashOf(14, 21)]
    for (const [hour, simHash] of hashes.entries()) drive.verdict(START_MS + hour * HOUR_MS, { simHash })
    drive.usage(START_MS + 23 * HOUR_MS)
    expect(drive.signals).toEqual([])
    drive.usage(START_MS + 24 * HOUR_MS)
    expect(drive.signals.map(({ evidence }) => evidence)).toEqual([[{ name: 'texts_24h', value: 3 }]])
  })

  it('are asked again for a straggler of another collection, whose window ends earlier', () => {
    const drive = new Drive(
      topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
  verdicts_24h: { count: verdicts, window: 24h }
detectors:
${detector('test.both', 'requests_1h >= 4 && verdicts_24h >= 1', 'once: 1h, evidence: [requests_1h]')}
`),
    )
    for (let at = 0; at < 4; at++) drive.usage(START_MS + at)
    drive.verdict(START_MS + HOUR_MS + 10_000)
    expect(drive.signals).toHaveLength(0)
    drive.verdict(START_MS + HOUR_MS - 10_000)
    expect(drive.signals).toHaveLength(1)
  })

  it('are those that something which climbs step by step, or a flag of the account, holds back', () => {
    const patient = topology.detectors.filter(({ patience }) => patience !== null).map(({ id }) => id)
    expect(topology.detectors.map(({ id }) => id).filter((id) => !patient.includes(id))).toEqual([
      'test.tumbling',
      'test.sliding',
      'test.strikes',
      'test.either-pool',
    ])
  })
})
