/** What the group is told of how far a task has come: never too much, and never too little for long. */
import { expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { TransientError } from '../../src/engine/errors.ts'
import type { GroupPosition } from '../../src/engine/log.ts'
import { notedCommit } from '../../src/engine/noted.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import type { EngineOptions } from '../../src/engine/options.ts'
import type { CommittedPosition, PartitionWorker } from '../../src/engine/partition-worker.ts'
import type { Probe } from '../../src/engine/probe.ts'
import { Runner } from '../../src/engine/runner.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import {
  createHarness,
  drain,
  START_MS,
  taskPlan,
  valuesOf,
  type Harness,
} from '../support/engine-harness.ts'
import { storeWith } from '../support/store-with.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const tally = tallyTopology({ limit: 10, closing: true })

it('a group that takes no positions stops nothing, and is told with the tries that were in vain', async () => {
  const harness = createHarness()
  createTopics(harness)
  const probe = refusing(3)
  const told: (readonly [number, string | null])[] = []
  const observer = {
    ...silentObserver,
    told: (inVain: number, failure: string | null) => void told.push([inVain, failure]),
  }
  const services = { ...(await harness.services(probe)), observer }
  const runner = new Runner(services, taskPlan(services, tally))
  await runner.start()
  await runner.acquired()
  append(harness, 12)
  await drain(harness.log, runner)
  for (let tries = 0; tries < 5; tries++) await runner.flush()
  expect(await valuesOf(harness.log, out)).not.toEqual([])
  const tries = told.slice(0, 4).map(([inVain, failure]) => [inVain, failure?.includes('no coordinator')])
  expect(tries).toEqual([
    [1, true],
    [2, true],
    [3, true],
    [3, undefined],
  ])
  expect(told.slice(4).every(([inVain, failure]) => inVain === 0 && failure === null)).toBe(true)
  await runner.stop()
})

it('an owner that finds nothing left to do tells how far its predecessor had come, who died without a word', async () => {
  const harness = createHarness()
  createTopics(harness)
  append(harness, 12)
  const mute = await member(harness, harness.store, {}, refusing(Infinity))
  await drain(harness.log, mute.runner)
  // The second is told twice to make no difference: what came out stands, and nobody has to acknowledge it any more.
  await drain(harness.log, mute.runner)
  await mute.runner.stop()

  const next = await member(harness, harness.store)
  expect(next.found).toMatchObject([{ topic: numbers, offset: 0 }])
  await drain(harness.log, next.runner)
  await next.runner.stop()
  const last = await member(harness, harness.store)
  expect(last.found).toMatchObject([{ topic: numbers, offset: 12 }])
  await last.runner.stop()
})

it('while and after a lost store is rebuilt the group’s note never goes back', async () => {
  const harness = createHarness()
  createTopics(harness)
  append(harness, 60)
  const first = await member(harness, harness.store)
  await drain(harness.log, first.runner)
  await first.runner.stop()

  const fresh = new MemoryStateStore()
  const slow = storeWith(fresh, {
    commit: async (...all) => {
      await nextTurn()
      await nextTurn()
      return fresh.commit(...all)
    },
  })
  const second = await member(harness, slow, { chunkRecords: 5, commitIntervalMs: 0 })
  const told: CommittedPosition[] = []
  for (let worked = true; worked;) {
    const delivered = harness.log.deliver()
    worked = (await second.runner.pump()).worked || delivered
    told.push(...second.worker().positions())
    await nextTurn()
  }
  await second.runner.flush()
  told.push(...second.worker().positions())
  expect(told.at(-1)).toMatchObject({ topic: numbers, offset: 60 })
  expect(told.map(({ offset }) => offset).filter((offset) => offset < 60)).toEqual([])
  await second.runner.stop()
})

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function createTopics({ log }: Harness): void {
  for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) log.createTopic(name, 1)
}

function append({ log }: Harness, records: number): void {
  for (let at = 0; at < records; at++) {
    const atMs = START_MS + at * 7_000
    const value = amountValue({ id: `event-${at}`, atMs, amount: 1 })
    log.append(numbers, { key: Buffer.from('key'), value, headers: {} }, atMs)
  }
}

/** The group takes no positions, so many times. */
function refusing(times: number): Probe {
  let left = times
  return {
    reach: (point, side) => {
      if (point === 'group.positions' && side === 'before' && left-- > 0)
        throw new TransientError('kafka', 'no coordinator')
    },
  }
}

interface Member {
  readonly runner: Runner
  /** What the group told of its partition. */
  readonly found: readonly GroupPosition[]
  readonly worker: () => PartitionWorker
}

/** A member that has acquired the partition. */
async function member(
  harness: Harness,
  store: StateStore,
  options: Partial<EngineOptions> = {},
  probe?: Probe,
): Promise<Member> {
  const given = await harness.services(probe)
  const services = { ...given, store, options: { ...given.options, ...options } }
  const found: GroupPosition[] = []
  const workers: PartitionWorker[] = []
  const runner = new Runner(services, {
    ...taskPlan(services, tally),
    acquire: async (partition, committed) => {
      found.push(...committed)
      const worker = await acquireTask(services, tally, partition, notedCommit(committed))
      workers.push(worker)
      return worker
    },
  })
  await runner.start()
  await runner.acquired()
  const worker = (): PartitionWorker => {
    const [only] = workers
    if (only === undefined) throw new Error('the partition has not been acquired')
    return only
  }
  return { runner, found, worker }
}
