/** What `docs/windows.md` says of sliding windows and of sessions. */
import { describe, expect, it } from 'vitest'
import { readTopology } from '../../src/topology/read-topology.ts'
import { detector, Drive, HOUR_MS, MINUTE_MS, START_MS, topologyOf } from '../detect/harness.ts'
import { WindowRun } from './window-run.ts'

const TEN_MS = 10 * MINUTE_MS
const FIVE_MS = 5 * MINUTE_MS

const SLIDING = `
  requests_10m: { count: usage, sliding: 10m }
  gpuSeconds_10m: { sum: usage.gpuSeconds, sliding: 10m }
  longest_10m: { max: usage.gpuSeconds, sliding: 10m }`

const SESSIONS = `
  requestsInOneGo: { count: usage, session: 5m }
  meanInOneGo: { mean: usage.gpuSeconds, session: 5m }`

/** Beside those that are a few numbers. */
const MORE_FIGURES = [
  'rate: usage',
  'concurrency: usage.durationMs',
  'quantile: usage.gpuSeconds, share: 0.5',
  'distinct: usage.model',
  'distinct: verdicts.simHash',
  'topShare: usage.model',
  'entropy: usage.model',
  'enumeration: verdicts.slotOrdinal, group: verdicts.templateHash',
  'regularity: usage',
]
const OF_PARTS = ['dutyCycle: usage', 'streak: usage']

