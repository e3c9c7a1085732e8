/** The windows of all keys of one task, and who of them takes how much. */
import type { Slot } from '../engine/logic.ts'
import { Arena } from '../windows/arena.ts'
import { hash47 } from '../windows/hash.ts'
import type { FeaturePlan, FeedGroup, PaneClass } from './feature-plan.ts'
import { KeyWindows } from './key-windows.ts'
import { RECENT_WORDS, RecentIds } from './recent-ids.ts'
import { Rows } from './rows.ts'

/** What takes part of the table's memory. */
export interface Taker {
  grow(bytes: number): void
}

export class KeyTable {
  readonly plan: FeaturePlan
  /** By class index. */
  readonly classes: readonly { readonly windows: KeyWindows; readonly slots: PaneSlots }[]
  /** Where a key's words for its last event ids begin in its block. */
  readonly recentAt: number
  readonly recent: RecentIds
  readonly #arena = new Arena()
  readonly #rows = new Rows(this.#arena)
  /** The last sub-key's name that was hashed: nearly always that of the next question too. */
  #name = ''
  #nameHash = hash47('')
  /** Whom the bytes belong to that are taken from here on. */
  #taker: Taker | null = null
  #chargedBytes = 0

  constructor(plan: FeaturePlan) {
    this.plan = plan
    this.recentAt = plan.keyWords
    this.recent = new RecentIds(this.#arena)
    this.classes = plan.classes.map((paneClass) => ({
      windows: new KeyWindows(plan, paneClass, this.#arena, this.#rows),
      slots: new PaneSlots(paneClass),
    }))
  }

  /** What all keys take, beside their facts. */
  get bytes(): number {
    return this.#arena.usedBytes + this.#rows.objectBytes
  }

  /** A key without panes; gives the address of its block. */
  open(): number {
    const key = this.#arena.allocate(this.#blockWords)
    for (const { windows } of this.classes) windows.begin(key)
    this.recent.begin(key + this.recentAt)
    return key
  }

  free(key: number): void {
    for (const { windows } of this.classes) windows.clear(key)
    this.recent.free(key + this.recentAt)
    this.#arena.free(key, this.#blockWords)
  }

  get #blockWords(): number {
    return this.plan.keyWords + RECENT_WORDS
  }

  /** Charges what was taken since the last call to whom it was taken for, and goes on for `taker`. */
  charge(taker: Taker | null): void {
    if (taker !== null && taker === this.#taker) return
    const { bytes } = this
    this.#taker?.grow(bytes - this.#chargedBytes)
    this.#taker = taker
    this.#chargedBytes = bytes
  }

  /** The sub-key that the event names; undefined where it names none. */
  subKeyOf({ field }: NonNullable<FeedGroup['group']['by']>, body: unknown): number | undefined {
    const name = field(body)
    if (name === null) return undefined
    if (name !== this.#name) {
      this.#name = name
      this.#nameHash = hash47(name)
    }
    return this.#nameHash
  }
}

/** Slots of the class's panes in the store: few are in use at a time, by very many keys. */
class PaneSlots {
  readonly #class: PaneClass
  readonly #known = new Map<number, Slot>()

  constructor(paneClass: PaneClass) {
    this.#class = paneClass
  }

  of(pane: number): Slot {
    const known = this.#known.get(pane)
    if (known !== undefined) return known
    const { label, paneMs, reachMs, maxPanes } = this.#class
    const slot = { name: `${label}:${pane}`, expiresAtMs: (pane + 1) * paneMs + reachMs }
    if (this.#known.size > 2 * maxPanes) this.#known.clear()
    this.#known.set(pane, slot)
    return slot
  }
}
