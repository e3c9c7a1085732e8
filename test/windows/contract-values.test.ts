/** What `docs/windows.md` says of numbers, of bounds and their cost, and of what is kept. */
import { describe, expect, it } from 'vitest'
import { detector, Drive, HOUR_MS, MINUTE_MS, START_MS, topologyOf } from '../detect/harness.ts'
import { WindowRun } from './window-run.ts'

const PANE_MS = 5 * MINUTE_MS
/** What sums are rounded to. */
const GRAIN = 2 ** -20

const FIGURES = `
  gpuSeconds_1h: { sum: usage.gpuSeconds, window: 1h }
  meanGpu_1h: { mean: usage.gpuSeconds, window: 1h }
  maxGpu_1h: { max: usage.gpuSeconds, window: 1h }`

const DURATIONS = `
  took_1h: { sum: usage.durationMs, window: 1h }
  meanTook_1h: { mean: usage.durationMs, window: 1h }
  maxTook_1h: { max: usage.durationMs, window: 1h }`

const EMPTY = `
  requests_1h: { count: usage, window: 1h }
${FIGURES.slice(1)}
  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }
  topAddress_1h: { topShare: usage.clientAddressHash, window: 1h }
  walk_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, window: 1h }
  early_10m: { earlyRetries: usage, by: keyId, window: 10m }`

/** Whether the condition held after the last of the requests. */
async function holds(when: string, gpuSeconds: readonly number[]): Promise<boolean> {
  const more = detector('test.it', when, 'once: 1ms, evidence: [gpuSeconds_1h]')
  const run = new WindowRun(FIGURES, { more })
  for (const [at, value] of gpuSeconds.entries()) run.usage(START_MS + at, { gpuSeconds: value })
  await run.settle()
  return run.signals.at(-1)?.occurredAtMs === START_MS + gpuSeconds.length - 1
}

describe('numbers', () => {
  it.each([
    [GRAIN / 2, 1],
    [GRAIN / 2 - 2 ** -40, 0],
    [1.5 * GRAIN, 2],
    [1.25 * GRAIN, 1],
  ])('W25: of %d a sum takes %d grains', async (value, grains) => {
    expect(await holds(`gpuSeconds_1h * 1048576.0 == ${grains}.0`, [value])).toBe(true)
    expect(
      await holds(`meanGpu_1h * 1048576.0 == ${grains / 2 + 3}${grains % 2 === 0 ? '.0' : ''}`, [
        value,
        6 * GRAIN,
      ]),
    ).toBe(true)
  })

  it('W26: a sum is the same in any order, up to 2^33', async () => {
    const tenths = [0.1, 0.2, 0.3]
    const large = [2 ** 33 - 1, 0.25, 0.5, 0.25 - GRAIN]
    for (const order of [tenths, tenths.toReversed()]) {
      expect(await holds('gpuSeconds_1h * 1048576.0 == 629146.0', order)).toBe(true)
    }
    for (const order of [large, large.toReversed()]) {
      expect(await holds('gpuSeconds_1h == 8589934591.99999904632568359375', order)).toBe(true)
    }
  })

  it('W27: a maximum is not rounded', async () => {
    expect(await holds('maxGpu_1h * 1099511627776.0 == 3.0', [2 ** -40, 3 * 2 ** -40])).toBe(true)
  })

  it('W28: what is unknown adds nothing and is no value of a mean', async () => {
    const run = new WindowRun(DURATIONS)
    for (const durationMs of [1, null, 2]) run.usage(START_MS, { durationMs })
    expect(await run.read(START_MS)).toEqual({ took_1h: 3, meanTook_1h: 1.5, maxTook_1h: 2 })
  })

  it('W29: of nothing some are 0 and some unknown, and unknown does not hold', async () => {
    const zeros = { requests_1h: 0, gpuSeconds_1h: 0, addresses_1h: 0, early_10m: 0 }
    expect(await new WindowRun(EMPTY).read(START_MS)).toEqual(zeros)
    const conditions = ['meanTook_1h < 1.0 || meanTook_1h >= 1.0', '!(meanTook_1h < 1.0)']
    const more = conditions.map((when, at) => detector(`test.n${at}`, when, 'once: 1ms, evidence: [took_1h]'))
    const run = new WindowRun(DURATIONS, { more: more.join('\n') })
    run.usage(START_MS, { durationMs: null })
    await run.settle()
    expect(run.signals).toEqual([])
    run.usage(START_MS + 1, { durationMs: 7 })
    await run.settle()
    expect(run.signals).toHaveLength(2)
  })

  it('W30: a signal tells three decimals of what the condition reads in full', async () => {
    const more = detector('test.it', 'meanGpu_1h > 0.3333', 'once: 1ms, evidence: [meanGpu_1h, maxGpu_1h]')
    const run = new WindowRun(FIGURES, { more })
    for (const gpuSeconds of [0, 0, 1]) run.usage(START_MS, { gpuSeconds })
    await run.settle()
    expect(run.signals[0]?.evidence).toEqual([
      { name: 'meanGpu_1h', value: 0.333 },
      { name: 'maxGpu_1h', value: 1 },
    ])
  })
})

