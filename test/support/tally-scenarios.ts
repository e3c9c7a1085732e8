/**
 * What the crash-point tests run: inputs in phases, and who works on them. Each gives everything that somebody
 * relies on afterwards; a scenario that is run with deaths must give what it gives without.
 */
import type { Stage } from '../../src/engine/logic.ts'
import type { EngineOptions } from '../../src/engine/options.ts'
import { START_MS, recordsOf, stagePlan, taskPlan, valuesOf } from './engine-harness.ts'
import type { Work } from './simulated-process.ts'
import { SimulatedWorld } from './simulated-world.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from './tally-topology.ts'
import { viewTask, type TaskView } from './task-view.ts'

const { numbers, words, out } = TALLY_TOPICS
const TOPICS = [out, ...[numbers, words].flatMap((topic) => [topic, `late.${topic}`, `dlq.${topic}`])]
const KEYS = Array.from({ length: 10 }, (_, n) => `k${n}`)
const TIGHT: Partial<EngineOptions> = {
  commitMaxDirtyKeys: 4,
  chunkRecords: 5,
  cacheMaxBytes: 300,
  timersMaxHeld: 2,
}
const HOUR_MS = 3_600_000

export interface Outcome {
  readonly outputs: readonly string[]
  /** What was set aside, once each: it may be written again (P1). */
  readonly setAside: readonly string[]
  readonly tasks: readonly TaskView[]
}

export interface Scenario {
  readonly name: string
  /** A stage may write again what it has written before; offsets behind it say nothing then. */
  readonly repeats: boolean
  create(): SimulatedWorld
  play(world: SimulatedWorld): Promise<void>
  /** Others take over when it has been played, and end in order too. */
  succeed(world: SimulatedWorld): Promise<void>
}

const tally = (sources: readonly string[]): Work => {
  const topology = tallyTopology({ limit: 10, closing: true, reminding: true, nameless: true }, sources)
  return (services) => [taskPlan(services, topology)]
}

/** Passes words on as numbers; what it cannot read it sets aside. */
const relay: Stage = {
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
  setsAside: true,
  transform: async (records) =>
    records.map((record) =>
      record.value?.toString().startsWith('{') === true
        ? {
            outcome: 'outputs',
            outputs: [
              { topic: numbers, key: record.key?.toString() ?? '', value: record.value, headers: {} },
            ],
          }
        : {
            outcome: 'rejected',
            rejection: { stage: 'deserialize', reason: 'undecodable', detail: 'no object' },
          },
    ),
}

/** Every 1.5 s one record: in order, a little late, too late, damaged, without key, in the wrong place. */
function append(world: SimulatedWorld, sources: readonly string[], from: number, to: number): void {
  for (let n = from; n < to; n++) {
    const topic = sources[n % sources.length] ?? numbers
    const nowMs = START_MS + n * 1_500
    const behindMs = n % 11 === 0 ? 20_000 : n % 17 === 0 ? 90_000 : 0
    const value = amountValue({ id: `i${n}`, atMs: nowMs - behindMs, amount: 3 })
    const key = n % 41 === 0 ? null : Buffer.from(`k${n % 10}`)
    const record = { key, value: n % 37 === 0 ? Buffer.from('damaged') : value, headers: {} }
    if (n % 29 === 0) world.log.appendTo(topic, n % 2, record, nowMs)
    else world.log.append(topic, record, nowMs)
  }
}

async function playPhases(world: SimulatedWorld, sources: readonly string[]): Promise<void> {
  append(world, sources, 0, 60)
  await world.settle()
  world.clock.advanceTo(START_MS + 360_000)
  append(world, sources, 60, 120)
  await world.settle()
  world.clock.advanceTo(START_MS + HOUR_MS)
  await world.settle()
}

function scenario(
  name: string,
  sources: readonly string[],
  play: (world: SimulatedWorld) => Promise<void>,
): Scenario {
  return {
    name: `${name}, ${sources.join(' and ')}`,
    repeats: false,
    create: () => new SimulatedWorld(TIGHT, TOPICS),
    play,
    succeed: (world) => worked(world, [tally(sources)]),
  }
}

async function worked(world: SimulatedWorld, works: readonly Work[]): Promise<void> {
  for (const work of works) await world.start(work)
  await world.settle()
  await world.leaveAll()
}

async function alone(world: SimulatedWorld, sources: readonly string[]): Promise<void> {
  await world.start(tally(sources))
  await playPhases(world, sources)
  await world.leaveAll()
}

/** A second process joins in the middle of the work; later the first goes. */
async function handedOver(world: SimulatedWorld, sources: readonly string[]): Promise<void> {
  const first = await world.start(tally(sources))
  append(world, sources, 0, 60)
  for (let round = 0; round < 4; round++) await world.round()
  await world.start(tally(sources))
  for (let round = 0; round < 3; round++) await world.round()
  await world.leave(first)
  await world.settle()
  world.clock.advanceTo(START_MS + 360_000)
  append(world, sources, 60, 120)
  await world.settle()
  world.clock.advanceTo(START_MS + HOUR_MS)
  await world.settle()
  await world.leaveAll()
}

