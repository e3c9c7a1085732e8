/**
 * One key's panes of one pane length, and the merged value of each window over its live panes.
 *
 * K1. A hopping window is read at the key's newest pane: newest-(n-1) .. newest. A tumbling window (n = 1) is
 *     read at the pane of the evaluating event, so that a straggler counts in its own.
 * K2. Adding one event costs one addition to its pane and one to the merged window; the merged window is
 *     rebuilt only when the newest pane moves on.
 * K3. Panes are kept until no window and no straggler can reach them.
 */
import type { ByteWriter } from '../windows/bytes.ts'
import { contribute, createAccumulator, mergeInto, type AnyAccumulator } from './aggregates.ts'
import type { FeaturePlan, PaneClass, PlannedFeature } from './feature-plan.ts'
import { Pane } from './pane.ts'

export class KeyWindows {
  readonly #plan: FeaturePlan
  readonly #class: PaneClass
  /** Ascending by number. */
  #panes: Pane[] = []
  #newest = -Infinity
  /** Per feature of the class: sub-key (or '') to the merged accumulator; dropped when the newest pane moves. */
  #merged: (Map<string, AnyAccumulator> | undefined)[] = []

  constructor(plan: FeaturePlan, paneClass: PaneClass) {
    this.#plan = plan
    this.#class = paneClass
  }

  get bytes(): number {
    return this.#panes.reduce((sum, pane) => sum + pane.bytes, 64)
  }

  /** Puts a pane from the store in its place. */
  restore(pane: Pane): void {
    this.#insert(pane)
  }

  /** Adds one event to every given feature of this class that takes it. */
  add(features: readonly PlannedFeature[], body: unknown, timeMs: number): void {
    const pane = this.#paneAt(Math.floor(timeMs / this.#class.paneMs))
    for (const feature of features) this.#addTo(feature, pane, body)
  }

  /**
   * The feature's value for the sub-key at an event of `timeMs` (K1); NaN where it is not known. With `asOf`, a
   * hopping window too is read as it stood at that time, newer panes left out.
   */
  value(feature: PlannedFeature, subKey: string | null, timeMs: number, asOf: boolean): number {
    const pane = Math.floor(timeMs / this.#class.paneMs)
    const atNewest = feature.panes > 1 && (!asOf || pane >= this.#newest)
    const accumulator = atNewest ? this.#mergedOf(feature, subKey) : this.#mergePanes(feature, subKey, pane)
    if (accumulator !== null) return accumulator.value()
    const end = atNewest ? this.#newest : pane
    return this.#overflowed(feature, end) ? NaN : createAccumulator(feature.spec.aggregate).value()
  }

  /** Encodes changed panes and takes them as saved. */
  changes(writer: ByteWriter, write: (pane: number, cell: Buffer) => void): void {
    for (const pane of this.#panes) {
      if (!pane.dirty) continue
      pane.dirty = false
      write(pane.number, pane.encode(this.#class, writer))
    }
  }

  #addTo(feature: PlannedFeature, pane: Pane, body: unknown): void {
    const { spec } = feature
    if (spec.where !== null && spec.where(body) !== 1) return
    const subKey = spec.by === null ? null : spec.by.field(body)
    if (spec.by !== null && subKey === null) return
    const accumulator = pane.open(feature, subKey, this.#plan.maxSubKeys)
    if (accumulator === null) return
    pane.dirty = true
    const live = pane.number > this.#newest - feature.panes
    const window = feature.panes > 1 && live ? this.#openMerged(feature, subKey) : null
    contribute(spec.aggregate, body, accumulator, window)
  }

  #paneAt(number: number): Pane {
    const last = this.#panes.at(-1)
    if (last?.number === number) return last
    const known = this.#panes.find((pane) => pane.number === number)
    if (known !== undefined) return known
    const created = new Pane(number, this.#class.features.length)
    this.#insert(created)
    return created
  }

  #insert(pane: Pane): void {
    this.#panes.push(pane)
    if (pane.number <= this.#newest) {
      this.#panes.sort((a, b) => a.number - b.number)
      this.#merged = []
      return
    }
    this.#newest = pane.number
    this.#merged = []
    const grace = Math.ceil(this.#plan.latenessMs / this.#class.paneMs)
    const oldest = this.#newest - this.#class.maxPanes - grace
    if ((this.#panes[0]?.number ?? Infinity) <= oldest) {
      this.#panes = this.#panes.filter((one) => one.number > oldest)
    }
  }

  /** The merged accumulator to add to: built without the event that is about to be added. */
  #openMerged(feature: PlannedFeature, subKey: string | null): AnyAccumulator {
    const known = this.#mergedOf(feature, subKey)
    if (known !== null) return known
    const created = createAccumulator(feature.spec.aggregate)
    this.#keepMerged(feature, subKey, created)
    return created
  }

  #mergedOf(feature: PlannedFeature, subKey: string | null): AnyAccumulator | null {
    const known = this.#merged[feature.at]?.get(subKey ?? '')
    if (known !== undefined) return known
    const merged = this.#mergePanes(feature, subKey, this.#newest)
    if (merged !== null) this.#keepMerged(feature, subKey, merged)
    return merged
  }

  #keepMerged(feature: PlannedFeature, subKey: string | null, merged: AnyAccumulator): void {
    const ofFeature = (this.#merged[feature.at] ??= new Map())
    ofFeature.set(subKey ?? '', merged)
  }

  /** Merges the panes of the window that ends with `newest`; null where none of them holds anything. */
  #mergePanes(feature: PlannedFeature, subKey: string | null, newest: number): AnyAccumulator | null {
    let merged: AnyAccumulator | null = null
    for (const pane of this.#panes) {
      if (pane.number > newest || pane.number <= newest - feature.panes) continue
      const one = subKey === null ? pane.plain(feature) : pane.subKeys(feature)?.kept.get(subKey)
      if (one === undefined) continue
      merged ??= createAccumulator(feature.spec.aggregate)
      mergeInto(merged, one)
    }
    return merged
  }

  #overflowed(feature: PlannedFeature, newest: number): boolean {
    return this.#panes.some(
      (pane) =>
        pane.number <= newest &&
        pane.number > newest - feature.panes &&
        pane.subKeys(feature)?.overflowed === true,
    )
  }
}
