/**
 * Random installations in which some records kill whoever works on them. Each process runs a topology and a stage
 * side by side, two partitions each: whatever dies takes bystanders with it. fast-check makes the cases;
 * `playDeadly` plays one.
 */
import fc from 'fast-check'
import type { Stage, StateCodec, Topology } from '../../src/engine/logic.ts'
import type { EngineOptions } from '../../src/engine/options.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { recordsOf, stagePlan, START_MS, taskPlan } from './engine-harness.ts'
import type { SimulatedProcess, Work } from './simulated-process.ts'
import { SimulatedWorld } from './simulated-world.ts'
import { amountValue, TALLY_TOPICS, tallyTopology, type Amount, type Tally } from './tally-topology.ts'
import { viewTask } from './task-view.ts'

const { numbers, words, out } = TALLY_TOPICS
const letters = 'letters.v1'
const copies = 'copies.v1'
const SOURCES = [numbers, words, letters] as const
const TOPICS = [out, copies, ...SOURCES.flatMap((topic) => [topic, `late.${topic}`, `dlq.${topic}`])]
const KEYS = Array.from({ length: 6 }, (_, n) => `k${n}`)
const MOST_PROCESSES = 3
/** Fewer than the deaths that set a record aside: so no chance can do it. */
const MOST_FAULTS = 2
const MOST_KILLERS = 3

/** What its owner does when a record kills it. */
type Deadly = 'decode' | 'process' | 'commit'

interface DeadlyArrival {
  readonly source: number
  readonly key: number
  readonly deadly: Deadly | null
}

type DeadlyCommand =
  | { readonly do: 'append'; readonly arrivals: readonly DeadlyArrival[] }
  | { readonly do: 'round' | 'deliver' }
  | { readonly do: 'join' }
  | { readonly do: 'setBack'; readonly commits: number }
  | { readonly do: 'pump' | 'leave' | 'expire' | 'continue'; readonly who: number }
  | { readonly do: 'fault'; readonly fate: 'crash' | 'stop'; readonly afterHooks: number }

export interface DeadlyCase {
  readonly sources: 1 | 2
  readonly options: Partial<EngineOptions>
  readonly batchRecords: number
  readonly commands: readonly DeadlyCommand[]
}

const arrival: fc.Arbitrary<DeadlyArrival> = fc.record({
  source: fc.nat({ max: 2 }),
  key: fc.nat({ max: KEYS.length - 1 }),
  deadly: fc.oneof(
    { weight: 12, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom<Deadly>('decode', 'process', 'commit') },
  ),
})
const who = fc.nat({ max: MOST_PROCESSES - 1 })

const command: fc.Arbitrary<DeadlyCommand> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      arrivals: fc.array(arrival, { minLength: 1, maxLength: 10 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom(...(['round', 'deliver'] as const)) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('setBack' as const), commits: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom(...(['pump', 'leave', 'expire', 'continue'] as const)), who }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      fate: fc.constantFrom('crash' as const, 'stop' as const),
      afterHooks: fc.nat({ max: 60 }),
    }),
  },
)

export const deadlyCases: fc.Arbitrary<DeadlyCase> = fc.record({
  sources: fc.constantFrom(1 as const, 2 as const),
  options: fc.record({
    commitMaxDirtyKeys: fc.integer({ min: 1, max: 5 }),
    chunkRecords: fc.integer({ min: 1, max: 7 }),
    cacheMaxBytes: fc.constantFrom(150, 1_000_000),
    commitIntervalMs: fc.constantFrom(0, 100),
    stageLingerMs: fc.constant(0),
  }),
  batchRecords: fc.integer({ min: 1, max: 9 }),
  commands: fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }),
})

/** A topology and a stage that some records kill. */
export function deadlyWork(sources: readonly string[]): Work {
  return (services, die) => [
    taskPlan(services, deadlyTally(sources, die)),
    stagePlan(services, deadlyRelay(die)),
  ]
}

export function deadlyTally(sources: readonly string[], die: () => never): Topology<Tally, Amount> {
  const plain = tallyTopology({ limit: 1_000, closing: true }, sources)
  return {
    ...plain,
    logic: (partition) => {
      const logic = plain.logic(partition, null)
      const cursed = new WeakSet<Tally>()
      const changes: StateCodec<Tally>['changes'] = (state, write) =>
        cursed.has(state) ? die() : logic.state.changes(state, write)
      return {
        ...logic,
        state: { ...logic.state, changes },
        decode: (record) => (kills(record, 'decode') ? die() : logic.decode(record)),
        process: (event, state, context) => {
          if (kills(event.record, 'process')) die()
          if (kills(event.record, 'commit')) cursed.add(state)
          logic.process(event, state, context)
        },
      }
    },
  }
}

/** Works for some turns of the queue of promises before it dies: others go on meanwhile, if they may. */
function deadlyRelay(die: () => never): Stage {
  return {
    name: 'relay',
    sources: [
      {
        topic: letters,
        latenessMs: 0,
        maxFutureMs: 0,
        lateTopic: null,
        deadLetterTopic: `dlq.${letters}`,
        compacted: false,
      },
    ],
    outputs: [copies],
    setsAside: false,
    transform: async (records) => {
      for (let turn = 0; turn < 40; turn++) await Promise.resolve()
      if (records.some((record) => isDeadly(record))) die()
      return records.map(({ key, value }) => {
        const output = { topic: copies, key: key?.toString() ?? '', value, headers: {} }
        return { outcome: 'outputs', outputs: [output] }
      })
    },
  }
}

