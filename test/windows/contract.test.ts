/** What `docs/windows.md` says of panes, edges, reading, numbers and bounds; each title cites its sentence. */
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../src/domain/duration.ts'
import { detector, HOUR_MS, MINUTE_MS, START_MS } from '../detect/harness.ts'
import { WindowRun } from './window-run.ts'

const DAY_MS = 24 * HOUR_MS
const PANE_MS = 5 * MINUTE_MS

const REQUESTS = `
  requests_1m: { count: usage, window: 1m }
  requests_1h: { count: usage, window: 1h }
  requests_1d: { count: usage, window: 1d, pane: 1d }`

describe('panes and their edges', () => {
  it('W1: the begin belongs to a pane, the end to the next', async () => {
    const run = new WindowRun(REQUESTS)
    for (const timeMs of [START_MS - 1, START_MS, START_MS + MINUTE_MS - 1, START_MS + MINUTE_MS]) {
      run.usage(timeMs)
    }
    const read = async (timeMs: number) => (await run.read(timeMs))['requests_1m']
    expect(await read(START_MS - 1)).toBe(1)
    expect(await read(START_MS)).toBe(2)
    expect(await read(START_MS + MINUTE_MS - 1)).toBe(2)
    expect(await read(START_MS + MINUTE_MS)).toBe(1)
  })

  it('W2: panes are aligned to the epoch, a day to UTC', async () => {
    expect(START_MS % DAY_MS).toBe(0)
    const run = new WindowRun(REQUESTS)
    run.usage(START_MS + DAY_MS - 1_000)
    expect((await run.read(START_MS + DAY_MS - 1))['requests_1d']).toBe(1)
    expect((await run.read(START_MS + DAY_MS))['requests_1d']).toBe(0)
  })

  it('W3: neither append time nor order decides on the pane', async () => {
    const run = new WindowRun(REQUESTS)
    const appendedMs = START_MS + 3 * MINUTE_MS
    run.usage(START_MS + MINUTE_MS, {}, appendedMs)
    run.usage(START_MS + MINUTE_MS - 1, {}, appendedMs + 1)
    expect((await run.read(START_MS + MINUTE_MS - 1))['requests_1m']).toBe(1)
    expect((await run.read(START_MS + MINUTE_MS))['requests_1m']).toBe(1)
    expect((await run.read(appendedMs))['requests_1m']).toBe(0)
  })

  it.each([
    ['30s', 30_000],
    ['1m', MINUTE_MS],
    ['10m', MINUTE_MS],
    ['1h', 5 * MINUTE_MS],
    ['1d', HOUR_MS],
    ['7d', 6 * HOUR_MS],
    ['30d', DAY_MS],
  ])('W4: a window of %s moves by its own panes', async (window, paneMs) => {
    const windowMs = parseDuration(window) ?? 0
    const read = async (eventMs: number, timeMs: number): Promise<number | undefined> => {
      const run = new WindowRun(`  it_${window}: { count: usage, window: ${window} }`)
      run.usage(START_MS + eventMs)
      return (await run.read(START_MS + timeMs))[`it_${window}`]
    }
    expect(await read(paneMs - 1, windowMs - 1)).toBe(1)
    expect(await read(paneMs - 1, windowMs)).toBe(0)
    expect(await read(paneMs, windowMs)).toBe(1)
    expect(await read(paneMs, windowMs + paneMs)).toBe(0)
  })

  it('W4: another pane length can be named, where it divides the window', async () => {
    const run = new WindowRun('  it_1h: { count: usage, window: 1h, pane: 20m }')
    run.usage(START_MS + 20 * MINUTE_MS - 1)
    expect((await run.read(START_MS + HOUR_MS - 1))['it_1h']).toBe(1)
    expect((await run.read(START_MS + HOUR_MS))['it_1h']).toBe(0)
    expect(() => new WindowRun('  it_1h: { count: usage, window: 1h, pane: 7m }')).toThrow('cannot be cut')
    expect(() => new WindowRun('  it_1s: { count: usage, window: 1s, pane: 500ms }')).toThrow('too short')
  })
})

