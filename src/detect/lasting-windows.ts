/**
 * One key's features that have no window. All that one collection feeds is one undated cell, for it changes together; a
 * feature takes room only once something has been added to it.
 *
 * L1. A feature that is no longer there leaves the store with the next commit, and one that is new begins with nothing.
 */
import type { Slot } from '../engine/logic.ts'
import type { Collection } from '../topology/model.ts'
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import { LastingWindow, stepsFromNothing, valueOfNothing } from './lasting-window.ts'
import type { LastingFeature, LastingPlan } from './moving-plan.ts'
import type { Steps } from './steps.ts'

/** The sub-key of features that have none. */
const WHOLE_KEY = ''
/** How the slots begin. */
const SLOT = 'lasting.'

export function isLastingSlot(slot: string): boolean {
  return slot.startsWith(SLOT)
}

export class LastingWindows {
  readonly #plan: LastingPlan
  readonly #windows: (LastingWindow | undefined)[] = []
  /** Collections whose cell has to be written. */
  readonly #dirty = new Set<string>()

  constructor(plan: LastingPlan) {
    this.#plan = plan
  }

  get bytes(): number {
    return this.#windows.reduce((sum, window) => sum + (window?.bytes ?? 0), 64)
  }

  /** Adds one event to the features of its collection, as far as they take it. */
  add(collection: Collection, body: unknown, timeMs: number, steps: Steps): void {
    const features = this.#plan.byCollection.get(collection)
    if (features === undefined) return
    for (const feature of features) {
      const { by, where } = feature.spec
      if (where !== null && where(body) !== 1) continue
      const subKey = by === null ? WHOLE_KEY : by.field(body)
      if (subKey === null || !this.#window(feature).add(subKey, timeMs, body)) continue
      this.#dirty.add(collection)
      steps.take(feature.spec.index, 1)
    }
  }

  value(feature: LastingFeature, subKey: string | null, timeMs: number): number {
    const window = this.#windows[feature.place]
    return window === undefined
      ? valueOfNothing(feature.aggregate)
      : window.value(subKey ?? WHOLE_KEY, timeMs)
  }

  /** At least how many steps there are from now until it can be that great, under whatever sub-key. */
  stepsTo(feature: LastingFeature, limit: number): number {
    return (
      this.#windows[feature.place]?.stepsTo(limit, feature.lateDays) ??
      stepsFromNothing(feature.aggregate, limit)
    )
  }

  /** Encodes what has changed and takes it as saved; null for a cell of which nothing is left. */
  changes(writer: ByteWriter, write: (slot: Slot, cell: Buffer | null) => void): void {
    for (const collection of this.#dirty) {
      const kept = (this.#plan.byCollection.get(collection) ?? []).flatMap((feature) => {
        const window = this.#windows[feature.place]
        return window === undefined ? [] : [{ feature, window }]
      })
      const parts = kept.map(({ feature, window }) => {
        window.encode(writer)
        return { label: feature.label, bytes: writer.take() }
      })
      for (const { label, bytes } of parts) {
        writer.word(label)
        writer.varint(bytes.length)
        writer.raw(bytes)
      }
      const slot = { name: `${SLOT}${collection}`, expiresAtMs: null }
      write(slot, parts.length === 0 ? null : writer.take())
    }
    this.#dirty.clear()
  }

  /** Takes a cell from the store, of a slot that is one of these. */
  restore(slot: string, cell: Buffer): void {
    const collection = slot.slice(SLOT.length)
    const reader = new ByteReader(cell)
    while (!reader.done) {
      const label = reader.word()
      const bytes = reader.raw(reader.varint())
      const feature = this.#plan.byCollection.get(collection)?.find((one) => one.label === label)
      if (feature === undefined) this.#dirty.add(collection)
      else this.#window(feature).restore(new ByteReader(Buffer.from(bytes)))
    }
  }

  #window(feature: LastingFeature): LastingWindow {
    return (this.#windows[feature.place] ??= new LastingWindow(feature.aggregate, feature.maxSubKeys))
  }
}
