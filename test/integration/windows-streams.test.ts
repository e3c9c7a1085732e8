/**
 * The same sequences through Kafka Streams' own windows and through ours. Where the two mean different things by
 * design, `docs/windows.md` says how one is read as the other; here that reading is held to.
 *
 * What is compared after every record is the window that the record's own judgement reads.
 */
import { env } from 'node:process'
import { beforeAll, describe, expect, it } from 'vitest'
import { MINUTE_MS, START_MS } from '../detect/harness.ts'
import {
  kafkaStreams,
  type KafkaStreams,
  type StreamsJob,
  type StreamsRecord,
  type StreamsStep,
  type StreamsUpdate,
} from '../windows/streams/kafka-streams.ts'
import { sequencesOf } from '../windows/streams/sequences.ts'
import { WindowRun, type Values } from '../windows/window-run.ts'

const LATENESS_MS = 30_000
/** Another one: WINDOW_SEED=... */
const SEED = Number(env.WINDOW_SEED ?? 411)
const HOP = { sizeMs: 10 * MINUTE_MS, advanceMs: MINUTE_MS }
const SLIDING_MS = 45_000
const GAP_MS = 12_000

const FEATURES = `
  requests_1m: { count: usage, window: 1m }
  gpuSeconds_1m: { sum: usage.gpuSeconds, window: 1m }
  requests_10m: { count: usage, window: 10m }
  gpuSeconds_10m: { sum: usage.gpuSeconds, window: 10m }
  sliding_45s: { count: usage, sliding: 45s }
  slidingGpu_45s: { sum: usage.gpuSeconds, sliding: 45s }
  session_12s: { count: usage, session: 12s }
  sessionGpu_12s: { sum: usage.gpuSeconds, session: 12s }`

const sequences = sequencesOf(
  {
    startMs: START_MS,
    latenessMs: LATENESS_MS,
    edgesMs: [MINUTE_MS, HOP.sizeMs],
    distancesMs: [SLIDING_MS, GAP_MS],
  },
  { seed: SEED, sequences: 8, records: 60 },
)

const streams = await findKafkaStreams()

describe.skipIf(streams === null)(`beside Kafka Streams, seed ${SEED}`, () => {
  let all: readonly Compared[] = []

  beforeAll(async () => {
    if (streams !== null) all = await compare(streams)
  })

  it('W49: late is what it drops from a window of one millisecond', () => {
    expect(all.map(({ theirs }) => droppedIn(theirs.oneMs))).toEqual(all.map(({ late }) => late))
    expect(all.flatMap(({ late }) => late).length).toBeGreaterThan(20)
  })

  it('W50: what it drops from a longer window is late, and not all that is late', () => {
    const dropped = all.map(({ theirs }) => droppedIn(theirs.oneMinute))
    expect(dropped.flatMap((one, at) => one.filter((index) => !all[at]?.late.includes(index)))).toEqual([])
    expect(dropped.flat().length).toBeGreaterThan(0)
    expect(dropped.flat().length).toBeLessThan(all.flatMap(({ late }) => late).length)
  })

  it('W51: a tumbling window is its TimeWindows', () => {
    for (const { inTime, read, theirs } of all) {
      const windows = new Windows()
      const expected = inTime.map(([key, timeMs], index) => {
        windows.apply(theirs.tumbling[index])
        return windows.at(key, Math.floor(timeMs / MINUTE_MS) * MINUTE_MS)
      })
      expect(read.map((values) => [values['requests_1m'], values['gpuSeconds_1m']])).toEqual(expected)
    }
  })

  it('W52: a hopping window is the last of its TimeWindows that holds the newest event of the key', () => {
    for (const { inTime, read, theirs } of all) {
      const windows = new Windows()
      const newest = new Map<string, number>()
      const expected = inTime.map(([key, timeMs], index) => {
        windows.apply(theirs.hopping[index])
        newest.set(key, Math.max(timeMs, newest.get(key) ?? 0))
        const pane = Math.floor((newest.get(key) ?? 0) / HOP.advanceMs)
        return windows.at(key, (pane + 1) * HOP.advanceMs - HOP.sizeMs)
      })
      expect(read.map((values) => [values['requests_10m'], values['gpuSeconds_10m']])).toEqual(expected)
    }
  })

  it('W53: a sliding window is its SlidingWindows that ends with the newest event of the key', () => {
    for (const { inTime, read, theirs } of all) {
      const windows = new Windows()
      const newest = new Map<string, number>()
      const expected = inTime.map(([key, timeMs], index) => {
        windows.apply(theirs.sliding[index])
        newest.set(key, Math.max(timeMs, newest.get(key) ?? 0))
        return windows.at(key, (newest.get(key) ?? 0) - SLIDING_MS)
      })
      expect(read.map((values) => [values['sliding_45s'], values['slidingGpu_45s']])).toEqual(expected)
    }
  })

  it('W54: a session is its SessionWindows that holds the event', () => {
    for (const { inTime, read, theirs } of all) {
      const windows = new Windows()
      const expected = inTime.map(([key, timeMs], index) => {
        windows.apply(theirs.session[index])
        return windows.holding(key, timeMs)
      })
      expect(read.map((values) => [values['session_12s'], values['sessionGpu_12s']])).toEqual(expected)
    }
  })
})