describe('what a condition reads', () => {
  it('W5: the event that completes a condition is in the window', async () => {
    const run = new WindowRun(REQUESTS, {
      more: detector('test.two', 'requests_1h >= 2', 'once: 1h, evidence: [requests_1h]'),
    })
    run.usage(START_MS)
    await run.settle()
    expect(run.signals).toEqual([])
    run.usage(START_MS + 1)
    await run.settle()
    expect(run.signals.map(({ occurredAtMs }) => occurredAtMs)).toEqual([START_MS + 1])
  })

  it('W6: a tumbling window is the pane of now, also where a newer one is there', async () => {
    const run = new WindowRun(REQUESTS)
    run.usage(START_MS)
    for (let made = 0; made < 3; made++) run.usage(START_MS + MINUTE_MS)
    expect((await run.read(START_MS + MINUTE_MS - 1))['requests_1m']).toBe(1)
    expect((await run.read(START_MS + MINUTE_MS))['requests_1m']).toBe(3)
  })

  it('W7: a hopping window ends with the pane of now, or with the newest of the key', async () => {
    const run = new WindowRun(REQUESTS)
    for (let made = 0; made < 3; made++) run.usage(START_MS)
    run.usage(START_MS + HOUR_MS - PANE_MS)
    expect((await run.read(START_MS + HOUR_MS - 1))['requests_1h']).toBe(4)
    run.usage(START_MS + HOUR_MS)
    expect((await run.read(START_MS + HOUR_MS))['requests_1h']).toBe(2)
    expect((await run.read(START_MS + HOUR_MS - 1))['requests_1h']).toBe(2)
    expect((await run.read(START_MS + 2 * HOUR_MS - PANE_MS))['requests_1h']).toBe(1)
  })

  it('W7: the newest pane is that of any feature of the same pane length', async () => {
    const run = new WindowRun(`${REQUESTS}\n  verdicts_1h: { count: verdicts, window: 1h }`)
    run.usage(START_MS)
    run.verdict(START_MS + HOUR_MS)
    expect((await run.read(START_MS + HOUR_MS - 1))['requests_1h']).toBe(0)
  })

  it.each([0, 1, PANE_MS - 1])('W8: an event %i ms into its pane leaves after 12 panes', async (intoMs) => {
    const run = new WindowRun(REQUESTS)
    run.usage(START_MS + intoMs)
    expect((await run.read(START_MS + HOUR_MS - 1))['requests_1h']).toBe(1)
    expect((await run.read(START_MS + HOUR_MS))['requests_1h']).toBe(0)
  })

  it('W9: what is over does not count, though nothing came after it', async () => {
    const run = new WindowRun(REQUESTS)
    run.usage(START_MS)
    run.verdict(START_MS + HOUR_MS)
    expect(await run.read(START_MS + HOUR_MS)).toEqual({ requests_1m: 0, requests_1h: 0, requests_1d: 1 })
  })

  it('W10: stragglers in time count as if they had come in their turn', async () => {
    const times = [0, 29_000, 31_000, 59_999, 60_000, 70_000, 89_000].map((at) => START_MS + at)
    const orders = [times, times.toSpliced(0, 2, times[1] ?? 0, times[0] ?? 0), swapped(times)]
    const told = await Promise.all(orders.map(readAfter))
    expect(told[0]).toEqual([4, 3, 7])
    expect(told).toEqual([told[0], told[0], told[0]])
  })

  it('W11: a sub-key is read apart, and unknown for an event that names none', async () => {
    const run = new WindowRun('  ofKey_10m: { count: usage, by: keyId, window: 10m }')
    run.usage(START_MS, { keyId: 'a' })
    run.usage(START_MS, { keyId: 'b' })
    run.usage(START_MS, { keyId: 'b' })
    expect(await run.read(START_MS, { keyId: 'a' })).toEqual({ ofKey_10m: 1 })
    expect(await run.read(START_MS, { keyId: 'b' })).toEqual({ ofKey_10m: 2 })
    expect(await run.read(START_MS, { keyId: 'c' })).toEqual({ ofKey_10m: 0 })
    expect(await run.read(START_MS, { keyId: null })).toEqual({})
  })
})

/** Each two that follow one another, the other way round. */
function swapped(times: readonly number[]): readonly number[] {
  return times.map((timeMs, at) => times[at % 2 === 0 ? at + 1 : at - 1] ?? timeMs)
}

async function readAfter(times: readonly number[]): Promise<readonly unknown[]> {
  const run = new WindowRun(REQUESTS)
  for (const timeMs of times) run.usage(timeMs)
  const early = await run.read(START_MS + MINUTE_MS - 1)
  const last = await run.read(START_MS + 89_000)
  return [early['requests_1m'], last['requests_1m'], last['requests_1h']]
}
