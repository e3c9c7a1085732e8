/**
 * The features of one group, for one pane or merged over a window: figures in one array, the others as parts
 * that are made when their first value comes.
 */
import type { UsageRecord } from '../domain/usage-record.ts'
import type { Aggregate } from '../topology/model.ts'
import type { ByteReader, ByteWriter } from '../windows/bytes.ts'
import { Distinct } from '../windows/distinct.ts'
import { Enumeration, MAX_TEMPLATES } from '../windows/enumeration.ts'
import {
  addFigure,
  askToWait,
  copyWait,
  decodeFigure,
  encodeFigure,
  figureValue,
  isEarly,
  leaveFigure,
  mergeFigure,
} from '../windows/figures.ts'
import { hash31 } from '../windows/hash.ts'
import { TopShare } from '../windows/top-share.ts'
import type { FeatureGroup, PlannedFeature } from './feature-plan.ts'
import { decodeTrail, encodeTrail, type Trail } from './trail.ts'

export type Part = Distinct | TopShare | Enumeration

export interface Row {
  /** Whether this is the merge of a window's panes, not a pane's own. */
  readonly merged: boolean
  readonly figures: number[]
  /** In a pane: undefined before the first value. In a window: undefined until it is merged. */
  readonly parts: (Part | undefined)[]
  readonly trails: (Trail | undefined)[]
}

export function emptyRow(group: FeatureGroup, merged = false): Row {
  const parts = group.hasParts ? [] : NONE
  return { merged, figures: group.start.slice(), parts, trails: group.hasTrails ? [] : NONE }
}

/** For groups that have none: never written. */
const NONE: undefined[] = []

/** The feature's number in this row; of a part that has no value yet, that of an empty one. */
export function rowValue(feature: PlannedFeature, row: Row): number {
  if (feature.figure !== null) return figureValue(feature.figure, row.figures, feature.at)
  return row.parts[feature.at]?.value() ?? emptyValue(feature)
}

/** The feature's number where nothing was counted: no values are none, the share of nothing is unknown. */
export function emptyValue({ figure, spec }: PlannedFeature): number {
  if (figure === null) return spec.aggregate.kind === 'distinct' ? 0 : NaN
  return figure === 'mean' || figure === 'max' ? NaN : 0
}

/** A part for one pane, or for the merge of a window, which is bounded by its panes. */
export function emptyPart(aggregate: Aggregate, ofWindow: boolean): Part | undefined {
  switch (aggregate.kind) {
    case 'distinct':
      return new Distinct(aggregate.exactLimit)
    case 'topShare':
      return new TopShare(ofWindow ? Infinity : aggregate.exactLimit)
    case 'enumeration':
      return new Enumeration(ofWindow ? Infinity : MAX_TEMPLATES)
    default:
      return undefined
  }
}

/**
 * Adds one event to its pane's row and, where the pane is live in it, to the window's. Unknown fields (null) add
 * nothing. A part of the window that is not merged yet stays so.
 */
export function addToRows(feature: PlannedFeature, body: unknown, pane: Row, window: Row | null): void {
  const { aggregate } = feature.spec
  switch (aggregate.kind) {
    case 'count':
      return addNumber(feature, 1, pane, window)
    case 'sum':
    case 'mean':
    case 'max':
      return addNumber(feature, aggregate.field(body), pane, window)
    case 'distinct':
    case 'topShare':
      return addText(feature, aggregate.field(body), pane, window)
    case 'enumeration':
      return addOrdinal(feature, aggregate.group(body), aggregate.ordinal(body), pane, window)
    case 'earlyRetries':
      return addRetry(feature, body, pane, window)
  }
}

function addNumber(feature: PlannedFeature, value: number | null, pane: Row, window: Row | null): void {
  const { figure, at } = feature
  if (figure === null || value === null || Number.isNaN(value)) return
  addFigure(figure, pane.figures, at, value)
  if (window !== null) addFigure(figure, window.figures, at, value)
}

function addText(feature: PlannedFeature, value: string | null, pane: Row, window: Row | null): void {
  if (value === null) return
  const hash = hash31(value)
  const part = (pane.parts[feature.at] ??= emptyPart(feature.spec.aggregate, false))
  if (!(part instanceof Distinct || part instanceof TopShare)) return
  const merged = window?.parts[feature.at]
  if (part instanceof Distinct) {
    if (part.add(hash) && merged instanceof Distinct) merged.gain(hash)
    return
  }
  const gaveUp = part.add(hash)
  if (merged instanceof TopShare) merged.add(hash)
  if (gaveUp) forget(feature, window)
}