describe('bounds', () => {
  it('W31: distinct values are exact up to the limit, and near past it', async () => {
    const run = new WindowRun('  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }')
    for (let at = 0; at < 1_000; at++) run.usage(START_MS + at * 3_000, { clientAddressHash: `a${at}` })
    for (let at = 0; at < 500; at++) run.usage(START_MS + 3_000_000, { clientAddressHash: `a${at}` })
    expect((await run.read(START_MS + 3_000_000))['addresses_1h']).toBe(1_000)
    for (let at = 1_000; at < 5_000; at++) run.usage(START_MS + 3_000_000, { clientAddressHash: `a${at}` })
    const error = ((await run.read(START_MS + 3_000_000))['addresses_1h'] ?? 0) / 5_000 - 1
    expect(error).not.toBe(0)
    expect(Math.abs(error)).toBeLessThan(4 * 0.0163)
  })

  it('W31: of texts, near-duplicates are one, across panes too, whichever of them leaves', async () => {
    const run = new WindowRun('  texts_1h: { distinct: verdicts.simHash, window: 1h, exactLimit: 20 }')
    const read = async (timeMs: number) => (await run.read(timeMs))['texts_1h']
    // Two texts a pane; of each, 6 bits differ from one pane to the next.
    for (const [at, end] of ['000', '03f', 'fff'].entries()) {
      run.verdict(START_MS + at * PANE_MS, { simHash: `${'0'.repeat(13)}${end}` })
      run.verdict(START_MS + at * PANE_MS, { simHash: `${'f'.repeat(8)}${'0'.repeat(5)}${end}` })
    }
    expect(await read(START_MS + 2 * PANE_MS)).toBe(2)
    expect(await read(START_MS + HOUR_MS)).toBe(2)
    expect(await read(START_MS + HOUR_MS + 2 * PANE_MS)).toBe(0)
  })

  it('W31: of texts past the limit each counts for itself', async () => {
    const run = new WindowRun('  texts_1h: { distinct: verdicts.simHash, window: 1h, exactLimit: 20 }')
    for (let at = 0; at < 2_000; at++) run.verdict(START_MS, { simHash: `text ${at}` })
    const error = ((await run.read(START_MS))['texts_1h'] ?? 0) / 2_000 - 1
    expect(Math.abs(error)).toBeLessThan(4 * 0.0163)
  })

  it('W32: a top share is exact up to the limit of a pane, and never too high past it', async () => {
    const run = new WindowRun('  top_1h: { topShare: usage.clientAddressHash, window: 1h, exactLimit: 20 }')
    for (let at = 0; at < 40; at++) run.usage(START_MS, { clientAddressHash: `a${at % 20}` })
    for (let at = 0; at < 40; at++) run.usage(START_MS + PANE_MS, { clientAddressHash: 'a0' })
    expect((await run.read(START_MS + PANE_MS))['top_1h']).toBe(42 / 80)
    for (let at = 0; at < 120; at++) run.usage(START_MS + PANE_MS, { clientAddressHash: `b${at}` })
    const share = (await run.read(START_MS + PANE_MS))['top_1h'] ?? 0
    expect(share).toBeLessThan(42 / 200)
    expect(share).toBeGreaterThanOrEqual(42 / 200 - 2 / 20)
  })

  it('W33: a walk is unknown below 50 items, and outlives the templates that are seldom used', async () => {
    const run = new WindowRun(
      '  walk_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, window: 1h }',
    )
    for (let at = 0; at < 49; at++) run.verdict(START_MS, { templateHash: 't', slotOrdinal: at })
    expect(await run.read(START_MS)).toEqual({})
    run.verdict(START_MS, { templateHash: 't', slotOrdinal: 49 })
    for (let at = 0; at < 100; at++) run.verdict(START_MS, { templateHash: `rare${at}`, slotOrdinal: at })
    expect(await run.read(START_MS)).toEqual({ walk_1h: 1 })
  })

  it('W34: sub-keys past the bound are unknown, or told by the panes that kept them', async () => {
    const run = new WindowRun('  ofKey_10m: { count: usage, by: keyId, window: 10m }', {
      more: 'maxSubKeys: 2',
    })
    const read = async (keyId: string, minute: number) =>
      (await run.read(START_MS + minute * MINUTE_MS, { keyId }))['ofKey_10m']
    for (const keyId of ['a', 'b', 'c', 'a']) run.usage(START_MS, { keyId })
    expect([await read('a', 0), await read('b', 0), await read('c', 0)]).toEqual([2, 1, undefined])
    run.usage(START_MS + MINUTE_MS, { keyId: 'c' })
    expect([await read('c', 1), await read('d', 1), await read('d', 10)]).toEqual([1, undefined, 0])
  })
})

