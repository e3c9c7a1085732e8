/** Where a task begins whose position the log no longer holds: a policy, and told with what there is to do. */
import { beforeEach, describe, expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import type { EngineOptions } from '../../src/engine/options.ts'
import type { Runner } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import {
  createHarness,
  drain,
  START_MS,
  startRunner,
  valuesOf,
  type Harness,
} from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const MINUTE_MS = 60_000
const topology = tallyTopology({ limit: 10, closing: true })

describe('a position behind the end of the log, which was made anew or has lost records', () => {
  let harness: Harness
  const noted = (offset: number) => ({ epoch: 1, sequence: 9, offsets: new Map([[numbers, offset]]) })
  const stored = new MemoryStateStore()

  beforeEach(async () => {
    await work(await startRunner(await lay(10, 0, { onRetentionGap: 'fail' }, stored), topology))
  })

  /** Services with the store, on a log that holds so many records, each of the same amount. */
  function lay(
    records: number,
    amount: number,
    options: Partial<EngineOptions>,
    store: StateStore,
  ): Promise<EngineServices> {
    harness = createHarness(options, store)
    for (const topic of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(topic, 1)
    for (let n = 0; n < records; n++) add(amount, START_MS + n)
    return harness.services()
  }

  /** A log that begins again. */
  const anew = (
    onRetentionGap: EngineOptions['onRetentionGap'],
    store: StateStore,
  ): Promise<EngineServices> => lay(3, 9, { onRetentionGap }, store)

  function add(amount: number, atMs: number): void {
    const value = amountValue({ id: `a@${atMs}`, atMs, amount })
    harness.log.append(numbers, { key: Buffer.from('a'), value, headers: {} }, atMs)
  }

  async function work(runner: Runner): Promise<void> {
    await drain(harness.log, runner)
    await runner.stop()
  }

  it('fails by default, whether the store tells of them or the group alone', async () => {
    const services = await anew('fail', stored.copy())
    const told =
      'the log ends at 3: the topic was made anew, or its brokers lost records. Restore the topic, or'
    await expect(acquireTask(services, topology, 0, null)).rejects.toThrow(
      `tally/0 stands at ${numbers} offset 10, ${told}`,
    )
    const empty = await anew('fail', new MemoryStateStore())
    await expect(acquireTask(empty, topology, 0, noted(4))).rejects.toThrow(`offset 4, ${told}`)
    expect((await acquireTask(empty, topology, 0, noted(3))).nextOffset(numbers)).toBe(0)
  })

  it('fails where the store was set back to what the log has, and the group knows of more', async () => {
    const store = new MemoryStateStore()
    await work(await startRunner(await anew('fail', store), topology))
    add(9, START_MS + 3)
    const acquired = acquireTask(await harness.services(), topology, 0, noted(5))
    await expect(acquired).rejects.toThrow('offset 5, the log ends at 4')
  })

  it('processes all that the log holds as new, for whoever says so: nothing of it is withheld', async () => {
    for (const store of [stored.copy(), new MemoryStateStore()]) {
      const services = await anew('earliest', store)
      const task = await acquireTask(services, topology, 0, noted(10))
      expect(task.nextOffset(numbers)).toBe(0)
      const records = harness.log.topic(numbers).read(0, 0, 3)
      task.offer({
        topic: numbers,
        partition: 0,
        records,
        count: 3,
        bytes: 0,
        nextOffset: 3,
        highWatermark: 3,
      })
      await task.step()
      await task.flush()
      await task.stop()
      expect(await valuesOf(harness.log, out)).toEqual([`alarm:a:${START_MS / MINUTE_MS}=a@${START_MS + 1}`])
    }
  })
})
