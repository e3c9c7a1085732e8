/**
 * The features of one group, for one pane or merged over a window, as a row of numbers in an arena: figures as
 * doubles, then a word for each part and each trail (`feature-plan.ts` says where).
 *
 * R1. A row that nothing was added to reads as no row does.
 */
import type { EvidencePointer } from '../domain/signal.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import { offsetIn, type Arena } from '../windows/arena.ts'
import type { ByteReader, ByteWriter } from '../windows/bytes.ts'
import {
  addActivity,
  addFigure,
  askToWait,
  copyWait,
  decodeFigure,
  encodeFigure,
  figureStart,
  figureValue,
  isEarly,
  leaveFigure,
  mergeFigure,
  waitsUntilMs,
} from '../windows/figures.ts'
import { hash31 } from '../windows/hash.ts'
import { likenessOf } from '../windows/likeness.ts'
import type { FeatureGroup, PlannedFeature } from './feature-plan.ts'
import { isKept, Keep } from './keep.ts'
import { Parts } from './parts.ts'
import { decodeTrail, encodeTrail, leaveTrail, type Trail } from './trail.ts'

/** The address of no row. */
export const NO_ROW = 0
/** A rough size of a trail in memory. */
const TRAIL_BYTES = 600

export class Rows {
  readonly #arena: Arena
  readonly #parts: Parts
  readonly #trails = new Keep<Trail>()

  constructor(arena: Arena) {
    this.#arena = arena
    this.#parts = new Parts(arena)
  }

  /** What all rows hold beside the arena. */
  get objectBytes(): number {
    return this.#parts.objectBytes + this.#trails.bytes
  }

  /** An empty row with a block of its own. */
  create(group: FeatureGroup): number {
    const row = this.#arena.allocate(group.rowWords)
    this.begin(group, row)
    return row
  }

  /** Makes zeroed words an empty row. */
  begin({ start }: FeatureGroup, row: number): void {
    const figures = this.#arena.doubles(row)
    const at = figuresAt(row)
    for (let slot = 0; slot < start.length; slot++) figures[at + slot] = start[slot] ?? 0
  }

  /** Gives back what a row with a block of its own took, block included. */
  free(group: FeatureGroup, row: number): void {
    this.clear(group, row)
    this.#arena.free(row, group.rowWords)
  }

  /** Gives back what a row holds outside its words. */
  clear(group: FeatureGroup, row: number): void {
    for (let at = group.partsAt; at < group.trailsAt; at++) this.#parts.forget(row + at)
    for (const { trailAt } of group.features) {
      const handle = trailAt < 0 ? 0 : this.#word(row + trailAt)
      if (isKept(handle)) this.#trails.drop(handle)
    }
  }

