/**
 * Random installations of the tally topology: what arrives, who works, dies, stops and comes back, and when the
 * store forgets. fast-check makes the cases and shrinks them; `playCase` plays one.
 */
import fc from 'fast-check'
import type { EngineOptions } from '../../src/engine/options.ts'
import { HEADER_ORIGIN, HEADER_ORIGIN_POSITION } from '../../src/engine/record.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { START_MS, taskPlan } from './engine-harness.ts'
import type { SimulatedProcess, Work } from './simulated-process.ts'
import { SimulatedWorld } from './simulated-world.ts'
import type { Laid } from './tally-reference.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from './tally-topology.ts'

const { numbers, words, out } = TALLY_TOPICS
const SOURCES = [numbers, words]
export const LIMIT = 10
export const KEYS = Array.from({ length: 6 }, (_, n) => `k${n}`)
const MOST_PROCESSES = 3
const MINUTE_MS = 60_000

type Kind = 'good' | 'behind' | 'late' | 'ahead' | 'future' | 'damaged' | 'other' | 'nullKey' | 'misplaced'

export interface Arrival {
  readonly source: number
  readonly key: number
  readonly kind: Kind
  /** By how much the log's time moves before it. */
  readonly stepMs: number
  readonly amount: number
  /** Position at its origin; null where it has none. Equal and earlier ones are repeats. */
  readonly origin: number | null
  /** Whether the offset behind it holds no record, as markers of transactions do. */
  readonly gap: boolean
}

export type Command =
  | { readonly do: 'append'; readonly arrivals: readonly Arrival[] }
  | { readonly do: 'round' }
  | { readonly do: 'deliver' }
  | { readonly do: 'join' }
  | { readonly do: 'pump' | 'flush' | 'leave' | 'expire' | 'continue'; readonly who: number }
  | { readonly do: 'fate'; readonly fate: 'crash' | 'stop'; readonly afterHooks: number }
  | { readonly do: 'setBack'; readonly commits: number }
  | { readonly do: 'clock'; readonly ms: number }

export interface Case {
  readonly sources: 1 | 2
  readonly options: Partial<EngineOptions>
  readonly batchRecords: number
  readonly commands: readonly Command[]
}

const kinds: fc.Arbitrary<Kind> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Kind>('good') },
  { weight: 3, arbitrary: fc.constant<Kind>('behind') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Kind>('late', 'ahead', 'future', 'damaged', 'other', 'nullKey', 'misplaced'),
  },
)

const arrival: fc.Arbitrary<Arrival> = fc.record({
  source: fc.nat({ max: 1 }),
  key: fc.nat({ max: KEYS.length - 1 }),
  kind: kinds,
  stepMs: fc.nat({ max: 20_000 }),
  amount: fc.integer({ min: 1, max: 6 }),
  origin: fc.option(fc.nat({ max: 12 }), { freq: 4 }),
  gap: fc.boolean(),
})

const who = fc.nat({ max: MOST_PROCESSES - 1 })

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      arrivals: fc.array(arrival, { minLength: 1, maxLength: 10 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('round' as const, 'deliver' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(...(['pump', 'flush', 'leave', 'expire', 'continue'] as const)),
      who,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fate' as const),
      fate: fc.constantFrom('crash' as const, 'stop' as const),
      afterHooks: fc.nat({ max: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('setBack' as const), commits: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('clock' as const), ms: fc.nat({ max: 5 * MINUTE_MS }) }),
  },
)

export const cases: fc.Arbitrary<Case> = fc.record({
  sources: fc.constantFrom(1 as const, 2 as const),
  options: fc.record({
    commitMaxDirtyKeys: fc.integer({ min: 1, max: 5 }),
    chunkRecords: fc.integer({ min: 1, max: 7 }),
    cacheMaxBytes: fc.constantFrom(150, 400, 1_000_000),
    commitIntervalMs: fc.constantFrom(0, 100),
  }),
  batchRecords: fc.integer({ min: 1, max: 9 }),
  commands: fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }),
})

/** One case under way: what has been laid into the log so far is what the reference is asked about. */
export class CasePlayer {
  readonly world: SimulatedWorld
  readonly laid: Laid[] = []
  /** The sources. */
  readonly topics: readonly string[]
  readonly #case: Case
  readonly #work: Work
  #timeMs = START_MS

  constructor(one: Case) {
    this.#case = one
    this.topics = SOURCES.slice(0, one.sources)
    const aside = SOURCES.flatMap((topic) => [topic, `late.${topic}`, `dlq.${topic}`])
    this.world = new SimulatedWorld(one.options, [out, ...aside], one.batchRecords)
    const topology = tallyTopology({ limit: LIMIT, closing: true, reminding: true }, this.topics)
    this.#work = (services) => [taskPlan(services, topology)]
  }

