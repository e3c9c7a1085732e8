/** One key's features whose windows do not move in panes: sliding ones and sessions, each by itself. */
import type { Slot } from '../engine/logic.ts'
import type { Collection } from '../topology/model.ts'
import type { ByteWriter } from '../windows/bytes.ts'
import { WHOLE_KEY, type CellPlace, type MovingWindow } from './moving-window.ts'
import type { MovingFeature, MovingPlan } from './moving-plan.ts'

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
      window.changes(writer, (place, expiresAtMs, cell) =>
        write({ name: slotName(feature, place), expiresAtMs }, cell),
      )
    }
  }

  /** Takes a cell from the store, but for one of a feature that is gone; false where it is none of moving windows. */
  restore(label: string, number: number, cell: Buffer): boolean {
    const [shape = ''] = label.split('.')
    if (shape !== 'sliding' && shape !== 'session') return false
    const found = this.#all.find(({ feature }) => isOf(feature, label))
    found?.window.restore({ of: label.slice(found.feature.label.length + 1), number }, cell)
    return true
  }
}

function slotName({ label }: MovingFeature, { of, number }: CellPlace): string {
  return of === '' ? `${label}:${number}` : `${label}.${of}:${number}`
}

function isOf({ label }: MovingFeature, slotLabel: string): boolean {
  return slotLabel === label || slotLabel.startsWith(`${label}.`)
}

function addTo({ feature, window }: Moving, body: unknown, timeMs: number): void {
  const { by, where } = feature.spec
  if (where !== null && where(body) !== 1) return
  const subKey = by === null ? WHOLE_KEY : by.field(body)
  if (subKey !== null) window.add(subKey, timeMs, body)
}
