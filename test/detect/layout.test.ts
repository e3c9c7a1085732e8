/**
 * A changed set of features: what is unchanged goes on as if nothing had happened, what is new is unknown until its
 * window is full, whatever else changes and however often the state is stored and read back.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Evaluation } from '../../src/detect/evaluation.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { NO_LISTS } from '../../src/detect/list-board.ts'
import { stateLayout } from '../../src/detect/state-layout.ts'
import type { CompiledTopology, FeatureSpec } from '../../src/topology/model.ts'
import { ACCOUNT, Drive, HOUR_MS, MINUTE_MS, START_MS, topologyOf } from './harness.ts'

function valueOf(drive: Drive, of: CompiledTopology, name: string, timeMs: number): number {
  return evaluated(drive, timeMs).feature(of.features.findIndex((feature) => feature.name === name))
}

function evaluated(drive: Drive, timeMs: number): Evaluation {
  const evaluation = new Evaluation(drive.plan, () => null, NO_JITTER, NO_LISTS)
  const body = { keyId: 'key-1' }
  return evaluation.at({ key: ACCOUNT, state: drive.state, body, timeMs, asOf: false, poolId: null })
}

function topologyWith(...features: readonly string[]): CompiledTopology {
  return topologyOf(`features:\n${features.map((feature) => `  ${feature}\n`).join('')}detectors: []\n`)
}

const requests_1h = 'requests_1h: { count: usage, window: 1h }'
const other_1h = 'other_1h: { count: usage, window: 1h }'

describe('a changed set of features', () => {
  it('keeps the window of what is unchanged, and is cold for what is new until its window is full', () => {
    const changed = topologyWith(other_1h, requests_1h)
    const drive = new Drive(topologyWith(requests_1h))
      .usage(START_MS)
      .usage(START_MS + 1)
      .change(changed)
    drive.usage(START_MS + 2)
    expect(valueOf(drive, changed, 'requests_1h', START_MS + 2)).toBe(3)
    expect(valueOf(drive, changed, 'other_1h', START_MS + 2)).toBeNaN()
    drive.usage(START_MS + 64 * MINUTE_MS)
    expect(valueOf(drive, changed, 'other_1h', START_MS + 64 * MINUTE_MS)).toBe(1)
  })

  it.each(['dutyCycle', 'streak'])('is cold for a new %s', (word) => {
    const busy = `busy_10m: { ${word}: usage, window: 10m }`
    const drive = new Drive(topologyWith(requests_1h)).usage(START_MS).change(topologyWith(requests_1h, busy))
    drive.usage(START_MS + 1)
    expect(valueOf(drive, topologyWith(requests_1h, busy), 'busy_10m', START_MS + 1)).toBeNaN()
  })

  it('takes a changed condition for another feature under an unchanged name', () => {
    const refused = (status: string): string =>
      `refused_1h: { count: usage, where: 'status == "${status}"', window: 1h }`
    const changed = topologyWith(refused('error'))
    const drive = new Drive(topologyWith(refused('rate_limited')))
    drive.usage(START_MS, { status: 'rate_limited', retryAfterMs: 1 }).change(changed)
    expect(valueOf(drive, changed, 'refused_1h', START_MS)).toBeNaN()
  })

  it('is cold for a new pane length too, of which no key has anything stored', () => {
    const changed = topologyWith(requests_1h, 'requests_24h: { count: usage, window: 24h }')
    const drive = new Drive(topologyWith(requests_1h)).usage(START_MS).change(changed)
    expect(valueOf(drive, changed, 'requests_24h', START_MS)).toBeNaN()
    expect(valueOf(drive, changed, 'requests_24h', START_MS + 23 * HOUR_MS)).toBeNaN()
    expect(valueOf(drive, changed, 'requests_24h', START_MS + 25 * HOUR_MS)).toBe(0)
  })

  it('is cold for a lengthened window until it is full, also after what was stored of the shorter one has gone', () => {
    const short = topologyWith('requests: { count: usage, window: 30m, pane: 5m }')
    const long = topologyWith('requests: { count: usage, window: 2h, pane: 5m }')
    const drive = new Drive(short).usage(START_MS).change(long)
    for (const minute of [40, 80, 115]) {
      drive.usage(START_MS + minute * MINUTE_MS).reload()
      expect(valueOf(drive, long, 'requests', START_MS + minute * MINUTE_MS)).toBeNaN()
    }
    drive.usage(START_MS + 125 * MINUTE_MS).reload()
    expect(valueOf(drive, long, 'requests', START_MS + 125 * MINUTE_MS)).toBe(4)
  })

  it('is cold for a session that may have begun before it was kept, to the end of that session', () => {
    const before = topologyWith(requests_1h)
    const changed = topologyWith(requests_1h, 'burst: { count: usage, session: 2m }')
    const drive = new Drive(before).usage(START_MS).change(changed)
    for (let minute = 1; minute <= 10; minute++) drive.usage(START_MS + minute * MINUTE_MS)
    expect(valueOf(drive, changed, 'burst', START_MS + 10 * MINUTE_MS)).toBeNaN()
    drive.usage(START_MS + 20 * MINUTE_MS).reload()
    expect(valueOf(drive, changed, 'burst', START_MS + 20 * MINUTE_MS)).toBe(1)
  })

  it('is cold for what events ahead of the stream have been taken without', () => {
    const changed = topologyWith(requests_1h, other_1h)
    const drive = new Drive(topologyWith(requests_1h)).usage(START_MS)
    drive.newestEventMs = START_MS + 6 * MINUTE_MS
    drive.change(changed)
    expect(valueOf(drive, changed, 'other_1h', START_MS + 64 * MINUTE_MS)).toBeNaN()
    expect(valueOf(drive, changed, 'other_1h', START_MS + 69 * MINUTE_MS)).toBe(0)
  })

  it('forgets how older panes lay once they are gone', () => {
    const [one, other] = [topologyWith(requests_1h), topologyWith(other_1h)]
    const drive = new Drive(one).usage(START_MS).change(other)
    expect(Object.keys(drive.logic.layout.forms)).toHaveLength(2)
    drive.usage(START_MS + 2 * HOUR_MS).change(other)
    expect(Object.keys(drive.logic.layout.forms)).toHaveLength(1)
  })

  it('misses nothing where there was no checkpoint', () => {
    const topology = topologyWith(requests_1h)
    expect(Object.values(stateLayout(topology, null).parts)).toEqual([null])
  })
})

/**
 * Always there. Windows end with the newest pane that the key has of their length, whatever has been counted in it, so
 * that each kind of event must leave one.
 */
