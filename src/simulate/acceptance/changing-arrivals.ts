/** Gamma gaps around a rate that changes every ten minutes, and may be nothing for hours. */
import type { Arrivals, Span } from '../arrivals.ts'
import { HOUR_MS } from '../cast.ts'
import type { Random } from '../random.ts'
import { TRACE_WINDOW_MS } from '../trace.ts'
import { DAY_MS } from './act.ts'

export class ChangingArrivals implements Arrivals {
  readonly #perHour: (nowMs: number) => number
  readonly #shape: number
  readonly #span: Span
  readonly #random: Random

  constructor(perHour: (nowMs: number) => number, burstiness: number, span: Span, random: Random) {
    this.#perHour = perHour
    this.#shape = 1 / burstiness ** 2
    this.#span = span
    this.#random = random
  }

  begin(): readonly number[] {
    return [this.afterArrival(this.#span.fromMs)]
  }

  /** The time by which one gap's worth of requests is expected. */
  afterArrival(nowMs: number): number {
    let [atMs, left] = [nowMs, this.#random.gamma(this.#shape) / this.#shape]
    while (atMs < this.#span.toMs) {
      const windowEndMs = (Math.floor(atMs / TRACE_WINDOW_MS) + 1) * TRACE_WINDOW_MS
      const perMs = this.#perHour(atMs) / HOUR_MS
      if (perMs * (windowEndMs - atMs) >= left) return this.#within(atMs + left / perMs)
      left -= perMs * (windowEndMs - atMs)
      atMs = windowEndMs
    }
    return Infinity
  }

  afterEnd(): number {
    return Infinity
  }

  #within(atMs: number): number {
    return atMs < this.#span.toMs ? atMs : Infinity
  }
}

/** A steady rate in some hours of each day, and nothing in the others. */
export function inHours(from: number, hours: number, perHour: number): (nowMs: number) => number {
  return (nowMs) => {
    const hour = (nowMs % DAY_MS) / HOUR_MS
    return hour >= from && hour < from + hours ? perHour : 0
  }
}
