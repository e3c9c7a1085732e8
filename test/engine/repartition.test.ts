/** Partitions were added: state moves to where its keys belong, whatever breaks the move off, and nothing else changes. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { GroupPosition } from '../../src/engine/log.ts'
import { UNDIVIDED, type Layout } from '../../src/engine/logic.ts'
import { decodeMeta } from '../../src/engine/meta.ts'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { notedCommit } from '../../src/engine/noted.ts'
import type { StateStore, TaskId } from '../../src/engine/state-store.ts'
import { repartition, type Repartitioned, type RepartitionPlan } from '../../src/engine/repartition.ts'
import { keyOfTimer } from '../../src/engine/timers.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { MemoryLog } from '../../src/log/memory/memory-log.ts'
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
import { storeWith } from '../support/store-with.ts'

const { numbers, out } = TALLY_TOPICS
/** Some hold the character that separates a timer's parts in the store. */
const KEYS = Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? `k${n}\u001fx` : `k${n}`))
const topology = tallyTopology({ limit: 10, closing: true })

const PLAN: RepartitionPlan = {
  topology: topology.name,
  stateVersion: topology.stateVersion,
  sources: [numbers],
  outputs: [out],
  committed: [],
  withoutLost: false,
  dryRun: false,
  progress: () => undefined,
}

