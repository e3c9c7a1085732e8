/** What all keys of one task have: their windows, what else is known of them, and who of them takes how much. */
import type { Slot } from '../engine/logic.ts'
import { Arena, offsetIn } from '../windows/arena.ts'
import { hash47 } from '../windows/hash.ts'
import { Facts } from './facts.ts'
import type { FeaturePlan, FeedGroup, PaneClass } from './feature-plan.ts'
import { FormerPanes } from './former-panes.ts'
import { isKept, Keep } from './keep.ts'
import { KeyWindows, type PaneSlots } from './key-windows.ts'
import { LastingWindows } from './lasting-windows.ts'
import { MovingWindows } from './moving-windows.ts'
import { RECENT_WORDS, RecentIds } from './recent-ids.ts'
import { Rows } from './rows.ts'
import { Steps } from './steps.ts'
import { SubRows } from './sub-rows.ts'
import { Waits } from './waits.ts'

/** Words of a key's block after those of its windows and its last event ids. */
/** Bytes that it has taken, the block included. */
const TAKEN = 0
/** Its facts, its moving windows and its features without a window, kept outside the arena. */
const FACTS = 1
const MOVING = 2
const LASTING = 3
const TABLE_WORDS = 4
const NO_KEY = 0

export class KeyTable {
  readonly plan: FeaturePlan
  /** By class index. */
  readonly classes: readonly { readonly windows: KeyWindows; readonly slots: PaneSlots }[]
  /** Panes of other sets of features, by how their slots begin; the newest first. */
  readonly former: ReadonlyMap<string, FormerPanes>
  /** Where a key's words for its last event ids begin in its block. */
  readonly recentAt: number
  readonly recent: RecentIds
  /** Where those for its waits begin. */
  readonly waitsAt: number
  readonly waits: Waits
  /** Of the event that was added last. */
  readonly steps: Steps
  readonly #arena = new Arena()
  readonly #rows = new Rows(this.#arena)
  readonly #facts = new Keep<Facts>()
  readonly #moving = new Keep<MovingWindows>()
  readonly #lasting = new Keep<LastingWindows>()
  /** The last sub-key's name that was hashed: nearly always that of the next question too. */
  #name = ''
  #nameHash = hash47('')
  /** Whom the bytes belong to that are taken from here on. */
  #taker = NO_KEY
  #chargedBytes = 0

  constructor(plan: FeaturePlan) {
    this.plan = plan
    this.recentAt = plan.keyWords
    this.recent = new RecentIds(this.#arena)
    this.waitsAt = this.recentAt + RECENT_WORDS + TABLE_WORDS
    this.waits = new Waits(this.#arena, plan.patient)
    this.steps = new Steps(plan.features.length)
    const subRows = new SubRows(this.#arena, this.#rows)
    this.classes = plan.classes.map((paneClass) => ({
      windows: new KeyWindows(plan, paneClass, this.#arena, this.#rows, subRows, this.steps),
      slots: new SlotsOfClass(paneClass),
    }))
    this.former = new Map(
      plan.former.map((one) => [one.label, new FormerPanes(one, this.#arena, this.#rows, subRows)]),
    )
  }

  /** What all keys take, as far as it is known: what was added to facts and moving windows is weighed by `bytesOf`. */
  get bytes(): number {
    return (
      this.#arena.usedBytes +
      this.#rows.objectBytes +
      this.#facts.bytes +
      this.#moving.bytes +
      this.#lasting.bytes
    )
  }

  /** A key without panes; gives the address of its block. What is taken from here on is its own. */
  open(): number {
    this.charge(NO_KEY)
    const key = this.#arena.allocate(this.#blockWords)
    this.#taker = key
    for (const { windows } of this.classes) windows.begin(key)
    this.recent.begin(key + this.recentAt)
    const { moving } = this.plan
    if (moving !== null) this.#set(key, MOVING, this.#moving.add(new MovingWindows(moving), 0))
    return key
  }

  free(key: number): void {
    this.charge(NO_KEY)
    for (const { windows } of this.classes) windows.clear(key)
    this.recent.free(key + this.recentAt)
    const [facts, moving, lasting] = [this.#get(key, FACTS), this.#get(key, MOVING), this.#get(key, LASTING)]
    if (isKept(facts)) this.#facts.drop(facts)
    if (isKept(moving)) this.#moving.drop(moving)
    if (isKept(lasting)) this.#lasting.drop(lasting)
    this.#arena.free(key, this.#blockWords)
    this.#chargedBytes = this.bytes
  }

  /** What is known of the key beside its windows; null while that is nothing. */
  facts(key: number): Facts | null {
    const handle = this.#get(key, FACTS)
    return isKept(handle) ? this.#facts.get(handle) : null
  }

  factsToChange(key: number): Facts {
    const known = this.facts(key)
    if (known !== null) return known
    const facts = new Facts()
    this.#set(key, FACTS, this.#facts.add(facts, facts.bytes))
    return facts
  }

  /** Its sliding windows and sessions; null where the topology has none. */
  moving(key: number): MovingWindows | null {
    const handle = this.#get(key, MOVING)
    return isKept(handle) ? this.#moving.get(handle) : null
  }

  /** Its features without a window; null while nothing has been added to one. */
  lasting(key: number): LastingWindows | null {
    const handle = this.#get(key, LASTING)
    return isKept(handle) ? this.#lasting.get(handle) : null
  }

  lastingToChange(key: number): LastingWindows {
    const known = this.lasting(key)
    if (known !== null) return known
    const lasting = new LastingWindows(this.plan.lasting)
    this.#set(key, LASTING, this.#lasting.add(lasting, lasting.bytes))
    return lasting
  }

  get #blockWords(): number {
    return this.waitsAt + this.waits.words
  }

  /** Charges what was taken since the last call to whom it was taken for, and goes on for `taker`, a key. */
  charge(taker: number): void {
    if (taker !== NO_KEY && taker === this.#taker) return
    const { bytes } = this
    if (this.#taker !== NO_KEY) {
      const taken = this.#get(this.#taker, TAKEN) + bytes - this.#chargedBytes
      this.#set(this.#taker, TAKEN, taken)
    }
    this.#taker = taker
    this.#chargedBytes = bytes
  }

  /** What the key takes. */
  bytesOf(key: number): number {
    this.charge(key)
    const [facts, moving, lasting] = [this.#get(key, FACTS), this.#get(key, MOVING), this.#get(key, LASTING)]
    if (isKept(facts)) this.#facts.weigh(facts, this.#facts.get(facts).bytes)
    if (isKept(moving)) this.#moving.weigh(moving, this.#moving.get(moving).bytes)
    if (isKept(lasting)) this.#lasting.weigh(lasting, this.#lasting.get(lasting).bytes)
    this.charge(NO_KEY)
    return this.#get(key, TAKEN)
  }

  #get(key: number, word: number): number {
    const at = this.recentAt + RECENT_WORDS + word
    return this.#arena.words(key)[offsetIn(key) + at] ?? 0
  }

  #set(key: number, word: number, value: number): void {
    this.#arena.words(key)[offsetIn(key) + this.recentAt + RECENT_WORDS + word] = value
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
class SlotsOfClass implements PaneSlots {
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
