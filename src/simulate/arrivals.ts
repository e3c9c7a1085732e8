/**
 * When a customer asks. Times are epoch milliseconds; `Infinity` means never again.
 *
 * A1. Open arrivals do not care how the platform does; a closed loop asks again when it has been answered.
 */
import type { Random } from './random.ts'
import { TRACE_WINDOW_MS, TRACE_WINDOWS, type TraceClient } from './trace.ts'

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export interface Arrivals {
  /** Times of the first requests. */
  begin(): readonly number[]
  /** The next request after one that came at `nowMs`. */
  afterArrival(nowMs: number): number
  /** The next request after one has ended for good at `nowMs`. */
  afterEnd(nowMs: number): number
}

const HOUR_MS = 3_600_000
/** Burstier gaps than this make an hour of one client a matter of luck. */
const MOST_BURSTINESS = 5

/** A renewal process with gamma gaps whose rate and burstiness follow a client of the trace. */
export class TraceArrivals implements Arrivals {
  readonly #client: TraceClient
  /** Windows of the trace's day by which this customer's day is shifted. */
  readonly #shift: number
  readonly #perMs: number
  readonly #span: Span
  readonly #random: Random

  /** `perHour`: requests in an hour in which the client has its mean rate. */
  constructor(client: TraceClient, shift: number, perHour: number, span: Span, random: Random) {
    this.#client = client
    this.#shift = shift
    this.#perMs = perHour / HOUR_MS
    this.#span = span
    this.#random = random
  }

  /** The process has run for ever: the first gap is what is left of one that a random moment falls into. */
  begin(): readonly number[] {
    const shape = this.#shape(this.#span.fromMs)
    return [this.#advance(this.#span.fromMs, (this.#random.next() * this.#random.gamma(shape + 1)) / shape)]
  }

  afterArrival(nowMs: number): number {
    const shape = this.#shape(nowMs)
    return this.#advance(nowMs, this.#random.gamma(shape) / shape)
  }

  afterEnd(): number {
    return Infinity
  }

  /** The time by which `expected` more requests are expected. */
  #advance(fromMs: number, expected: number): number {
    let [atMs, left] = [fromMs, expected]
    while (atMs < this.#span.toMs) {
      const windowEndMs = (Math.floor(atMs / TRACE_WINDOW_MS) + 1) * TRACE_WINDOW_MS
      const perMs = this.#perMs * relativeRate(this.#client, windowAt(atMs, this.#shift))
      if (perMs * (windowEndMs - atMs) >= left) return within(this.#span, atMs + left / perMs)
      left -= perMs * (windowEndMs - atMs)
      atMs = windowEndMs
    }
    return Infinity
  }

  #shape(atMs: number): number {
    const cv = this.#client.burstiness[windowAt(atMs, this.#shift)] ?? 1
    return 1 / Math.min(MOST_BURSTINESS, Math.max(0.2, cv)) ** 2
  }
}

/** Requests that a client with mean rate 1 an hour makes in the span. */
export function expectedRequests(client: TraceClient, shift: number, span: Span): number {
  let expected = 0
  for (let atMs = span.fromMs; atMs < span.toMs; atMs += TRACE_WINDOW_MS) {
    const lengthMs = Math.min(TRACE_WINDOW_MS, span.toMs - atMs)
    expected += (relativeRate(client, windowAt(atMs, shift)) * lengthMs) / HOUR_MS
  }
  return expected
}

/** A client that sleeps all day and does everything in one window would be half of our platform. */
const MOST_RELATIVE_RATE = 4

function relativeRate(client: TraceClient, window: number): number {
  return Math.min(MOST_RELATIVE_RATE, client.relativeRate[window] ?? 0)
}

function windowAt(atMs: number, shift: number): number {
  return (Math.floor(atMs / TRACE_WINDOW_MS) + shift) % TRACE_WINDOWS
}

function within(span: Span, atMs: number): number {
  return atMs < span.toMs ? atMs : Infinity
}

/** Gamma gaps around a rate that may change over time. */
export class PacedArrivals implements Arrivals {
  readonly #perHour: (nowMs: number) => number
  readonly #burstiness: number
  readonly #span: Span
  readonly #random: Random

  constructor(perHour: (nowMs: number) => number, burstiness: number, span: Span, random: Random) {
    this.#perHour = perHour
    this.#burstiness = burstiness
    this.#span = span
    this.#random = random
  }

  begin(): readonly number[] {
    return [this.afterArrival(this.#span.fromMs)]
  }

  afterArrival(nowMs: number): number {
    const shape = 1 / this.#burstiness ** 2
    const gapMs = ((this.#random.gamma(shape) / shape) * HOUR_MS) / this.#perHour(nowMs)
    return within(this.#span, nowMs + gapMs)
  }

  afterEnd(): number {
    return Infinity
  }
}

/** A job that starts on the minute and asks so many times, one after the other, each time. */
export class PeriodicArrivals implements Arrivals {
  readonly #periodMs: number
  readonly #gapMs: number
  readonly #perRun: number
  readonly #span: Span
  #asked = 0

  constructor(periodMs: number, perRun: number, gapMs: number, span: Span) {
    this.#periodMs = periodMs
    this.#perRun = perRun
    this.#gapMs = gapMs
    this.#span = span
  }

  begin(): readonly number[] {
    return [within(this.#span, Math.ceil(this.#span.fromMs / this.#periodMs) * this.#periodMs)]
  }

  afterArrival(nowMs: number): number {
    this.#asked++
    if (this.#asked % this.#perRun !== 0) return within(this.#span, nowMs + this.#gapMs)
    return within(this.#span, (Math.floor(nowMs / this.#periodMs) + 1) * this.#periodMs)
  }

  afterEnd(): number {
    return Infinity
  }
}

/** So many requests under way at any time: each answer lets the next request out. */
export class ClosedLoop implements Arrivals {
  readonly #underWay: number
  readonly #pauseMs: number
  readonly #span: Span
  readonly #random: Random

  constructor(underWay: number, pauseMs: number, span: Span, random: Random) {
    this.#underWay = underWay
    this.#pauseMs = pauseMs
    this.#span = span
    this.#random = random
  }

  begin(): readonly number[] {
    return Array.from({ length: this.#underWay }, (_, at) => within(this.#span, this.#span.fromMs + at * 500))
  }

  afterArrival(): number {
    return Infinity
  }

  afterEnd(nowMs: number): number {
    return within(this.#span, nowMs + this.#pauseMs * this.#random.between(0.5, 1.5))
  }
}
