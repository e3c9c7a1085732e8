/**
 * Features that are a few numbers: count, sum, mean, extremes, activity, early retries. They live side by side in arrays of
 * doubles that many rows share, each from a slot `at` on, so that a record costs no object.
 *
 * G1. Merging panes in any order and grouping gives one value: summands are rounded to multiples of 2^-20 (a
 *     millionth), of which doubles hold sums up to 8 thousand million exactly.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

/** The doubles of many rows. */
export type Figures = Float64Array

export type FigureKind = 'count' | 'sum' | 'mean' | 'min' | 'max' | 'activity' | 'earlyRetries'

const FRACTION = 2 ** 20

/** What the slots of a figure hold before anything was added. */
const START: Readonly<Record<FigureKind, readonly number[]>> = {
  count: [0],
  sum: [0],
  /** Sum, number of summands. */
  mean: [0, 0],
  min: [Infinity],
  max: [-Infinity],
  /** See `activity.ts`. */
  activity: [0],
  /** Number; since when and until when the client has been asked to wait. */
  earlyRetries: [0, 0, 0],
}

/** A summand as sums hold it (G1). */
export function asSummand(value: number): number {
  return Math.round(value * FRACTION) / FRACTION
}

export function isFigure(kind: string): kind is FigureKind {
  return Object.hasOwn(START, kind)
}

export function figureStart(kind: FigureKind): readonly number[] {
  return START[kind]
}

export function addFigure(kind: FigureKind, figures: Figures, at: number, value: number): void {
  if (kind === 'max') figures[at] = Math.max(slot(figures, at), value)
  else if (kind === 'min') figures[at] = Math.min(slot(figures, at), value)
  else figures[at] = slot(figures, at) + asSummand(value)
  if (kind === 'mean') figures[at + 1] = slot(figures, at + 1) + 1
}

/** Merges a pane's figure at `fromAt` into a window's at `intoAt`. */
export function mergeFigure(
  kind: FigureKind,
  into: Figures,
  intoAt: number,
  from: Figures,
  fromAt: number,
): void {
  if (kind === 'max') into[intoAt] = Math.max(slot(into, intoAt), slot(from, fromAt))
  else if (kind === 'min') into[intoAt] = Math.min(slot(into, intoAt), slot(from, fromAt))
  else into[intoAt] = slot(into, intoAt) + slot(from, fromAt)
  if (kind === 'mean') into[intoAt + 1] = slot(into, intoAt + 1) + slot(from, fromAt + 1)
  if (kind === 'earlyRetries' && slot(from, fromAt + 2) > slot(into, intoAt + 2)) {
    copyWait(from, fromAt, into, intoAt)
  }
}

/** Whether a merged pane can be taken out again: not of an extreme, nor of what the client was asked for. */
export function canLeave(kind: FigureKind): boolean {
  return kind === 'count' || kind === 'sum' || kind === 'mean' || kind === 'activity'
}

/** Takes a merged pane out again, of a kind that allows it. */
export function leaveFigure(
  kind: FigureKind,
  merged: Figures,
  mergedAt: number,
  from: Figures,
  fromAt: number,
): void {
  merged[mergedAt] = slot(merged, mergedAt) - slot(from, fromAt)
  if (kind === 'mean') merged[mergedAt + 1] = slot(merged, mergedAt + 1) - slot(from, fromAt + 1)
}

/** An empty count or sum is 0; an empty mean or extreme is unknown. */
export function figureValue(kind: FigureKind, figures: Figures, at: number): number {
  const value = slot(figures, at)
  if (kind === 'mean') return value / slot(figures, at + 1)
  return Number.isFinite(value) ? value : NaN
}

/** Notes that a pane was active, by its bit (`activity.ts`); false where that is known already. */
export function addActivity(figures: Figures, at: number, bit: number): boolean {
  if (slot(figures, at) !== 0) return false
  figures[at] = bit
  return true
}

/** Whether a request of that time fell into the time for which the client had been asked to wait. */
export function isEarly(figures: Figures, at: number, requestedAtMs: number): boolean {
  return requestedAtMs >= slot(figures, at + 1) && requestedAtMs < slot(figures, at + 2)
}

/**
 * A refusal at `refusedAtMs` asks to wait until `untilMs`. While an earlier one still holds, the wait began with
 * that: what was under way when the first refusal came is no retry, what is sent after it is.
 */
export function askToWait(figures: Figures, at: number, refusedAtMs: number, untilMs: number): void {
  if (untilMs <= slot(figures, at + 2)) return
  if (refusedAtMs >= slot(figures, at + 2)) figures[at + 1] = refusedAtMs
  figures[at + 2] = untilMs
}

/** Until when the client has been asked to wait, in epoch ms; 0 for never. */
export function waitsUntilMs(figures: Figures, at: number): number {
  return slot(figures, at + 2)
}

/** Takes over since when and until when the client has been asked to wait. */
export function copyWait(from: Figures, fromAt: number, into: Figures, intoAt: number): void {
  into[intoAt + 1] = slot(from, fromAt + 1)
  into[intoAt + 2] = slot(from, fromAt + 2)
}

export function encodeFigure(kind: FigureKind, figures: Figures, at: number, writer: ByteWriter): void {
  if (isWhole(kind)) writer.varint(slot(figures, at))
  else writer.double(slot(figures, at))
  for (let next = 1; next < START[kind].length; next++) writer.varint(slot(figures, at + next))
}

export function decodeFigure(kind: FigureKind, figures: Figures, at: number, reader: ByteReader): void {
  figures[at] = isWhole(kind) ? reader.varint() : reader.double()
  for (let next = 1; next < START[kind].length; next++) figures[at + next] = reader.varint()
}

/** Whether its first double is a whole number. */
function isWhole(kind: FigureKind): boolean {
  return kind === 'count' || kind === 'activity' || kind === 'earlyRetries'
}

function slot(figures: Figures, at: number): number {
  return figures[at] ?? 0
}
