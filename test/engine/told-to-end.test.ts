/**
 * Whoever is told to end, ends (R8): at each of the engine's own hooks in turn the server behind it stops answering,
 * refuses from then on or says nothing until a deadline, and the process is told to end. It ends, within few deadlines;
 * what it has published was committed; and who comes next, with servers that answer, makes of it what an undisturbed
 * run would have made.
 */
import { describe, expect, it } from 'vitest'
import { ProducerLostError, TransientError } from '../../src/engine/errors.ts'
import type { GroupPosition, Membership } from '../../src/engine/log.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import { defaultEngineOptions, type EngineOptions } from '../../src/engine/options.ts'
import { PROBE_POINTS, type ProbePoint } from '../../src/engine/probe.ts'
import { Runner } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { Turns } from '../../src/engine/turns.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { noting, type Side } from '../support/simulated-process.ts'
import type { SimulatedWorld } from '../support/simulated-world.ts'
import { IN_ONE_PROCESS, outcomeOf, type Outcome } from '../support/tally-scenarios.ts'
import { nextTurn } from '../support/until.ts'

/** Points at which the server may fail a producer for good. */
const OF_PRODUCERS: readonly ProbePoint[] = ['publish', 'stage.publish', 'acquire.outbox']
/** By contract these end by themselves, and never badly. */
const NEVER_FAIL: readonly ProbePoint[] = ['release', 'group.leave']
const OF_REDIS: readonly ProbePoint[] = [
  'acquire.store',
  'acquire.neighbours',
  'acquire.timers',
  'acquire.fold',
  'load',
  'load.timers',
  'measure',
  'commit',
]
/** So many turns of the event loop nothing happens any more that does not wait for an answer. */
const TURNS = 40
/** One after the other, at most, from the word to the end, of two topologies of which one may wait for the other's turn. */
const MOST_DEADLINES = 8

/** Of the hooks so many are passed over, but for the first of each. */
const STRIDE = 53

type Manner = 'refuses' | 'is silent'
interface Fault {
  readonly manner: Manner
  /** Number of the hook at which it begins, or the point. */
  readonly at: number
  /** All that its server does, or this one call. */
  readonly all: boolean
}

/** Both topologies in one process, and a server that may stop answering. */
class Told {
  readonly reached: { readonly point: ProbePoint; readonly side: Side }[] = []
  /** Questions that were asked after the end. */
  late = 0
  deadlines = 0
  #ended = false
  #struck: ProbePoint | null = null
  #waiting: (() => void)[] = []
  readonly #fault: Fault | null
  readonly #world: SimulatedWorld
  readonly #runners: Runner[] = []
  readonly #memberships: Membership[] = []

  constructor(world: SimulatedWorld, fault: Fault | null) {
    this.#world = world
    this.#fault = fault
  }

  /** Where the fault began; null where it has not. */
  get struck(): ProbePoint | null {
    return this.#struck
  }

