/**
 * Number, sum and extremes of some events, of which features of moving windows are made.
 *
 * Z1. Merging in any order and grouping gives one value: summands are rounded to multiples of 2^-20, as those of
 *     panes are (`figures.ts`, G1).
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import { asSummand } from './figures.ts'
import type { Tallying } from './tally.ts'

export type TotalsKind = 'count' | 'sum' | 'mean' | 'min' | 'max'

export interface Totals {
  count: number
  sum: number
  min: number
  max: number
}

/** A rough size in memory. */
const TOTALS_BYTES = 48

export function noTotals(): Totals {
  return { count: 0, sum: 0, min: Infinity, max: -Infinity }
}

export function totalsOf(value: number): Totals {
  return { count: 1, sum: asSummand(value), min: value, max: value }
}

/** Tallies of values, each of which is totals itself. */
export function totalsTallying(kind: TotalsKind): Tallying<Totals, Totals> {
  return {
    isSmall: true,
    open: noTotals,
    openWindow: noTotals,
    add: (totals, item) => {
      mergeTotals(totals, item)
      return 'item'
    },
    addPane: (window, items) => {
      for (const item of items) mergeTotals(window, item)
    },
    merge: mergeTotals,
    following: null,
    join: (known, item) => {
      mergeTotals(known, item)
      return true
    },
    value: (totals) => figureOf(kind, totals),
    error: (totals, left) => (left === null ? 0 : figureError(kind, totals, left)),
    bytes: () => TOTALS_BYTES,
    encode: (totals, writer) => encodeTotals(kind, totals, writer),
    decode: (reader) => decodeTotals(kind, reader),
    encodeItem: (totals, writer) => encodeTotals(kind, totals, writer),
    decodeItem: (reader) => decodeTotals(kind, reader),
  }
}

/** Tallies of a sum that is told by the length of its stretch, in units of so many milliseconds; unknown where that is nothing. */
export function perLengthTallying(unitMs: number): Tallying<Totals, Totals> {
  return {
    ...totalsTallying('sum'),
    value: ({ count, sum }, lengthMs) => {
      if (count === 0) return 0
      return lengthMs === 0 ? NaN : (sum * unitMs) / lengthMs
    },
  }
}

function mergeTotals(into: Totals, from: Totals): void {
  into.count += from.count
  into.sum += from.sum
  into.min = Math.min(into.min, from.min)
  into.max = Math.max(into.max, from.max)
}

/** An empty count or sum is 0; an empty mean or extreme is unknown. */
function figureOf(kind: TotalsKind, { count, sum, min, max }: Totals): number {
  if (kind === 'count') return count
  if (kind === 'sum') return sum
  if (count === 0) return NaN
  if (kind === 'mean') return sum / count
  return kind === 'min' ? min : max
}

/**
 * How far the figure may be from what it would be with some of what was left out, any part of it, of values that are
 * not negative; 0 where nothing was.
 */
function figureError(kind: TotalsKind, told: Totals, left: Totals): number {
  if (left.count === 0) return 0
  if (kind === 'count') return left.count
  if (kind === 'sum') return Math.abs(left.sum)
  if (kind === 'max') return Math.max(0, left.max - told.max)
  if (kind === 'min') return Math.max(0, told.min - left.min)
  const mean = told.sum / told.count
  const least = told.sum / (told.count + left.count)
  const most = (told.sum + left.sum) / (told.count + 1)
  return Math.max(mean - least, most - mean)
}

/** Writes what figures of the kind are made of. */
function encodeTotals(kind: TotalsKind, totals: Totals, writer: ByteWriter): void {
  writer.varint(totals.count)
  if (kind === 'sum' || kind === 'mean') writer.double(totals.sum)
  if (kind === 'min') writer.double(totals.min)
  if (kind === 'max') writer.double(totals.max)
}

function decodeTotals(kind: TotalsKind, reader: ByteReader): Totals {
  const totals = noTotals()
  totals.count = reader.varint()
  if (kind === 'sum' || kind === 'mean') totals.sum = reader.double()
  if (kind === 'min') totals.min = reader.double()
  if (kind === 'max') totals.max = reader.double()
  return totals
}
