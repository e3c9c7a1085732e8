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
})