/** The store forgets commits under a running owner, who is fenced by that and comes back. */
async function setBack(world: SimulatedWorld, sources: readonly string[]): Promise<void> {
  await world.start(tally(sources))
  append(world, sources, 0, 60)
  await world.settle()
  await world.store.setBack(5)
  world.clock.advanceTo(START_MS + 360_000)
  append(world, sources, 60, 120)
  await world.settle()
  world.clock.advanceTo(START_MS + HOUR_MS)
  await world.settle()
  await world.leaveAll()
}

const RELAYED: readonly Work[] = [(services) => [stagePlan(services, relay)], tally([numbers])]

async function relayed(world: SimulatedWorld): Promise<void> {
  for (const work of RELAYED) await world.start(work)
  await playPhases(world, [words])
  await world.leaveAll()
}

const BOTH = [[numbers], [numbers, words]]

export const SCENARIOS: readonly Scenario[] = [
  ...BOTH.map((sources) => scenario('alone', sources, (world) => alone(world, sources))),
  ...BOTH.map((sources) => scenario('handed over', sources, (world) => handedOver(world, sources))),
  ...BOTH.map((sources) => scenario('store set back', sources, (world) => setBack(world, sources))),
  {
    ...scenario('behind a stage', [words], relayed),
    repeats: true,
    succeed: (world) => worked(world, RELAYED),
  },
]

/** A stage and a topology in one process, that have half of their records still before them. */
export const IN_ONE_PROCESS = {
  repeats: true,
  options: { ...TIGHT, groupOffsetIntervalMs: 0 },
  work: ((services, die) => RELAYED.flatMap((work) => work(services, die))) satisfies Work,
  /** So many owners before them have died, each about to publish, or with a note of what it did. */
  after: async (deaths: number, isStoreLost: boolean): Promise<SimulatedWorld> => {
    const lastHooks: number[] = []
    while (lastHooks.length < deaths) lastHooks.push(await nextDeadly(lastHooks))
    const world = await withDeaths(lastHooks, () => true)
    for (const process of world.processes) await process.expire()
    if (isStoreLost) await world.store.setBack(Infinity)
    world.clock.advanceTo(START_MS + HOUR_MS)
    append(world, [words], 60, 120)
    return world
  },
  succeed: async (world: SimulatedWorld): Promise<void> => {
    await world.start(IN_ONE_PROCESS.work)
    await world.settle()
    // What a stage lets wait for company has waited.
    world.clock.advanceTo(START_MS + 2 * HOUR_MS)
    await world.settle()
    await world.leaveAll()
  },
}

const DEADLY = ['publish before', 'group.deaths after']

/** The first hook at which an owner may die after the others have: the very first when the group has been told something. */
async function nextDeadly(lastHooks: readonly number[]): Promise<number> {
  const foundIn = (reached: readonly string[]): number => {
    const from = lastHooks.at(-1) ?? reached.indexOf('group.positions after')
    return reached.findIndex((hook, at) => from >= 0 && at > from && DEADLY.includes(hook))
  }
  const { reached } = await withDeaths(lastHooks, (world) => foundIn(world.reached) >= 0)
  return foundIn(reached)
}

/** Until the last of the owners that die at these hooks has died, and it is so. */
async function withDeaths(
  lastHooks: readonly number[],
  isSo: (world: SimulatedWorld) => boolean,
): Promise<SimulatedWorld> {
  const world = new SimulatedWorld(IN_ONE_PROCESS.options, TOPICS)
  append(world, [words], 0, 60)
  for (const number of lastHooks) world.fates.set(number, 'crash')
  await world.start(IN_ONE_PROCESS.work)
  while (world.reached.length <= (lastHooks.at(-1) ?? 0) || !isSo(world)) await world.round()
  return world
}

/** Asked when nobody works any more. */
export async function outcomeOf(
  world: SimulatedWorld,
  { repeats }: Pick<Scenario, 'repeats'>,
): Promise<Outcome> {
  const aside = TOPICS.filter((topic) => /^(late|dlq)\./.test(topic))
  const records = (await Promise.all(aside.map((topic) => recordsOf(world.log, topic)))).flat()
  const lines = records.map((record) => {
    const reason = record.headers['__dlq.errors.reason']?.toString() ?? 'late'
    return [record.topic, repeats ? '' : record.key, reason, record.value].map(String).join(' ')
  })
  const tasks = [0, 1].map(async (partition) => {
    const view = await viewTask(world.store, { topology: 'tally', partition }, 1, KEYS)
    return repeats ? withoutPositions(view) : view
  })
  return {
    outputs: [...(await valuesOf(world.log, out))].sort(),
    setAside: [...new Set(lines)].sort(),
    tasks: await Promise.all(tasks),
  }
}

function withoutPositions(view: TaskView): TaskView {
  if (view.meta === null) return view
  const sources = Object.entries(view.meta.sources).map(([topic, source]) => {
    return [topic, { ...source, position: 0 }] as const
  })
  return { ...view, meta: { ...view.meta, sources: Object.fromEntries(sources) } }
}