  /** Plays the commands, then lets everybody come to rest and end in order. */
  async play(): Promise<void> {
    await this.world.start(this.#work)
    for (const one of this.#case.commands) await this.#obey(one)
    await this.#rest()
  }

  /** Lets the time of events and the clock run out: every timer has fired after that. */
  async end(): Promise<void> {
    await this.world.start(this.#work)
    this.#timeMs += 25 * MINUTE_MS
    for (const source of this.topics.keys()) {
      for (const partition of [0, 1]) {
        const key = KEYS.findIndex((one) => partitionOf(Buffer.from(one), 2) === partition)
        this.#append({ source, key, kind: 'good', stepMs: 0, amount: 0, origin: null, gap: false })
      }
    }
    await this.world.settle()
    this.world.clock.advanceTo(this.#timeMs + 60 * MINUTE_MS)
    await this.#rest()
  }

  async #rest(): Promise<void> {
    this.world.fates.clear()
    for (const process of this.world.processes) process.continue()
    await this.world.settle()
    await this.world.leaveAll()
    // Who has nothing to commit does not notice that the store has forgotten something; the next owner does.
    await this.world.start(this.#work)
    await this.world.settle()
    await this.world.leaveAll()
  }

  async #obey(one: Command): Promise<void> {
    const { world } = this
    if (one.do === 'append') for (const each of one.arrivals) this.#append(each)
    else if (one.do === 'round') await world.round()
    else if (one.do === 'deliver') world.log.deliver()
    else if (one.do === 'join') await this.#join()
    else if (one.do === 'setBack') await world.store.setBack(one.commits)
    else if (one.do === 'clock') world.clock.advanceTo(world.clock.now() + one.ms)
    else if (one.do === 'fate') world.fates.set(world.reached.length + one.afterHooks, one.fate)
    else await this.#tell(one.do, world.processes[one.who % Math.max(1, world.processes.length)])
  }

  async #join(): Promise<void> {
    if (this.world.processes.length < MOST_PROCESSES) await this.world.start(this.#work)
  }

  async #tell(
    what: 'pump' | 'flush' | 'leave' | 'expire' | 'continue',
    process: SimulatedProcess | undefined,
  ): Promise<void> {
    if (process === undefined) return
    if (what === 'pump') await process.pump()
    else if (what === 'flush') await process.flush()
    else if (what === 'continue') process.continue()
    else if (what === 'leave' && process.state === 'running') await this.world.leave(process)
    else if (what === 'expire' && process.state === 'stopped') await process.expire()
  }

  #append(one: Arrival): void {
    const { world } = this
    this.#timeMs += Math.round(one.stepMs / (this.#case.sources === 1 ? 1 : 8))
    const topic = this.topics[one.source % this.topics.length] ?? numbers
    const key = KEYS[one.key] ?? ''
    const home = partitionOf(Buffer.from(key), 2)
    const partition = one.kind === 'misplaced' ? 1 - home : one.kind === 'nullKey' ? 0 : home
    const timeMs = this.#timeMs + AHEAD_MS[one.kind]
    const record = {
      key: one.kind === 'nullKey' ? null : Buffer.from(key),
      value: valueOf(one, timeMs),
      headers: originHeaders(one.origin),
    }
    const offset = world.log.appendTo(topic, partition, record, this.#timeMs)
    if (one.gap) world.log.topic(topic).skipOffset(partition)
    this.laid.push({
      topic,
      partition,
      offset,
      appendTimeMs: this.#timeMs,
      home: one.kind === 'nullKey' ? null : home,
      key,
      body: one.kind === 'damaged' || one.kind === 'other' ? one.kind : { timeMs, amount: one.amount },
      origin: one.origin === null ? null : { name: 'stage/x/0', position: originPosition(one.origin) },
    })
  }
}

const AHEAD_MS: Readonly<Record<Kind, number>> = {
  good: 0,
  behind: -25_000,
  late: -45_000,
  ahead: 9 * MINUTE_MS,
  future: 11 * MINUTE_MS,
  damaged: 0,
  other: 0,
  nullKey: 0,
  misplaced: 0,
}

function valueOf(one: Arrival, timeMs: number): Buffer {
  if (one.kind === 'damaged') return Buffer.from('damaged')
  if (one.kind === 'other') return Buffer.from('{}')
  return amountValue({ id: `${one.key}@${timeMs}`, atMs: timeMs, amount: one.amount })
}

function originPosition(origin: number): readonly [number, number] {
  return [Math.floor(origin / 2), origin % 2]
}

function originHeaders(origin: number | null): Record<string, string> {
  if (origin === null) return {}
  return { [HEADER_ORIGIN]: 'stage/x/0', [HEADER_ORIGIN_POSITION]: originPosition(origin).join('.') }
}
