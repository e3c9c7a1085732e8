/** A stage that collects what comes within its linger: one transaction for it, and nothing lost or out of order. */
import { describe, expect, it } from 'vitest'
import { RetentionGapError } from '../../src/engine/errors.ts'
import type { Stage } from '../../src/engine/logic.ts'
import { defaultEngineOptions, type EngineOptions } from '../../src/engine/options.ts'
import { Origins } from '../../src/engine/origins.ts'
import type { ProbePoint } from '../../src/engine/probe.ts'
import { HEADER_ORIGIN_POSITION } from '../../src/engine/record.ts'
import { acquireStage } from '../../src/engine/stage-worker.ts'
import type { GroupPosition } from '../../src/engine/log.ts'
import type { SourceBatch } from '../../src/engine/record.ts'
import { echoStage } from '../support/echo-stage.ts'
import { createHarness, recordsOf, START_MS, valuesOf } from '../support/engine-harness.ts'

const LINGER_MS = 20
const CHUNK = 5

const source = (topic: string) => ({
  topic,
  latenessMs: 0,
  maxFutureMs: 0,
  lateTopic: null,
  deadLetterTopic: `dlq.${topic}`,
  compacted: false,
})

const echo = echoStage([source('a'), source('b')], 'out')

/** One partition of two sources and a worker on it; `transactions` counts what it has published, each in `tookMs`. */
async function stage(committed: readonly GroupPosition[] = [], tookMs = 0) {
  const harness = createHarness({ stageLingerMs: LINGER_MS, chunkRecords: CHUNK })
  for (const topic of ['a', 'b', 'out', 'dlq.a', 'dlq.b']) harness.log.createTopic(topic, 1)
  let transactions = 0
  const reach = (point: ProbePoint, side: 'before' | 'after'): void => {
    if (point === 'stage.publish' && side === 'before') harness.clock.advanceTo(harness.clock.now() + tookMs)
    if (point === 'stage.publish' && side === 'after') transactions++
  }
  const services = await harness.services({ reach })
  const worker = await acquireStage(services, echo, 0, committed)
  const offer = (topic: string, from: number, to: number): void => worker.offer(batchOf(topic, from, to))
  return { ...harness, worker, offer, transactions: () => transactions }
}

/** `appendedMs`: when the log took in each; `known`: where the partition is known to end. */
function batchOf(
  topic: string,
  from: number,
  to: number,
  appendedMs: (offset: number) => number = () => START_MS,
  known = to,
): SourceBatch {
  const records = Array.from({ length: to - from }, (_, at) => ({
    topic,
    partition: 0,
    offset: from + at,
    appendTimeMs: appendedMs(from + at),
    key: Buffer.from('k'),
    value: Buffer.from(`${topic}${from + at}`),
    headers: {},
  }))
  return { topic, partition: 0, records, count: to - from, bytes: 0, nextOffset: to, highWatermark: known }
}

it('a stage moves no position past what has not been published (W1)', async () => {
  const harness = createHarness({ stageLingerMs: 0, chunkRecords: CHUNK })
  for (const topic of ['a', 'b', 'out', 'dlq.a', 'dlq.b']) harness.log.createTopic(topic, 1)
  const [leaving, held] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const reach = (point: ProbePoint): Promise<undefined> | undefined => {
    if (point !== 'stage.publish') return undefined
    leaving.resolve(undefined)
    return held.promise
  }
  const worker = await acquireStage(await harness.services({ reach }), echo, 0, [])
  worker.offer(batchOf('a', 0, 2))
  const step = worker.step()
  await leaving.promise
  expect(worker.positions().map(({ offset }) => offset)).toEqual([0, 0])
  held.resolve(undefined)
  await step
  expect(worker.positions().map(({ offset }) => offset)).toEqual([2, 0])
  await worker.stop()
})

