/** One key's features whose windows do not move in panes: sliding ones, sessions, and what has no window. */
import { parseDuration } from '../domain/duration.ts'
import type { Slot } from '../engine/logic.ts'
import type { Collection } from '../topology/model.ts'
import type { ByteWriter } from '../windows/bytes.ts'
import { LastingWindow } from './lasting-window.ts'
import type { LastingFeature, MovingFeature, MovingPlan } from './moving-plan.ts'
import { SessionWindow } from './session-window.ts'
import { SlidingWindow } from './sliding-window.ts'

/** The sub-key of features that have none. */
const WHOLE_KEY = ''

type Moving =
  | { readonly feature: MovingFeature; readonly window: SlidingWindow | SessionWindow }
  | { readonly feature: LastingFeature; readonly window: LastingWindow }

export class MovingWindows {
  readonly #plan: MovingPlan
  readonly #all: readonly Moving[]

  constructor(plan: MovingPlan) {
    this.#plan = plan
    this.#all = plan.features.map(movingOf)
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

  dropExpired(streamTimeMs: number): void {
    for (const { window } of this.#all) {
      if (!(window instanceof LastingWindow)) window.dropExpired(streamTimeMs)
    }
  }

  changes(writer: ByteWriter, write: (slot: Slot, cell: Buffer | null) => void): void {
    for (const { feature, window } of this.#all) {
      window.changes(writer, (number, expiresAtMs, cell) =>
        write({ name: `${feature.label}:${number}`, expiresAtMs }, cell),
      )
    }
  }

  /** Takes a cell from the store; false where it is none of moving windows, or of an undated feature of earlier. */
  restore(label: string, number: number, cell: Buffer): boolean {
    const [shape = '', length = ''] = label.split('.')
    const own = this.#all.find(({ feature }) => feature.label === label)
    if (own?.window instanceof LastingWindow) own.window.restore(cell)
    else if (own !== undefined) own.window.restore(number, cell)
    else if (shape !== 'sliding' && shape !== 'session') return false
    else this.#noteOther(shape, (number + 1) * (parseDuration(length) ?? 0))
    return true
  }

  /** Of a feature that is no longer there: any of its shape may be the same under another name. */
  #noteOther(shape: string, endMs: number): void {
    for (const { feature, window } of this.#all) {
      if (feature.spec.shape === shape && !(window instanceof LastingWindow)) window.coldUntil(endMs)
    }
  }
}

function movingOf(feature: MovingFeature | LastingFeature): Moving {
  if ('aggregate' in feature) return { feature, window: new LastingWindow(feature) }
  const isSession = feature.spec.shape === 'session'
  return { feature, window: isSession ? new SessionWindow(feature) : new SlidingWindow(feature) }
}

function addTo(moving: Moving, body: unknown, timeMs: number): void {
  const { by, where } = moving.feature.spec
  if (where !== null && where(body) !== 1) return
  const subKey = by === null ? WHOLE_KEY : by.field(body)
  if (subKey === null) return
  if (moving.window instanceof LastingWindow) return moving.window.add(subKey, timeMs, body)
  const { field } = 'aggregate' in moving.feature ? { field: null } : moving.feature
  const value = field === null ? 1 : field(body)
  if (value !== null && !Number.isNaN(value)) moving.window.add(subKey, timeMs, value)
}
