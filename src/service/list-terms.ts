/**
 * Tells for how long the lists are known that conditions ask for, before they run out and after: of a list that has run
 * out nothing is known, so that whoever asks for it, or for its opposite, is blind without another word.
 *
 * T1. Each list is told in the log once for each state that it comes into; published anew, it is told anew.
 */
import type { Logger } from '../domain/logger.ts'
import type { Metrics } from './metrics.ts'

/** So long before its end a list is told. */
export const ENDING_MS = 7 * 86_400_000

export class ListTerms {
  readonly #metric: Metrics['listEnds']
  readonly #logger: Pick<Logger, 'warn'>
  #told = new Map<string, string>()

  constructor(metric: Metrics['listEnds'], logger: Pick<Logger, 'warn'>) {
    this.#metric = metric
    this.#logger = logger
  }

  /** @param endsAtMs of each list that is asked for; null for one that nobody has published */
  look(endsAtMs: ReadonlyMap<string, number | null>, nowMs: number): void {
    this.#metric.reset()
    const told = new Map<string, string>()
    for (const [list, endMs] of endsAtMs) {
      this.#metric.set({ list }, (endMs ?? 0) / 1_000)
      const message = messageOf(endMs, nowMs)
      if (message === null) continue
      const state = `${String(endMs)} ${message}`
      told.set(list, state)
      if (this.#told.get(list) === state) continue
      const endsAt = endMs === null ? null : new Date(endMs).toISOString()
      this.#logger.warn({ list, endsAt }, message)
    }
    this.#told = told
  }
}

function messageOf(endMs: number | null, nowMs: number): string | null {
  if (endMs === null) return 'nobody has published this list: conditions that ask for it are blind'
  if (endMs <= nowMs) return 'this list has run out: conditions that ask for it are blind'
  return endMs - nowMs <= ENDING_MS ? 'this list runs out soon: publish it again' : null
}