describe('a sliding window', () => {
  it('W38: holds both its ends, wherever they lie', async () => {
    for (const at of [0, 1, 12_345, MINUTE_MS - 1]) {
      const run = new WindowRun(SLIDING)
      run.usage(START_MS + at, { gpuSeconds: 3 })
      run.usage(START_MS + at + 1, { gpuSeconds: 2 })
      const read = (afterMs: number) => run.read(START_MS + at + afterMs)
      expect(await read(TEN_MS)).toEqual({ requests_10m: 2, gpuSeconds_10m: 5, longest_10m: 3 })
      expect(await read(TEN_MS + 1)).toEqual({ requests_10m: 1, gpuSeconds_10m: 2, longest_10m: 2 })
      expect(await read(TEN_MS + 2)).toEqual({ requests_10m: 0, gpuSeconds_10m: 0 })
    }
  })

  it('W38: ends with the newest event where that is later than now', async () => {
    const run = new WindowRun(SLIDING)
    run.usage(START_MS)
    run.usage(START_MS + TEN_MS)
    expect((await run.read(START_MS + TEN_MS - 1))['requests_10m']).toBe(2)
    run.usage(START_MS + TEN_MS + 1)
    expect((await run.read(START_MS + TEN_MS - 1))['requests_10m']).toBe(2)
    run.usage(START_MS + TEN_MS - 20_000)
    expect((await run.read(START_MS + TEN_MS - 20_000))['requests_10m']).toBe(3)
  })

  it('W38: has nothing of what was over before it was read again, however long that took', async () => {
    const run = new WindowRun('  models_10m: { distinct: usage.model, sliding: 10m }')
    run.usage(START_MS, { model: 'first' })
    expect(await run.read(START_MS)).toEqual({ models_10m: 1 })
    run.usage(START_MS + HOUR_MS, { model: 'second' })
    expect(await run.read(START_MS + HOUR_MS)).toEqual({ models_10m: 1 })
  })

  it('W38: has nothing of a part that is over, where its other parts are not', async () => {
    const run = new WindowRun('  models_10m: { distinct: usage.model, sliding: 10m }')
    run.usage(START_MS + 30_000, { model: 'first' })
    run.usage(START_MS + TEN_MS + 10_000, { model: 'second' })
    expect(await run.read(START_MS + TEN_MS + 10_000)).toEqual({ models_10m: 2 })
    expect(await run.read(START_MS + TEN_MS + 95_000)).toEqual({ models_10m: 1 })
  })

  it('W38: leaves memory when no event in time can need it', () => {
    const topology = topologyOf('features:\n  it_10m: { count: usage, sliding: 10m }')
    const drive = new Drive(topology, { dropRepeats: false })
    const bytesAfter = (timeMs: number) => {
      drive.usage(timeMs)
      return drive.logic.state.sizeBytes(drive.state)
    }
    bytesAfter(START_MS)
    const ofTwo = bytesAfter(START_MS + MINUTE_MS)
    expect(bytesAfter(START_MS + MINUTE_MS + TEN_MS + 30_000)).toBe(ofTwo)
  })

  it('W39: is exact up to 256 milliseconds a pane, and past that counts whole panes', async () => {
    const filled = async (moments: number) => {
      const run = new WindowRun(SLIDING)
      for (let at = 0; at < 2 * moments; at++) run.usage(START_MS + (at % moments) * 10)
      run.usage(START_MS + TEN_MS - 1)
      return async (timeMs: number) => (await run.read(timeMs))['requests_10m']
    }
    const exact = await filled(256)
    expect(await exact(START_MS + TEN_MS)).toBe(513)
    expect(await exact(START_MS + TEN_MS + 10)).toBe(511)
    const whole = await filled(257)
    expect(await whole(START_MS + TEN_MS)).toBe(515)
    expect(await whole(START_MS + TEN_MS + 10)).toBe(1)
  })

  it('W39: tells other figures exactly up to 256 events a pane, and past that how far off they may be', () => {
    const figures = ['addresses', 'top', 'bits', 'half', 'rhythm']
    const topology = topologyOf(`features:
  addresses: { distinct: usage.clientAddressHash, sliding: 1m }
  top: { topShare: usage.clientAddressHash, sliding: 1m }
  bits: { entropy: usage.clientAddressHash, sliding: 1m }
  half: { quantile: usage.outputTokens, share: 0.5, sliding: 1m }
  rhythm: { regularity: usage, sliding: 1m }
detectors:
${detector('test.it', 'addresses > 0 && top > 0 && bits >= 0 && half > 0 || rhythm > 1', 'once: 1ms, evidence: [addresses]')}`)
    const filled = (events: number) => {
      const drive = new Drive(topology)
      const usage = (at: number) =>
        drive.usage(START_MS + at * 7, { clientAddressHash: `a${at}`, outputTokens: at })
      for (let at = 0; at < events; at++) usage(at)
      // The first pane is cut after its first event.
      drive.usage(START_MS + MINUTE_MS + 1, { clientAddressHash: 'last', outputTokens: 1_000 })
      const readings = drive.signals.at(-1)?.readings ?? []
      return figures.map((name) => readings.find((reading) => reading.name === name))
    }
    const [addresses, top, bits, half, rhythm] = filled(256)
    expect(addresses).toMatchObject({ value: 256, error: 0 })
    expect(top).toMatchObject({ value: 1 / 256, error: 0 })
    expect(bits).toMatchObject({ value: 8, error: 0 })
    expect(half).toMatchObject({ value: 128, error: 0 })
    expect(rhythm).toMatchObject({ error: 0 })
    const crowded = filled(257)
    expect(crowded[0]).toMatchObject({ value: 1, error: 257 })
    expect(crowded[1]?.error).toBeGreaterThanOrEqual(1 - 1 / 257)
    expect(crowded[4]).toMatchObject({ value: null, error: null })
  })

  it('W39: of up to a minute is kept in sixths', async () => {
    const run = new WindowRun('  requests_1m: { count: usage, sliding: 1m }')
    for (let at = 0; at < 257; at++) run.usage(START_MS + at * 10)
    for (let at = 0; at < 256; at++) run.usage(START_MS + 10_000 + at)
    expect((await run.read(START_MS + MINUTE_MS))['requests_1m']).toBe(513)
    expect((await run.read(START_MS + MINUTE_MS + 1))['requests_1m']).toBe(256)
    expect((await run.read(START_MS + MINUTE_MS + 10_001))['requests_1m']).toBe(255)
  })
})

