/** The group's own note of what has been processed (noted.ts, N1), and what a lost store makes of it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import type { ProbePoint } from '../../src/engine/probe.ts'
import { START_MS, type Harness } from '../support/engine-harness.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers } = TALLY_TOPICS
const topology = tallyTopology({ limit: 10, closing: true })

describe('the group’s note', () => {
  let harness: Harness

  beforeEach(() => {
    harness = tallyHarness({ onRetentionGap: 'fail' })
  })

  function add(key: string, amount: number, atMs: number): void {
    const value = amountValue({ id: `${key}@${atMs}`, atMs, amount })
    harness.log.append(numbers, { key: Buffer.from(key), value, headers: {} }, atMs)
  }

  it('never passes a record whose output has not left (N1)', async () => {
    const held = Promise.withResolvers<undefined>()
    const leaving = Promise.withResolvers<undefined>()
    const reach = (point: ProbePoint): Promise<undefined> | undefined => {
      if (point !== 'publish') return undefined
      leaving.resolve(undefined)
      return held.promise
    }
    const services = await harness.services({ reach })
    const options = { ...services.options, commitIntervalMs: 0, outputIntervalMs: 0 }
    const task = await acquireTask({ ...services, options }, topology, 0, null)
    const offer = (from: number, end: number): void =>
      task.offer({
        topic: numbers,
        partition: 0,
        records: harness.log.topic(numbers).read(0, from, end - from),
        count: end - from,
        bytes: 0,
        nextOffset: end,
        highWatermark: end,
      })
    add('a', 1, START_MS)
    add('a', 99, START_MS + 1)
    offer(0, 1)
    await task.step()
    await task.step()
    expect(task.positions().map(({ offset }) => offset)).toEqual([1])
    offer(1, 2)
    await task.step()
    // Its commit stands from here on, and its output does not.
    await leaving.promise
    expect(task.positions().map(({ offset }) => offset)).toEqual([1])
    held.resolve(undefined)
    await task.flush()
    expect(task.positions().map(({ offset }) => offset)).toEqual([2])
    await task.stop()
  })

  it('is not given before a rebuild is at its end, also where the store is lost again half way through', async () => {
    for (let n = 0; n < 4; n++) add('a', 1, START_MS + n)
    const services = await harness.services()
    const offsets = new Map([[numbers, 3]])
    const task = await acquireTask(services, topology, 0, { epoch: 1, sequence: 9_000, offsets })
    const records = harness.log.topic(numbers).read(0, 0, 100)
    const offer = (from: number, end: number): void =>
      task.offer({
        topic: numbers,
        partition: 0,
        records: records.slice(from, end),
        count: end - from,
        bytes: 0,
        nextOffset: end,
        highWatermark: 4,
      })
    offer(0, 2)
    await task.step()
    await task.flush()
    expect(task.positions()).toEqual([])
    offer(2, 4)
    await task.step()
    await task.flush()
    expect(task.positions().map(({ offset }) => offset)).toEqual([4])
    await task.stop()
  })
})
