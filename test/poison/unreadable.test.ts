/**
 * A record that the log could not hand over (its batch stands for gigabytes): a letter tells where it lies and why,
 * what lies around it is worked on (P1, P8).
 */
import { describe, expect, it } from 'vitest'
import type { PartitionWorker } from '../../src/engine/partition-worker.ts'
import type { SourceBatch, SourceRecord } from '../../src/engine/record.ts'
import { acquireStage } from '../../src/engine/stage-worker.ts'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { echoStage } from '../support/echo-stage.ts'
import { createHarness, recordsOf, START_MS, valuesOf, type Harness } from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const topology = tallyTopology({ limit: 1, closing: false })
const DEAD_LETTERS = `dlq.${numbers}`

const echo = echoStage(topology.sources, out)

function record(offset: number): SourceRecord {
  const value = amountValue({ id: `n${offset}`, atMs: START_MS, amount: 10 })
  const at = { topic: numbers, partition: 0, offset, appendTimeMs: START_MS, headers: {} }
  return { ...at, key: Buffer.from(`k${offset}`), value }
}

/** A good one, one that could not be read, a good one. */
function batch(): SourceBatch {
  const unreadable = { stage: 'deserialize', reason: 'tooLarge', detail: 'too large' } as const
  const records = [record(0), { ...record(1), key: null, value: null, unreadable }, record(2)]
  return { topic: numbers, partition: 0, records, count: 3, bytes: 100, nextOffset: 3, highWatermark: 3 }
}

function harness(): Harness {
  const made = createHarness({ stageLingerMs: 0 })
  for (const name of [...Object.values(TALLY_TOPICS), `late.${numbers}`, DEAD_LETTERS])
    made.log.createTopic(name, 1)
  return made
}

async function workedOff(worker: PartitionWorker): Promise<void> {
  worker.offer(batch())
  while ((await worker.step()).worked);
  await worker.flush()
  await worker.stop()
}

describe.each([
  ['a task', (made: Harness) => made.services().then((services) => acquireTask(services, topology, 0, null))],
  ['a stage', (made: Harness) => made.services().then((services) => acquireStage(services, echo, 0, []))],
])('a record that the log could not hand over to %s', (_name, acquire) => {
  it('is set aside with where it lies, and those around it come out', async () => {
    const made = harness()
    await workedOff(await acquire(made))
    const [letter, ...others] = await recordsOf(made.log, DEAD_LETTERS)
    expect(others).toEqual([])
    expect(letter).toMatchObject({ value: null, headers: { '__dlq.errors.reason': 'tooLarge' } })
    expect(letter?.key?.toString()).toBe(`${numbers}/0/1`)
    expect(await valuesOf(made.log, out)).toHaveLength(2)
  })
})