describe('a session', () => {
  it('W40: goes on while events follow within the gap, and is told to what belongs to it', async () => {
    const run = new WindowRun(SESSIONS)
    for (const at of [0, FIVE_MS, 2 * FIVE_MS]) run.usage(START_MS + at, { gpuSeconds: 1 })
    const read = (at: number) => run.read(START_MS + at)
    expect(await read(3 * FIVE_MS)).toEqual({ requestsInOneGo: 3, meanInOneGo: 1 })
    expect(await read(3 * FIVE_MS + 1)).toEqual({ requestsInOneGo: 0 })
    run.usage(START_MS + 3 * FIVE_MS + 1, { gpuSeconds: 5 })
    expect(await read(3 * FIVE_MS + 1)).toEqual({ requestsInOneGo: 1, meanInOneGo: 5 })
    expect(await read(2 * FIVE_MS)).toEqual({ requestsInOneGo: 3, meanInOneGo: 1 })
  })

  it('W41: becomes one with another by an event that is near both', async () => {
    const run = new WindowRun(SESSIONS, { lateness: '10m' })
    run.usage(START_MS)
    run.usage(START_MS + 2 * FIVE_MS)
    expect((await run.read(START_MS))['requestsInOneGo']).toBe(1)
    run.usage(START_MS + FIVE_MS)
    expect((await run.read(START_MS))['requestsInOneGo']).toBe(3)
    expect((await run.read(START_MS + 2 * FIVE_MS))['requestsInOneGo']).toBe(3)
  })

  it('W42: may last for days', async () => {
    const run = new WindowRun(SESSIONS)
    const events = (50 * HOUR_MS) / FIVE_MS
    for (let at = 0; at <= events; at++) run.usage(START_MS + at * FIVE_MS)
    expect((await run.read(START_MS + 50 * HOUR_MS))['requestsInOneGo']).toBe(events + 1)
  })

  it('W42: stays until no event in time can belong to it, in one cell', () => {
    const topology = topologyOf(`features:${SESSIONS.split('\n').slice(0, 2).join('\n')}`)
    const drive = new Drive(topology, { dropRepeats: false })
    const slots = (timeMs: number) => drive.usage(timeMs).commit().slots.length
    expect(slots(START_MS)).toBe(1)
    expect(slots(START_MS + HOUR_MS - 1)).toBe(1)
    expect(slots(START_MS + HOUR_MS)).toBe(1)
    expect(slots(START_MS + 2 * HOUR_MS)).toBe(1)
    expect(slots(START_MS + 4 * HOUR_MS)).toBe(1)
  })

  it('W42: has the last event in time that belongs to it', async () => {
    const run = new WindowRun('  it: { count: usage, session: 5m }')
    run.usage(START_MS)
    run.usage(START_MS + FIVE_MS + 30_000)
    run.usage(START_MS + FIVE_MS)
    expect(await run.read(START_MS)).toEqual({ it: 3 })
  })

  it('W42: of many at once the newest 32 stay, of other figures 8', async () => {
    const features = `
  it: { count: usage, session: 1s }
  models: { distinct: usage.model, session: 1s }`
    const run = new WindowRun(features, { lateness: '2m' })
    for (let at = 0; at < 33; at++) run.usage(START_MS + at * 2_000)
    expect(await run.read(START_MS)).toEqual({ it: 0, models: 0 })
    expect(await run.read(START_MS + 2_000)).toEqual({ it: 1, models: 0 })
    expect(await run.read(START_MS + 24 * 2_000)).toEqual({ it: 1, models: 0 })
    expect(await run.read(START_MS + 25 * 2_000)).toEqual({ it: 1, models: 1 })
  })

  it('W42: a commit writes the sub-keys that have had an event', () => {
    const features = '  models: { distinct: usage.model, by: keyId, session: 5m }'
    const drive = new Drive(topologyOf(`features:\n${features}`), { dropRepeats: false })
    const written = (timeMs: number, keyId: string) => {
      const slots: string[] = []
      drive.usage(timeMs, { keyId }).logic.state.changes(drive.state, ({ name }) => void slots.push(name))
      return slots
    }
    expect(written(START_MS, 'a')).toHaveLength(1)
    const ofB = written(START_MS, 'b')
    expect(written(START_MS + 1, 'b')).toEqual(ofB)
    expect(written(START_MS + 2, 'a')).not.toEqual(ofB)
    // Of what is over once.
    expect(written(START_MS + HOUR_MS, 'a')).toContain(ofB[0])
    expect(written(START_MS + HOUR_MS + 1, 'a')).not.toContain(ofB[0])
  })
})

