/** What `docs/windows.md` says of the figures beside counts and sums: rates, rhythms, shares, quantiles. */
import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, START_MS } from '../detect/harness.ts'
import { WindowRun } from './window-run.ts'

const PANE_MS = 5 * MINUTE_MS
const SECOND_MS = 1_000

describe('rates', () => {
  it.each(['window', 'sliding'])('W55: rate is a count by the minute, over a %s', async (shape) => {
    const run = new WindowRun(`  pace_10m: { rate: usage, ${shape}: 10m }`)
    for (let at = 0; at < 25; at++) run.usage(START_MS + at * SECOND_MS)
    expect(await run.read(START_MS + MINUTE_MS)).toEqual({ pace_10m: 2.5 })
  })

  it('W56: concurrency is how many were under way at once', async () => {
    const run = new WindowRun('  atOnce_10m: { concurrency: usage.durationMs, window: 10m }')
    expect(await run.read(START_MS)).toEqual({ atOnce_10m: 0 })
    for (let at = 0; at < 30; at++) run.usage(START_MS + at, { durationMs: MINUTE_MS })
    run.usage(START_MS, { durationMs: null })
    expect(await run.read(START_MS + MINUTE_MS)).toEqual({ atOnce_10m: 3 })
  })
})

describe('first and last', () => {
  it('W57: are told as the time that has passed since, and are unknown of nothing', async () => {
    const run = new WindowRun(
      `
  first_1h: { firstSeen: usage, window: 1h }
  last_1h: { lastSeen: usage, window: 1h }
  began_10m: { firstSeen: usage, sliding: 10m }
  goesOn: { firstSeen: usage, session: 5m }`,
      { lateness: '1h' },
    )
    expect(await run.read(START_MS)).toEqual({})
    for (const at of [3, 1, 2]) run.usage(START_MS + at * MINUTE_MS)
    const told = { first_1h: 4 * MINUTE_MS, last_1h: 2 * MINUTE_MS, began_10m: 4 * MINUTE_MS }
    expect(await run.read(START_MS + 5 * MINUTE_MS)).toEqual({ ...told, goesOn: 4 * MINUTE_MS })
    expect(await run.read(START_MS + HOUR_MS)).toEqual({})
  })
})

describe('spread', () => {
  it('W58: entropy is exact up to the limit of a pane, and never too high past it', async () => {
    const run = new WindowRun('  bits_1h: { entropy: usage.clientAddressHash, window: 1h, exactLimit: 20 }')
    expect(await run.read(START_MS)).toEqual({})
    for (let at = 0; at < 64; at++) run.usage(START_MS + at, { clientAddressHash: `a${at % 16}` })
    expect(await run.read(START_MS + PANE_MS)).toEqual({ bits_1h: 4 })
    for (let at = 0; at < 64; at++) run.usage(START_MS + PANE_MS, { clientAddressHash: `b${at % 4}` })
    expect(await run.read(START_MS + PANE_MS)).toEqual({ bits_1h: 4 })
    for (let at = 0; at < 128; at++) run.usage(START_MS + PANE_MS, { clientAddressHash: `c${at}` })
    const bits = (await run.read(START_MS + PANE_MS))['bits_1h'] ?? NaN
    expect(bits).toBeLessThan(6.01)
    expect(bits).toBeGreaterThan(6 - 1 - 0.5 * 7)
  })

  it('W59: a quantile is one of its values up to the limit of the window, and near it past that', async () => {
    const run = new WindowRun(
      `
  most_1h: { quantile: usage.gpuSeconds, share: 0.95, window: 1h, exactLimit: 100 }
  half_1h: { quantile: usage.gpuSeconds, share: 0.5, window: 1h }`,
      { lateness: '1h' },
    )
    expect(await run.read(START_MS)).toEqual({})
    for (let at = 1; at <= 100; at++) run.usage(START_MS + (at % 7) * PANE_MS, { gpuSeconds: at })
    const timeMs = START_MS + 7 * PANE_MS
    expect(await run.read(timeMs)).toEqual({ most_1h: 95, half_1h: 50 })
    for (let at = 101; at <= 200; at++) run.usage(timeMs, { gpuSeconds: at })
    const { most_1h = NaN, half_1h } = await run.read(timeMs)
    expect(half_1h).toBe(100)
    expect(most_1h).not.toBe(190)
    expect(Math.abs(most_1h / 190 - 1)).toBeLessThan(0.01)
  })
})