function kills({ value }: SourceRecord, deadly: Deadly): boolean {
  return value?.toString().includes(`deadly-${deadly}`) === true
}

export function isDeadly({ value }: Pick<SourceRecord, 'value'>): boolean {
  return value?.toString().includes('deadly-') === true
}

/** Lays one record into the log; `deadly` says when its owner dies. */
export function lay(
  world: SimulatedWorld,
  topic: string,
  n: number,
  key: string,
  deadly: Deadly | null,
): void {
  const atMs = START_MS + n * 50
  const id = deadly === null ? `i${n}` : `deadly-${deadly}-${n}`
  const value = amountValue({ id, atMs, amount: 1 })
  world.log.append(topic, { key: Buffer.from(key), value, headers: {} }, atMs)
}

/** What became of all records, once each. */
export interface DeadlyOutcome {
  /** Positions and reasons of what was set aside. */
  readonly aside: readonly string[]
  /** Positions of the records that kill, as they must be set aside. */
  readonly killers: readonly string[]
  readonly counted: number
  readonly toCount: number
  readonly copied: number
  readonly toCopy: number
  /** The most deaths that were ever told of a record that kills nobody. */
  readonly mostSuspected: number
}

export async function deadlyOutcome(world: SimulatedWorld): Promise<DeadlyOutcome> {
  const laid = (await Promise.all(SOURCES.map((topic) => recordsOf(world.log, topic)))).flat()
  const asideTopics = SOURCES.flatMap((topic) => [`dlq.${topic}`, `late.${topic}`])
  const aside = (await Promise.all(asideTopics.map((topic) => recordsOf(world.log, topic)))).flat()
  const good = laid.filter((record) => !isDeadly(record))
  const killers = unique(laid.filter(isDeadly).map(positionOf))
  const wrongly = world.suspected.filter(({ position }) => !killers.includes(position))
  const views = [0, 1].map((partition) => viewTask(world.store, { topology: 'tally', partition }, 1, KEYS))
  const cells = (await Promise.all(views)).flatMap((view) => view.cells)
  const copied = (await recordsOf(world.log, copies)).map(({ value }) => value?.toString())
  return {
    aside: unique(aside.map(({ key, headers }) => `${String(key)} ${reasonOf(headers)}`)),
    killers: killers.map((position) => `${position} crash`),
    counted: cells.reduce((sum, cell) => sum + Number.parseInt(cell.split(' ')[2] ?? '', 10), 0),
    toCount: good.filter(({ topic }) => topic !== letters).length,
    copied: new Set(copied).size,
    toCopy: good.filter(({ topic }) => topic === letters).length,
    mostSuspected: Math.max(0, ...wrongly.map(({ deaths }) => deaths)),
  }
}

function positionOf({ topic, partition, offset }: SourceRecord): string {
  return `${topic}/${partition}/${offset}`
}

function reasonOf(headers: SourceRecord['headers']): string {
  return headers['__dlq.errors.reason']?.toString() ?? 'late'
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].sort()
}

export function deadlyWorld(options: Partial<EngineOptions>, batchRecords: number): SimulatedWorld {
  return new SimulatedWorld(options, TOPICS, batchRecords)
}

/** Plays the case; gives how many faults there were besides the killing records. */
export async function playDeadly(one: DeadlyCase): Promise<{ world: SimulatedWorld; faults: number }> {
  const world = deadlyWorld(one.options, one.batchRecords)
  const work = deadlyWork(SOURCES.slice(0, one.sources))
  await world.start(work)
  let [laid, killers, faults] = [0, 0, 0]
  for (const each of one.commands) {
    if (each.do === 'append') {
      for (const { source, key, deadly } of each.arrivals) {
        const topic = source === 2 ? letters : (SOURCES[source % one.sources] ?? numbers)
        if (deadly !== null) killers++
        lay(world, topic, laid++, KEYS[key] ?? '', killers <= MOST_KILLERS ? deadly : null)
      }
    } else if (each.do === 'fault' || each.do === 'setBack') {
      if (faults === MOST_FAULTS) continue
      faults++
      if (each.do === 'setBack') await world.store.setBack(each.commits)
      else world.fates.set(world.reached.length + each.afterHooks, each.fate)
    } else await obey(world, work, each)
  }
  await rest(world, work)
  return { world, faults }
}

async function obey(
  world: SimulatedWorld,
  work: Work,
  one: Exclude<DeadlyCommand, { readonly do: 'append' | 'fault' | 'setBack' }>,
): Promise<void> {
  if ('who' in one) await tell(world, one.do, world.processes[one.who % Math.max(1, world.processes.length)])
  else if (one.do === 'round') await world.round()
  else if (one.do === 'deliver') world.log.deliver()
  else if (world.processes.length < MOST_PROCESSES) await world.start(work)
}

async function tell(
  world: SimulatedWorld,
  what: 'pump' | 'leave' | 'expire' | 'continue',
  process: SimulatedProcess | undefined,
): Promise<void> {
  if (process === undefined) return
  if (what === 'pump') await process.pump()
  else if (what === 'continue') process.continue()
  else if (what === 'leave' && process.state === 'running') await world.leave(process)
  else if (what === 'expire' && process.state === 'stopped') await process.expire()
}

/** Faults end, everybody comes to rest and ends in order; whoever comes then finds nothing left. */
async function rest(world: SimulatedWorld, work: Work): Promise<void> {
  world.fates.clear()
  for (const process of world.processes) process.continue()
  await world.settle()
  await world.leaveAll()
  await world.start(work)
  await world.settle()
  await world.leaveAll()
}