describe('a signal', () => {
  it('W47: reaches back by the longest window, by a session for its gap alone', async () => {
    const when = (feature: string) => `${feature} >= 20`
    const more = [
      detector('test.sliding', when('requests_10m'), 'once: 1d, evidence: [requests_10m]'),
      detector('test.session', when('requestsInOneGo'), 'once: 1d, evidence: [requestsInOneGo]'),
    ]
    const run = new WindowRun(SLIDING + SESSIONS, { more: more.join('\n') })
    for (let at = 0; at < 20; at++) run.usage(START_MS + at * MINUTE_MS)
    for (let at = 0; at < 20; at++) run.usage(START_MS + 20 * MINUTE_MS + at)
    await run.settle()
    const lengths = run.signals.map(({ windowStartMs, windowEndMs }) => windowEndMs - windowStartMs)
    expect(lengths).toEqual([FIVE_MS, TEN_MS])
  })

  it('W48: points at the record that completed it', async () => {
    const features = '  complied_10m: { count: verdicts, where: containsCode, sliding: 10m }'
    const more = detector('test.it', 'complied_10m >= 3', 'once: 1h, evidence: [complied_10m]')
    const run = new WindowRun(features, { more })
    for (let at = 0; at < 3; at++) run.verdict(START_MS + at, { containsCode: true })
    await run.settle()
    expect(run.signals.map(({ pointers }) => pointers.map(({ offset }) => offset))).toEqual([[2]])
  })
})