it('a stage tells all that became of one record apart: none is taken for a repeat of another', async () => {
  const harness = createHarness({ stageLingerMs: 0, chunkRecords: CHUNK })
  for (const topic of ['a', 'b', 'out', 'dlq.a', 'dlq.b']) harness.log.createTopic(topic, 1)
  const twice: Stage = {
    ...echo,
    transform: async (records) =>
      (await echo.transform(records)).map((one) =>
        one.outcome === 'outputs' ? { ...one, outputs: [...one.outputs, ...one.outputs] } : one,
      ),
  }
  const worker = await acquireStage(await harness.services(), twice, 0, [])
  worker.offer(batchOf('a', 0, 2))
  await worker.step()
  const origins = new Origins({})
  const outputs = await recordsOf(harness.log, 'out')
  expect(outputs.map((record) => origins.isNew(record))).toEqual([true, true, true, true])
  await worker.stop()
})

describe('a stage with a linger', () => {
  it('waits that long for company, then publishes all of it, from both sources, in one transaction', async () => {
    const { clock, log, worker, offer, transactions } = await stage()
    offer('a', 0, 2)
    expect(await worker.step()).toEqual({ worked: false, wakeAtMs: START_MS + LINGER_MS })
    clock.advanceTo(START_MS + LINGER_MS - 1)
    offer('b', 0, 1)
    offer('a', 2, 3)
    expect(await worker.step()).toEqual({ worked: false, wakeAtMs: START_MS + LINGER_MS })
    expect(worker.positions().map(({ offset }) => offset)).toEqual([0, 0])
    clock.advanceTo(START_MS + LINGER_MS)
    expect((await worker.step()).worked).toBe(true)
    expect(await valuesOf(log, 'out')).toEqual(['a0', 'a1', 'a2', 'b0'])
    expect(transactions()).toBe(1)
    expect(worker.positions()).toMatchObject([
      { topic: 'a', offset: 3 },
      { topic: 'b', offset: 1 },
    ])
    expect(await worker.step()).toEqual({ worked: false, wakeAtMs: null })
  })

  it.each([
    [5, LINGER_MS],
    [15, 45],
    [500, 4 * LINGER_MS],
  ])('that publishes for %i ms waits %i ms the next time (W5)', async (tookMs, waitsMs) => {
    const { clock, worker, offer } = await stage([], tookMs)
    offer('a', 0, 1)
    clock.advanceTo(START_MS + LINGER_MS)
    expect((await worker.step()).worked).toBe(true)
    offer('a', 1, 2)
    expect(await worker.step()).toEqual({ worked: false, wakeAtMs: clock.now() + waitsMs })
  })

  it('does not wait with a chunk of records, and goes on with the rest of it at once when that is due', async () => {
    const { clock, log, worker, offer, transactions } = await stage()
    offer('a', 0, 3)
    offer('b', 0, 4)
    expect((await worker.step()).worked).toBe(true)
    expect(await valuesOf(log, 'out')).toEqual(['a0', 'a1', 'a2', 'b0', 'b1'])
    expect(worker.positions().map(({ offset }) => offset)).toEqual([3, 2])
    expect(worker.nextOffset('b')).toBe(4)
    clock.advanceTo(START_MS + LINGER_MS)
    await worker.step()
    expect(await valuesOf(log, 'out')).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'b3'])
    expect(transactions()).toBe(2)
    const origins = (await recordsOf(log, 'out')).map(({ headers }) =>
      String(headers[HEADER_ORIGIN_POSITION]),
    )
    expect(origins).toEqual(['0.0', '1.0', '2.0', '0.0', '1.0', '2.0', '3.0'])
  })

  it('leaves its position before what it has not published, for whoever comes next', async () => {
    const { log, worker, offer } = await stage()
    offer('a', 0, 2)
    await worker.step()
    await worker.flush()
    await worker.stop()
    expect(await valuesOf(log, 'out')).toEqual([])
    expect(worker.positions().map(({ offset }) => offset)).toEqual([0, 0])
  })
})

