/** Partitions that are added, or that do not fit: nothing good is set aside, and nothing goes on in the wrong place. */
import { describe, expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { RefusedError } from '../../src/engine/errors.ts'
import { Runner } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { acquireStage } from '../../src/engine/stage-worker.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { echoStage } from '../support/echo-stage.ts'
import {
  createHarness,
  drain,
  recordsOf,
  stagePlan,
  START_MS,
  startRunner,
  taskPlan,
  type Harness,
} from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const LETTERS = `dlq.${numbers}`
const KEYS = Array.from({ length: 60 }, (_, n) => `account-${n}`)
const topology = tallyTopology({ limit: 10, closing: false })
const REPARTITION = /3 partitions, its state was written for 2: keys have moved. Run `bailiff repartition/

const echo = echoStage(topology.sources, out)

function harnessWith(partitions: number, ofOutput = partitions): Harness {
  const harness = createHarness({ stageLingerMs: 0 })
  for (const name of [numbers, `late.${numbers}`, LETTERS]) harness.log.createTopic(name, partitions)
  harness.log.createTopic(out, ofOutput)
  return harness
}

/** One record of each key, laid by so many partitions. */
function lay({ log }: Harness, partitions: number, round: string): void {
  for (const key of KEYS) {
    const value = amountValue({ id: `${round}-${key}`, atMs: START_MS, amount: 11 })
    const record = { key: Buffer.from(key), value, headers: {} }
    log.appendTo(numbers, partitionOf(record.key, partitions), record, START_MS)
  }
}

function grow({ log }: Harness, partitions: number): void {
  for (const name of [numbers, out, `late.${numbers}`, LETTERS]) log.topic(name).grow(partitions)
}

async function startStage(services: EngineServices): Promise<Runner> {
  const runner = new Runner(services, stagePlan(services, echo))
  await runner.start()
  await runner.acquired()
  return runner
}

describe('topics that do not fit together', () => {
  it('are refused by tasks and stages alike: an output without a partition for each of the sources', async () => {
    const services = await harnessWith(3, 2).services()
    const refusal = new RefusedError(
      'Outputs of tally must have as many partitions as its sources (3): tally.v1 2. Add partitions to them.',
    )
    await expect(acquireTask(services, topology, 0, null)).rejects.toEqual(refusal)
    await expect(acquireStage(services, echo, 0, [])).rejects.toThrow(/Outputs of echo .*\(3\): tally\.v1 2/)
  })

  it('are refused by stages too: sources that differ', async () => {
    const harness = harnessWith(3)
    harness.log.createTopic('other.v1', 2)
    const [source] = echo.sources
    const sources = source === undefined ? [] : [source, { ...source, topic: 'other.v1' }]
    const acquired = acquireStage(await harness.services(), { ...echo, sources }, 0, [])
    await expect(acquired).rejects.toThrow('Sources of echo must have equally many partitions')
  })
})

describe('a topology whose sources were given partitions', () => {
  it('refuses while it runs, before it sets a good record aside', async () => {
    const harness = harnessWith(2)
    const runner = await startRunner(await harness.services(), topology)
    lay(harness, 2, 'before')
    await drain(harness.log, runner)
    grow(harness, 3)
    lay(harness, 3, 'after')
    await expect(drain(harness.log, runner)).rejects.toThrow(REPARTITION)
    await runner.stop()
    expect(await recordsOf(harness.log, LETTERS)).toEqual([])
  })

  it('refuses as soon as the group has heard of them, though nothing was laid and nothing kept', async () => {
    const harness = harnessWith(2)
    const runner = await startRunner(await harness.services(), topology)
    grow(harness, 3)
    const ignored = { onAssigned: () => undefined, onBatch: () => undefined, onStopped: () => undefined }
    await harness.log.join({ group: `bailiff.${topology.name}`, topics: [numbers], ...ignored })
    harness.log.deliver()
    await expect(runner.pump()).rejects.toThrow(REPARTITION)
    await runner.stop()
  })

  it('refuses in the new partitions, which have no state, because the old ones have', async () => {
    const harness = harnessWith(2)
    const runner = await startRunner(await harness.services(), topology)
    lay(harness, 2, 'before')
    await drain(harness.log, runner)
    await runner.stop()
    grow(harness, 3)
    const acquired = acquireTask(await harness.services(), topology, 2, null)
    await expect(acquired).rejects.toThrow(REPARTITION)
  })

  it('goes on where the count stands, and sets aside what is misplaced', async () => {
    const harness = harnessWith(2)
    const services = await harness.services()
    const runner = new Runner(services, taskPlan(services, topology))
    await runner.start()
    await runner.acquired()
    lay(harness, 1, 'misplaced')
    await drain(harness.log, runner)
    const misplaced = KEYS.filter((key) => partitionOf(Buffer.from(key), 2) !== 0)
    expect(await recordsOf(harness.log, LETTERS)).toHaveLength(misplaced.length)
  })
})

describe('a stage whose sources were given partitions', () => {
  async function said({ log }: Harness): Promise<readonly string[]> {
    return (await recordsOf(log, out)).map(({ key }) => String(key)).sort()
  }

  const TWICE = [...KEYS, ...KEYS].sort()

  it('works on what was laid before and after, while it runs', async () => {
    const harness = harnessWith(2)
    const runner = await startStage(await harness.services())
    grow(harness, 3)
    lay(harness, 2, 'before')
    lay(harness, 3, 'after')
    await drain(harness.log, runner)
    await runner.stop()
    const next = await startStage(await harness.services())
    await drain(harness.log, next)
    expect(await said(harness)).toEqual(TWICE)
    expect(await recordsOf(harness.log, LETTERS)).toEqual([])
  })

  it('works on what was laid before when it starts anew, however often it does until that is done', async () => {
    const harness = harnessWith(2)
    const first = await startStage(await harness.services())
    harness.log.deliver()
    await first.pump()
    await first.stop()
    grow(harness, 3)
    lay(harness, 2, 'before')
    lay(harness, 3, 'after')
    for (let starts = 0; starts < 30; starts++) {
      const runner = await startStage(await harness.services())
      harness.log.deliver()
      await runner.pump()
      await runner.stop()
    }
    expect(await said(harness)).toEqual(TWICE)
    for (const { key, partition } of await recordsOf(harness.log, out)) {
      expect(partitionOf(key ?? Buffer.of(), 3)).toBe(partition)
    }
    expect(await recordsOf(harness.log, LETTERS)).toEqual([])
  })

  it('sets aside what is misplaced once all of before is done', async () => {
    const harness = harnessWith(2)
    const first = await startStage(await harness.services())
    await first.flush()
    await first.stop()
    grow(harness, 3)
    lay(harness, 2, 'before')
    const second = await startStage(await harness.services())
    await drain(harness.log, second)
    await second.stop()
    lay(harness, 2, 'misplaced')
    const third = await startStage(await harness.services())
    await drain(harness.log, third)
    const misplaced = KEYS.filter((key) => {
      const bytes = Buffer.from(key)
      return partitionOf(bytes, 2) !== partitionOf(bytes, 3)
    })
    expect((await recordsOf(harness.log, LETTERS)).length).toBe(misplaced.length)
  })
})
