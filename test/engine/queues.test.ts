/** What is fetched and not processed is bounded in bytes too: a megabyte a record fills a queue long before a count. */
import { describe, expect, it } from 'vitest'
import type { Stage } from '../../src/engine/logic.ts'
import type { PartitionWorker } from '../../src/engine/partition-worker.ts'
import type { SourceBatch } from '../../src/engine/record.ts'
import { acquireStage } from '../../src/engine/stage-worker.ts'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { createHarness, START_MS } from '../support/engine-harness.ts'
import { TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const MEGABYTE = 1024 * 1024
const topology = tallyTopology({ limit: 10, closing: false })

/** One fetched record of a megabyte. */
function huge(offset: number): SourceBatch {
  const record = {
    topic: numbers,
    partition: 0,
    offset,
    appendTimeMs: START_MS,
    key: Buffer.from('k'),
    value: Buffer.alloc(MEGABYTE),
    headers: {},
  }
  const read = { records: [record], count: 1, bytes: MEGABYTE, nextOffset: offset + 1 }
  return { topic: numbers, partition: 0, ...read, highWatermark: 1_000 }
}

/** How many are taken before fetching pauses. */
function takenUntilFull(worker: PartitionWorker): number {
  let taken = 0
  while (!worker.full(numbers) && taken < 1_000) worker.offer(huge(taken++))
  return taken
}

describe('a queue of records of a megabyte', () => {
  const options = { queueMaxBytes: 16 * MEGABYTE }
  const create = () => {
    const harness = createHarness(options)
    for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(name, 1)
    return harness
  }

  it('of a task is full at its bound, undecoded or decoded, and has room again once they are processed', async () => {
    const task = await acquireTask(await create().services(), topology, 0, null)
    expect(takenUntilFull(task)).toBe(16)
    await task.step()
    for (let steps = 0; task.full(numbers) && steps < 100; steps++) await task.step()
    expect(task.full(numbers)).toBe(false)
    expect(task.nextOffset(numbers)).toBe(16)
    await task.stop()
  })

  it('of a stage is full at its bound', async () => {
    const stage: Stage = {
      name: 'stage',
      sources: topology.sources,
      outputs: [out],
      setsAside: true,
      transform: (records) => Promise.resolve(records.map(() => ({ outcome: 'outputs', outputs: [] }))),
    }
    const worker = await acquireStage(await create().services(), stage, 0, [])
    expect(takenUntilFull(worker)).toBe(16)
    await worker.stop()
  })

  it('is worked on by a stage some at a time, each once: of a megabyte it may make many', async () => {
    const portions: number[] = []
    const stage: Stage = {
      ...{ name: 'stage', sources: topology.sources, outputs: [out], setsAside: true },
      transform: (records) => {
        portions.push(records.length)
        return Promise.resolve(records.map(() => ({ outcome: 'outputs', outputs: [] })))
      },
    }
    const worker = await acquireStage(await create().services(), stage, 0, [])
    const taken = takenUntilFull(worker)
    while ((await worker.step()).worked);
    expect(portions.reduce((sum, records) => sum + records, 0)).toBe(taken)
    expect(Math.max(...portions)).toBeLessThanOrEqual(4)
    expect(worker.position(numbers)).toBe(taken)
    await worker.stop()
  })
})

describe('what is set aside while its topic takes nothing', () => {
  const KILOBYTES_10 = 10 * 1024
  const BOUND_BYTES = 512 * 1024

  /** Records that are no tallies, a hundred in a batch. */
  function noise(from: number): SourceBatch {
    const records = Array.from({ length: 100 }, (_, at) => ({
      ...{ topic: numbers, partition: 0, offset: from + at, appendTimeMs: START_MS, headers: {} },
      ...{ key: Buffer.from('k'), value: Buffer.alloc(KILOBYTES_10, 'x') },
    }))
    const to = from + records.length
    const bytes = records.length * KILOBYTES_10
    return {
      topic: numbers,
      partition: 0,
      records,
      count: 100,
      bytes,
      nextOffset: to,
      highWatermark: 100_000,
    }
  }

  it('is bounded: the task goes no further (P7)', async () => {
    const harness = createHarness({ chunkRecords: 16, commitMaxBytes: BOUND_BYTES })
    for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(name, 1)
    const never = Promise.withResolvers<void>()
    const publisher = { publish: () => never.promise, close: () => Promise.resolve() }
    const task = await acquireTask({ ...(await harness.services()), publisher }, topology, 0, null)
    let stepped = 0
    const stepping = (async () => {
      while (stepped++ < 1_000) {
        if (!task.full(numbers)) task.offer(noise(task.nextOffset(numbers)))
        harness.clock.advanceTo(harness.clock.now() + 10)
        await task.step()
      }
    })().catch(() => undefined)
    for (let turns = 0; turns < 2_000; turns++) await new Promise((resolve) => setImmediate(resolve))
    expect(task.position(numbers)).toBeGreaterThan(0)
    // What a commit in flight holds, what waits for the next one, and a chunk.
    expect(task.position(numbers) * KILOBYTES_10).toBeLessThan(3 * BOUND_BYTES)
    never.resolve()
    task.abandon()
    await stepping
    await task.stop()
  })
})