describe('both', () => {
  it('W43: tell all that has a window but for what is told by panes, of sessions by parts', () => {
    const of = (feature: string) => () => new WindowRun(`  it_5m: { ${feature} }`)
    for (const told of MORE_FIGURES) expect(of(`${told}, session: 5m`), told).not.toThrow()
    for (const told of [...MORE_FIGURES, ...OF_PARTS]) expect(of(`${told}, sliding: 5m`), told).not.toThrow()
    for (const told of OF_PARTS)
      expect(of(`${told}, session: 5m`), told).toThrow('needs a window of one length')
    for (const shape of ['sliding', 'session']) {
      for (const told of [
        'count: usage',
        'sum: usage.gpuSeconds',
        'mean: usage.gpuSeconds',
        'max: usage.gpuSeconds',
      ])
        expect(of(`${told}, ${shape}: 5m`)).not.toThrow()
      expect(of(`earlyRetries: usage, ${shape}: 5m`)).toThrow('earlyRetries needs a window in panes')
      expect(of(`count: usage, ${shape}: 5m, pane: 1m`)).toThrow('takes no panes')
    }
  })

  it('W43: do not tell telemetry', () => {
    const text = `topology: capacity
key: poolId
sources: [gpu.telemetry.v1]
lateness: 15s
features:
  waiting_5m: { max: telemetry.requestsWaiting, sliding: 5m }
interval: { saturated: waiting_5m > 1, degraded: waiting_5m > 2 }
`
    const { problems } = readTopology('capacity.yaml', text)
    expect(problems.map(({ message }) => message)).toEqual(['telemetry is told by the minute'])
  })

  it('W44: are bounded in sub-keys', async () => {
    const features = `
  slidingOfKey_10m: { count: usage, by: keyId, sliding: 10m }
  sessionOfKey: { count: usage, by: keyId, session: 10m }`
    const run = new WindowRun(features, { more: 'maxSubKeys: 2' })
    for (const keyId of ['a', 'b', 'c', 'a']) run.usage(START_MS, { keyId })
    const read = (keyId: string | null, minute: number) => run.read(START_MS + minute * MINUTE_MS, { keyId })
    expect(await read('a', 0)).toEqual({ slidingOfKey_10m: 2, sessionOfKey: 2 })
    expect(await read('c', 0)).toEqual({})
    expect(await read(null, 0)).toEqual({})
    // The part in which there was no place is in the window no longer, though stragglers may still need it.
    expect((await run.read(START_MS + 11 * MINUTE_MS + 1, { keyId: 'c' }))['slidingOfKey_10m']).toBe(0)
    run.usage(START_MS + 30 * MINUTE_MS, { keyId: 'c' })
    expect(await read('c', 30)).toEqual({ slidingOfKey_10m: 1, sessionOfKey: 1 })
    expect(await read('d', 30)).toEqual({ slidingOfKey_10m: 0, sessionOfKey: 0 })
  })

  it('W44, W45: are bounded after a restart as they were before', async () => {
    const features = `
  slidingOfKey_10m: { count: usage, by: keyId, sliding: 10m }
  sessionOfKey: { count: usage, by: keyId, session: 10m }`
    const run = new WindowRun(features, { more: 'maxSubKeys: 2' })
    for (const keyId of ['a', 'b']) run.usage(START_MS, { keyId })
    await run.settle()
    // What is refused a place is all that the next commit has of it.
    run.usage(START_MS, { keyId: 'c' })
    await run.restart()
    expect(await run.read(START_MS, { keyId: 'c' })).toEqual({})
    await run.restart()
    run.usage(START_MS + HOUR_MS, { keyId: 'c' })
    expect(await run.read(START_MS + HOUR_MS, { keyId: 'c' })).toEqual({
      slidingOfKey_10m: 1,
      sessionOfKey: 1,
    })
  })

  it('W45: go on after a restart as if there had been none', async () => {
    const runs = [new WindowRun(SLIDING + SESSIONS), new WindowRun(SLIDING + SESSIONS)]
    const [kept, restarted] = runs
    for (let at = 0; at < 60; at++) {
      const timeMs = START_MS + at * 47_000 + (at % 9 === 0 ? 6 * MINUTE_MS : 0)
      for (const run of runs)
        for (let made = 0; made < 5; made++) run.usage(timeMs + made, { gpuSeconds: at / 8 })
      if (at % 20 === 0) await restarted?.restart()
    }
    const timeMs = START_MS + 60 * 47_000
    const expected = await kept?.read(timeMs)
    expect(Object.keys(expected ?? {})).toHaveLength(5)
    await restarted?.restart()
    expect(await restarted?.read(timeMs)).toEqual(expected)
  })

  it('W46: a new sliding window is unknown until it is full, a new session to its end', async () => {
    const run = new WindowRun(SLIDING + SESSIONS)
    run.usage(START_MS)
    await run.restart(`
  other_10m: { count: usage, sliding: 10m }
  otherInOneGo: { count: usage, session: 5m }`)
    // Whatever came within the gap before the second of these is known.
    expect(await run.read(START_MS + FIVE_MS)).toEqual({})
    expect(await run.read(START_MS + FIVE_MS + 1)).toEqual({ otherInOneGo: 0 })
    run.usage(START_MS + 4 * MINUTE_MS)
    run.usage(START_MS + 8 * MINUTE_MS)
    expect(await run.read(START_MS + TEN_MS)).toEqual({})
    expect(await run.read(START_MS + TEN_MS + 1)).toEqual({ other_10m: 2 })
    expect(await run.read(START_MS + 8 * MINUTE_MS + FIVE_MS)).toEqual({ other_10m: 2 })
    expect(await run.read(START_MS + 8 * MINUTE_MS + FIVE_MS + 1)).toEqual({ other_10m: 2, otherInOneGo: 0 })
  })

  it('W46: a session is unknown to whom a former event of it may have joined what is known', async () => {
    const run = new WindowRun(SESSIONS)
    run.usage(START_MS)
    await run.restart('  otherInOneGo: { count: usage, session: 5m }')
    run.usage(START_MS + FIVE_MS + 10)
    expect(await run.read(START_MS + FIVE_MS + 1)).toEqual({ otherInOneGo: 1 })
    expect(await run.read(START_MS + FIVE_MS)).toEqual({})
  })

  it('W44: cost nothing for sub-keys that are asked about and have nothing', () => {
    const of = 'by: keyId, where: \'status == "error"\''
    const features = `
  sliding_10m: { distinct: usage.model, ${of}, sliding: 10m }
  session: { distinct: usage.model, ${of}, session: 10m }`
    const detectors = detector('test.it', 'sliding_10m > 1 || session > 1', 'once: 1h, evidence: [session]')
    const drive = new Drive(topologyOf(`features:${features}\ndetectors:\n${detectors}`), {
      dropRepeats: false,
    })
    const bytesAfter = (keyId: string) => {
      drive.usage(START_MS, { keyId })
      return drive.logic.state.sizeBytes(drive.state)
    }
    const first = bytesAfter('k0')
    for (let at = 1; at < 100; at++) expect(bytesAfter(`k${at}`)).toBe(first)
  })
})