describe('repartition', () => {
  let store: MemoryStateStore
  let harness: Harness

  beforeEach(() => {
    store = new MemoryStateStore()
    harness = createHarness({}, store)
    createTopics(harness, 2)
  })

  function createTopics({ log }: Harness, partitions: number): void {
    for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) log.createTopic(name, partitions)
  }

  function add(key: string, amount: number, atMs: number): void {
    const value = amountValue({ id: key, atMs, amount })
    harness.log.append(numbers, { key: Buffer.from(key), value, headers: {} }, atMs)
  }

  async function work(of = topology): Promise<readonly string[]> {
    const runner = await startRunner(await harness.services(), of)
    await drain(harness.log, runner)
    await runner.stop()
    return valuesOf(harness.log, out)
  }

  /** The same topics with more partitions, as Kafka adds them: what is there stays where it is. */
  function withPartitions(partitions: number): void {
    const before = harness.log
    const log = new MemoryLog({ clock: harness.clock, autoDeliver: false, batchRecords: 7 })
    harness = { ...createHarness({}, store), log }
    harness = {
      ...harness,
      services: async (probe) => ({
        ...(await createHarness({}, store).services(probe)),
        log,
        publisher: await log.publisher(),
      }),
    }
    createTopics(harness, partitions)
    for (const name of [numbers, out]) {
      for (let partition = 0; partition < before.topic(name).partitions; partition++) {
        for (const record of before.topic(name).read(partition, 0, 10_000)) {
          log.appendTo(name, partition, record, record.appendTimeMs)
        }
      }
    }
  }

  const move = async (on: StateStore = store, dryRun = false): Promise<Repartitioned> =>
    moveBy({ dryRun }, on)

  const moveBy = async (plan: Partial<RepartitionPlan>, on: StateStore = store): Promise<Repartitioned> =>
    repartition({ log: harness.log, store: on, partitionOf }, { ...PLAN, ...plan })

  /** The group's note of the task, as its owner left it. */
  async function noteOf(partition: number): Promise<GroupPosition> {
    const { epoch, sequence, meta } = await store.copy().acquire({ topology: topology.name, partition })
    const { sources } = decodeMeta(meta ?? Buffer.alloc(0), 'tally', topology.stateVersion)
    const offset = sources[numbers]?.position ?? 0
    return { topic: numbers, partition, offset, metadata: `${epoch - 1}.${sequence}` }
  }

  async function workOnAllKeys(): Promise<void> {
    for (const key of KEYS) add(key, 9, START_MS)
    await work()
  }

  /** Of two partitions with state three have become: a copy that was moved, and in how many commits. */
  async function movedToThree() {
    await workOnAllKeys()
    withPartitions(3)
    const whole = store.copy()
    let commits = 0
    await move(breaking(whole, () => void commits++))
    return { whole, commits }
  }

  async function brokenOffAt(commit: number): Promise<MemoryStateStore> {
    const broken = store.copy()
    let done = 0
    const stop = (): void => {
      if (done++ === commit) throw new Error('broken off')
    }
    await expect(move(breaking(broken, stop))).rejects.toThrow('broken off')
    return broken
  }

  it('moves cells and timers of every key, and the sums go on as if nothing had happened', async () => {
    await workOnAllKeys()
    withPartitions(5)
    expect(await move(store, true)).toMatchObject({ from: 2, to: 5, cells: 40, timers: 40, done: false })
    const moved = await move()
    expect(moved).toMatchObject({ from: 2, to: 5, cells: 40, timers: 40, done: true })
    expect(moved.movedCells).toBeGreaterThan(15)
    expect(moved.movedTimers).toBe(moved.movedCells)
    expect(await move()).toMatchObject({ from: 5, to: 5, done: true, cells: 0 })
    const active = KEYS.slice(0, 25)
    for (const key of active) add(key, 2, START_MS + 1)
    for (let n = 0; n < 100; n++) add(`late-${n}`, 0, START_MS + 120_000)
    const said = await work()
    expect(said.filter((value) => value.startsWith('alarm:k'))).toHaveLength(25)
    expect(said.filter((value) => /^close:k[^:]+:\d+=11$/.test(value))).toHaveLength(25)
    expect(said.filter((value) => /^close:k[^:]+:\d+=9$/.test(value))).toHaveLength(15)
  })

  it('takes for kept what every old task kept, since the last of them did', async () => {
    const layouts: readonly Layout[] = [
      { parts: { always: null, since: 5, here: null }, forms: { old: 'a' } },
      { parts: { always: null, since: 9 }, forms: { older: 'b' } },
    ]
    for (const key of KEYS) add(key, 9, START_MS)
    await work({
      ...topology,
      logic: (at, former) => ({ ...topology.logic(at, former), layout: layouts[at] ?? UNDIVIDED }),
    })
    withPartitions(3)
    await move()
    for (let partition = 0; partition < 3; partition++) {
      const { meta } = await store.acquire({ topology: topology.name, partition })
      const { layout } = decodeMeta(meta ?? Buffer.alloc(0), 'tally', topology.stateVersion)
      expect(layout).toEqual({ parts: { always: null, since: 9 }, forms: { old: 'a', older: 'b' } })
    }
  })

  it('gives each task the new count once, the new ones last', async () => {
    await workOnAllKeys()
    withPartitions(4)
    const given: number[] = []
    const watched = storeWith(store, {
      commit: (task, commit) => {
        const { partitionCount } = decodeMeta(commit.meta, 'tally', topology.stateVersion)
        if (partitionCount === 4) given.push(task.partition)
        return store.commit(task, commit)
      },
    })
    await move(watched)
    expect(given).toEqual([0, 1, 2, 3])
  })

  it('leaves nothing where it does not belong', async () => {
    await workOnAllKeys()
    withPartitions(5)
    await move()
    await expectAllAtHome(store, 'moved')
  })

  it('broken off after any commit and begun again gives the same', async () => {
    const { whole, commits } = await movedToThree()
    expect(commits).toBeGreaterThan(8)
    const expected = await contentOf(whole)
    for (let last = 0; last < commits; last++) {
      const broken = await brokenOffAt(last)
      const again = await move(broken)
      expect(again.done, JSON.stringify(again)).toBe(true)
      expect(await contentOf(broken), `after commit ${last} ${JSON.stringify(again)}`).toEqual(expected)
    }
  })

  it('changes nothing when it only counts', async () => {
    await workOnAllKeys()
    withPartitions(4)
    const before = await contentOf(store)
    await move(store, true)
    expect(await contentOf(store)).toEqual(before)
  })

  it('refuses while a record waits where its key no longer belongs, and says how many', async () => {
    for (const key of KEYS) add(key, 1, START_MS)
    await work()
    for (const key of KEYS) add(key, 1, START_MS + 1)
    withPartitions(5)
    await expect(move()).rejects.toThrow(
      /numbers\.v1\/0: \d+ records of before the change have not been processed .* with 2 partitions first/,
    )
  })

  it('lets records wait that were written by the new count', async () => {
    await workOnAllKeys()
    withPartitions(5)
    for (const key of KEYS) add(key, 2, START_MS + 1)
    expect(await move()).toMatchObject({ done: true })
    expect((await work()).filter((value) => value.startsWith('alarm:'))).toHaveLength(40)
  })

  it('refuses topics that disagree, and is what a task asks for', async () => {
    add('a', 1, START_MS)
    await work()
    withPartitions(5)
    await expect(work()).rejects.toThrow(/Run `bailiff repartition tally` first/)
    harness.log.createTopic('other', 2)
    const plan = { ...PLAN, outputs: [out, 'other'] }
    await expect(repartition({ log: harness.log, store, partitionOf }, plan)).rejects.toThrow(/other 2/)
  })

  /** The store as it is now, without the task. */
  function without(partition: number): StateStore {
    const fresh = new MemoryStateStore()
    const of = (id: TaskId): MemoryStateStore => (id.partition === partition ? fresh : whole)
    const whole = store.copy()
    return storeWith(whole, {
      acquire: (id) => of(id).acquire(id),
      timers: (id, ...rest) => of(id).timers(id, ...rest),
      scan: (id, ...rest) => of(id).scan(id, ...rest),
      commit: (id, commit) => of(id).commit(id, commit),
    })
  }

  describe('of state that the store has lost', () => {
    beforeEach(async () => {
      for (const key of KEYS) add(key, 9, START_MS)
      await work()
    })

    it('is refused where the group tells of it, says of which task, and changes nothing', async () => {
      const committed = [await noteOf(0), await noteOf(1)]
      withPartitions(5)
      let commits = 0
      await expect(
        moveBy(
          { committed },
          breaking(without(1), () => void commits++),
        ),
      ).rejects.toThrow(
        /lost state of tally\/1, .*Restore the store .*`bailiff repartition tally --without-lost`/,
      )
      expect(commits).toBe(0)
      await expect(moveBy({ committed, dryRun: true }, without(0))).rejects.toThrow(/state of tally\/0,/)
      expect(await moveBy({ committed })).toMatchObject({ done: true, lost: [] })
    })

    it('is refused where the store was set back by some commits', async () => {
      const older = store.copy()
      for (const key of KEYS) add(key, 0, START_MS + 1)
      await work()
      const committed = [await noteOf(0), await noteOf(1)]
      withPartitions(5)
      harness.log.topic(numbers).trim(0, 1_000)
      harness.log.topic(numbers).trim(1, 1_000)
      await expect(moveBy({ committed }, older)).rejects.toThrow(/lost state of tally\/0, tally\/1,/)
    })

    it('is refused where only own outputs tell of it', async () => {
      for (const key of KEYS) add(key, 9, START_MS + 1)
      await work()
      withPartitions(5)
      await expect(moveBy({}, without(1))).rejects.toThrow(/lost state of tally\/1,/)
    })

    it('is no reason to refuse where a task never had any', async () => {
      withPartitions(5)
      await expect(moveBy({ committed: [await noteOf(0)] }, without(1))).rejects.toThrow(/not been processed/)
      for (const partition of [0, 1]) harness.log.topic(numbers).trim(partition, 1_000)
      expect(await moveBy({ committed: [await noteOf(0)] }, without(1))).toMatchObject({ done: true })
    })

    it('is gone without by whoever says so: the rest moves, and the task is rebuilt from what it has left', async () => {
      const committed = [await noteOf(0), await noteOf(1)]
      withPartitions(5)
      const rest = without(1)
      expect(await moveBy({ committed, withoutLost: true }, rest)).toMatchObject({
        from: 2,
        to: 5,
        lost: [1],
        cells: KEYS.filter((key) => partitionOf(Buffer.from(key), 2) === 0).length,
        done: true,
      })
      const services = { ...(await harness.services()), store: rest }
      const task = await acquireTask(services, topology, 1, notedCommit(committed.slice(1)))
      expect(task.nextOffset(numbers)).toBe(0)
      await task.stop()
    })

    it('is refused where copies are lost and an old task has forgotten the originals', async () => {
      withPartitions(5)
      let forgotten = false
      const breaks = storeWith(store, {
        commit: async (id, commit) => {
          if (forgotten) throw new Error('broken off')
          const { partitionCount } = decodeMeta(commit.meta, 'tally', topology.stateVersion)
          forgotten = partitionCount === 5
          return store.commit(id, commit)
        },
      })
      await expect(move(breaks)).rejects.toThrow('broken off')
      const acquired = acquireTask(await harness.services(), topology, 4, null)
      await expect(acquired).rejects.toThrow(
        /half moved: keys have moved. Run `bailiff repartition tally` first/,
      )
      await expect(moveBy({}, without(4))).rejects.toThrow(/lost state of tally\/4,/)
      expect(await move()).toMatchObject({ done: true })
    })

    it('is told where there is nothing left to move', async () => {
      const committed = [await noteOf(0), await noteOf(1)]
      withPartitions(5)
      expect(await moveBy({ committed }, new MemoryStateStore())).toMatchObject({
        from: 5,
        to: 5,
        lost: [0, 1],
      })
    })
  })

  it('broken off after any commit, and begun again with still more partitions, gives the same', async () => {
    const { commits } = await movedToThree()
    const atThree = harness
    for (let last = 0; last < commits; last++) {
      harness = atThree
      const broken = await brokenOffAt(last)
      withPartitions(5)
      expect(await move(broken)).toMatchObject({ to: 5, done: true })
      await expectAllAtHome(broken, `after commit ${last}`)
    }
  })
})