describe('a stage with a backlog of several sources', () => {
  const everySecond = (offset: number) => START_MS + offset * 1_000

  it('works on it in the order in which the log took it in, whatever was fetched first (W7)', async () => {
    const { clock, log, worker } = await stage()
    worker.offer(batchOf('b', 0, 3, everySecond))
    worker.offer(batchOf('a', 0, 1, everySecond))
    worker.offer(batchOf('a', 1, 3, everySecond))
    clock.advanceTo(START_MS + LINGER_MS)
    while ((await worker.step()).worked) continue
    expect(await valuesOf(log, 'out')).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
    expect(worker.positions().map(({ offset }) => offset)).toEqual([3, 3])
  })

  it('waits for a source that is known to have more before the others go on, and so long at most (I2)', async () => {
    const { clock, log, worker } = await stage()
    worker.offer(batchOf('a', 0, 2, everySecond, 9))
    worker.offer(batchOf('b', 0, 5, everySecond))
    expect((await worker.step()).worked).toBe(true)
    expect(await valuesOf(log, 'out')).toEqual(['a0', 'b0', 'a1'])
    clock.advanceTo(START_MS + LINGER_MS)
    const untilMs = START_MS + defaultEngineOptions.maxSourceWaitMs
    expect(await worker.step()).toEqual({ worked: false, wakeAtMs: untilMs })
    worker.offer(batchOf('a', 2, 3, everySecond, 9))
    expect((await worker.step()).worked).toBe(true)
    expect(await valuesOf(log, 'out')).toEqual(['a0', 'b0', 'a1', 'b1', 'a2'])
    expect((await worker.step()).worked).toBe(false)
    clock.advanceTo(clock.now() + defaultEngineOptions.maxSourceWaitMs)
    expect((await worker.step()).worked).toBe(true)
    expect(await valuesOf(log, 'out')).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'b3', 'b4'])
    expect(worker.positions().map(({ offset }) => offset)).toEqual([3, 5])
  })
})

describe('a stage whose position has left the log', () => {
  /** What is left begins at 5, and the group's note says 3. */
  async function gapped(onRetentionGap: EngineOptions['onRetentionGap']) {
    const harness = createHarness({ stageLingerMs: 0, onRetentionGap })
    for (const topic of ['a', 'b', 'out', 'dlq.a', 'dlq.b']) harness.log.createTopic(topic, 1)
    for (let n = 0; n < 8; n++) {
      const record = { key: Buffer.from('k'), value: Buffer.from(`a${n}`), headers: {} }
      harness.log.appendTo('a', 0, record, START_MS)
    }
    harness.log.topic('a').trim(0, 5)
    const services = await harness.services()
    const acquired = (offset: number) =>
      acquireStage(services, echo, 0, [{ topic: 'a', partition: 0, offset, metadata: '1.0' }])
    return { acquired }
  }

  it('stops and says how much is gone and what to do, by the policy `fail`', async () => {
    const { acquired } = await gapped('fail')
    await expect(acquired(3)).rejects.toThrow(RetentionGapError)
    await expect(acquired(3)).rejects.toThrow(
      'echo/0 stands at a offset 3, the log begins at 5: 2 records are gone. ' +
        'Restore the topic, or go on without them: BAILIFF_ON_RETENTION_GAP=earliest.',
    )
    expect((await acquired(5)).nextOffset('a')).toBe(5)
  })

  it('stops as well where it lies behind the end of the log: offsets mean other records now', async () => {
    const { acquired } = await gapped('fail')
    await expect(acquired(9)).rejects.toThrow(
      'echo/0 stands at a offset 9, the log ends at 8: the topic was made anew, or its brokers lost records. ' +
        'Restore the topic, or process all that it holds as new: BAILIFF_ON_RETENTION_GAP=earliest.',
    )
    expect((await acquired(8)).nextOffset('a')).toBe(8)
    expect((await (await gapped('earliest')).acquired(9)).nextOffset('a')).toBe(5)
  })

  it('goes on with what is left, by the policy `earliest`', async () => {
    const worker = await (await gapped('earliest')).acquired(3)
    expect(worker.nextOffset('a')).toBe(5)
    expect(worker.lag('a')).toBe(3)
  })
})
