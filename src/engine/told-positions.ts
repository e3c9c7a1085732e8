/** What lag tools are told of a runner's partitions, at most every so often: a try that fails is made good by the next. */
import { TransientError } from './errors.ts'
import type { GroupPosition, Membership } from './log.ts'
import { probed } from './probe.ts'
import type { EngineServices } from './services.ts'

export class ToldPositions {
  readonly #services: EngineServices
  #lastMs = 0
  /** Tries in a row that failed. */
  #inVain = 0

  constructor(services: EngineServices) {
    this.#services = services
  }

  /** Whether it is time to tell the group again. */
  get due(): boolean {
    const { clock, options } = this.#services
    return clock.now() - this.#lastMs >= options.groupOffsetIntervalMs
  }

  async tell(membership: Membership | null, positions: readonly GroupPosition[]): Promise<void> {
    const { clock, observer, probe } = this.#services
    this.#lastMs = clock.now()
    if (positions.length === 0) return
    try {
      await probed(probe, 'group.positions', async () => membership?.commitOffsets(positions))
      observer.told(this.#inVain, null)
      this.#inVain = 0
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      observer.told(++this.#inVain, error.message)
    }
  }
}