const ANCHORS: readonly string[] = ['1m', '5m'].flatMap((pane) => [
  `usageBy${pane}: { count: usage, window: 10m, pane: ${pane} }`,
  `verdictsBy${pane}: { count: verdicts, window: 10m, pane: ${pane} }`,
])

/** Of every kind, shape and pane length. */
const POOL: readonly string[] = [
  'requests_1m: { count: usage, window: 1m }',
  requests_1h,
  other_1h,
  'requests_30m: { count: usage, window: 30m, pane: 5m }',
  'gpuSeconds_1h: { sum: usage.gpuSeconds, window: 1h }',
  'mean_10m: { mean: usage.gpuSeconds, window: 10m }',
  'max_1h: { max: usage.gpuSeconds, window: 1h }',
  'distinct_1h: { distinct: usage.clientAddressHash, window: 1h, exactLimit: 6 }',
  'refused_10m: { distinct: usage.clientAddressHash, by: keyId, where: \'status == "rate_limited"\', window: 10m }',
  'top_1h: { topShare: usage.clientAddressHash, window: 1h, exactLimit: 4 }',
  'entropy_1h: { entropy: usage.clientAddressHash, by: keyId, window: 1h }',
  'median_1h: { quantile: usage.gpuSeconds, share: 0.5, window: 1h }',
  'early_10m: { earlyRetries: usage, by: keyId, window: 10m }',
  'ofKey_10m: { count: usage, by: keyId, window: 10m }',
  'rhythm_1h: { regularity: usage, window: 1h }',
  'walk_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, window: 1h }',
  "code_1h: { count: verdicts, where: 'containsCode', window: 1h }",
  'sliding_10m: { count: usage, sliding: 10m }',
  'slidingOfKey_1m: { mean: usage.gpuSeconds, by: keyId, sliding: 1m }',
  'session_2m: { sum: usage.gpuSeconds, session: 2m }',
  'addressesSliding_10m: { distinct: usage.clientAddressHash, by: keyId, sliding: 10m, exactLimit: 6 }',
  'medianSliding_10m: { quantile: usage.gpuSeconds, share: 0.5, sliding: 10m }',
  'rhythmSliding_10m: { regularity: usage, sliding: 10m }',
  'busy_10m: { dutyCycle: usage, window: 10m }',
  'row_10m: { streak: usage, window: 10m }',
  'rowSliding_10m: { streak: usage, sliding: 10m }',
  'busySliding_10m: { dutyCycle: usage, sliding: 10m }',
  'walkSliding_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, sliding: 1h }',
  'addressesInOneGo: { distinct: usage.clientAddressHash, by: keyId, session: 1m, exactLimit: 6 }',
  'topInOneGo: { topShare: usage.clientAddressHash, session: 2m }',
  'paceInOneGo: { rate: usage, session: 2m }',
]

