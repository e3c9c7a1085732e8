/**
 * Records that kill whoever works on them, and deaths that have other causes (P8). That no bystander is taken for
 * the killer, whatever happens meanwhile, is in test/properties/deaths.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { deathNote, noteText } from '../../src/engine/death-notes.ts'
import { ProducerLostError } from '../../src/engine/errors.ts'
import type { Log } from '../../src/engine/log.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { deadlyOutcome, deadlyTally, deadlyWork, deadlyWorld, lay } from '../support/deadly-cases.ts'
import { taskPlan } from '../support/engine-harness.ts'
import type { Work } from '../support/simulated-process.ts'
import type { SimulatedWorld } from '../support/simulated-world.ts'
import { TALLY_TOPICS } from '../support/tally-topology.ts'

const { numbers, words } = TALLY_TOPICS
const letters = 'letters.v1'
const BATCH = 7
/** Beside others, alone, and three over the record itself. */
const DEATHS = 5

/** Work that counts how often it has killed its owner. */
function counting(work: Work, seen: { deaths: number }): Work {
  return (services, die) =>
    work(services, () => {
      seen.deaths++
      return die()
    })
}

function layMany(world: SimulatedWorld, topics: readonly string[], deadlyAt: readonly number[]): void {
  for (let n = 0; n < 80; n++) {
    const topic = topics[n % topics.length] ?? numbers
    const kind = (['decode', 'process', 'commit'] as const)[n % 3]
    lay(world, topic, n, `k${n % 4}`, deadlyAt.includes(n) ? (kind ?? 'process') : null)
  }
}

async function settle(world: SimulatedWorld): Promise<Awaited<ReturnType<typeof deadlyOutcome>>> {
  await world.settle()
  await world.leaveAll()
  return deadlyOutcome(world)
}

describe.each([[[numbers]], [[numbers, words]], [[letters]]])(
  'a record that kills its owner, among %s',
  (topics) => {
    it.each([33, 34, 35])(
      'is set aside at the third death over it (%i), and all else is processed',
      async (at) => {
        const world = deadlyWorld({ stageLingerMs: 0, groupOffsetIntervalMs: Infinity }, BATCH)
        const seen = { deaths: 0 }
        layMany(world, topics, [at])
        await world.start(counting(deadlyWork([numbers, words]), seen))
        const { aside, killers, counted, toCount, copied, toCopy } = await settle(world)
        expect(aside).toEqual(killers)
        expect(aside).toHaveLength(1)
        expect({ counted, copied }).toEqual({ counted: toCount, copied: toCopy })
        expect(seen.deaths).toBe(DEATHS)
      },
    )

    it('does not hide others behind it', async () => {
      const world = deadlyWorld({ stageLingerMs: 0 }, BATCH)
      const seen = { deaths: 0 }
      layMany(world, topics, [20, 21, 22, 60])
      await world.start(counting(deadlyWork([numbers, words]), seen))
      const { aside, killers, counted, toCount, copied, toCopy } = await settle(world)
      expect(aside).toEqual(killers)
      expect({ counted, copied }).toEqual({ counted: toCount, copied: toCopy })
      expect(seen.deaths).toBeLessThanOrEqual(4 * DEATHS)
    })
  },
)

describe('deaths of other causes set nothing aside', () => {
  it('however often owners are killed at work before anything has moved, or idle', async () => {
    const world = deadlyWorld({ stageLingerMs: 0 }, BATCH)
    layMany(world, [numbers, letters], [])
    await world.start(deadlyWork([numbers]))
    for (let times = 0; times < 8; times++) {
      world.log.deliver()
      world.processes[0]?.kill()
      await world.replaceDead()
    }
    await world.settle()
    for (let times = 0; times < 8; times++) {
      world.processes[0]?.kill()
      await world.replaceDead()
      await world.round()
    }
    const { aside, counted, toCount, copied, toCopy } = await settle(world)
    expect(aside).toEqual([])
    expect({ counted, copied }).toEqual({ counted: toCount, copied: toCopy })
  })

  it('where what kills is a timer: nobody is blamed, and it goes on killing', async () => {
    const world = deadlyWorld({}, BATCH)
    const seen = { deaths: 0 }
    for (let n = 0; n < 10; n++) lay(world, numbers, n, 'k0', null)
    for (let n = 1_250; n < 1_260; n++) lay(world, numbers, n, 'k0', null)
    const killing = (services: EngineServices, die: () => never) => {
      const plain = deadlyTally([numbers], die)
      return [
        taskPlan(services, { ...plain, logic: (at) => ({ ...plain.logic(at, null), onTimer: () => die() }) }),
      ]
    }
    await world.start(counting(killing, seen))
    for (let round = 0; round < 120; round++) await world.round()
    const { aside } = await deadlyOutcome(world)
    expect(seen.deaths).toBeGreaterThan(10)
    expect(aside).toEqual([])
    expect(world.suspected).toEqual([])
  })

  it('where what kills is the time since the start: before a record is tried again nothing is done for a while', async () => {
    const world = await withSuspicion()
    let deaths = 0
    world.onPause = () => {
      if (world.suspected.length > 0 && ++deaths <= 12) world.processes[0]?.kill()
    }
    await world.start(deadlyWork([numbers]))
    const { aside, copied, toCopy } = await settle(world)
    expect(deaths).toBeGreaterThan(12)
    expect(aside).toEqual([])
    expect(copied).toBe(toCopy)
  })

  it('where owners live: what keeps one from going on is told of no record', async () => {
    const world = await withSuspicion()
    let losses = 12
    const loses = (): boolean => world.suspected.length > 0 && losses-- > 0
    await world.start((services, die) =>
      deadlyWork([numbers])({ ...services, log: losingProducers(services.log, loses) }, die),
    )
    const { aside, copied, toCopy } = await settle(world)
    expect(losses).toBeLessThan(0)
    expect(aside).toEqual([])
    expect(copied).toBe(toCopy)
  })
})

