/** What `docs/windows.md` says of time, lateness and what happens when nothing comes. */
import { describe, expect, it } from 'vitest'
import { detector, Drive, HOUR_MS, MINUTE_MS, pressure, START_MS, topologyOf } from '../detect/harness.ts'
import {
  createHarness,
  drain,
  startRunner,
  valuesOf,
  START_MS as TALLY_START_MS,
} from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { WindowRun } from './window-run.ts'

const LATENESS_MS = 30_000

const FEATURES = `
  requests_1m: { count: usage, window: 1m }
  requests_1h: { count: usage, window: 1h }
  ofKey_10m: { count: usage, by: keyId, window: 10m }
  verdicts_1h: { count: verdicts, window: 1h }`

describe('stream time', () => {
  it('W12: never goes back, and is the same after a restart', async () => {
    const run = new WindowRun(FEATURES)
    const newestMs = START_MS + 100_000
    run.usage(newestMs)
    run.usage(newestMs - 10_000)
    await run.restart()
    const late = run.usage(newestMs - LATENESS_MS - 1)
    run.usage(newestMs - LATENESS_MS)
    expect(await run.late()).toEqual([late])
  })

  it('W13: follows an event that is ahead of the log to its append time only', async () => {
    const run = new WindowRun(FEATURES)
    run.usage(START_MS + 5 * MINUTE_MS, {}, START_MS)
    run.usage(START_MS - LATENESS_MS, {}, START_MS)
    const late = run.usage(START_MS - LATENESS_MS - 1, {}, START_MS)
    expect(await run.late()).toEqual([late])
  })
})

describe('lateness', () => {
  it('W14: an event that is behind by exactly the lateness is in time', async () => {
    const run = new WindowRun(FEATURES)
    run.usage(START_MS + LATENESS_MS)
    run.usage(START_MS)
    expect(await run.late()).toEqual([])
    expect((await run.read(START_MS + LATENESS_MS))['requests_1m']).toBe(2)
    const late = run.usage(START_MS - 1)
    expect(await run.late()).toEqual([late])
  })

  it('W15: an event can be late in a pane that is still running', async () => {
    const run = new WindowRun(FEATURES, { lateness: '5s' })
    run.usage(START_MS + 10_000)
    const late = run.usage(START_MS + 4_999)
    expect(await run.late()).toEqual([late])
    expect((await run.read(START_MS + 10_000))['requests_1m']).toBe(1)
  })

  it('W16: a late event changes nothing, is judged by nobody, counted and set aside as it was', async () => {
    const more = detector('test.any', 'ofKey_10m >= 1', 'once: 1h, evidence: [ofKey_10m]')
    const run = new WindowRun(FEATURES, { more })
    run.usage(START_MS + MINUTE_MS)
    const late = run.usage(START_MS, { keyId: 'late-key' })
    expect(await run.late()).toEqual([late])
    expect(run.lateCounted).toBe(1)
    expect(run.signals.map(({ actor }) => actor.id)).toEqual(['key-1'])
    expect(await run.read(START_MS + MINUTE_MS)).toMatchObject({ requests_1h: 1 })
    expect(await run.read(START_MS + MINUTE_MS, { keyId: 'late-key' })).toMatchObject({ ofKey_10m: 0 })
  })

  it("W17: one source's time makes no event of another late", async () => {
    const run = new WindowRun(FEATURES)
    run.usage(START_MS + 20 * MINUTE_MS)
    await run.settle()
    run.verdict(START_MS)
    expect((await run.read(START_MS + 20 * MINUTE_MS))['verdicts_1h']).toBe(1)
    expect(run.lateCounted).toBe(0)
  })

  it('W18: the smallest event time comes first over several sources', async () => {
    const names = ['requests_1h', 'verdicts_1h']
    const more = names.map((name) =>
      detector(`test.${name.slice(0, 8)}`, `${name} > 0`, `once: 1ms, evidence: [${name}]`),
    )
    const run = new WindowRun(FEATURES, { more: more.join('\n') })
    for (const at of [20, 40, 60]) run.usage(START_MS + at)
    for (const at of [10, 30, 50]) run.verdict(START_MS + at)
    await run.settle()
    expect(run.signals.map(({ occurredAtMs }) => occurredAtMs - START_MS)).toEqual([10, 20, 30, 40, 50, 60])
  })

  it('W19: the far future is refused; the near one is where hopping windows are read', async () => {
    const run = new WindowRun(FEATURES, { maxFutureMs: 10 * MINUTE_MS })
    run.usage(START_MS - 50 * MINUTE_MS)
    run.usage(START_MS - 50 * MINUTE_MS)
    run.usage(START_MS)
    expect((await run.read(START_MS))['requests_1h']).toBe(3)
    const refused = run.usage(START_MS + 10 * MINUTE_MS + 1, {}, START_MS)
    expect(await run.refused()).toEqual([refused])
    run.usage(START_MS + 10 * MINUTE_MS, {}, START_MS)
    expect(await run.refused()).toEqual([refused])
    expect((await run.read(START_MS))['requests_1h']).toBe(2)
  })

  it('W20: so does a repeat of a verdict', async () => {
    const run = new WindowRun(FEATURES, { dropRepeats: true })
    for (let made = 0; made < 2; made++) run.verdict(START_MS, { eventId: 'same' })
    expect((await run.read(START_MS))['verdicts_1h']).toBe(1)
  })

  it('W20: a repeat within 32 events changes nothing', async () => {
    for (const [between, counted] of [
      [31, 32],
      [32, 34],
    ] as const) {
      const run = new WindowRun(FEATURES, { dropRepeats: true })
      run.usage(START_MS, { eventId: 'same' })
      for (let made = 0; made < between; made++) run.usage(START_MS)
      run.usage(START_MS, { eventId: 'same' })
      expect((await run.read(START_MS))['requests_1h']).toBe(counted)
    }
  })
})