  /** The feature's number in this row. */
  value(feature: PlannedFeature, row: number): number {
    if (feature.figure !== null) {
      return figureValue(feature.figure, this.#arena.doubles(row), figuresAt(row) + feature.at)
    }
    const slot = row + feature.at
    return this.#parts.isEmpty(slot) ? emptyValue(feature) : this.#parts.value(feature.spec.aggregate, slot)
  }

  /** How far that number may be from the exact one, in its own unit; 0 where it is exact. */
  error({ figure, spec, at }: PlannedFeature, row: number): number {
    return figure === null ? this.#parts.error(spec.aggregate, row + at) : 0
  }

  /**
   * Adds one event to its pane's row and, where the pane is live in it, to the window's (else `NO_ROW`). Unknown
   * fields (null) add nothing. A part of the window that is not merged yet stays so.
   */
  add(feature: PlannedFeature, body: unknown, pane: number, window: number): void {
    const { aggregate } = feature.spec
    switch (aggregate.kind) {
      case 'count':
        return this.#addNumber(feature, 1, pane, window)
      case 'sum':
      case 'mean':
      case 'min':
      case 'max':
        return this.#addNumber(feature, aggregate.field(body), pane, window)
      case 'activity':
        return this.#addActivity(feature, aggregate.field(body), pane, window)
      case 'quantile':
      case 'regularity':
        return this.#addToPart(feature, aggregate.field(body), pane, window)
      case 'distinct':
      case 'topShare':
      case 'entropy':
        return this.#addText(feature, aggregate.field(body), pane, window)
      case 'nearDistinct':
        return this.#addLikeness(feature, aggregate.field(body), pane, window)
      case 'enumeration':
        return this.#addOrdinal(feature, aggregate.group(body), aggregate.ordinal(body), pane, window)
      case 'earlyRetries':
        return this.#addRetry(feature, body, pane, window)
    }
  }

  /** Notes which record was counted. */
  leaveTrail({ trailAt }: PlannedFeature, row: number, pointer: EvidencePointer): void {
    const known = this.#word(row + trailAt)
    const handle = isKept(known) ? known : this.#trails.add([], TRAIL_BYTES)
    this.#arena.words(row)[offsetIn(row + trailAt)] = handle
    leaveTrail(this.#trails.get(handle), pointer)
  }

  /** The records that the feature has counted, oldest first, as far as they are kept. */
  trail({ trailAt }: PlannedFeature, row: number): Readonly<Trail> {
    const handle = trailAt < 0 ? 0 : this.#word(row + trailAt)
    return isKept(handle) ? this.#trails.get(handle) : []
  }

  /** Merges one feature of a pane's row into a window's, its part only where the window's is merged already. */
  enter(feature: PlannedFeature, window: number, pane: number): void {
    if (feature.figure !== null) this.mergeFigure(feature, window, pane)
    else if (!this.#parts.isEmpty(window + feature.at)) this.mergePart(feature, window, pane)
  }

  mergeFigure({ figure, at }: PlannedFeature, window: number, pane: number): void {
    if (figure === null) return
    const into = this.#arena.doubles(window)
    mergeFigure(figure, into, figuresAt(window) + at, this.#arena.doubles(pane), figuresAt(pane) + at)
  }

  mergePart({ spec, at }: PlannedFeature, window: number, pane: number): void {
    this.#parts.merge(spec.aggregate, window + at, pane + at)
  }

  /** Whether the window's part has yet to be merged. */
  lacksPart({ figure, at }: PlannedFeature, window: number): boolean {
    return figure === null && this.#parts.isEmpty(window + at)
  }

  /** Takes one feature of a pane's row out of a window's; a part that cannot forget is merged anew when read. */
  leave({ figure, at }: PlannedFeature, window: number, pane: number): void {
    if (figure === null) return this.#parts.leave(window + at, pane + at)
    const merged = this.#arena.doubles(window)
    leaveFigure(figure, merged, figuresAt(window) + at, this.#arena.doubles(pane), figuresAt(pane) + at)
  }

  /** Moves all there is of a feature from a row in which it lies so into an empty one in which it lies so. */
  move(from: PlannedFeature, fromRow: number, to: PlannedFeature, toRow: number): void {
    if (from.figure === null) this.#moveWord(fromRow + from.at, toRow + to.at)
    else {
      const figures = this.#arena.doubles(fromRow)
      const first = figuresAt(fromRow) + from.at
      const moved = figures.subarray(first, first + figureStart(from.figure).length)
      this.#arena.doubles(toRow).set(moved, figuresAt(toRow) + to.at)
    }
    if (from.trailAt >= 0) this.#moveWord(fromRow + from.trailAt, toRow + to.trailAt)
  }

  encode(group: FeatureGroup, row: number, sources: readonly string[], writer: ByteWriter): void {
    for (const feature of group.features) {
      const { figure, at, spec, trailAt } = feature
      if (figure !== null) encodeFigure(figure, this.#arena.doubles(row), figuresAt(row) + at, writer)
      else this.#parts.encode(spec.aggregate, row + at, writer)
      if (trailAt >= 0) encodeTrail(this.trail(feature, row), sources, writer)
    }
  }

  /** Reads into an empty row what `encode` wrote. */
  decode(group: FeatureGroup, row: number, sources: readonly string[], reader: ByteReader): void {
    for (const feature of group.features) {
      const { figure, at, spec, trailAt } = feature
      if (figure !== null) decodeFigure(figure, this.#arena.doubles(row), figuresAt(row) + at, reader)
      else this.#parts.decode(spec.aggregate, row + at, reader)
      if (trailAt < 0) continue
      for (const pointer of decodeTrail(sources, reader)) this.leaveTrail(feature, row, pointer)
    }
  }

  #moveWord(from: number, to: number): void {
    this.#arena.words(to)[offsetIn(to)] = this.#word(from)
    this.#arena.words(from)[offsetIn(from)] = 0
  }

  #word(address: number): number {
    return this.#arena.words(address)[offsetIn(address)] ?? 0
  }

  #addNumber({ figure, at }: PlannedFeature, value: number | null, pane: number, window: number): void {
    if (figure === null || value === null || Number.isNaN(value)) return
    addFigure(figure, this.#arena.doubles(pane), figuresAt(pane) + at, value)
    if (window !== NO_ROW) addFigure(figure, this.#arena.doubles(window), figuresAt(window) + at, value)
  }

  /** A pane's bit counts once. */
  #addActivity({ at }: PlannedFeature, bit: number | null, pane: number, window: number): void {
    if (bit === null || !addActivity(this.#arena.doubles(pane), figuresAt(pane) + at, bit)) return
    if (window !== NO_ROW) addFigure('activity', this.#arena.doubles(window), figuresAt(window) + at, bit)
  }

  #addToPart(feature: PlannedFeature, value: number | null, pane: number, window: number): void {
    if (value === null || Number.isNaN(value)) return
    const { at, spec } = feature
    const merged = window !== NO_ROW && !this.#parts.isEmpty(window + at)
    const gaveUp = this.#parts.addNumber(spec.aggregate, pane + at, value, false)
    if (gaveUp) this.#forget(feature, window)
    else if (merged) this.#parts.addNumber(spec.aggregate, window + at, value, true)
  }

  #addText(feature: PlannedFeature, value: string | null, pane: number, window: number): void {
    if (value === null) return
    const { at, spec } = feature
    const hash = hash31(value)
    const merged = window !== NO_ROW && !this.#parts.isEmpty(window + at)
    if (spec.aggregate.kind === 'distinct') {
      if (!this.#parts.addDistinct(spec.aggregate, pane + at, hash)) return
      if (merged) this.#parts.increase(spec.aggregate, window + at, hash, 1, true)
      return
    }
    const gaveUp = this.#parts.increase(spec.aggregate, pane + at, hash, 1, false)
    if (gaveUp) this.#forget(feature, window)
    else if (merged) this.#parts.increase(spec.aggregate, window + at, hash, 1, true)
  }

  #addLikeness(feature: PlannedFeature, simHash: string | null, pane: number, window: number): void {
    if (simHash === null) return
    const { at, spec } = feature
    const hash = likenessOf(simHash)
    const merged = window !== NO_ROW && !this.#parts.isEmpty(window + at)
    const isNew = this.#parts.addLikeness(spec.aggregate, pane + at, hash)
    if (isNew && merged) this.#parts.gainLikeness(window + at, hash)
  }

  #addOrdinal(
    feature: PlannedFeature,
    group: string | null,
    ordinal: number | null,
    pane: number,
    window: number,
  ): void {
    if (group === null || ordinal === null) return
    const { at, spec } = feature
    const template = hash31(group)
    const merged = window !== NO_ROW && !this.#parts.isEmpty(window + at)
    const gaveUp = this.#parts.addStep(spec.aggregate, pane + at, template, ordinal, false)
    if (gaveUp) this.#forget(feature, window)
    else if (merged) this.#parts.addStep(spec.aggregate, window + at, template, ordinal, true)
  }

  /** A pane gave values up: the window must be merged from its panes anew. */
  #forget({ at }: PlannedFeature, window: number): void {
    if (window !== NO_ROW) this.#parts.forget(window + at)
  }

  /** Whether the request came too soon is known by the window: the refusal may lie in an earlier pane. */
  #addRetry({ at }: PlannedFeature, body: unknown, pane: number, window: number): void {
    if (!isUsage(body)) return
    const known = window === NO_ROW ? pane : window
    const figures = this.#arena.doubles(known)
    const slot = figuresAt(known) + at
    const ofPane = this.#arena.doubles(pane)
    const paneSlot = figuresAt(pane) + at
    if (isEarly(figures, slot, body.occurredAtMs - (body.durationMs ?? 0))) {
      addFigure('earlyRetries', ofPane, paneSlot, 1)
      if (window !== NO_ROW) addFigure('earlyRetries', figures, slot, 1)
    }
    if (body.status !== 'rate_limited' || body.retryAfterMs === null) return
    const untilMs = body.occurredAtMs + body.retryAfterMs
    if (untilMs <= waitsUntilMs(figures, slot)) return
    askToWait(figures, slot, body.occurredAtMs, untilMs)
    if (window !== NO_ROW) copyWait(figures, slot, ofPane, paneSlot)
  }
}

/** The feature's number where nothing was counted: no values are none, the share of nothing is unknown. */
export function emptyValue({ figure, spec }: PlannedFeature): number {
  const { kind } = spec.aggregate
  if (figure === null) return kind === 'distinct' || kind === 'nearDistinct' ? 0 : NaN
  return figure === 'mean' || figure === 'min' || figure === 'max' ? NaN : 0
}

function isUsage(body: unknown): body is UsageRecord {
  return typeof body === 'object' && body !== null && 'retryAfterMs' in body && 'occurredAtMs' in body
}

/** Where the row's doubles begin in its page. */
function figuresAt(row: number): number {
  return offsetIn(row) >> 1
}
