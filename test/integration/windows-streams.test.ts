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
} from '../windows/streams/kafka-streams.ts'
import { sequencesOf } from '../windows/streams/sequences.ts'
import { WindowRun, type Values } from '../windows/window-run.ts'

const LATENESS_MS = 30_000
const SEED = 4_1_1
const HOP = { sizeMs: 10 * MINUTE_MS, advanceMs: MINUTE_MS }

const FEATURES = `
  requests_1m: { count: usage, window: 1m }
  gpuSeconds_1m: { sum: usage.gpuSeconds, window: 1m }
  requests_10m: { count: usage, window: 10m }
  gpuSeconds_10m: { sum: usage.gpuSeconds, window: 10m }`

const sequences = sequencesOf(
  {
    startMs: START_MS,
    latenessMs: LATENESS_MS,
    edgesMs: [MINUTE_MS, HOP.sizeMs],
    distancesMs: [MINUTE_MS, HOP.sizeMs],
  },
  { seed: SEED, sequences: 8, records: 60 },
)

const streams = await findKafkaStreams()

describe.skipIf(streams === null)(`beside Kafka Streams, seed ${SEED}`, () => {
  let all: readonly Compared[] = []

  beforeAll(async () => {
    if (streams !== null) all = await compare(streams)
  })

  it('W37: late is what it drops from a window of one millisecond', () => {
    expect(all.map(({ theirs }) => droppedIn(theirs.oneMs))).toEqual(all.map(({ late }) => late))
    expect(all.flatMap(({ late }) => late).length).toBeGreaterThan(20)
  })

  it('W38: what it drops from a longer window is late, and not all that is late', () => {
    const dropped = all.map(({ theirs }) => droppedIn(theirs.oneMinute))
    expect(dropped.flatMap((one, at) => one.filter((index) => !all[at]?.late.includes(index)))).toEqual([])
    expect(dropped.flat().length).toBeGreaterThan(0)
    expect(dropped.flat().length).toBeLessThan(all.flatMap(({ late }) => late).length)
  })

  it('W39: a tumbling window is its TimeWindows', () => {
    for (const { inTime, read, theirs } of all) {
      const windows = new Windows()
      const expected = inTime.map(([key, timeMs], index) => {
        windows.apply(theirs.tumbling[index])
        return windows.at(key, Math.floor(timeMs / MINUTE_MS) * MINUTE_MS)
      })
      expect(read.map((values) => [values['requests_1m'], values['gpuSeconds_1m']])).toEqual(expected)
    }
  })

  it('W40: a hopping window is the last of its TimeWindows that holds the newest event of the key', () => {
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
})

/** Kafka Streams' table of windows, as its updates tell it: by key and begin, count and sum. */
class Windows {
  readonly #totals = new Map<string, readonly [number, number]>()

  apply(step: StreamsStep | undefined): void {
    expect(step?.dropped).toBe(false)
    for (const [key, startMs, , count, sum] of step?.updates ?? [])
      this.#totals.set(`${key}/${startMs}`, [count, sum])
  }

  at(key: string, startMs: number): readonly [number, number] {
    return this.#totals.get(`${key}/${startMs}`) ?? [0, 0]
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
  }
}

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
    ]
  })
  const steps = await kafkaStreams.steps(jobs)
  return played.map((one, at) => {
    const [oneMs = [], oneMinute = [], tumbling = [], hopping = []] = steps.slice(at * 4, at * 4 + 4)
    return { ...one, theirs: { oneMs, oneMinute, tumbling, hopping } }
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
