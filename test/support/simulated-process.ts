/**
 * One process of a simulated installation: runners, side by side, whose every hook may kill or stop it.
 *
 * S1. A process that died touches no port any more: all of them are behind hooks (test/engine/probes.test.ts).
 *     Its group notices only when `expire` is called, as a session that times out.
 * S2. A stopped process stays between two of its own lines until it is continued, whatever happened meanwhile.
 */
import type { Log, Membership } from '../../src/engine/log.ts'
import { ProducerLostError, TransientError } from '../../src/engine/errors.ts'
import type { Probe, ProbePoint } from '../../src/engine/probe.ts'
import { Runner, type RunnerPlan } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { nextTurn } from './until.ts'

/**
 * What the runners of a process are to do, with its services; one that calls `die` has killed it, with all that it
 * was doing.
 */
export type Work = (services: EngineServices, die: () => never) => readonly RunnerPlan[]
export type Side = 'before' | 'after'
/** `unanswered`: the server is away, before; it did what it was asked, and its answer was lost, after. */
export type Fate = 'crash' | 'stop' | 'unanswered' | null
export type ProcessState = 'running' | 'stopped' | 'dead' | 'left'

class Crash extends Error {}

export class SimulatedProcess {
  readonly work: Work
  readonly #runners: readonly Runner[]
  readonly #fate: (point: ProbePoint, side: Side) => Fate
  #state: ProcessState = 'running'
  readonly #memberships: Membership[] = []
  #continue: (() => void) | null = null
  #busy: Promise<boolean> | null = null
  #failure: Error | null = null

  private constructor(
    services: (probe: Probe) => EngineServices,
    work: Work,
    fate: (point: ProbePoint, side: Side) => Fate,
  ) {
    this.work = work
    this.#fate = fate
    const own = services({ reach: (point, side) => this.#reach(point, side) })
    const given = { ...own, log: noting(own.log, (membership) => this.#memberships.push(membership)) }
    this.#runners = work(given, () => this.#die()).map((plan) => new Runner(given, plan))
  }

  static async start(
    services: (probe: Probe) => EngineServices,
    work: Work,
    fate: (point: ProbePoint, side: Side) => Fate,
  ): Promise<SimulatedProcess> {
    const process = new SimulatedProcess(services, work, fate)
    await process.#do(async () => {
      for (const runner of process.#runners) await runner.start()
      await process.#each((runner) => runner.acquired())
      return true
    })
    return process
  }

  get state(): ProcessState {
    return this.#state
  }

  /** One step of all its tasks; true where something was done. A stopped process does nothing. */
  pump(): Promise<boolean> {
    return this.#do(async () => {
      const results = await this.#each((runner) => runner.pump())
      return results.some(({ worked }) => worked)
    })
  }

  flush(): Promise<boolean> {
    return this.#do(async () => {
      await this.#each((runner) => runner.flush())
      return true
    })
  }

  /** Ends in order. */
  async leave(): Promise<void> {
    await this.#do(async () => {
      await this.#each((runner) => runner.stop())
      if (this.#state === 'running') this.#state = 'left'
      return true
    })
  }

  kill(): void {
    this.#state = 'dead'
    this.#continue?.()
  }

  continue(): void {
    if (this.#state !== 'stopped') return
    this.#state = 'running'
    this.#continue?.()
    this.#continue = null
  }

  /** The group gives up waiting for it. */
  async expire(): Promise<void> {
    for (const membership of this.#memberships) await membership.leave()
    await nextTurn()
  }

  #each<T>(action: (runner: Runner) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#runners.map(action))
  }

  #die(): never {
    this.kill()
    throw new Crash('died of what it worked on')
  }

  /** Runs until it is done, dead or stopped; all of that is over when the event loop turns. */
  async #do(action: () => Promise<boolean>): Promise<boolean> {
    let result: boolean | undefined
    const busy = this.#busy
    if (busy === null && this.#state === 'running') {
      this.#busy = action()
        .catch((error: unknown) => this.#fail(error))
        .then((worked) => (result = worked))
        .finally(() => (this.#busy = null))
    }
    await nextTurn()
    if (this.#failure !== null) throw this.#failure
    return result === true || (busy !== null && this.#state === 'running')
  }

  #fail(error: unknown): boolean {
    if (this.#state !== 'dead') this.#failure = error instanceof Error ? error : new Error(String(error))
    return true
  }

  #reach(point: ProbePoint, side: Side): Promise<void> | void {
    if (this.#state === 'running') {
      const fate = this.#fate(point, side)
      if (fate === 'crash') this.#state = 'dead'
      if (fate === 'stop') this.#state = 'stopped'
      if (fate === 'unanswered') throw unanswered(point)
    }
    if (this.#state === 'dead') throw new Crash(point)
    if (this.#state === 'stopped') return this.#untilContinued(point)
  }

  /** Everything in it stands still, each at the hook that it comes to next. */
  async #untilContinued(point: ProbePoint): Promise<void> {
    const before = this.#continue
    await new Promise<void>((resolve) => {
      this.#continue = () => {
        before?.()
        resolve()
      }
    })
    if (this.#state === 'dead') throw new Crash(point)
  }
}

/** What the port says of it: a publication that may or may not stand is final for its producer (P3). */
function unanswered(point: ProbePoint): Error {
  const publishes = point === 'publish' || point === 'stage.publish' || point === 'acquire.outbox'
  return publishes ? new ProducerLostError(point) : new TransientError('kafka', point)
}

/** The log, with every membership told. */
export function noting(log: Log, note: (membership: Membership) => void): Log {
  return {
    join: async (subscription) => {
      const membership = await log.join(subscription)
      note(membership)
      return membership
    },
    taskProducer: (id) => log.taskProducer(id),
    publisher: () => log.publisher(),
    readToEnd: (topic, partition, from) => log.readToEnd(topic, partition, from),
    follow: (topics, onBatch) => log.follow(topics, onBatch),
    bounds: (topic) => log.bounds(topic),
    close: () => log.close(),
  }
}
