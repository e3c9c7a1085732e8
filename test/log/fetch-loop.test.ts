/**
 * How a broker is asked while one of its partitions is held back. It answers one question at a time, which a real one shows by
 * the clock alone: here each question stands until the test answers it.
 */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import type { FetchedPartition } from '../../src/log/kafka/fetch-answer.ts'
import { Outage } from '../../src/log/kafka/outage.ts'
import { FetchLoop, type FetchLoopPlan, type FetchSite } from '../../src/log/kafka/fetch-loop.ts'
import type { FetchPosition } from '../../src/log/kafka/cluster.ts'

/** Longer than a test may take: what waits for it fails. */
const FOREVER_MS = 3_600_000
const ANSWER_MS = 5_000

interface Question {
  readonly partitions: readonly number[]
  readonly waitMs: number
  answer(fetched: readonly FetchedPartition[]): void
  fail(error: Error): void
}

/** One broker with one topic, whose questions are answered by hand. */
class Broker implements FetchSite {
  /** Questions about the cluster fail. */
  readonly #blind: boolean
  readonly #asked: Question[] = []
  #next = Promise.withResolvers<void>()

  constructor(blind = false) {
    this.#blind = blind
  }

  target(): Promise<void> {
    return Promise.resolve()
  }

  refresh(): Promise<void> {
    return this.#blind ? Promise.reject(away()) : Promise.resolve()
  }

  leaderOf(): string {
    return '1'
  }

  offsets(): Promise<ReadonlyMap<number, number>> {
    return Promise.resolve(new Map())
  }

  fetch(
    _nodeId: string,
    positions: readonly FetchPosition[],
    waitMs: number,
  ): Promise<readonly FetchedPartition[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly FetchedPartition[]>()
    const partitions = positions.map(({ partition }) => partition)
    this.#asked.push({ partitions, waitMs, answer: resolve, fail: reject })
    this.#next.resolve()
    return promise
  }

  get questions(): number {
    return this.#asked.length
  }

  async question(): Promise<Question> {
    if (this.#asked.length === 0) await this.#next.promise
    this.#next = Promise.withResolvers()
    const question = this.#asked.shift()
    if (question === undefined) throw new Error('nothing was asked')
    return question
  }
}

function away(): Error {
  return Object.assign(new Error('refused'), { name: 'KafkaJSConnectionError' })
}

/** Two records from an offset on, of as many as lie in the partition. */
function twoRecords(partition: number, baseOffset: number, highWatermark: number): FetchedPartition {
  const batch = {
    baseOffset,
    lastOffset: baseOffset + 1,
    baseTimestampMs: 0,
    appendTimeMs: null,
    producerId: -1n,
    inTransaction: false,
    isControlBatch: false,
    count: 2,
    records: Buffer.alloc(0),
  }
  return { ...nothing(partition), highWatermark, batches: [batch] }
}

function nothing(partition: number): FetchedPartition {
  return {
    topic: 'usage',
    partition,
    errorCode: 0,
    highWatermark: 0,
    abortedTransactions: [],
    batches: [],
    cutOffBytes: 0,
  }
}

/** Partition 0 is full after each batch; partition 1 has nothing. */
function flowing(broker: Broker, current: number[] = []): FetchLoop {
  const loop: FetchLoop = reading(broker, 0, {
    onCurrent: (_topic, partition) => current.push(partition),
    onBatch: ({ topic, partition }) => loop.pause(topic, partition),
  })
  return loop
}

/** Nothing is ever full. */
function lingering(broker: Broker, fetchLingerMs: number): FetchLoop {
  return reading(broker, fetchLingerMs, { onBatch: () => undefined })
}

function reading(
  broker: Broker,
  fetchLingerMs: number,
  told: Pick<FetchLoopPlan, 'onBatch' | 'onCurrent'> & Partial<Pick<FetchLoopPlan, 'outage'>>,
): FetchLoop {
  const loop = new FetchLoop(broker, silentLogger, {
    fetchWaitMs: FOREVER_MS,
    fetchLingerMs,
    fetchAnswerMs: ANSWER_MS,
    outage: new Outage(systemClock, silentLogger),
    onFailed: (error) => {
      throw error
    },
    ...told,
  })
  for (const partition of [0, 1]) loop.seek('usage', partition, 0)
  for (const partition of [0, 1]) loop.resume('usage', partition)
  return loop
}

it('F8: a question whose answer does not come is asked again, and the next is waited for twice as long', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const broker = new Broker()
  const taken: number[] = []
  const loop = reading(broker, 0, { onBatch: ({ nextOffset }) => taken.push(nextOffset) })
  const lost = await broker.question()
  for (const [answerMs, pauseMs] of [[ANSWER_MS, 50] as const, [2 * ANSWER_MS, 100] as const]) {
    await vi.advanceTimersByTimeAsync(FOREVER_MS + answerMs - 1)
    expect(broker.questions).toBe(0)
    await vi.advanceTimersByTimeAsync(1 + pauseMs)
    await broker.question()
  }
  await vi.advanceTimersByTimeAsync(FOREVER_MS + 4 * ANSWER_MS + 1_000)
  ;(await broker.question()).answer([twoRecords(0, 0, 2), nothing(1)])
  lost.answer([twoRecords(0, 0, 2), nothing(1)])
  await vi.advanceTimersByTimeAsync(0)
  expect(taken).toEqual([2])
  loop.close()
})