describe('rhythm', () => {
  it('W60: regularity is 1 for even gaps, and unknown below 20 of them', async () => {
    const run = new WindowRun('  rhythm_1h: { regularity: usage, by: keyId, window: 1h }')
    for (let at = 0; at < 20; at++) run.usage(START_MS + at * MINUTE_MS)
    expect(await run.read(START_MS + 20 * MINUTE_MS)).toEqual({})
    run.usage(START_MS + 20 * MINUTE_MS)
    expect(await run.read(START_MS + 20 * MINUTE_MS)).toEqual({ rhythm_1h: 1 })
    run.usage(START_MS + 20.5 * MINUTE_MS)
    run.usage(START_MS + 26.5 * MINUTE_MS)
    expect((await run.read(START_MS + 27 * MINUTE_MS))['rhythm_1h']).toBeCloseTo(26.5 ** 2 / (22 * 56.25), 3)
  })

  it('W61: dutyCycle is the share of active panes, streak how many in a row end with that of now', async () => {
    const run = new WindowRun(
      `
  busy_10m: { dutyCycle: usage, window: 10m }
  row_10m: { streak: usage, window: 10m }`,
      { lateness: '1h' },
    )
    const read = (minute: number) => run.read(START_MS + minute * MINUTE_MS)
    expect(await read(0)).toEqual({ busy_10m: 0, row_10m: 0 })
    for (const minute of [0, 0.5, 1, 3, 4, 4, 5]) run.usage(START_MS + minute * MINUTE_MS)
    expect(await read(5.9)).toEqual({ busy_10m: 0.5, row_10m: 3 })
    expect(await read(4)).toEqual({ busy_10m: 0.5, row_10m: 2 })
    expect(await read(6)).toEqual({ busy_10m: 0.5, row_10m: 0 })
    expect(await read(10)).toEqual({ busy_10m: 0.4, row_10m: 0 })
    run.usage(START_MS + 2 * MINUTE_MS)
    expect(await read(5)).toMatchObject({ row_10m: 6 })
  })
})

describe('rhythm in a sliding window', () => {
  it('W61: dutyCycle and streak are of parts that are counted back from its end', async () => {
    const run = new WindowRun(`
  busy_10m: { dutyCycle: usage, sliding: 10m }
  row_10m: { streak: usage, sliding: 10m }
  busyHalves: { dutyCycle: usage, sliding: 90s }`)
    const read = (afterMs: number) => run.read(START_MS + 17_000 + afterMs)
    expect(await read(0)).toEqual({ busy_10m: 0, row_10m: 0, busyHalves: 0 })
    for (const minute of [0, 1, 2]) run.usage(START_MS + 17_000 + minute * MINUTE_MS)
    expect(await read(2 * MINUTE_MS)).toEqual({ busy_10m: 0.3, row_10m: 3, busyHalves: 1 })
    expect(await read(3 * MINUTE_MS - 1)).toMatchObject({ busy_10m: 0.3, row_10m: 3 })
    expect(await read(3 * MINUTE_MS)).toMatchObject({ busy_10m: 0.3, row_10m: 0, busyHalves: 0.5 })
    // The first event stands on the earlier edge of the earliest part, which holds the second too.
    expect(await read(10 * MINUTE_MS)).toMatchObject({ busy_10m: 0.2, row_10m: 0, busyHalves: 0 })
    expect(await read(11 * MINUTE_MS)).toMatchObject({ busy_10m: 0.1 })
    expect(await read(11 * MINUTE_MS + 1)).toMatchObject({ busy_10m: 0.1 })
    expect(await read(12 * MINUTE_MS + 1)).toMatchObject({ busy_10m: 0 })
  })

  it('W61: both are exact however many events a part has', async () => {
    const run = new WindowRun('  row_10m: { streak: usage, sliding: 10m }')
    for (let at = 0; at < 1_200; at++) run.usage(START_MS + at * 100)
    expect(await run.read(START_MS + 2 * MINUTE_MS - 100)).toEqual({ row_10m: 2 })
    expect(await run.read(START_MS + 3 * MINUTE_MS - 101)).toEqual({ row_10m: 3 })
    expect(await run.read(START_MS + 3 * MINUTE_MS - 100)).toEqual({ row_10m: 0 })
  })
})