const step = fc.record({
  verdict: fc.boolean(),
  /** Mostly a few seconds on, sometimes back, sometimes far ahead. */
  aheadMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: -30_000, max: 0 }) },
    { weight: 2, arbitrary: fc.integer({ min: 300_000, max: 3_000_000 }) },
  ),
  value: fc.nat(12),
  reload: fc.boolean(),
  change: fc.option(fc.subarray([...POOL.keys()], { minLength: 1 }), { freq: 3, nil: null }),
  shuffled: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function feed(drive: Drive, { verdict, value }: Step, timeMs: number): void {
  const text = String(value)
  if (verdict) {
    const more = { templateHash: String(value % 3), slotOrdinal: value, containsCode: value % 2 === 0 }
    return void drive.verdict(timeMs, more)
  }
  const refused = { status: 'rate_limited', retryAfterMs: value * 1_000 } as const
  const more = { keyId: `key-${value % 3}`, gpuSeconds: value / 8, clientAddressHash: text }
  drive.usage(timeMs, value % 4 === 0 ? { ...more, ...refused } : more)
}

function chosen(numbers: readonly number[], shuffled: boolean): CompiledTopology {
  const features = [...ANCHORS, ...numbers.map((at) => POOL[at] ?? '')]
  const topology = topologyWith(...(shuffled ? [...features].reverse() : features))
  return shuffled ? { ...topology, sources: [...topology.sources].reverse() } : topology
}

const whole = chosen([...POOL.keys()], false)

/** A state whose features change, and beside it one that has had all of them from the beginning on. */
class Changing {
  readonly #unchanged = new Drive(whole)
  readonly #changed = new Drive(whole)
  #topology = whole
  /** When each feature came that was not there from the beginning on. */
  readonly #sinceMs = new Map<string, number>()
  #timeMs = START_MS

  take(one: Step): void {
    if (one.change !== null) this.#change(chosen(one.change, one.shuffled))
    this.#timeMs = Math.max(this.#timeMs + one.aheadMs, this.#changed.streamTimeMs - 30_000)
    feed(this.#unchanged, one, this.#timeMs)
    feed(this.#changed, one, this.#timeMs)
    if (one.reload) this.#changed.reload()
  }

  /** Of every feature there is now what it tells, and of each that must be known what it has to tell. */
  check(): void {
    for (const feature of this.#topology.features) {
      const { name, index } = feature
      const at = whole.features.findIndex((one) => one.name === name)
      const [told, expected] = [
        evaluated(this.#changed, this.#timeMs),
        evaluated(this.#unchanged, this.#timeMs),
      ]
      const value = told.feature(index)
      const known = this.#mustBeKnown(feature)
      if (known || !Number.isNaN(value)) expect([name, value]).toEqual([name, expected.feature(at)])
      if (known) expect(told.trail(index)).toEqual(expected.trail(at))
    }
  }

  #change(topology: CompiledTopology): void {
    const before = new Set(this.#topology.features.map(({ name }) => name))
    const { newestEventMs } = this.#changed
    for (const { name } of topology.features)
      if (!before.has(name) && Number.isFinite(newestEventMs)) this.#sinceMs.set(name, newestEventMs + 1)
    this.#topology = topology
    this.#changed.change(topology)
  }

  #mustBeKnown({ name, aggregate, shape, windowMs, paneMs }: FeatureSpec): boolean {
    const sinceMs = this.#sinceMs.get(name)
    if (sinceMs === undefined) return true
    // A retry may be early by a refusal of a window before it; a session may have begun any time before.
    const neededMs = aggregate.kind === 'earlyRetries' ? 2 * windowMs : windowMs
    return shape !== 'session' && this.#timeMs - neededMs - 2 * paneMs >= sinceMs
  }
}

describe('at random, a feature', () => {
  it('tells what it would had nothing changed, or that it is unknown while it is new', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const changing = new Changing()
        for (const one of steps) {
          changing.take(one)
          changing.check()
        }
      }),
      { numRuns: 60 },
    )
  })
})
