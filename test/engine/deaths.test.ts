/**
 * A record that kills whoever works on it (P8): at the third death it is set aside as `crash`, with its bytes, and
 * everything around it is processed. Deaths that have other causes set nothing aside.
 */
import { describe, expect, it } from 'vitest'
import type { Stage, Topology } from '../../src/engine/logic.ts'
import { recordsOf, stagePlan, START_MS, taskPlan, valuesOf } from '../support/engine-harness.ts'
import { OwnerDied, type Work } from '../support/simulated-process.ts'
import { SimulatedWorld } from '../support/simulated-world.ts'
import {
  amountValue,
  TALLY_TOPICS,
  tallyTopology,
  type Amount,
  type Tally,
} from '../support/tally-topology.ts'
import { viewTask } from '../support/task-view.ts'

const { numbers, words, out } = TALLY_TOPICS
const TOPICS = [out, ...[numbers, words].flatMap((topic) => [topic, `late.${topic}`, `dlq.${topic}`])]
const DEADLY = 'deadly'

/** The tally, but that it dies of one record. */
function deadly(sources: readonly string[], seen: { deaths: number }): Work {
  const plain = tallyTopology({ limit: 1_000, closing: false }, sources)
  const topology: Topology<Tally, Amount> = {
    ...plain,
    logic: (partition) => {
      const logic = plain.logic(partition)
      return {
        ...logic,
        process: (event, state, context) => {
          if (event.body.id === DEADLY) die(seen)
          logic.process(event, state, context)
        },
      }
    },
  }
  return (services) => taskPlan(services, topology)
}

function die(seen: { deaths: number }): never {
  seen.deaths++
  throw new OwnerDied(DEADLY)
}

function append(world: SimulatedWorld, sources: readonly string[], deadlyAt: readonly number[]): void {
  for (let n = 0; n < 80; n++) {
    const id = deadlyAt.includes(n) ? DEADLY : `i${n}`
    const value = amountValue({ id, atMs: START_MS + n * 100, amount: 1 })
    const topic = sources[n % sources.length] ?? numbers
    world.log.append(topic, { key: Buffer.from(`k${n % 4}`), value, headers: { h: '1' } }, START_MS + n * 100)
  }
}

async function sumOf(world: SimulatedWorld): Promise<number> {
  const keys = ['k0', 'k1', 'k2', 'k3']
  const views = [0, 1].map((partition) => viewTask(world.store, { topology: 'tally', partition }, 1, keys))
  const cells = (await Promise.all(views)).flatMap((view) => view.cells)
  return cells.reduce((sum, cell) => sum + Number(cell.split(' ')[2]), 0)
}

async function lettersOf(world: SimulatedWorld): Promise<readonly string[]> {
  const records = await Promise.all([numbers, words].map((topic) => recordsOf(world.log, `dlq.${topic}`)))
  const lines = records.flat().map(({ key, value, headers }) => {
    const reason = headers['__dlq.errors.reason']?.toString()
    return `${String(key)} ${reason} ${headers['h']?.toString()} ${String(value)}`
  })
  return [...new Set(lines)]
}

describe.each([[[numbers]], [[numbers, words]]])('a record that kills its owner, among %s', (sources) => {
  it('is set aside at the third death over it, and nothing else is', async () => {
    const world = new SimulatedWorld({}, TOPICS)
    const seen = { deaths: 0 }
    append(world, sources, [33])
    await world.start(deadly(sources, seen))
    await world.settle()
    await world.leaveAll()
    const letters = await lettersOf(world)
    expect(letters).toHaveLength(1)
    expect(letters[0]).toContain(` crash 1 {"id":"${DEADLY}"`)
    expect(await sumOf(world)).toBe(79)
    expect(seen.deaths).toBe(2 + 3)
  })

  it('does not hide a second one behind it', async () => {
    const world = new SimulatedWorld({}, TOPICS)
    const seen = { deaths: 0 }
    append(world, sources, [20, 21, 60])
    await world.start(deadly(sources, seen))
    await world.settle()
    await world.leaveAll()
    expect(await lettersOf(world)).toHaveLength(3)
    expect(await sumOf(world)).toBe(77)
    expect(seen.deaths).toBeLessThanOrEqual(3 * (2 + 3))
  })
})

describe('deaths of other causes', () => {
  it('set nothing aside, however often nothing moves: killed at work, and killed idle', async () => {
    const world = new SimulatedWorld({}, TOPICS)
    const work = deadly([numbers], { deaths: 0 })
    append(world, [numbers], [])
    await world.start(work)
    for (let times = 0; times < 8; times++) {
      world.log.deliver()
      await world.processes[0]?.pump()
      world.processes[0]?.kill()
      await world.replaceDead()
    }
    await world.settle()
    for (let times = 0; times < 8; times++) {
      world.processes[0]?.kill()
      await world.replaceDead()
      await world.round()
    }
    append(world, [numbers], [])
    await world.settle()
    await world.leaveAll()
    expect(await lettersOf(world)).toEqual([])
    expect(await sumOf(world)).toBe(160)
  })
})

describe('a stage', () => {
  it('sets aside what kills it and passes the rest on, though it sets nothing else aside', async () => {
    const seen = { deaths: 0 }
    const stage: Stage = {
      name: 'relay',
      sources: [
        {
          topic: words,
          latenessMs: 0,
          maxFutureMs: 0,
          lateTopic: null,
          deadLetterTopic: `dlq.${words}`,
          compacted: false,
        },
      ],
      outputs: [numbers],
      setsAside: false,
      transform: async (records) => {
        if (records.some(({ value }) => value?.toString().includes(DEADLY) === true)) die(seen)
        return records.map(({ key, value }) => {
          const output = { topic: numbers, key: key?.toString() ?? '', value, headers: {} }
          return { outcome: 'outputs', outputs: [output] }
        })
      },
    }
    const world = new SimulatedWorld({}, TOPICS)
    append(world, [words], [33])
    await world.start((services) => stagePlan(services, stage))
    await world.settle()
    await world.leaveAll()
    expect(new Set(await valuesOf(world.log, numbers)).size).toBe(79)
    const letters = await lettersOf(world)
    expect(letters).toHaveLength(1)
    expect(letters[0]).toContain(` crash 1 {"id":"${DEADLY}"`)
  })
})
