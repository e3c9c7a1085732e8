/** One key's features whose windows do not move in panes: sliding ones and sessions, each by itself. */
import type { Slot } from '../engine/logic.ts'
import type { Collection } from '../topology/model.ts'
import type { ByteWriter } from '../windows/bytes.ts'
import type { MovingWindow } from './moving-window.ts'
import type { MovingFeature, MovingPlan } from './moving-plan.ts'

/** The sub-key of features that have none. */
const WHOLE_KEY = ''

interface Moving {
  readonly feature: MovingFeature
  readonly window: MovingWindow
}

export class MovingWindows {
  readonly #plan: MovingPlan
  readonly #all: readonly Moving[]

  constructor(plan: MovingPlan) {
    this.#plan = plan
    this.#all = plan.features.map((feature) => ({ feature, window: feature.open() }))
  }

  get bytes(): number {
    return this.#all.reduce((sum, { window }) => sum + window.bytes, 0)
  }

  /** Adds one event to the features of its collection, as far as they take it. */
  add(collection: Collection, body: unknown, timeMs: number): void {
    for (const at of this.#plan.byCollection.get(collection) ?? []) {
      const one = this.#all[at]
      if (one !== undefined) addTo(one, body, timeMs)
    }
  }

  /** The feature's value at an event of that time; NaN where it is not known. `subKey` null is the whole key. */
  value(index: number, subKey: string | null, timeMs: number, asOf: boolean): number {
    const one = this.#all[this.#plan.byIndex.get(index) ?? -1]
    return one?.window.value(subKey ?? WHOLE_KEY, timeMs, asOf) ?? NaN
  }

  /** How far that value may be from the exact one, in the unit of what is kept; 0 where it is exact. */
  error(index: number, subKey: string | null, timeMs: number, asOf: boolean): number {
    const one = this.#all[this.#plan.byIndex.get(index) ?? -1]
    return one?.window.error(subKey ?? WHOLE_KEY, timeMs, asOf) ?? 0
  }

  dropExpired(streamTimeMs: number): void {
    for (const { window } of this.#all) window.dropExpired(streamTimeMs)
  }

  changes(writer: ByteWriter, write: (slot: Slot, cell: Buffer | null) => void): void {
    for (const { feature, window } of this.#all) {
      window.changes(writer, ({ number }, expiresAtMs, cell) =>
        write({ name: `${feature.label}:${number}`, expiresAtMs }, cell),
      )
    }
  }

  /** Takes a cell from the store, but for one of a feature that is gone; false where it is none of moving windows. */
  restore(label: string, number: number, cell: Buffer): boolean {
    const [shape = ''] = label.split('.')
    if (shape !== 'sliding' && shape !== 'session') return false
    this.#all.find(({ feature }) => feature.label === label)?.window.restore({ of: '', number }, cell)
    return true
  }
}

function addTo({ feature, window }: Moving, body: unknown, timeMs: number): void {
  const { by, where } = feature.spec
  if (where !== null && where(body) !== 1) return
  const subKey = by === null ? WHOLE_KEY : by.field(body)
  if (subKey !== null) window.add(subKey, timeMs, body)
}
