/**
 * How even the gaps between arrivals are, 0 to 1: the square of the mean gap over the mean squared gap, which is
 * 1 / (1 + c²) for gaps with the coefficient of variation c. 1 is a metronome, about 0.5 chance (Poisson), less is what
 * comes in bursts, as people do.
 *
 * R1. Unknown below `MIN_GAPS` gaps, and where all of them are nothing.
 * R2. A pane keeps at most `MAX_TIMES` times, or as many as it is made for. One with more keeps those of its first half, quarter, eighth and so on,
 *     whichever is the longest that has no more: gaps stay true gaps, and what is kept depends on the times alone.
 * R3. A gap over the edge of a pane counts where the earlier pane was kept whole.
 * R4. It does not see a rhythm that is not one gap again and again, such as ten requests at once every hour.
 *
 * Source: Jain, Chiu, Hawe, "A Quantitative Measure of Fairness and Discrimination", 1984: their index, of the gaps.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

export const MIN_GAPS = 20
export const MAX_TIMES = 64

/** What is kept of one pane. */
interface Stretch {
  readonly startMs: number
  /** From the pane's begin. */
  keptMs: number
  /** Ascending. */
  readonly times: number[]
  /** Of the gaps between them; NaN where that has to be summed up anew. */
  squares: number
}

export class Regularity implements Accumulator<Regularity> {
  readonly #paneMs: number
  readonly #maxTimes: number
  /** Ascending: one in a pane, one for each pane in a window. */
  readonly #stretches: Stretch[] = []

  /** `maxTimes`: of a pane. */
  constructor(paneMs: number, maxTimes = MAX_TIMES) {
    this.#paneMs = paneMs
    this.#maxTimes = maxTimes
  }

  static decode(paneMs: number, reader: ByteReader, maxTimes = MAX_TIMES): Regularity {
    const regularity = new Regularity(paneMs, maxTimes)
    for (let left = reader.varint(); left > 0; left--) regularity.#stretches.push(decodeStretch(reader))
    return regularity
  }

  /** Never gives anything up that a window could not give up alike (R2). */
  add(timeMs: number): boolean {
    const stretch = this.#stretchOf(Math.floor(timeMs / this.#paneMs) * this.#paneMs)
    if (timeMs - stretch.startMs >= stretch.keptMs) return false
    let at = stretch.times.length
    while (at > 0 && (stretch.times[at - 1] ?? 0) > timeMs) at--
    stretch.times.splice(at, 0, timeMs)
    stretch.squares = NaN
    if (stretch.times.length > this.#maxTimes) shorten(stretch, this.#maxTimes)
    return false
  }

  /** Whether such a time would be left out: a pane that has too many keeps none of its later ones (R2). */
  leavesOut(timeMs: number): boolean {
    const startMs = Math.floor(timeMs / this.#paneMs) * this.#paneMs
    const known = this.#stretches.find((one) => one.startMs === startMs)
    return known !== undefined && timeMs - startMs >= known.keptMs
  }

  /** Takes a time out again; one that was left out is not there. */
  take(timeMs: number): void {
    const startMs = Math.floor(timeMs / this.#paneMs) * this.#paneMs
    const at = this.#stretches.findIndex((one) => one.startMs === startMs)
    const stretch = this.#stretches[at]
    const place = stretch?.times.indexOf(timeMs) ?? -1
    if (stretch === undefined || place < 0) return
    stretch.times.splice(place, 1)
    stretch.squares = NaN
    if (stretch.times.length === 0) this.#stretches.splice(at, 1)
  }

  /** How many times are kept. */
  get size(): number {
    return this.#stretches.reduce((size, { times }) => size + times.length, 0)
  }

  value(): number {
    let gaps = 0
    let sum = 0
    let squares = 0
    let beforeMs = NaN
    for (const stretch of this.#stretches) {
      const { times, keptMs } = stretch
      const firstMs = times[0] ?? NaN
      const lastMs = times.at(-1) ?? NaN
      if (Number.isNaN(firstMs)) continue
      const overEdgeMs = firstMs - beforeMs
      if (!Number.isNaN(overEdgeMs)) {
        gaps++
        sum += overEdgeMs
        squares += overEdgeMs * overEdgeMs
      }
      gaps += times.length - 1
      sum += lastMs - firstMs
      squares += squaresOf(stretch)
      beforeMs = keptMs < this.#paneMs ? NaN : lastMs
    }
    return evenness(gaps, sum, squares)
  }

  /** Whether every time that was added is there. */
  get exact(): boolean {
    return this.#stretches.every(({ keptMs }) => keptMs === this.#paneMs)
  }

  /** A rough size in memory. */
  get bytes(): number {
    return this.#stretches.reduce((bytes, { times }) => bytes + 80 + times.length * 8, 64)
  }

  merge(other: Regularity): void {
    for (const { times } of other.#stretches) for (const timeMs of times) this.add(timeMs)
    for (const { startMs, keptMs } of other.#stretches) {
      const stretch = this.#stretchOf(startMs)
      stretch.keptMs = Math.min(stretch.keptMs, keptMs)
    }
  }

  leave(other: Regularity): boolean {
    for (const { startMs } of other.#stretches) {
      const at = this.#stretches.findIndex((one) => one.startMs === startMs)
      if (at >= 0) this.#stretches.splice(at, 1)
    }
    return true
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#stretches.length)
    for (const stretch of this.#stretches) encodeStretch(stretch, writer)
  }

  #stretchOf(startMs: number): Stretch {
    let at = this.#stretches.length
    while (at > 0 && (this.#stretches[at - 1]?.startMs ?? 0) > startMs) at--
    const known = this.#stretches[at - 1]
    if (known?.startMs === startMs) return known
    const stretch: Stretch = { startMs, keptMs: this.#paneMs, times: [], squares: NaN }
    this.#stretches.splice(at, 0, stretch)
    return stretch
  }
}

/** Of so many gaps, from their sum and the sum of their squares (R1). */
export function evenness(gaps: number, sum: number, squares: number): number {
  return gaps < MIN_GAPS || squares === 0 ? NaN : (sum * sum) / (gaps * squares)
}

function squaresOf(stretch: Stretch): number {
  if (!Number.isNaN(stretch.squares)) return stretch.squares
  const { times } = stretch
  let squares = 0
  for (let at = 1; at < times.length; at++) {
    const gapMs = (times[at] ?? 0) - (times[at - 1] ?? 0)
    squares += gapMs * gapMs
  }
  stretch.squares = squares
  return squares
}

/** Halves what is kept until there is room, or all times are one (R2). */
function shorten(stretch: Stretch, maxTimes: number): void {
  const { times, startMs } = stretch
  while (times.length > maxTimes && stretch.keptMs > 1) {
    stretch.keptMs /= 2
    while ((times.at(-1) ?? -Infinity) - startMs >= stretch.keptMs) times.pop()
  }
  if (times.length > maxTimes) times.length = maxTimes
}

function encodeStretch({ startMs, keptMs, times }: Stretch, writer: ByteWriter): void {
  writer.varint(startMs)
  writer.double(keptMs)
  writer.varint(times.length)
  let beforeMs = startMs
  for (const timeMs of times) {
    writer.varint(timeMs - beforeMs)
    beforeMs = timeMs
  }
}

function decodeStretch(reader: ByteReader): Stretch {
  const startMs = reader.varint()
  const keptMs = reader.double()
  const times: number[] = []
  let timeMs = startMs
  for (let left = reader.varint(); left > 0; left--) times.push((timeMs += reader.varint()))
  return { startMs, keptMs, times, squares: NaN }
}
