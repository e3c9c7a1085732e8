/** Which figures of a signal are estimates, and how far off they may be. */
import { describe, expect, it } from 'vitest'
import type { Reading } from '../../src/domain/signal.ts'
import { detector, Drive, MINUTE_MS, START_MS, topologyOf } from './harness.ts'

const topology = topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
  models_1h: { distinct: usage.model, exactLimit: 100, window: 1h }
  topModel_1h: { topShare: usage.model, exactLimit: 10, window: 1h }
  spread_1h: { entropy: usage.model, exactLimit: 10, window: 1h }
  longest_1h: { quantile: usage.outputTokens, share: 0.9, exactLimit: 50, window: 1h }
  models_1m: { distinct: usage.model, exactLimit: 10, window: 1m }
  modelsARequest: { ratio: [models_1h, requests_1h] }
detectors:
${detector(
  'test.all',
  'requests_1h >= 40 && models_1h > 0 && topModel_1h > 0 && spread_1h > 0 && longest_1h > 0 && models_1m > 0 && modelsARequest > 0',
  'once: 1ms, evidence: [requests_1h]',
)}
`)

/** So many different models within ten minutes, each once but the first, which comes as often as all others. */
function after(
  models: number,
): ReadonlyMap<string, { readonly value: number; readonly error: number | null }> {
  const drive = new Drive(topology)
  for (let n = 0; n < models; n++) {
    const timeMs = START_MS + Math.floor((n / models) * 10 * MINUTE_MS)
    drive.usage(timeMs, { model: 'model-0' }).usage(timeMs, { model: `model-${n}`, outputTokens: n + 1 })
  }
  const readings = drive.signals.at(-1)?.readings ?? []
  return new Map(readings.map(({ name, value, error }) => [name, { value: value ?? NaN, error }]))
}

describe('a figure of a signal', () => {
  it('is exact while what it is made of is few', () => {
    const told = after(22)
    for (const name of ['requests_1h', 'models_1h', 'longest_1h', 'models_1m', 'modelsARequest'])
      expect(told.get(name)?.error, name).toBe(0)
  })

  it('is told as an estimate past that, with how far off it may be', () => {
    const told = after(2_000)
    const errorOf = (name: string): number => told.get(name)?.error ?? NaN
    const valueOf = (name: string): number => told.get(name)?.value ?? NaN
    expect(errorOf('models_1h') / valueOf('models_1h')).toBeCloseTo(0.01625, 5)
    expect(Math.abs(valueOf('models_1h') - 2_000)).toBeLessThan(4 * errorOf('models_1h'))
    expect(errorOf('modelsARequest') / valueOf('modelsARequest')).toBeCloseTo(0.01625, 5)
    expect(errorOf('longest_1h')).toBeCloseTo((valueOf('longest_1h') / 0.99) * 0.01)
    expect(errorOf('topModel_1h')).toBeGreaterThan(0)
    expect(valueOf('topModel_1h') + errorOf('topModel_1h')).toBeGreaterThan(0.5)
    expect(errorOf('topModel_1h')).toBeLessThanOrEqual(0.2)
    expect(errorOf('spread_1h')).toBeGreaterThan(1)
    expect(errorOf('requests_1h')).toBe(0)
  })

  it('of a window of one pane is an estimate of that pane', () => {
    const { value = NaN, error = NaN } = after(2_000).get('models_1m') ?? {}
    expect(value).toBeLessThan(250)
    expect(error).toBeCloseTo(value * 0.01625, 5)
  })

  it('is one of texts that were told apart by their likeness too, past the bound', () => {
    const texts = topologyOf(`
features:
  texts_1h: { distinct: verdicts.simHash, exactLimit: 20, window: 1h }
detectors:
${detector('test.texts', 'texts_1h >= 10', 'once: 1ms, evidence: [texts_1h]')}
`)
    const drive = new Drive(texts)
    for (let n = 0; n < 400; n++) drive.verdict(START_MS + n, { simHash: `text ${n}` })
    const readings = drive.signals.map(({ readings: [reading] }) => reading)
    expect(readings[0]).toMatchObject({ value: 10, error: 0 })
    const { value, error } = readings.at(-1) ?? {}
    expect(error).toBeCloseTo((value ?? NaN) * 0.01625, 4)
  })

  it('of a sliding window is an estimate where a pane that it cuts has events at too many moments', () => {
    const figures = ['requests', 'perMinute', 'tokens', 'onAverage', 'longest', 'shortest']
    const sliding = topologyOf(`
features:
  requests: { count: usage, sliding: 1m }
  perMinute: { rate: usage, sliding: 30s }
  tokens: { sum: usage.outputTokens, sliding: 1m }
  onAverage: { mean: usage.outputTokens, sliding: 1m }
  longest: { max: usage.outputTokens, sliding: 1m }
  shortest: { min: usage.outputTokens, sliding: 1m }
detectors:
${detector('test.sliding', figures.map((name) => `${name} > 0`).join(' && '), 'once: 1ms, evidence: [requests]')}
`)
    const drive = new Drive(sliding)
    const events: { readonly timeMs: number; readonly tokens: number }[] = []
    // By the hundredth of a second for two minutes: a pane of ten seconds has a thousand.
    for (let n = 0; n < 12_000; n++) {
      const event = { timeMs: START_MS + n * 10, tokens: 1 + ((n * 7_919) % 5_000) }
      events.push(event)
      drive.usage(event.timeMs, { outputTokens: event.tokens })
    }
    const readingsOf = (at: number): ReadonlyMap<string, Reading> =>
      new Map(drive.signals[at]?.readings.map((reading) => [reading.name, reading]))
    for (const name of figures) expect(readingsOf(100).get(name)?.error, name).toBe(0)
    for (const at of [6_523, 7_777, 11_999]) {
      const endMs = events[at]?.timeMs ?? NaN
      const within = (ms: number): number[] =>
        events.slice(0, at + 1).flatMap(({ timeMs, tokens }) => (timeMs >= endMs - ms ? [tokens] : []))
      const tokens = within(MINUTE_MS)
      const sum = tokens.reduce((all, one) => all + one, 0)
      const exact = [
        tokens.length,
        within(MINUTE_MS / 2).length * 2,
        sum,
        sum / tokens.length,
        Math.max(...tokens),
        Math.min(...tokens),
      ]
      const told = readingsOf(at)
      const off = figures.map((name, which) =>
        Math.abs((told.get(name)?.value ?? NaN) - (exact[which] ?? NaN)),
      )
      const errors = figures.map((name) => told.get(name)?.error ?? NaN)
      for (const [which, name] of figures.entries())
        expect(off[which], name).toBeLessThanOrEqual((errors[which] ?? NaN) + 1e-6)
      expect(errors[0]).toBeGreaterThan(0)
      expect(errors[0]).toBeLessThanOrEqual(1_000)
      expect(errors[1]).toBeGreaterThan(0)
    }
  })

  it('takes nothing of the memory to be told', () => {
    const drive = new Drive(topology)
    for (let n = 0; n < 200; n++) drive.usage(START_MS, { model: `model-${n}` })
    const { bytes } = drive.state
    drive.state.use(START_MS)
    for (const feature of drive.plan.features) {
      if (feature !== undefined) drive.state.error(feature, {}, START_MS, false)
    }
    expect(drive.state.bytes).toBe(bytes)
  })
})