describe('ratios', () => {
  it('W62: are of what both features tell, and unknown where either is, or the second is 0', async () => {
    const run = new WindowRun(`
  requests_1h: { count: usage, window: 1h }
  cancelled_1h: { count: usage, where: 'status == "cancelled"', window: 1h }
  lost_1h: { ratio: [cancelled_1h, requests_1h] }`)
    expect(await run.read(START_MS)).toEqual({ requests_1h: 0, cancelled_1h: 0 })
    for (const status of ['ok', 'cancelled', 'ok', 'ok'] as const) run.usage(START_MS, { status })
    expect(await run.read(START_MS)).toEqual({ requests_1h: 4, cancelled_1h: 1, lost_1h: 0.25 })
  })
})

describe('how many', () => {
  it('W63: of what is known exceeds its limit', async () => {
    const run = new WindowRun(`
  requests_1h: { count: usage, window: 1h }
  longest_1h: { max: usage.gpuSeconds, window: 1h }
  slowest_1h: { max: usage.queueTimeMs, window: 1h }
  signs: { exceeding: { requests_1h: 1, longest_1h: 3, slowest_1h: 5 } }
  slow: { exceeding: { slowest_1h: 5 } }`)
    const signs = async () => {
      const { signs: all, slow } = await run.read(START_MS)
      return [all, slow]
    }
    expect(await signs()).toEqual([0, undefined])
    run.usage(START_MS, { gpuSeconds: 3, queueTimeMs: null })
    run.usage(START_MS, { gpuSeconds: 3, queueTimeMs: null })
    expect(await signs()).toEqual([1, undefined])
    run.usage(START_MS, { gpuSeconds: 3.5, queueTimeMs: 6 })
    expect(await signs()).toEqual([3, 1])
  })
})

describe('all of them', () => {
  it('W45: have the values that they had when they are read back', async () => {
    const run = new WindowRun(`
  pace_1h: { rate: usage, window: 1h }
  least_1h: { min: usage.gpuSeconds, window: 1h }
  bits_1h: { entropy: usage.clientAddressHash, by: keyId, window: 1h, exactLimit: 20 }
  most_1h: { quantile: usage.gpuSeconds, share: 0.9, window: 1h, exactLimit: 50 }
  rhythm_1h: { regularity: usage, window: 1h }
  busy_1h: { dutyCycle: usage, window: 1h }
  row_1h: { streak: usage, window: 1h }
  least_10m: { min: usage.gpuSeconds, sliding: 10m }
  first_1h: { firstSeen: usage, window: 1h }`)
    for (let at = 0; at < 90; at++) {
      run.usage(START_MS + at * 20_000, { gpuSeconds: 1 + (at % 31) / 7, clientAddressHash: `a${at % 33}` })
    }
    const timeMs = START_MS + 89 * 20_000
    const before = await run.read(timeMs)
    expect(Object.keys(before)).toHaveLength(9)
    await run.restart()
    expect(await run.read(timeMs)).toEqual(before)
  })
})
