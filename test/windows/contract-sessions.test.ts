/** What `docs/windows.md` says of the figures of a session beside counts and sums. */
import { describe, expect, it } from 'vitest'
import type { Reading } from '../../src/domain/signal.ts'
import { detector, Drive, MINUTE_MS, START_MS, topologyOf } from '../detect/harness.ts'
import { WindowRun } from './window-run.ts'

describe('a session', () => {
  const FIGURES = ['models', 'topModel', 'spread', 'longest', 'texts']
  const topology = topologyOf(`
features:
  models: { distinct: usage.model, exactLimit: 100, session: 5m }
  topModel: { topShare: usage.model, exactLimit: 100, session: 5m }
  spread: { entropy: usage.model, exactLimit: 100, session: 5m }
  longest: { quantile: usage.outputTokens, share: 0.9, exactLimit: 100, session: 5m }
  texts: { distinct: verdicts.simHash, exactLimit: 100, session: 5m }
detectors:
${detector('test.it', FIGURES.map((name) => `${name} >= 0`).join(' && '), 'once: 1ms, evidence: [models]')}
`)

  /** After so many models and texts, each of which came once, in one go that takes an hour. */
  function after(models: number, ascending: boolean): ReadonlyMap<string, Reading> {
    const drive = new Drive(topology)
    for (let n = 0; n < models; n++) {
      const which = ascending ? n : models - 1 - n
      const timeMs = START_MS + Math.floor((n / models) * 60 * MINUTE_MS)
      drive.verdict(timeMs, { simHash: `text ${which}` })
      drive.usage(timeMs + 1, { model: `model-${which}`, outputTokens: which + 1 })
    }
    return new Map(drive.signals.at(-1)?.readings.map((reading) => [reading.name, reading]))
  }

  it('W69: is exact to the bounds of a pane and of a window', () => {
    const told = after(100, true)
    const values = FIGURES.map((name) => told.get(name)?.value)
    expect(values).toEqual([100, 0.01, expect.closeTo(Math.log2(100), 5), 90, 100])
    expect(FIGURES.map((name) => told.get(name)?.error)).toEqual([0, 0, 0, 0, 0])
    expect(FIGURES.map((name) => after(100, false).get(name)?.value)).toEqual(values)
  })

  it('W69: is an estimate past them, which says how far off it may be', () => {
    const exact = [2_000, 1 / 2_000, Math.log2(2_000), 1_800, 2_000]
    for (const ascending of [true, false]) {
      const told = after(2_000, ascending)
      for (const [at, name] of FIGURES.entries()) {
        const { value, error } = told.get(name) ?? { value: NaN, error: NaN }
        const sigmas = name === 'models' || name === 'texts' ? 4 : 1
        expect(error, name).toBeGreaterThan(0)
        expect(Math.abs((value ?? NaN) - (exact[at] ?? NaN)), name).toBeLessThanOrEqual(
          sigmas * (error ?? NaN),
        )
      }
    }
  })

  it('W69: tells a walk, and near-duplicates once', async () => {
    const run = new WindowRun(
      `
  walk: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, session: 5m }
  texts: { distinct: verdicts.simHash, session: 5m }`,
      { lateness: '10m' },
    )
    const text = (hash: number) => hash.toString(16).padStart(16, 'a')
    const walked = (from: number, startMs: number) => {
      for (let n = 0; n < 30; n++)
        run.verdict(startMs + n * 1_000, { templateHash: 't', slotOrdinal: from + n, simHash: text(n % 8) })
    }
    walked(0, START_MS)
    walked(30, START_MS + 8 * MINUTE_MS)
    expect(await run.read(START_MS)).toEqual({ texts: 1 })
    // What comes late makes one session of two.
    run.verdict(START_MS + 4 * MINUTE_MS, { templateHash: 't', slotOrdinal: 60, simHash: text(255) })
    expect(await run.read(START_MS)).toEqual({ walk: 1, texts: 1 })
    expect(await run.read(START_MS + 30 * MINUTE_MS)).toEqual({ texts: 0 })
  })

  it('W70: rate and concurrency are by its own length, and unknown where it has none', async () => {
    const run = new WindowRun(`
  pace: { rate: usage, session: 5m }
  atOnce: { concurrency: usage.durationMs, session: 5m }`)
    expect(await run.read(START_MS)).toEqual({ pace: 0, atOnce: 0 })
    run.usage(START_MS, { durationMs: 30_000 })
    expect(await run.read(START_MS)).toEqual({})
    run.usage(START_MS, { durationMs: 30_000 })
    expect(await run.read(START_MS + MINUTE_MS)).toEqual({})
    run.usage(START_MS + 2 * MINUTE_MS, { durationMs: 180_000 })
    expect(await run.read(START_MS + 4 * MINUTE_MS)).toEqual({ pace: 1.5, atOnce: 2 })
    expect(await run.read(START_MS + 8 * MINUTE_MS)).toEqual({ pace: 0, atOnce: 0 })
  })

  it('W71: regularity is that of the newest 256 events, in whatever order they came', async () => {
    const timesOf = (uneven: number) => {
      const even = Array.from({ length: 256 }, (_, at) => START_MS + 60 * MINUTE_MS + at * 10_000)
      const before = Array.from({ length: uneven }, (_, at) => START_MS + 60 * MINUTE_MS - at * at * 50 - 1)
      return [...before, ...even]
    }
    const read = async (times: readonly number[]) => {
      const run = new WindowRun('  rhythm: { regularity: usage, session: 5m }', { lateness: '2h' })
      for (const timeMs of times) run.usage(timeMs)
      return (await run.read(Math.max(...times)))['rhythm']
    }
    expect(await read(timesOf(0))).toBe(1)
    expect(await read(timesOf(60))).toBe(1)
    expect(await read(timesOf(60).reverse())).toBe(1)
    expect(await read([...timesOf(60), START_MS + 60 * MINUTE_MS + 5_001])).toBeLessThan(1)
    expect(await read(timesOf(0).slice(0, 20))).toBeUndefined()
    expect(await read(timesOf(0).slice(0, 21))).toBe(1)
  })
})

describe('a ratio', () => {
  it.each(['sliding: 10m', 'session: 5m'])(
    'W62: of two figures with %s is of what both tell',
    async (window) => {
      const run = new WindowRun(`
  models: { distinct: usage.model, ${window} }
  requests: { count: usage, ${window} }
  modelsARequest: { ratio: [models, requests] }`)
      for (const model of ['a', 'b', 'a', 'a']) run.usage(START_MS, { model })
      expect(await run.read(START_MS)).toEqual({ models: 2, requests: 4, modelsARequest: 0.5 })
      expect(await run.read(START_MS + 30 * MINUTE_MS)).toEqual({ models: 0, requests: 0 })
    },
  )
})
