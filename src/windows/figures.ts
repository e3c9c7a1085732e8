/**
 * Features that are a few numbers: count, sum, mean, maximum, early retries. They live side by side in one array
 * per pane and one per window, from the slot `at` on, so that a record costs no object.
 *
 * G1. Merging panes in any order and grouping gives one value: summands are rounded to multiples of 2^-20 (a
 *     millionth), of which doubles hold sums up to 8 thousand million exactly.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

export type FigureKind = 'count' | 'sum' | 'mean' | 'max' | 'earlyRetries'

const FRACTION = 2 ** 20

/** What the slots of a figure hold before anything was added. */
const START: Readonly<Record<FigureKind, readonly number[]>> = {
  count: [0],
  sum: [0],
  /** Sum, number of summands. */
  mean: [0, 0],
  max: [-Infinity],
  /** Number; since when and until when the client has been asked to wait. */
  earlyRetries: [0, 0, 0],
}

export function isFigure(kind: string): kind is FigureKind {
  return Object.hasOwn(START, kind)
}

export function figureStart(kind: FigureKind): readonly number[] {
  return START[kind]
}

export function addFigure(kind: FigureKind, figures: number[], at: number, value: number): void {
  if (kind === 'max') figures[at] = Math.max(slot(figures, at), value)
  else figures[at] = slot(figures, at) + Math.round(value * FRACTION) / FRACTION
  if (kind === 'mean') figures[at + 1] = slot(figures, at + 1) + 1
}

export function mergeFigure(kind: FigureKind, into: number[], from: readonly number[], at: number): void {
  if (kind === 'max') into[at] = Math.max(slot(into, at), slot(from, at))
  else into[at] = slot(into, at) + slot(from, at)
  if (kind === 'mean') into[at + 1] = slot(into, at + 1) + slot(from, at + 1)
  if (kind === 'earlyRetries' && slot(from, at + 2) > slot(into, at + 2))
    setWait(into, at, from[at + 1], from[at + 2])
}

/** Whether a merged pane can be taken out again: not of a maximum, nor of what the client was asked for. */
export function canLeave(kind: FigureKind): boolean {
  return kind === 'count' || kind === 'sum' || kind === 'mean'
}

/** Takes a merged pane out again, of a kind that allows it. */
export function leaveFigure(kind: FigureKind, merged: number[], from: readonly number[], at: number): void {
  merged[at] = slot(merged, at) - slot(from, at)
  if (kind === 'mean') merged[at + 1] = slot(merged, at + 1) - slot(from, at + 1)
}

/** An empty count or sum is 0; an empty mean or maximum is unknown. */
export function figureValue(kind: FigureKind, figures: readonly number[], at: number): number {
  const value = slot(figures, at)
  if (kind === 'mean') return value / slot(figures, at + 1)
  return value === -Infinity ? NaN : value
}

/** Whether a request of that time fell into the time for which the client had been asked to wait. */
export function isEarly(figures: readonly number[], at: number, requestedAtMs: number): boolean {
  return requestedAtMs >= slot(figures, at + 1) && requestedAtMs < slot(figures, at + 2)
}

/**
 * A refusal at `refusedAtMs` asks to wait until `untilMs`. While an earlier one still holds, the wait began with
 * that: what was under way when the first refusal came is no retry, what is sent after it is.
 */
export function askToWait(figures: number[], at: number, refusedAtMs: number, untilMs: number): void {
  if (untilMs <= slot(figures, at + 2)) return
  const waiting = refusedAtMs < slot(figures, at + 2)
  setWait(figures, at, waiting ? slot(figures, at + 1) : refusedAtMs, untilMs)
}

/** Takes over since when and until when the client has been asked to wait. */
export function copyWait(from: readonly number[], into: number[], at: number): void {
  setWait(into, at, from[at + 1], from[at + 2])
}

export function encodeFigure(
  kind: FigureKind,
  figures: readonly number[],
  at: number,
  writer: ByteWriter,
): void {
  if (kind === 'count' || kind === 'earlyRetries') writer.varint(slot(figures, at))
  else writer.double(slot(figures, at))
  for (let next = 1; next < START[kind].length; next++) writer.varint(slot(figures, at + next))
}

export function decodeFigure(kind: FigureKind, figures: number[], at: number, reader: ByteReader): void {
  figures[at] = kind === 'count' || kind === 'earlyRetries' ? reader.varint() : reader.double()
  for (let next = 1; next < START[kind].length; next++) figures[at + next] = reader.varint()
}

function setWait(figures: number[], at: number, sinceMs = 0, untilMs = 0): void {
  figures[at + 1] = sinceMs
  figures[at + 2] = untilMs
}

function slot(figures: readonly number[], at: number): number {
  return figures[at] ?? 0
}