/** Kafka Streams' table of windows, as its updates tell it. */
class Windows {
  /** By key, begin and end. */
  readonly #windows = new Map<string, { readonly update: StreamsUpdate; readonly total: readonly number[] }>()

  apply(step: StreamsStep | undefined): void {
    expect(step?.dropped).toBe(false)
    for (const update of step?.updates ?? []) {
      const [key, startMs, endMs, count, sum] = update
      if (count === 0) this.#windows.delete(`${key}/${startMs}/${endMs}`)
      else this.#windows.set(`${key}/${startMs}/${endMs}`, { update, total: [count, sum] })
    }
  }

  /** Count and sum of the window that begins then. */
  at(key: string, startMs: number): readonly number[] {
    return this.#total(([ofKey, fromMs]) => ofKey === key && fromMs === startMs)
  }

  /** Count and sum of the session that holds that time. */
  holding(key: string, timeMs: number): readonly number[] {
    return this.#total(([ofKey, startMs, endMs]) => ofKey === key && startMs <= timeMs && timeMs <= endMs)
  }

  #total(wanted: (update: StreamsUpdate) => boolean): readonly number[] {
    for (const { update, total } of this.#windows.values()) if (wanted(update)) return total
    return [0, 0]
  }
}

interface Played {
  /** Positions of the records that were late. */
  readonly late: readonly number[]
  readonly inTime: readonly StreamsRecord[]
  /** By record in time, what its own judgement reads. */
  readonly read: readonly Values[]
}

/** A sequence through ours, read after every record. */
async function playedBy(records: readonly StreamsRecord[]): Promise<Played> {
  const run = new WindowRun(FEATURES, { questions: records.length, maxFutureMs: Infinity })
  const late: number[] = []
  const read: Values[] = []
  for (const [index, [accountId, timeMs, gpuSeconds]] of records.entries()) {
    run.usage(timeMs, { accountId, gpuSeconds })
    const before = run.lateCounted
    await run.settle()
    if (run.lateCounted > before) late.push(index)
    else read.push(await run.read(timeMs, { accountId }))
  }
  return { late, inTime: records.filter((_record, index) => !late.includes(index)), read }
}

type Steps = readonly StreamsStep[]

/** One sequence, as it came out of both. */
interface Compared extends Played {
  readonly theirs: {
    readonly oneMs: Steps
    readonly oneMinute: Steps
    /** These of the records that were in time alone. */
    readonly tumbling: Steps
    readonly hopping: Steps
    readonly sliding: Steps
    readonly session: Steps
  }
}

/** Jobs a sequence. */
const JOBS = 6

async function compare(kafkaStreams: KafkaStreams): Promise<readonly Compared[]> {
  const played = await Promise.all(sequences.map(playedBy))
  const window = { kind: 'tumbling', sizeMs: MINUTE_MS, advanceMs: 0, graceMs: LATENESS_MS } as const
  const jobs = sequences.flatMap((records, at): StreamsJob[] => {
    const inTime = played[at]?.inTime ?? []
    return [
      { window: { ...window, sizeMs: 1 }, records },
      { window, records },
      { window, records: inTime },
      { window: { ...window, kind: 'hopping', ...HOP }, records: inTime },
      { window: { ...window, kind: 'sliding', sizeMs: SLIDING_MS }, records: inTime },
      { window: { ...window, kind: 'session', sizeMs: GAP_MS }, records: inTime },
    ]
  })
  const steps = await kafkaStreams.steps(jobs)
  return played.map((one, at) => {
    const ofOne = steps.slice(at * JOBS, (at + 1) * JOBS)
    const [oneMs = [], oneMinute = [], tumbling = [], hopping = [], sliding = [], session = []] = ofOne
    return { ...one, theirs: { oneMs, oneMinute, tumbling, hopping, sliding, session } }
  })
}

function droppedIn(steps: Steps): readonly number[] {
  return steps.flatMap(({ dropped }, index) => (dropped ? [index] : []))
}

/** Null where there is none, said loudly; an error where skipping is not allowed. */
async function findKafkaStreams() {
  try {
    return await kafkaStreams()
  } catch (error) {
    if (env.CI === 'true' || env.REQUIRE_INTEGRATION === '1') throw error
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`\nWINDOWS ARE NOT COMPARED WITH KAFKA STREAMS: ${reason}\n\n`)
    return null
  }
}