describe('working record by record', () => {
  const options = { stageLingerMs: 0, groupOffsetIntervalMs: Infinity, chunkRecords: 64 }
  /** Two chunks, and for each record a note before and one after. */
  const MOST_NOTES = 2 * 64 * 2

  it('does not begin on the way back to the record, after a loss of the store (V6)', async () => {
    const undisturbed = await suspecting(990, 'decode')
    await settle(undisturbed.world)
    const { world, seen } = await suspecting(990, 'decode')
    const before = notes(world)
    await world.store.setBack(Infinity)
    world.processes[0]?.kill()
    const { aside, killers, counted, toCount } = await settle(world)
    expect(aside).toEqual(killers)
    expect(counted).toBe(toCount)
    expect(seen.deaths).toBe(undisturbed.seen.deaths)
    expect(notes(world) - before).toBeLessThan(MOST_NOTES)
  })

  it('does not begin anew with each owner that dies of something else (V7)', async () => {
    const { world } = await suspecting(200, 'process')
    while (world.suspected.length < 3) await world.round()
    for (let times = 0; times < 10; times++) {
      for (let records = 0; records < 20; records++) await world.round()
      // The next hook is reached before the next record is noted, the one after it behind that.
      world.fates.set(world.reached.length + 1, 'crash')
    }
    await settle(world)
    expect(world.suspected.length).toBeGreaterThan(8)
    expect(notes(world)).toBeLessThan(2 * MOST_NOTES)
  })

  /** A thousand records of one key, and owners that have died over that one once while they worked record by record. */
  async function suspecting(deadlyAt: number, deadly: 'decode' | 'process') {
    const world = deadlyWorld(options, 100)
    const seen = { deaths: 0 }
    for (let n = 0; n < 1_000; n++) lay(world, numbers, n, 'k0', n === deadlyAt ? deadly : null)
    await world.start(counting(deadlyWork([numbers]), seen))
    while (world.suspected.length === 0) await world.round()
    return { world, seen }
  }

  function notes(world: SimulatedWorld): number {
    return world.reached.filter((hook) => hook === 'group.deaths after').length
  }
})

describe('the notes of deaths', () => {
  it('say what they said, behind the name of the commit; what others wrote says nothing', () => {
    const noted = (metadata: string) => deathNote({ topic: 't', partition: 0, offset: 7, metadata })
    const notes = [
      { begun: 1, at: 7, suspicion: null },
      { begun: 0, at: 7, suspicion: { offset: 9, deaths: 2 } },
    ] as const
    expect(notes.map((note) => noteText('3.14', note))).toEqual(['3.14.1.7.-.0', '3.14.0.7.9.2'])
    expect(notes.map((note) => noted(noteText('3.14', note)))).toEqual(notes)
    expect(noteText('3.14', { begun: 0, at: 7, suspicion: null })).toBe('3.14')
    for (const foreign of ['', '3.14', 'x.y.1.2.3.4', '1.2.9.4.5.6', 'moved by hand']) {
      expect(noted(foreign), foreign).toBeNull()
    }
  })
})

/** Good records, and owners that will be killed over one of them, by nothing that it does, until it is suspected. */
async function withSuspicion(): Promise<SimulatedWorld> {
  const kills: number[] = []
  const prepared = async (): Promise<SimulatedWorld> => {
    const world = deadlyWorld({ stageLingerMs: 0 }, BATCH)
    layMany(world, [letters], [])
    for (const number of kills) world.fates.set(number, 'crash')
    return world
  }
  for (;;) {
    const world = await prepared()
    await world.start(deadlyWork([numbers]))
    await world.settle()
    if (world.suspected.length > 0) return prepared()
    kills.push(
      world.reached.findIndex((hook, n) => n > (kills.at(-1) ?? -1) && hook === 'group.deaths after'),
    )
  }
}

/** Whose producers are lost in a publication, as often as `loses` says so. */
function losingProducers(log: Log, loses: () => boolean): Log {
  return {
    join: (subscription) => log.join(subscription),
    publisher: () => log.publisher(),
    readToEnd: (topic, partition, from) => log.readToEnd(topic, partition, from),
    follow: (topics, onBatch) => log.follow(topics, onBatch),
    bounds: (topic) => log.bounds(topic),
    close: () => log.close(),
    taskProducer: async (id) => {
      const producer = await log.taskProducer(id)
      return {
        fence: () => producer.fence(),
        close: () => producer.close(),
        publish: async (partition, records) => {
          if (loses()) throw new ProducerLostError('lost')
          return producer.publish(partition, records)
        },
      }
    },
  }
}
