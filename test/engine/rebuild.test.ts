/**
 * What a task does with a store that was never there, is as it was left, was set back, or is gone: told apart, and
 * each time nothing is lost and nothing said twice (section 5 of the design).
 */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Observer, StoreFinding } from '../../src/engine/observer.ts'
import type { Probe, ProbePoint } from '../../src/engine/probe.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import type { Runner } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { CRASH } from '../../src/engine/care.ts'
import type { Decoded, Topology } from '../../src/engine/logic.ts'
import { headerText, type SourceRecord } from '../../src/engine/record.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import { drain, recordsOf, START_MS, startRunner, valuesOf, type Harness } from '../support/engine-harness.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology, type Amount } from '../support/tally-topology.ts'
import { withLogic } from '../support/with-logic.ts'

const { numbers, words, out } = TALLY_TOPICS
const MINUTE_MS = 60_000
const topology = tallyTopology({ limit: 10, closing: true })

/** An owner dies once it has done that. */
function dyingAt(wanted: ProbePoint): Probe {
  return {
    reach: (point, side) => {
      if (point === wanted && side === 'after') throw new Error('died')
    },
  }
}

/** What one member saw and said. */
interface Witness {
  readonly found: StoreFinding[]
  readonly withheld: string[]
}

describe('a store', () => {
  let harness: Harness

  beforeEach(() => {
    harness = tallyHarness({ onRetentionGap: 'fail' })
  })

  function add(key: string, amount: number, atMs: number, topic: string = numbers): void {
    const value = amountValue({ id: `${key}@${atMs}`, atMs, amount })
    harness.log.append(topic, { key: Buffer.from(key), value, headers: {} }, atMs)
  }

  /** A member on the given store. */
  async function member<S, E>(
    store: StateStore,
    of: Topology<S, E>,
  ): Promise<{ runner: Runner; witness: Witness }> {
    const witness: Witness = { found: [], withheld: [] }
    const observer: Observer = {
      ...silentObserver,
      acquired: (_partition, found) => void witness.found.push(found),
      withheld: (topic) => void witness.withheld.push(topic),
    }
    const services: EngineServices = { ...(await harness.services()), store, observer }
    return { runner: await startRunner(services, of), witness }
  }

  const work = async (runner: Runner): Promise<void> => {
    await drain(harness.log, runner)
    await runner.stop()
  }

  it('that was never there is a first start; one as it was left is resumed', async () => {
    const store = new MemoryStateStore()
    add('a', 11, START_MS)
    const first = await member(store, topology)
    await work(first.runner)
    const second = await member(store, topology)
    expect([...first.witness.found, ...second.witness.found]).toEqual(['first', 'resumed'])
    await second.runner.stop()
  })

  it('that is as it was left knows what was said: none of it is news, to whomever takes over', async () => {
    const store = new MemoryStateStore()
    const news: string[] = []
    const hearing = withLogic(topology, () => ({
      fold: (record) => {
        news.push(String(record.value))
        return null
      },
    }))
    add('a', 11, START_MS)
    const dying = await startRunner({ ...(await harness.services(dyingAt('publish'))), store }, topology)
    await expect(drain(harness.log, dying)).rejects.toThrow('died')
    expect(await valuesOf(harness.log, out)).toHaveLength(1)
    await harness.log.close()

    // Nobody has acknowledged it yet, then somebody has, and then somebody has worked who said nothing.
    for (let owners = 0; owners < 3; owners++) {
      add('a', 1, START_MS + 1 + owners)
      await work((await member(store, hearing)).runner)
    }
    expect(news).toEqual([])
    expect(await valuesOf(harness.log, out)).toHaveLength(1)
  })

  it('that is gone before anything was said is lost, not new: the group tells of it', async () => {
    add('a', 1, START_MS)
    await work((await member(new MemoryStateStore(), topology)).runner)
    const { runner, witness } = await member(new MemoryStateStore(), topology)
    expect(witness.found).toEqual(['lost'])
    await runner.stop()
  })

  it('that is gone is rebuilt: what was said is not said again, what was not is, in the same words', async () => {
    for (let n = 0; n < 40; n++) add(`k${n % 4}`, 2, START_MS + n * 6_000)
    const { runner } = await member(new MemoryStateStore(), topology)
    await work(runner)
    const said = await valuesOf(harness.log, out)
    expect(said.length).toBeGreaterThan(8)
    for (let n = 40; n < 60; n++) add(`k${n % 4}`, 2, START_MS + n * 6_000)

    const { runner: second, witness } = await member(new MemoryStateStore(), topology)
    await work(second)
    expect(witness.found).toEqual(['lost'])
    const reference = tallyHarness({ onRetentionGap: 'fail' })
    for (const record of harness.log.topic(numbers).read(0, 0, 1_000)) {
      reference.log.append(numbers, record, record.appendTimeMs)
    }
    const undisturbed = await startRunner(await reference.services(), topology)
    await drain(reference.log, undisturbed)
    expect([...(await valuesOf(harness.log, out))].sort()).toEqual(
      [...(await valuesOf(reference.log, out))].sort(),
    )
  })

  it('that is gone together with the group’s note is lost too, where own outputs stand in the log', async () => {
    add('a', 11, START_MS)
    await work((await member(new MemoryStateStore(), topology)).runner)
    await harness.log.close()
    const { runner, witness } = await member(new MemoryStateStore(), topology)
    await work(runner)
    expect(witness.found).toEqual(['lost'])
    expect(await valuesOf(harness.log, out)).toHaveLength(1)
  })

  it('that is gone is rebuilt without the records that killed their owners the first time (P8)', async () => {
    /** The topology, with what becomes of the records of one key. */
    const where = (key: string, decode: (record: SourceRecord) => Decoded<Amount>): typeof topology =>
      withLogic(topology, (logic) => {
        const isMeant = (record: SourceRecord): boolean => record.key?.toString() === key
        return { decode: (record) => (isMeant(record) ? decode(record) : logic.decode(record)) }
      })
    const kills = (): never => {
      throw new Error('the owner is dead')
    }
    for (let n = 0; n < 20; n++) add(n === 7 ? 'deadly' : `k${n % 4}`, 6, START_MS + n * 6_000)
    const survived = where('deadly', () => ({ outcome: 'rejected', rejection: CRASH }))
    await work((await member(new MemoryStateStore(), survived)).runner)
    const said = await valuesOf(harness.log, out)

    const { runner, witness } = await member(new MemoryStateStore(), where('deadly', kills))
    await work(runner)
    expect(witness.found).toEqual(['lost'])
    expect(await valuesOf(harness.log, out)).toEqual(said)
    const aside = await recordsOf(harness.log, `dlq.${numbers}`)
    expect(aside.map(({ key }) => String(key))).toEqual([`${numbers}/0/7`])

    // What killed another topology is no reason to leave anything out.
    const other = { ...where('deadly', kills), name: 'other' }
    await work((await member(new MemoryStateStore(), { ...topology, name: 'other' })).runner)
    const met = await member(new MemoryStateStore(), other)
    await expect(work(met.runner)).rejects.toThrow('the owner is dead')
    expect(aside.map(({ headers }) => headerText(headers, '__dlq.errors.reason'))).toEqual(['crash'])
  })

  it('that was set back is rebuilt up to the group’s note, and says nothing twice', async () => {
    const store = new MemoryStateStore()
    for (let n = 0; n < 10; n++) add(`k${n % 4}`, 4, START_MS + n * 6_000)
    await work((await member(store, topology)).runner)
    const older = store.copy()
    for (let n = 10; n < 40; n++) add(`k${n % 4}`, 4, START_MS + n * 6_000)
    await work((await member(store, topology)).runner)
    const said = await valuesOf(harness.log, out)

    const { runner, witness } = await member(older.copy(), topology)
    await work(runner)
    expect(witness.found).toEqual(['rolledBack'])
    expect(await valuesOf(harness.log, out)).toEqual(said)

    // Also where a topology makes nothing of what it reads of itself: it is counted, and told to nobody.
    const forgetful = await member(
      older,
      withLogic(topology, () => ({ fold: () => null })),
    )
    await work(forgetful.runner)
    expect(forgetful.witness.withheld.length).toBeGreaterThan(0)
    expect(await valuesOf(harness.log, out)).toEqual(said)
  })

  it('is rebuilt whole before the first new record is judged, whichever source has more to read', async () => {
    const two = { ...tallyTopology({ limit: 10, closing: false }, [numbers, words]), name: 'two' }
    for (let n = 0; n < 30; n++) add('a', 0, START_MS + n)
    add('a', 9, START_MS + 100, words)
    await work((await member(new MemoryStateStore(), two)).runner)
    // Earlier than what the other source has told already: by event time alone it would come first.
    add('a', 2, START_MS + 50)
    const { runner } = await member(new MemoryStateStore(), two)
    await work(runner)
    expect(await valuesOf(harness.log, out)).toEqual([`alarm:a:${START_MS / MINUTE_MS}=a@${START_MS + 50}`])
  })

  it('is rebuilt in the order of times, however late one source comes', async () => {
    const seen: string[] = []
    const base = tallyTopology({ limit: 1_000, closing: false }, [numbers, words])
    const watched = withLogic(base, (logic) => ({
      process: (event, state, context) => {
        seen.push(event.record.topic)
        logic.process(event, state, context)
      },
    }))
    for (const at of [0, 100]) add('a', 1, START_MS + at)
    add('a', 1, START_MS + 50, words)
    const offsets = new Map([
      [numbers, 2],
      [words, 1],
    ])
    const task = await acquireTask(await harness.services(), watched, 0, { epoch: 1, sequence: 9, offsets })
    for (const topic of [numbers, words]) {
      const records = harness.log.topic(topic).read(0, 0, 2)
      const { length: end } = records
      task.offer({ topic, partition: 0, records, count: end, bytes: 0, nextOffset: end, highWatermark: end })
      await task.step()
    }
    expect(seen).toEqual([numbers, words, numbers])
    await task.stop()
  })

  it('fires no wall timer before it is rebuilt, and none is lost: what was due meanwhile is said afterwards', async () => {
    const reminding = tallyTopology({ limit: 10, closing: false, reminding: true })
    for (const at of [0, 100]) add('a', 11, START_MS + at)
    harness.clock.advanceTo(START_MS + 10 * MINUTE_MS)
    const offsets = new Map([[numbers, 2]])
    const task = await acquireTask(await harness.services(), reminding, 0, { epoch: 1, sequence: 9, offsets })
    const records = harness.log.topic(numbers).read(0, 0, 2)
    for (const end of [1, 2]) {
      const batch = { count: 1, bytes: 0, nextOffset: end, highWatermark: 2 }
      task.offer({ topic: numbers, partition: 0, records: records.slice(end - 1, end), ...batch })
      await task.step()
    }
    await task.flush()
    await task.stop()
    const said = await valuesOf(harness.log, out)
    expect(said.map((value) => value.split('=')[0])).toEqual([`remind:a:${START_MS / MINUTE_MS}`])
  })

  it('takes compacted facts first, whatever their times, and moves no time by them', async () => {
    const seen: string[] = []
    const base = tallyTopology({ limit: 1_000, closing: false }, [words, numbers])
    const sources = base.sources.map((source) => ({ ...source, compacted: source.topic === words }))
    const facts = withLogic({ ...base, sources }, (logic) => ({
      process: (event, state, context) => {
        seen.push(`${event.record.topic}@${context.streamTimeMs - START_MS}`)
        logic.process(event, state, context)
      },
    }))
    add('a', 1, START_MS + 10_000)
    add('a', 1, START_MS + 3_600_000, words)
    await work((await member(new MemoryStateStore(), facts)).runner)
    expect(seen.splice(0)).toEqual([`${numbers}@10000`, `${words}@3600000`])
    await work((await member(new MemoryStateStore(), facts)).runner)
    expect(seen[0]).toMatch(new RegExp(`^${words}@-`))
    expect(seen[1]).toBe(`${numbers}@10000`)
  })

  it('that is gone is rebuilt up to the note and no further, also where the note lies behind a marker', async () => {
    add('a', 11, START_MS)
    harness.log.topic(numbers).skipOffset(0)
    await work((await member(new MemoryStateStore(), topology)).runner)
    add('b', 11, START_MS + 1)
    const { runner, witness } = await member(new MemoryStateStore(), topology)
    await work(runner)
    expect(witness.found).toEqual(['lost'])
    const said = await valuesOf(harness.log, out)
    expect(said.map((value) => value.split(':')[1])).toEqual(['a', 'b'])
  })

  describe('with a gap before it', () => {
    beforeEach(async () => {
      for (let n = 0; n < 10; n++) add('a', 2, START_MS + n)
    })

    it('fails by default: records that nobody has processed are gone, though the store is too', async () => {
      await work((await member(new MemoryStateStore(), topology)).runner)
      for (let n = 10; n < 20; n++) add('a', 2, START_MS + n)
      harness.log.topic(numbers).trim(0, 14)
      await expect(member(new MemoryStateStore(), topology)).rejects.toThrow(
        /stands at numbers.v1 offset 10, the log begins at 14: 4 records are gone/,
      )
    })

    it('of records that were all processed is none: the rest is rebuilt from what is left', async () => {
      await work((await member(new MemoryStateStore(), topology)).runner)
      harness.log.topic(numbers).trim(0, 6)
      const { runner, witness } = await member(new MemoryStateStore(), topology)
      await work(runner)
      expect(witness.found).toEqual(['lost'])
      expect(await valuesOf(harness.log, out)).toHaveLength(1)
    })

    it('fails where the store was set back behind what the log still has', async () => {
      const store = new MemoryStateStore()
      await work((await member(store, topology)).runner)
      const older = store.copy()
      for (let n = 10; n < 20; n++) add('a', 2, START_MS + n)
      await work((await member(store, topology)).runner)
      harness.log.topic(numbers).trim(0, 15)
      await expect(member(older, topology)).rejects.toThrow(/offset 10, the log begins at 15/)
    })

    it('is passed over by whoever says so', async () => {
      harness = tallyHarness({ onRetentionGap: 'earliest' })
      for (let n = 0; n < 10; n++) add('a', 1, START_MS + n)
      await work((await member(new MemoryStateStore(), topology)).runner)
      for (let n = 10; n < 40; n++) add('a', 1, START_MS + n)
      harness.log.topic(numbers).trim(0, 14)
      await work((await member(new MemoryStateStore(), topology)).runner)
      expect(await valuesOf(harness.log, out)).toHaveLength(1)
    })

    it('begins where the log begins, whoever passes over it: no broker is asked for what is gone', async () => {
      harness = tallyHarness({ onRetentionGap: 'earliest' })
      for (let n = 0; n < 10; n++) add('a', 1, START_MS + n)
      await work((await member(harness.store, topology)).runner)
      for (let n = 10; n < 40; n++) add('a', 1, START_MS + n)
      harness.log.topic(numbers).trim(0, 14)
      const task = await acquireTask(await harness.services(), topology, 0, null)
      expect([task.nextOffset(numbers), task.position(numbers)]).toEqual([14, 14])
      await task.stop()
    })
  })
})