  async start(): Promise<void> {
    const services = await this.#services()
    const plans = IN_ONE_PROCESS.work(services, neverDies)
    this.#runners.push(...plans.map((plan) => new Runner(services, plan)))
    for (const runner of this.#runners) await runner.start()
  }

  /** Works until the fault has struck or all is done; then is told to end, and ends. */
  async work(): Promise<void> {
    const stop = Promise.withResolvers<void>()
    const running = this.#runners.map((runner) => ended(runner, stop.promise))
    while (this.#struck === null && !(await this.#isDone())) await this.#turn()
    for (let turn = 0; turn < TURNS; turn++) await this.#turn()
    stop.resolve()
    void Promise.all(running).then(() => (this.#ended = true))
    for (;;) {
      for (let turn = 0; turn < TURNS && !this.#ended; turn++) await nextTurn()
      if (this.#ended) break
      if (++this.deadlines > MOST_DEADLINES) throw new Error(`waits since ${this.#describe()}`)
      this.#release()
    }
    await Promise.all(running)
    for (let turn = 0; turn < TURNS; turn++) await nextTurn()
    this.#release()
    for (let turn = 0; turn < TURNS; turn++) await nextTurn()
  }

  /** Whether the groups have been told of all there is. */
  async #isDone(): Promise<boolean> {
    for (const membership of this.#memberships) {
      for (const partition of [0, 1]) {
        const noted = await membership.committed(partition)
        if (noted.length === 0) return false
        const isEnd = ({ topic, offset }: GroupPosition): boolean =>
          offset >= this.#world.log.topic(topic).high(partition)
        if (!noted.every(isEnd)) return false
      }
    }
    return true
  }

  async #turn(): Promise<void> {
    this.#world.log.deliver()
    await nextTurn()
  }

  #describe(): string {
    const last = this.reached.slice(-6).map(({ point, side }) => `${point} ${side}`)
    return `${this.#struck ?? 'the word'}: ${last.join(', ')}`
  }

  #release(): void {
    for (const release of this.#waiting.splice(0)) release()
  }

  async #services(): Promise<EngineServices> {
    const { log, store, clock } = this.#world
    return {
      log: noting(log, (membership) => this.#memberships.push(membership)),
      store,
      publisher: await log.publisher(),
      clock,
      pause: nextTurn,
      partitionOf,
      observer: silentObserver,
      probe: { reach: (point, side) => this.#reach(point, side) },
      options: { ...defaultEngineOptions, ...IN_ONE_PROCESS.options, ...BUSY },
      turns: Turns.inThread(),
    }
  }

  async #reach(point: ProbePoint, side: Side): Promise<void> {
    if (this.#ended && side === 'before' && !NEVER_FAIL.includes(point)) this.late++
    if (point === 'group.join') return
    const number = point === 'group.positions' ? -1 : this.reached.push({ point, side }) - 1
    if (!this.#strikes(point, number)) return
    if (NEVER_FAIL.includes(point) && side === 'after') return
    if (this.#fault?.manner === 'is silent') await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (NEVER_FAIL.includes(point)) return
    if (OF_PRODUCERS.includes(point)) throw new ProducerLostError(point)
    throw new TransientError('kafka', point)
  }

  #strikes(point: ProbePoint, number: number): boolean {
    if (this.#fault === null) return false
    if (this.#struck === null) {
      if (number !== this.#fault.at) return false
      this.#struck = point
    }
    if (!this.#fault.all) return point === this.#struck
    return OF_REDIS.includes(point) === OF_REDIS.includes(this.#struck)
  }
}

const BUSY: Partial<EngineOptions> = {
  commitIntervalMs: 0,
  outputIntervalMs: 0,
  groupOffsetIntervalMs: 0,
  stageLingerMs: 0,
  maxSourceWaitMs: 0,
}

function neverDies(): never {
  throw new Error('nothing here is deadly')
}

async function ended(runner: Runner, stop: Promise<void>): Promise<void> {
  await runner.run(stop)
  await runner.stop()
}

interface Run {
  readonly told: Told
  readonly outcome: Outcome
  /** What had been said when it had ended. */
  readonly said: readonly string[]
}

async function run(deaths: number, fault: Fault | null): Promise<Run> {
  const world = await IN_ONE_PROCESS.after(deaths, deaths === 2)
  const told = new Told(world, fault)
  await told.start()
  await told.work()
  const { outputs } = await outcomeOf(world, IN_ONE_PROCESS)
  await IN_ONE_PROCESS.succeed(world)
  return { told, outcome: await outcomeOf(world, IN_ONE_PROCESS), said: outputs }
}

const struck = new Set<ProbePoint>()
const MANNERS = ['refuses', 'is silent'] as const
const SCOPES = [true, false]

describe('a process that is told to end while a server does not answer', () => {
  it.each([1, 2, 3, 4])('ends, and loses and doubles nothing; %i owners died before it', async (deaths) => {
    const undisturbed = await run(deaths, null)
    const { reached } = undisturbed.told
    const hooks = reached.map(({ point, side }) => `${point} ${side}`)
    const numbers = [...hooks.keys()].filter(
      (at) => at % STRIDE === deaths || hooks.indexOf(hooks[at] ?? '') === at,
    )
    for (const at of numbers) {
      for (const manner of MANNERS) {
        for (const all of SCOPES) {
          const what = `${hooks[at]} (${at}), ${manner}, ${all ? 'all that its server does' : 'this alone'}`
          const { told, outcome, said } = await run(deaths, { manner, at, all }).catch((error: unknown) => {
            throw new Error(what, { cause: error })
          })
          expect(told.late, `asked after the end: ${what}`).toBe(0)
          expect(undisturbed.outcome.outputs, what).toEqual(expect.arrayContaining([...said]))
          expect(outcome, what).toEqual(undisturbed.outcome)
          struck.add(told.struck ?? expect.fail(`it never came to ${what}`))
        }
      }
    }
  })

  it('was told so at every point that a process comes to by itself', () => {
    // Before it works; where a member is lost, or what it takes over is; and over and over.
    const others: readonly ProbePoint[] = [
      'group.join',
      'group.rejoin',
      'acquire.crashed',
      'acquire.outbox',
      'group.positions',
    ]
    expect([...struck].sort()).toEqual(PROBE_POINTS.filter((point) => !others.includes(point)).sort())
  })
})