it('F6: while a partition with more is held back, its broker may not wait for the others', async () => {
  const broker = new Broker()
  const loop = flowing(broker)
  const first = await broker.question()
  expect(first).toMatchObject({ partitions: [0, 1], waitMs: FOREVER_MS })
  first.answer([twoRecords(0, 0, 10), nothing(1)])
  expect(await broker.question()).toMatchObject({ partitions: [1], waitMs: 0 })
  loop.close()
})

it('F6: it is asked for as soon as it flows again', async () => {
  const broker = new Broker()
  const loop = flowing(broker)
  ;(await broker.question()).answer([twoRecords(0, 0, 10), nothing(1)])
  ;(await broker.question()).answer([nothing(1)])
  loop.resume('usage', 0)
  expect(await broker.question()).toMatchObject({ partitions: [0, 1] })
  loop.close()
})

it('F6: a partition that has no more keeps nobody from waiting', async () => {
  const broker = new Broker()
  const loop = flowing(broker)
  ;(await broker.question()).answer([twoRecords(0, 0, 2), nothing(1)])
  expect(await broker.question()).toMatchObject({ partitions: [1], waitMs: FOREVER_MS })
  loop.close()
})

it('F4: a partition whose next batch was cut off is not told to have nothing more', async () => {
  const broker = new Broker()
  const current: number[] = []
  const loop = flowing(broker, current)
  ;(await broker.question()).answer([{ ...nothing(0), highWatermark: 10, cutOffBytes: 300_000 }, nothing(1)])
  await broker.question()
  expect(current).toEqual([1])
  loop.close()
})

it('F7: a broker that gave all that it had is asked again after a while', async () => {
  vi.useFakeTimers()
  const broker = new Broker()
  const loop = lingering(broker, 20)
  ;(await broker.question()).answer([twoRecords(0, 0, 2), nothing(1)])
  await vi.advanceTimersByTimeAsync(19)
  expect(broker.questions).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(await broker.question()).toMatchObject({ partitions: [0, 1], waitMs: FOREVER_MS })
  loop.close()
  vi.useRealTimers()
})

it('F7: it is asked at once where it has more, or had nothing', async () => {
  const broker = new Broker()
  const loop = lingering(broker, FOREVER_MS)
  ;(await broker.question()).answer([twoRecords(0, 0, 10), nothing(1)])
  ;(await broker.question()).answer([nothing(0), nothing(1)])
  expect(await broker.question()).toMatchObject({ partitions: [0, 1] })
  loop.close()
})

it('F7: what flows again does not wait', async () => {
  const broker = new Broker()
  const loop = lingering(broker, FOREVER_MS)
  ;(await broker.question()).answer([twoRecords(0, 0, 2), nothing(1)])
  loop.seek('usage', 2, 0)
  loop.resume('usage', 2)
  expect(await broker.question()).toMatchObject({ partitions: [0, 1, 2] })
  loop.close()
})

describe('trouble with a broker (O1)', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** A loop whose broker has not answered, and what a person has been told of that. */
  async function inTrouble(broker: Broker): Promise<{ readonly loop: FetchLoop; readonly told: string[] }> {
    const told: string[] = []
    const tell = (_fields: object, message: string): void => void told.push(message)
    const outage = new Outage(systemClock, { ...silentLogger, info: tell, warn: tell })
    const loop = reading(broker, 0, { outage, onBatch: () => undefined })
    ;(await broker.question()).fail(away())
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual([expect.stringContaining('Kafka does not serve us')])
    return { loop, told }
  }

  it('lasts over a rebalance that leaves the partition here, until the broker answers', async () => {
    const broker = new Broker()
    const { loop, told } = await inTrouble(broker)
    loop.clear()
    loop.seek('usage', 0, 0)
    loop.resume('usage', 0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told).toHaveLength(1)
    ;(await broker.question()).answer([nothing(0)])
    await vi.advanceTimersByTimeAsync(0)
    expect(told.slice(1)).toEqual(['Kafka serves us again'])
    loop.close()
  })

  it.each([false, true])(
    'is over after a rebalance that gives the partition to somebody else (cluster away: %s)',
    async (blind) => {
      const { loop, told } = await inTrouble(new Broker(blind))
      loop.clear()
      await vi.advanceTimersByTimeAsync(1_000)
      expect(told.slice(1)).toEqual(['nobody asks any more for what Kafka did not serve'])
      loop.close()
    },
  )
})
