import { beforeEach, describe, expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import type { Care } from '../../src/engine/care.ts'
import type { Probe } from '../../src/engine/probe.ts'
import type { Runner } from '../../src/engine/runner.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { drain, recordsOf, START_MS, startRunner, valuesOf, type Harness } from '../support/engine-harness.ts'
import { storeWith } from '../support/store-with.ts'
import { viewTask } from '../support/task-view.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { withLogic } from '../support/with-logic.ts'

const { numbers, words, out } = TALLY_TOPICS
const MINUTE_MS = 60_000
/** Of records that nobody died over. */
const NO_CARE: Care = {
  condemned: () => false,
  take: () => Promise.resolve(),
  release: () => Promise.resolve(),
}
const topology = tallyTopology({ limit: 10, closing: false })

function add(harness: Harness, key: string, amount: number, atMs = START_MS, topic: string = numbers): void {
  const value = amountValue({ id: `${key}+${amount}`, atMs, amount })
  harness.log.append(topic, { key: Buffer.from(key), value, headers: {} }, Math.max(START_MS, atMs))
}

/** The topology under a name, telling how old the time was by which each record was decided. */
function timing(
  harness: Harness,
  name: string,
  decidedMs: number[],
  schemasWaitedFor: () => void = () => undefined,
): typeof topology {
  return withLogic({ ...topology, name }, (logic) => ({
    prepare: () => Promise.resolve(schemasWaitedFor()),
    process: (event, state, context) => {
      decidedMs.push(harness.clock.now() - context.nowMs)
      logic.process(event, state, context)
    },
  }))
}

describe('a task', () => {
  let harness: Harness
  let runner: Runner

  beforeEach(async () => {
    harness = tallyHarness({}, 2)
    runner = await startRunner(await harness.services(), topology)
  })

  it('sums per key and emits once, after the commit', async () => {
    for (let n = 0; n < 20; n++) add(harness, 'a', 1)
    add(harness, 'b', 3)
    await drain(harness.log, runner)
    expect(await valuesOf(harness.log, out)).toEqual([`alarm:a:${START_MS / MINUTE_MS}=a+1`])
  })

  it('goes on where it stood after a clean stop: state, positions and time are as they were (P2)', async () => {
    for (let n = 0; n < 9; n++) add(harness, 'a', 1)
    await drain(harness.log, runner)
    await runner.stop()
    const next = await startRunner(await harness.services(), topology)
    for (let n = 0; n < 2; n++) add(harness, 'a', 1)
    await drain(harness.log, next)
    expect(await valuesOf(harness.log, out)).toHaveLength(1)
  })

  it.each(['beside others', 'carefully'])(
    'decides %s by the time at which it decides, however long schemas were waited for',
    async (way) => {
      const decidedMs: number[] = []
      const waiting = timing(harness, 'waiting', decidedMs, () =>
        harness.clock.advanceTo(START_MS + MINUTE_MS),
      )
      const partition = partitionOf(Buffer.from('a'), 2)
      const waiter = await acquireTask(await harness.services(), waiting, partition, null)
      add(harness, 'a', 1)
      const records = harness.log.topic(numbers).read(partition, 0, 1)
      waiter.offer({
        topic: numbers,
        partition,
        records,
        count: 1,
        bytes: 0,
        nextOffset: 1,
        highWatermark: 1,
      })
      await (way === 'carefully' ? waiter.stepCarefully(NO_CARE) : waiter.step())
      expect(decidedMs).toEqual([0])
      await waiter.stop()
    },
  )

  it('decides by the time at which it decides, however long states were waited for', async () => {
    add(harness, 'a', 1)
    await drain(harness.log, runner)
    await runner.stop()
    const decidedMs: number[] = []
    const load: StateStore['load'] = (...all) => {
      harness.clock.advanceTo(START_MS + MINUTE_MS)
      return harness.store.load(...all)
    }
    const services = { ...(await harness.services()), store: storeWith(harness.store, { load }) }
    const waiter = await startRunner(services, timing(harness, topology.name, decidedMs))
    add(harness, 'a', 1)
    await drain(harness.log, waiter)
    expect(decidedMs).toEqual([0])
    expect(harness.clock.now()).toBeGreaterThanOrEqual(START_MS + MINUTE_MS)
  })

  it('that is let go in the middle of a step ends it first: nothing is loaded over what it has changed', async () => {
    add(harness, 'a', 3)
    await drain(harness.log, runner)
    await runner.stop()
    const partition = partitionOf(Buffer.from('a'), 2)
    const loading = Promise.withResolvers<undefined>()
    const reach: Probe['reach'] = (point) => (point === 'load' ? loading.promise : undefined)
    const task = await acquireTask(await harness.services({ reach }), topology, partition, null)
    add(harness, 'a', 4)
    const records = harness.log.topic(numbers).read(partition, 1, 1)
    task.offer({ topic: numbers, partition, records, count: 1, bytes: 0, nextOffset: 2, highWatermark: 2 })
    const ended = [task.step(), task.stop()]
    loading.resolve(undefined)
    await Promise.all(ended)
    const { cells } = await viewTask(harness.store, { topology: topology.name, partition }, 1, ['a'])
    expect(cells).toEqual([`1m:${START_MS / MINUTE_MS} a 7`])
  })

  it('sets damaged records aside with bytes, reason and position, and moves on (P1)', async () => {
    harness.log.append(
      numbers,
      { key: Buffer.from('a'), value: Buffer.from('damaged'), headers: { h: '1' } },
      START_MS,
    )
    harness.log.append(numbers, { key: null, value: Buffer.from('{}'), headers: {} }, START_MS)
    add(harness, 'a', 11)
    await drain(harness.log, runner)
    const letters = await recordsOf(harness.log, `dlq.${numbers}`)
    expect(letters.map((letter) => letter.value?.toString()).sort()).toEqual(['damaged', '{}'])
    expect(letters.map((letter) => letter.headers['__dlq.errors.reason']?.toString()).sort()).toEqual([
      'nullKey',
      'undecodable',
    ])
    expect(await valuesOf(harness.log, out)).toHaveLength(1)
    add(harness, 'b', 1)
    await drain(harness.log, runner)
    expect(await recordsOf(harness.log, `dlq.${numbers}`)).toHaveLength(2)
  })

  it("refuses a record in a partition that is not its key's, and says what to set", async () => {
    const value = amountValue({ id: 'x', atMs: START_MS, amount: 99 })
    const records = [0, 1].map((partition) => ({ partition, key: Buffer.from('a') }))
    for (const { partition, key } of records)
      harness.log.appendTo(numbers, partition, { key, value, headers: {} }, START_MS)
    await drain(harness.log, runner)
    const letters = await recordsOf(harness.log, `dlq.${numbers}`)
    expect(letters).toHaveLength(1)
    expect(letters[0]?.headers['__dlq.errors.message']?.toString()).toContain('murmur2_random')
  })

  it('refuses an event from the far future and keeps its stream time sane (P6)', async () => {
    const value = amountValue({ id: 'x', atMs: START_MS + 3_600_000, amount: 99 })
    harness.log.append(numbers, { key: Buffer.from('a'), value, headers: {} }, START_MS)
    add(harness, 'a', 11)
    await drain(harness.log, runner)
    expect(await valuesOf(harness.log, out)).toHaveLength(1)
    const letters = await recordsOf(harness.log, `dlq.${numbers}`)
    expect(letters.map((letter) => letter.headers['__dlq.errors.reason']?.toString())).toEqual(['future'])
  })

  it('counts late records, routes them and leaves state alone', async () => {
    add(harness, 'a', 1, START_MS + MINUTE_MS)
    add(harness, 'a', 99, START_MS)
    await drain(harness.log, runner)
    expect(await valuesOf(harness.log, out)).toEqual([])
    expect(await recordsOf(harness.log, `late.${numbers}`)).toHaveLength(1)
  })

  it('fires stream timers between records, in the order of time', async () => {
    const closing = tallyTopology({ limit: 1_000, closing: true })
    const timed = await startRunner(await harness.services(), { ...closing, name: 'timed' })
    add(harness, 'a', 1)
    add(harness, 'a', 2, START_MS + 1_000)
    add(harness, 'a', 4, START_MS + MINUTE_MS)
    await drain(harness.log, timed)
    expect(await valuesOf(harness.log, out)).toEqual([`close:a:${START_MS / MINUTE_MS}=3`])
  })

  it('takes the record with the smallest event time over several sources (P6)', async () => {
    const two = tallyTopology({ limit: 0, closing: false }, [numbers, words])
    for (let n = 0; n < 30; n++) add(harness, `k${n}`, 1, START_MS + n * 10, n % 3 === 0 ? words : numbers)
    const merged = await startRunner(await harness.services(), { ...two, name: 'two' })
    await drain(harness.log, merged)
    const order = (await valuesOf(harness.log, out)).map((value) => Number(/k(\d+)/.exec(value)?.[1]))
    const perPartition = await Promise.all([0, 1].map((partition) => orderOf(harness, partition)))
    expect(order).toHaveLength(30)
    for (const sequence of perPartition) expect(sequence).toEqual([...sequence].sort((a, b) => a - b))
  })

  it('keeps its state when the cache is too small to hold it', async () => {
    const small = tallyHarness({ cacheMaxBytes: 200, chunkRecords: 3 }, 2)
    const tight = await startRunner(await small.services(), topology)
    for (let round = 0; round < 12; round++) {
      for (let n = 0; n < 20; n++) add(small, `k${n}`, 1)
      await drain(small.log, tight)
    }
    expect(await valuesOf(small.log, out)).toHaveLength(20)
  })

  it('hands partitions over to a new member and back without losing or doubling (L1, R2)', async () => {
    for (let n = 0; n < 10; n++) add(harness, `k${n}`, 6)
    await drain(harness.log, runner)
    const second = await startRunner(await harness.services(), topology)
    await runner.acquired()
    for (let n = 0; n < 10; n++) add(harness, `k${n}`, 6)
    await drain(harness.log, runner)
    await drain(harness.log, second)
    await second.stop()
    await runner.acquired()
    for (let n = 0; n < 10; n++) add(harness, `k${n}`, 6)
    await drain(harness.log, runner)
    expect(await valuesOf(harness.log, out)).toHaveLength(10)
  })
})

async function orderOf(harness: Harness, partition: number): Promise<number[]> {
  const order: number[] = []
  for await (const record of harness.log.readToEnd(out, partition, 0)) {
    order.push(Number(/k(\d+)/.exec(record.value?.toString() ?? '')?.[1]))
  }
  return order
}