/** Each key's cell and timers where they belong by five partitions, and nowhere else. */
async function expectAllAtHome(store: StateStore, when: string): Promise<void> {
  const found: string[] = []
  for (let partition = 0; partition < 5; partition++) {
    const id = { topology: topology.name, partition }
    const keys: string[] = []
    for await (const cells of store.scan(id, `1m:${START_MS / 60_000}`))
      keys.push(...cells.map(({ key }) => key))
    const timers = await store.timers(id, null, 1_000)
    for (const key of [...keys, ...timers.map((timer) => keyOfTimer(timer.id))]) {
      expect(partitionOf(Buffer.from(key), 5), when).toBe(partition)
    }
    found.push(...keys)
  }
  expect(found.sort(), when).toEqual([...KEYS].sort())
}

/** The store, with something told (or thrown) before each commit. */
function breaking(store: StateStore, before: () => void): StateStore {
  return storeWith(store, {
    commit: async (task, commit) => {
      before()
      return store.commit(task, commit)
    },
  })
}

/** Cells, timers and partition counts by task. */
async function contentOf(store: MemoryStateStore): Promise<unknown> {
  const copy = store.copy()
  const content: unknown[] = []
  for (let partition = 0; partition < 5; partition++) {
    const id = { topology: topology.name, partition }
    const cells: string[] = []
    for await (const page of copy.scan(id, `1m:${START_MS / 60_000}`)) {
      cells.push(...page.map(({ key, value }) => `${key}=${value.toString()}`))
    }
    const { meta } = await copy.acquire(id)
    const count = /"partitionCount":(\d+)/.exec(meta?.toString() ?? '')?.[1] ?? null
    content.push({ partition, count, cells: cells.sort(), timers: await copy.timers(id, null, 1_000) })
  }
  return content
}