describe('what is kept', () => {
  it.each([
    ['', 30_000],
    ['pool: { window: 10m }\n', 30_000 + 6 * MINUTE_MS],
  ])('W35: a pane stays for its longest window and the lateness %s', (pool, moreMs) => {
    const features =
      'features:\n  short_30m: { count: usage, window: 30m, pane: 5m }\n  long_1h: { count: usage, window: 1h }'
    const goneMs = START_MS + PANE_MS + HOUR_MS + moreMs
    const slotsAt = (timeMs: number): number => {
      const drive = new Drive(topologyOf(`${pool}${features}`), { dropRepeats: false })
      drive.usage(START_MS).commit()
      return drive.usage(timeMs).commit().slots.length
    }
    expect(slotsAt(goneMs - 1)).toBe(2)
    expect(slotsAt(goneMs)).toBe(1)
  })

  it('W36: what is read back has the values that it had', async () => {
    const run = new WindowRun(EMPTY)
    const refused = { status: 'rate_limited', retryAfterMs: 20_000 } as const
    for (let at = 0; at < 90; at++) {
      run.verdict(START_MS + at * 20_000, { templateHash: 't', slotOrdinal: at })
      run.usage(START_MS + at * 20_000, {
        gpuSeconds: at / 7,
        clientAddressHash: `a${at % 9}`,
        ...(at % 3 === 0 ? refused : {}),
      })
    }
    const timeMs = START_MS + 90 * 20_000
    const before = await run.read(timeMs)
    expect(Object.keys(before)).toHaveLength(8)
    await run.restart()
    expect(await run.read(timeMs)).toEqual(before)
  })

  it('W37: an unchanged feature goes on; a new one is unknown until its window is full', async () => {
    const kept = '  requests_1h: { count: usage, window: 1h }'
    const run = new WindowRun(kept)
    run.usage(START_MS)
    await run.restart(`  other_1h: { count: usage, window: 1h }\n${kept}`)
    run.usage(START_MS + HOUR_MS - 1)
    expect(await run.read(START_MS + HOUR_MS - 1)).toEqual({ requests_1h: 2 })
    expect(await run.read(START_MS + HOUR_MS + 300_000)).toEqual({ requests_1h: 1, other_1h: 1 })
  })
})
