/**
 * The embedded platform: the same topologies on a log and a store in memory, driven step by step. No server, no
 * timer, no thread decides anything, so that the same input gives the same bytes (P5).
 *
 * B1. `advance` runs every topology in the order of the data's way until nothing is left to do, then commits and
 *     publishes; what one publishes the next one reads in the same advance.
 * B2. Time moves only by `advance`.
 */
import type { ManualClock } from '../../domain/clock.ts'
import type { EngineServices } from '../../engine/services.ts'
import { Runner, type RunnerPlan } from '../../engine/runner.ts'

/** A log that hands batches over only when it is told to. */
export interface DrivenLog {
  /** Hands out what there is to resumed members; false when there was nothing. */
  deliver(): boolean
}

export class Embedded {
  readonly #clock: ManualClock
  readonly #log: DrivenLog
  readonly #runners: readonly Runner[]

  private constructor(clock: ManualClock, log: DrivenLog, runners: readonly Runner[]) {
    this.#clock = clock
    this.#log = log
    this.#runners = runners
  }

  /** Joins every plan's group, in order, and acquires all of its tasks. */
  static async start(
    clock: ManualClock,
    log: DrivenLog,
    plans: readonly { readonly plan: RunnerPlan; readonly services: EngineServices }[],
  ): Promise<Embedded> {
    const runners: Runner[] = []
    for (const { plan, services } of plans) {
      const runner = new Runner(services, plan)
      await runner.start()
      await runner.acquired()
      runners.push(runner)
    }
    return new Embedded(clock, log, runners)
  }

  /** Moves time to `toMs` and works off all that has been appended (B1, B2). */
  async advance(toMs: number): Promise<void> {
    this.#clock.advanceTo(toMs)
    for (const runner of this.#runners) await this.#settle(runner)
  }

  async stop(): Promise<void> {
    for (const runner of this.#runners) await runner.stop()
  }

  async #settle(runner: Runner): Promise<void> {
    for (;;) {
      const delivered = this.#log.deliver()
      const { worked } = await runner.pump()
      if (!worked && !delivered) break
    }
    await runner.flush()
  }
}
