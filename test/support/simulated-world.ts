/**
 * An installation in memory that is driven by hand: one log, one store that can be set back, one clock, and
 * processes that come and go. No timer and no chance decides anything: the same calls give the same run.
 */
import { ManualClock } from '../../src/domain/clock.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import { defaultEngineOptions, type EngineOptions } from '../../src/engine/options.ts'
import type { Probe, ProbePoint } from '../../src/engine/probe.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { Turns } from '../../src/engine/turns.ts'
import { MemoryLog } from '../../src/log/memory/memory-log.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { START_MS } from './engine-harness.ts'
import { RewindableStore } from './rewindable-store.ts'
import { SimulatedProcess, type Fate, type Side, type Work } from './simulated-process.ts'
import { nextTurn } from './until.ts'

/** More than any test needs: who passes it will never come to rest. */
const MOST_ROUNDS = 5_000

export class SimulatedWorld {
  readonly clock = new ManualClock(START_MS)
  readonly log: MemoryLog
  readonly store = new RewindableStore()
  /** `<point> <side>` of the hooks that all processes together have reached. */
  readonly reached: string[] = []
  /** Records over which an owner was found to have died, and how many had. */
  readonly suspected: { readonly position: string; readonly deaths: number }[] = []
  /** What happens to the process that reaches the hook with that number; once. */
  readonly fates = new Map<number, Exclude<Fate, null>>()
  /** Called where somebody waits; time stands still, but what happens then may be told here. */
  onPause: ((ms: number) => void) | null = null
  readonly #options: EngineOptions
  #processes: SimulatedProcess[] = []
  #rounds = 0

  constructor(options: Partial<EngineOptions>, topics: readonly string[], batchRecords = 7) {
    this.#options = { ...defaultEngineOptions, ...options }
    this.log = new MemoryLog({ clock: this.clock, autoDeliver: false, batchRecords })
    for (const topic of topics) this.log.createTopic(topic, 2)
  }

  get processes(): readonly SimulatedProcess[] {
    return this.#processes
  }

  async start(work: Work): Promise<SimulatedProcess> {
    const publisher = await this.log.publisher()
    const started = await SimulatedProcess.start(
      (probe) => this.#services(probe, publisher),
      work,
      (point, side) => this.#fate(point, side),
    )
    this.#processes.push(started)
    return started
  }

  /** Works until nothing is left and all is committed and published; what dies is noticed and replaced. */
  async settle(): Promise<void> {
    for (;;) {
      while (await this.round());
      for (const process of this.#processes) await process.flush()
      if (!(await this.round())) return
    }
  }

  /** Everybody works once; true where something was done. */
  async round(): Promise<boolean> {
    if (++this.#rounds > MOST_ROUNDS) throw new Error(`no rest after ${MOST_ROUNDS} rounds`)
    let worked = await this.replaceDead()
    worked = this.log.deliver() || worked
    for (const process of this.#processes) worked = (await process.pump()) || worked
    return worked
  }

  async replaceDead(): Promise<boolean> {
    const dead = this.#processes.filter((process) => process.state === 'dead')
    for (const process of dead) {
      await process.expire()
      await this.start(process.work)
    }
    this.#processes = this.#processes.filter((process) => !dead.includes(process))
    return dead.length > 0
  }

  /** Ends one in order. */
  async leave(process: SimulatedProcess): Promise<void> {
    await process.leave()
    await nextTurn()
    if (process.state === 'left') this.#processes = this.#processes.filter((one) => one !== process)
  }

  /** Ends all in order; whoever dies over it is replaced, and ends then. */
  async leaveAll(): Promise<void> {
    while (this.#processes.length > 0) {
      if (++this.#rounds > MOST_ROUNDS) throw new Error(`not all left after ${MOST_ROUNDS} rounds`)
      for (const process of [...this.#processes]) await this.leave(process)
      if (await this.replaceDead()) await this.settle()
    }
  }

  #fate(point: ProbePoint, side: Side): Fate {
    this.reached.push(`${point} ${side}`)
    return this.fates.get(this.reached.length - 1) ?? null
  }

  #services(probe: Probe, publisher: EngineServices['publisher']): EngineServices {
    return {
      log: this.log,
      store: this.store,
      publisher,
      clock: this.clock,
      pause: async (ms) => this.onPause?.(ms),
      partitionOf,
      observer: {
        ...silentObserver,
        suspected: (topic, partition, { offset, deaths }) => {
          this.suspected.push({ position: `${topic}/${partition}/${offset}`, deaths })
        },
      },
      probe,
      options: this.#options,
      turns: Turns.inThread(),
    }
  }
}