function addOrdinal(
  feature: PlannedFeature,
  group: string | null,
  ordinal: number | null,
  pane: Row,
  window: Row | null,
): void {
  if (group === null || ordinal === null) return
  const template = hash31(group)
  const part = (pane.parts[feature.at] ??= emptyPart(feature.spec.aggregate, false))
  if (!(part instanceof Enumeration)) return
  const gaveUp = part.add(template, ordinal)
  const merged = window?.parts[feature.at]
  if (merged instanceof Enumeration) merged.add(template, ordinal)
  if (gaveUp) forget(feature, window)
}

/** A pane gave values up: the window must be merged from its panes anew. */
function forget(feature: PlannedFeature, window: Row | null): void {
  if (window !== null) window.parts[feature.at] = undefined
}

/** Whether the request came too soon is known by the window: the refusal may lie in an earlier pane. */
function addRetry({ at }: PlannedFeature, body: unknown, pane: Row, window: Row | null): void {
  if (!isUsage(body)) return
  const known = (window ?? pane).figures
  const early = isEarly(known, at, body.occurredAtMs - (body.durationMs ?? 0))
  if (early) addFigure('earlyRetries', pane.figures, at, 1)
  if (early && window !== null) addFigure('earlyRetries', window.figures, at, 1)
  if (body.status !== 'rate_limited' || body.retryAfterMs === null) return
  const untilMs = body.occurredAtMs + body.retryAfterMs
  if (untilMs <= (known[at + 2] ?? 0)) return
  askToWait(known, at, body.occurredAtMs, untilMs)
  if (window !== null) copyWait(known, pane.figures, at)
}

function isUsage(body: unknown): body is UsageRecord {
  return typeof body === 'object' && body !== null && 'retryAfterMs' in body && 'occurredAtMs' in body
}

/** Merges one feature's part of a pane into a window's; parts of one feature are of one kind. */
export function mergePart(into: Part | undefined, from: Part | undefined): void {
  if (into instanceof Distinct && from instanceof Distinct) into.merge(from)
  else if (into instanceof TopShare && from instanceof TopShare) into.merge(from)
  else if (into instanceof Enumeration && from instanceof Enumeration) into.merge(from)
}

/** Merges one feature of a pane's row into a window's, its part only where the window's is merged already. */
export function enterRow(feature: PlannedFeature, window: Row, pane: Row): void {
  if (feature.figure !== null) mergeFigure(feature.figure, window.figures, pane.figures, feature.at)
  else mergePart(window.parts[feature.at], pane.parts[feature.at])
}

/** Takes one feature of a pane's row out of a window's; a part that cannot forget is merged anew when read. */
export function leaveRow(feature: PlannedFeature, window: Row, pane: Row): void {
  if (feature.figure !== null) leaveFigure(feature.figure, window.figures, pane.figures, feature.at)
  else if (!leavePart(window.parts[feature.at], pane.parts[feature.at])) forget(feature, window)
}

function leavePart(window: Part | undefined, pane: Part | undefined): boolean {
  if (window === undefined || pane === undefined) return true
  if (window instanceof Distinct && pane instanceof Distinct) return window.leave(pane)
  return window instanceof TopShare && pane instanceof TopShare && window.leave(pane)
}

export function mergeFigures(feature: PlannedFeature, into: Row, from: Row): void {
  if (feature.figure !== null) mergeFigure(feature.figure, into.figures, from.figures, feature.at)
}

export function encodeRow(
  group: FeatureGroup,
  row: Row,
  sources: readonly string[],
  writer: ByteWriter,
): void {
  for (const feature of group.features) {
    if (feature.figure !== null) encodeFigure(feature.figure, row.figures, feature.at, writer)
    else encodePart(row.parts[feature.at], writer)
    if (feature.trailAt >= 0) encodeTrail(row.trails[feature.trailAt] ?? [], sources, writer)
  }
}

export function decodeRow(group: FeatureGroup, sources: readonly string[], reader: ByteReader): Row {
  const row = emptyRow(group)
  for (const feature of group.features) {
    if (feature.figure !== null) decodeFigure(feature.figure, row.figures, feature.at, reader)
    else row.parts[feature.at] = decodePart(feature.spec.aggregate, reader)
    if (feature.trailAt >= 0) row.trails[feature.trailAt] = decodeTrail(sources, reader)
  }
  return row
}

function encodePart(part: Part | undefined, writer: ByteWriter): void {
  writer.varint(part === undefined ? 0 : 1)
  part?.encode(writer)
}

function decodePart(aggregate: Aggregate, reader: ByteReader): Part | undefined {
  if (reader.varint() === 0) return undefined
  switch (aggregate.kind) {
    case 'distinct':
      return Distinct.decode(aggregate.exactLimit, reader)
    case 'topShare':
      return TopShare.decode(aggregate.exactLimit, reader)
    case 'enumeration':
      return Enumeration.decode(MAX_TEMPLATES, reader)
    default:
      return undefined
  }
}
