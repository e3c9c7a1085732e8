/**
 * One key's panes of one pane length, and the merged row of each window over its live panes.
 *
 * K1. A hopping window ends with the key's newest pane or with that of the evaluating event, whichever is later:
 *     it moves on when time does, also while nothing is added to it. A tumbling window (one pane) is that of the
 *     evaluating event, so that a straggler counts in its own.
 * K2. An event costs one addition to its pane and one to the merged row, which is built when it is first read.
 *     When the window moves on, what left it is taken out and what is new is merged, where that can be done;
 *     else the row is dropped and built again. A held row always is the merge of the panes that are there.
 * K3. What is read is a function of the stored panes alone, never of what was read before (P5). A pane is gone
 *     once stream time has passed its reach, here as in the store.
 * K4. Where panes of another layout are still in reach, the windows that would need them are unknown: cold is
 *     not empty.
 */
import type { EvidencePointer } from '../domain/signal.ts'
import type { ByteWriter } from '../windows/bytes.ts'
import type { FeatureGroup, FeaturePlan, FeedGroup, PaneClass, PlannedFeature } from './feature-plan.ts'
import { Pane } from './pane.ts'
import {
  addToRows,
  emptyPart,
  emptyRow,
  emptyValue,
  enterRow,
  leaveRow,
  mergeFigures,
  mergePart,
  rowValue,
  type Row,
} from './row.ts'
import { leaveTrail } from './trail.ts'

/** One group's merged rows: the whole key's, or by sub-key. */
type Merged = Row | Map<string, Row> | undefined

export class KeyWindows {
  readonly #plan: FeaturePlan
  readonly #class: PaneClass
  /** Ascending by number. */
  #panes: Pane[] = []
  /** By group; a merged row of the windows that end with the pane `#mergedEnd`. */
  #merged: Merged[] = []
  #mergedEnd = -Infinity
  /** When the oldest pane is gone: looked at for every event, so that the pane itself need not be. */
  #oldestExpiresMs = Infinity
  /** Windows that begin before this are unknown (K4). */
  #coldUntilMs = -Infinity

  constructor(plan: FeaturePlan, paneClass: PaneClass) {
    this.#plan = plan
    this.#class = paneClass
  }