describe('when nothing comes', () => {
  it('W21: nobody is judged, however late it is elsewhere', async () => {
    const empty = detector('test.empty', 'requests_1h < 2', 'once: 1h, evidence: [requests_1h]')
    const run = new WindowRun(FEATURES, { more: empty })
    run.usage(START_MS, { accountId: 'idle' })
    for (let hour = 1; hour < 50; hour++) run.usage(START_MS + hour * HOUR_MS, { accountId: 'busy' })
    await run.settle()
    const ofIdle = run.signals.filter(({ actor }) => actor.accountId === 'idle')
    expect(ofIdle.map(({ occurredAtMs }) => occurredAtMs)).toEqual([START_MS])
    expect(run.signals.length - ofIdle.length).toBe(49)
  })

  it('W22: an idle partition makes nothing late, and lets no stream timer fire', async () => {
    const run = new WindowRun(FEATURES)
    run.usage(START_MS + LATENESS_MS)
    await run.settle()
    run.pass(100 * HOUR_MS)
    run.usage(START_MS)
    expect((await run.read(START_MS + LATENESS_MS))['requests_1h']).toBe(2)
    expect(await closedMinutes([{ key: 'a', atMs: 0, amount: 1 }], 100 * HOUR_MS)).toEqual([])
  })

  it('W23: a stream timer sees what was taken before it is due, not the event that lets it fire', async () => {
    const before = [
      { key: 'a', atMs: 0, amount: 1 },
      { key: 'a', atMs: 59_999, amount: 2 },
    ]
    const minute = TALLY_START_MS / MINUTE_MS
    expect(await closedMinutes([...before, { key: 'b', atMs: 59_999, amount: 8 }])).toEqual([])
    expect(await closedMinutes([...before, { key: 'b', atMs: 60_000, amount: 8 }])).toEqual([
      `close:a:${minute}=3`,
    ])
    expect(await closedMinutes([...before, { key: 'a', atMs: 60_000, amount: 8 }])).toEqual([
      `close:a:${minute}=3`,
    ])
    const straggler = { key: 'a', atMs: 40_000, amount: 4 }
    expect(await closedMinutes([...before, straggler, { key: 'a', atMs: 60_000, amount: 8 }])).toEqual([
      `close:a:${minute}=7`,
    ])
  })

  it('W23: a stream timer for a time that has passed fires right after the event that sets it', async () => {
    const ahead = { key: 'b', atMs: 60_000, amount: 8 }
    const straggler = { key: 'a', atMs: 40_000, amount: 4 }
    const closed = await closedMinutes([ahead, straggler])
    expect(closed).toEqual([`close:a:${TALLY_START_MS / MINUTE_MS}=4`])
  })
})

describe('a judgement that waits for a pool', () => {
  it('W24: is made as of the end of its minute', () => {
    const when = 'pool.saturatedMinutes >= 2 && onPool_10m >= 1.0'
    const topology = topologyOf(`
pool: { window: 2m }
features: { onPool_10m: { sum: usage.gpuSeconds, by: poolId, window: 10m } }
detectors:
${detector('test.waits', when, 'once: 1h, evidence: [onPool_10m]')}
`)
    const drive = new Drive(topology)
    const tell = (minute: number) =>
      drive.board.apply(pressure(minute), { topic: 'abuse.pool-pressure.v1', partition: 0, offset: minute })
    const at = (minute: number, second: number) => START_MS + minute * MINUTE_MS + second * 1_000
    tell(0)
    drive.usage(at(2, 30), { gpuSeconds: 1 })
    drive.usage(at(3, 5), { gpuSeconds: 32 })
    drive.usage(at(2, 59), { gpuSeconds: 2 })
    tell(1)
    drive.fire(at(4, 0))
    expect(drive.signals.map(({ evidence }) => evidence)).toEqual([[{ name: 'onPool_10m', value: 3 }]])
  })
})

interface Amount {
  readonly key: string
  /** After the start. */
  readonly atMs: number
  readonly amount: number
}

/** What the engine's own small topology tells at the end of each minute, by stream timers. */
async function closedMinutes(amounts: readonly Amount[], thenPassMs = 0): Promise<readonly string[]> {
  const harness = createHarness()
  const { numbers, out } = TALLY_TOPICS
  for (const topic of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(topic, 1)
  const runner = await startRunner(await harness.services(), tallyTopology({ limit: 1_000, closing: true }))
  for (const { key, atMs, amount } of amounts) {
    const timeMs = TALLY_START_MS + atMs
    const value = amountValue({ id: `${key}+${amount}`, atMs: timeMs, amount })
    harness.log.append(numbers, { key: Buffer.from(key), value, headers: {} }, timeMs)
  }
  await drain(harness.log, runner)
  harness.clock.advanceTo(harness.clock.now() + thenPassMs)
  await drain(harness.log, runner)
  return valuesOf(harness.log, out)
}
