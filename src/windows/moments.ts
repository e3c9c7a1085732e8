/**
 * What one pane of a sliding window keeps: the events by the millisecond, so that a window may begin and end
 * anywhere in it.
 *
 * O1. Exact while the pane has events at no more than `limit` milliseconds. Past that it is counted as a whole or
 *     not at all: a window that holds its first and its last event takes it, any other does not. Counts, sums of
 *     what is not negative, and maxima are so never told too high, minima never too low.
 * O2. Bounded: `limit` moments, or one total.
 * O3. The order in which events come changes nothing.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import {
  addValue,
  decodeTotals,
  encodeTotals,
  mergeTotals,
  noTotals,
  type Totals,
  type TotalsKind,
} from './totals.ts'

/** What an encoding begins with: this where only the whole is known, else one more than its moments. */
const WHOLE = 0

interface Moment {
  readonly timeMs: number
  readonly totals: Totals
}

export class Moments {
  readonly #kind: TotalsKind
  readonly #limit: number
  /** Ascending; null past the limit. */
  #moments: Moment[] | null = []
  readonly #all: Totals
  #firstMs = Infinity
  #lastMs = -Infinity

  constructor(kind: TotalsKind, limit: number, all: Totals = noTotals()) {
    this.#kind = kind
    this.#limit = limit
    this.#all = all
  }

  static decode(kind: TotalsKind, limit: number, reader: ByteReader): Moments {
    const marker = reader.varint()
    if (marker === WHOLE) return decodeWhole(kind, limit, reader)
    const moments = new Moments(kind, limit)
    let timeMs = 0
    for (let left = marker - 1; left > 0; left--) {
      timeMs += reader.varint()
      moments.#restore({ timeMs, totals: decodeTotals(kind, reader) })
    }
    return moments
  }

  /** Whether any window is told exactly. */
  get exact(): boolean {
    return this.#moments !== null
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 120 + (this.#moments?.length ?? 0) * 80
  }

  add(timeMs: number, value: number): void {
    addValue(this.#all, value)
    this.#span(timeMs)
    if (this.#moments === null) return
    addValue(totalsAt(this.#moments, timeMs), value)
    if (this.#moments.length > this.#limit) this.#moments = null
  }

  /** Adds what lies from `fromMs` to `toMs`, both inclusive (O1). */
  addTo(totals: Totals, fromMs: number, toMs: number): void {
    if (this.#firstMs > toMs || this.#lastMs < fromMs) return
    if (this.#firstMs >= fromMs && this.#lastMs <= toMs) return mergeTotals(totals, this.#all)
    for (const moment of this.#moments ?? []) {
      if (moment.timeMs >= fromMs && moment.timeMs <= toMs) mergeTotals(totals, moment.totals)
    }
  }

  /** All that such a window leaves out though it may hold some of it (O1); null where it is told exactly. */
  leftOut(fromMs: number, toMs: number): Totals | null {
    const isApart = this.#firstMs > toMs || this.#lastMs < fromMs
    const isWithin = this.#firstMs >= fromMs && this.#lastMs <= toMs
    return this.exact || isApart || isWithin ? null : this.#all
  }

  encode(writer: ByteWriter): void {
    if (this.#moments === null) {
      writer.varint(WHOLE)
      writer.varint(this.#firstMs)
      writer.varint(this.#lastMs)
      return encodeTotals(this.#kind, this.#all, writer)
    }
    writer.varint(this.#moments.length + 1)
    let beforeMs = 0
    for (const { timeMs, totals } of this.#moments) {
      writer.varint(timeMs - beforeMs)
      encodeTotals(this.#kind, totals, writer)
      beforeMs = timeMs
    }
  }

  /** Takes what is known of the whole alone. */
  restoreWhole(firstMs: number, lastMs: number): this {
    this.#moments = null
    this.#span(firstMs)
    this.#span(lastMs)
    return this
  }

  #restore(moment: Moment): void {
    this.#moments?.push(moment)
    this.#span(moment.timeMs)
    mergeTotals(this.#all, moment.totals)
  }

  #span(timeMs: number): void {
    if (timeMs < this.#firstMs) this.#firstMs = timeMs
    if (timeMs > this.#lastMs) this.#lastMs = timeMs
  }
}

function decodeWhole(kind: TotalsKind, limit: number, reader: ByteReader): Moments {
  const firstMs = reader.varint()
  const lastMs = reader.varint()
  return new Moments(kind, limit, decodeTotals(kind, reader)).restoreWhole(firstMs, lastMs)
}

/** The totals of that millisecond, put in their place where they are new: nearly always the last. */
function totalsAt(moments: Moment[], timeMs: number): Totals {
  let at = moments.length
  while (at > 0 && (moments[at - 1]?.timeMs ?? 0) > timeMs) at--
  const known = moments[at - 1]
  if (known?.timeMs === timeMs) return known.totals
  const totals = noTotals()
  moments.splice(at, 0, { timeMs, totals })
  return totals
}