  get bytes(): number {
    let bytes = 64
    for (const pane of this.#panes) bytes += pane.bytes
    return bytes
  }

  /** Puts a pane from the store in its place. */
  restore(pane: Pane): void {
    this.#insert(pane)
  }

  /** A pane of another layout, which ends then, lies in the store (K4). */
  coldUntil(endMs: number): void {
    this.#coldUntilMs = Math.max(this.#coldUntilMs, endMs)
  }

  /** Lets go of the panes that nothing can read any more (K3). */
  dropExpired(streamTimeMs: number): void {
    while (this.#oldestExpiresMs <= streamTimeMs) {
      const pane = this.#panes.shift()
      if (pane !== undefined) this.#takeOut(pane)
      this.#noteOldest()
    }
  }

  /** Adds one event to the given features of one group, as far as they take it. */
  add({ group, features }: FeedGroup, body: unknown, timeMs: number, pointer: EvidencePointer | null): void {
    const number = Math.floor(timeMs / this.#class.paneMs)
    let row: Row | null = null
    let window: Row | null = null
    for (const feature of features) {
      if (feature.spec.where !== null && feature.spec.where(body) !== 1) continue
      if (row === null) {
        const subKey = group.by === null ? null : group.by.field(body)
        row = this.#open(group, subKey, number)
        if (row === null) return
        window = this.#windowToFeed(group, subKey, row, number)
      }
      addToRows(feature, body, row, this.#feeds(feature, number) ? window : null)
      if (feature.trailAt >= 0 && pointer !== null) leaveTrail((row.trails[feature.trailAt] ??= []), pointer)
    }
  }

  /**
   * The feature's value for the sub-key at an event of `timeMs` (K1); NaN where it is not known. With `asOf`, a
   * hopping window too is read as it stood at that time, newer panes left out.
   */
  value(feature: PlannedFeature, subKey: string | null, timeMs: number, asOf: boolean): number {
    const group = this.#class.groups[feature.groupIndex]
    if (group === undefined) return NaN
    const own = Math.floor(timeMs / this.#class.paneMs)
    const end = asOf || feature.panes === 1 ? own : Math.max(own, this.#newest())
    if ((end + 1 - feature.panes) * this.#class.paneMs < this.#coldUntilMs) return NaN
    const row = feature.panes === 1 ? this.#paneAt(own)?.row(group, subKey) : this.#window(group, subKey, end)
    if (row === undefined) return this.#overflowed(group, feature, end) ? NaN : emptyValue(feature)
    if (feature.panes > 1 && feature.figure === null) this.#mergePart(feature, group, subKey, row)
    return rowValue(feature, row)
  }

  /** The records that the feature has counted, newest first, as far as they are kept. */
  *trail(feature: PlannedFeature, subKey: string | null, timeMs: number): Generator<EvidencePointer> {
    const group = this.#class.groups[feature.groupIndex]
    const own = Math.floor(timeMs / this.#class.paneMs)
    if (group === undefined || feature.trailAt < 0) return
    for (const pane of this.#panes.toReversed()) {
      if (pane.number > own || pane.number <= own - feature.panes) continue
      yield* pane.row(group, subKey)?.trails[feature.trailAt]?.toReversed() ?? []
    }
  }

  /** Encodes changed panes and takes them as saved. */
  changes(writer: ByteWriter, write: (pane: number, cell: Buffer) => void): void {
    for (const pane of this.#panes) {
      if (!pane.dirty) continue
      pane.dirty = false
      write(pane.number, pane.encode(this.#plan, this.#class, writer))
    }
  }

  #newest(): number {
    return this.#panes[this.#panes.length - 1]?.number ?? -Infinity
  }

  /** The row to add an event to; null where the event names no sub-key, or one too many. */
  #open(group: FeatureGroup, subKey: string | null, number: number): Row | null {
    if (group.by !== null && subKey === null) return null
    const pane = this.#paneAt(number) ?? this.#insert(new Pane(number))
    pane.dirty = true
    const known = pane.row(group, subKey)
    if (known !== undefined) return known
    this.#forgetAlone(group, subKey)
    return pane.open(group, subKey, this.#plan.maxSubKeys)
  }

  /** Whether the window of the feature that is held merged reaches the pane. */
  #feeds(feature: PlannedFeature, number: number): boolean {
    return feature.panes > 1 && number <= this.#mergedEnd && number > this.#mergedEnd - feature.panes
  }

  /** The merged row to keep up to date; null where none is held, or where it is the pane's own. */
  #windowToFeed(group: FeatureGroup, subKey: string | null, row: Row, number: number): Row | null {
    const window = group.remembers
      ? this.#window(group, subKey, Math.max(number, this.#newest()))
      : this.#held(group, subKey)
    return window === undefined || window === row ? null : window
  }

  /** The row of the windows that end with that pane; undefined where no live pane has one. */
  #window(group: FeatureGroup, subKey: string | null, end: number): Row | undefined {
    if (end !== this.#mergedEnd) this.#moveTo(end)
    return this.#held(group, subKey) ?? this.#merge(group, subKey, end)
  }

  /** Moves the held rows of whole keys on to another last pane; drops those that cannot be moved (K2). */
  #moveTo(end: number): void {
    const before = this.#mergedEnd
    this.#mergedEnd = end
    for (const group of this.#class.groups) {
      const row = this.#merged[group.index]
      if (row === undefined) continue
      if (row instanceof Map || !row.merged || !group.slides || end < before) {
        this.#merged[group.index] = undefined
      } else this.#slide(group, row, before, end)
    }
  }

  #slide(group: FeatureGroup, window: Row, before: number, end: number): void {
    for (const pane of this.#panes) {
      const row = pane.row(group, null)
      if (row === undefined) continue
      for (const feature of group.features) {
        const was = pane.number <= before && pane.number > before - feature.panes
        const is = pane.number <= end && pane.number > end - feature.panes
        if (was && !is) leaveRow(feature, window, row)
        else if (is && !was) enterRow(feature, window, row)
      }
    }
  }

  /** Takes a pane that is no longer there out of the held rows. */
  #takeOut(pane: Pane): void {
    if (pane.number <= this.#mergedEnd - this.#class.maxPanes) return
    for (const group of this.#class.groups) {
      const window = this.#merged[group.index]
      const row = pane.row(group, null)
      if (window === undefined || (group.by === null && row === undefined)) continue
      if (window instanceof Map || row === undefined || !window.merged || !group.slides) {
        this.#merged[group.index] = undefined
        continue
      }
      for (const feature of group.features) {
        if (this.#feeds(feature, pane.number)) leaveRow(feature, window, row)
      }
    }
  }

  #noteOldest(): void {
    const oldest = this.#panes[0]
    const { paneMs, reachMs } = this.#class
    this.#oldestExpiresMs = oldest === undefined ? Infinity : (oldest.number + 1) * paneMs + reachMs
  }

  #held(group: FeatureGroup, subKey: string | null): Row | undefined {
    const merged = this.#merged[group.index]
    return merged instanceof Map ? merged.get(subKey ?? '') : merged
  }

  #hold(group: FeatureGroup, subKey: string | null, row: Row): Row {
    if (subKey === null) return (this.#merged[group.index] = row)
    const known = this.#merged[group.index]
    const bySubKey = known instanceof Map ? known : new Map<string, Row>()
    bySubKey.set(subKey, row)
    this.#merged[group.index] = bySubKey
    return row
  }

  /** A pane's own row no longer is the whole window once another pane has one too. */
  #forgetAlone(group: FeatureGroup, subKey: string | null): void {
    const merged = this.#merged[group.index]
    if (merged instanceof Map) {
      if (merged.get(subKey ?? '')?.merged === false) merged.delete(subKey ?? '')
    } else if (merged?.merged === false) this.#merged[group.index] = undefined
  }

  /** Merges figures; parts follow when they are read. A row that stands alone in the newest pane is the window. */
  #merge(group: FeatureGroup, subKey: string | null, end: number): Row | undefined {
    let merged: Row | undefined
    let alone: Row | undefined
    for (const pane of this.#panes) {
      if (pane.number > end || pane.number <= end - this.#class.maxPanes) continue
      const row = pane.row(group, subKey)
      if (row === undefined) continue
      alone = merged === undefined && pane.number === end ? row : undefined
      merged ??= emptyRow(group, true)
      for (const feature of group.features) {
        if (pane.number > end - feature.panes) mergeFigures(feature, merged, row)
      }
    }
    const window = alone ?? merged
    return window === undefined ? undefined : this.#hold(group, subKey, window)
  }

  #mergePart(feature: PlannedFeature, group: FeatureGroup, subKey: string | null, window: Row): void {
    if (!window.merged || window.parts[feature.at] !== undefined) return
    const part = emptyPart(feature.spec.aggregate, true)
    for (const pane of this.#panes) {
      if (pane.number > this.#mergedEnd || pane.number <= this.#mergedEnd - feature.panes) continue
      mergePart(part, pane.row(group, subKey)?.parts[feature.at])
    }
    window.parts[feature.at] = part
  }

  #overflowed(group: FeatureGroup, feature: PlannedFeature, end: number): boolean {
    return this.#panes.some(
      (pane) => pane.number <= end && pane.number > end - feature.panes && pane.overflowed(group),
    )
  }

  #paneAt(number: number): Pane | undefined {
    for (let at = this.#panes.length - 1; at >= 0; at--) {
      const pane = this.#panes[at]
      if (pane === undefined || pane.number < number) return undefined
      if (pane.number === number) return pane
    }
    return undefined
  }

  #insert(pane: Pane): Pane {
    const inOrder = this.#newest() < pane.number
    this.#panes.push(pane)
    if (!inOrder) this.#panes.sort((a, b) => a.number - b.number)
    this.#noteOldest()
    return pane
  }
}
