/**
 * Every key's panes of one pane length, and the merged row of each window over the live ones. A key is told by the
 * address of its block, in which this class has words of its own.
 *
 * K1. A hopping window ends with the key's newest pane or with that of the evaluating event, whichever is later:
 *     it moves on when time does, also while nothing is added to it. A tumbling window (one pane) is that of the
 *     evaluating event, so that a straggler counts in its own.
 * K2. An event costs one addition to its pane and one to the merged row, which is built when it is first read.
 *     When the window moves on, what left it is taken out and what is new is merged, where that can be done;
 *     else the row is dropped and built again. A held row always is the merge of the panes that are there.
 * K3. What is read is a function of the stored panes alone, never of what was read before (P5). A pane is gone
 *     once stream time has passed its reach, here as in the store.
 * K4. Windows that begin before all of their feature has been kept are unknown: cold is not empty.
 * K5. Of the panes past the end of the held rows, only the newest is not in them yet.
 */
import type { EvidencePointer } from '../domain/signal.ts'
import type { Slot } from '../engine/logic.ts'
import { offsetIn, type Arena } from '../windows/arena.ts'
import type { ByteWriter } from '../windows/bytes.ts'
import type { FeatureGroup, FeaturePlan, FeedGroup, PaneClass, PlannedFeature } from './feature-plan.ts'
import type { FormerPanes } from './former-panes.ts'
import { HeldRows } from './held-rows.ts'
import { AFTER_ALL, BEFORE_ALL, LIST_WORDS, PaneList } from './pane-list.ts'
import { NO_PANE, Panes } from './panes.ts'
import { emptyValue, NO_ROW, type Rows } from './rows.ts'
import { stepsOf, type Steps } from './steps.ts'
import type { SubRows } from './sub-rows.ts'

/** Words of the class in a key's block, after those of the list of panes. */
/** The number of the pane that the held rows end with. */
const HELD_END = LIST_WORDS
/** Number of the oldest changed pane. */
const DIRTY_FROM = LIST_WORDS + 1
/** Then one word a group: its held rows. */
const HELD_ROWS = LIST_WORDS + 2

/** Where panes lie in the store. */
export interface PaneSlots {
  of(pane: number): Slot
}

export class KeyWindows {
  readonly #class: PaneClass
  readonly #arena: Arena
  readonly #rows: Rows
  readonly #panes: Panes
  readonly #list: PaneList
  readonly #held: HeldRows
  readonly #steps: Steps

  constructor(
    plan: FeaturePlan,
    paneClass: PaneClass,
    arena: Arena,
    rows: Rows,
    subRows: SubRows,
    steps: Steps,
  ) {
    this.#class = paneClass
    this.#steps = steps
    this.#arena = arena
    this.#rows = rows
    this.#panes = new Panes(plan, paneClass, arena, rows, subRows)
    this.#list = new PaneList(arena, this.#panes, paneClass.keyAt)
    this.#held = new HeldRows(arena, rows, subRows)
  }

  /** Makes the class's words of a new block those of a key without panes. */
  begin(key: number): void {
    this.#list.begin(key)
    this.#set(key, HELD_END, BEFORE_ALL)
    this.#set(key, DIRTY_FROM, AFTER_ALL)
  }

  /** Gives back all that the key's words point at. */
  clear(key: number): void {
    this.#dropHeld(key)
    while (this.#list.oldest(key) !== NO_PANE) this.#list.dropOldest(key)
  }

  /** Puts a pane from the store in its place. */
  restore(key: number, number: number, cell: Buffer): void {
    this.#insert(key, this.#panes.decode(number, cell), number)
  }

  /** The same for a pane that another form holds, unless one of its number is there already. */
  restoreFormer(key: number, former: FormerPanes, number: number, cell: Buffer): void {
    if (this.#list.find(key, number) !== NO_PANE) return
    this.#insert(key, former.carry(number, cell, this.#panes), number)
  }

  /** Lets go of the panes that nothing can read any more (K3). */
  dropExpired(key: number, streamTimeMs: number): void {
    const { paneMs, reachMs } = this.#class
    const newestExpired = Math.floor((streamTimeMs - reachMs) / paneMs) - 1
    while (this.#list.oldestNumber(key) <= newestExpired) {
      this.#takeOut(key, this.#list.oldest(key))
      this.#list.dropOldest(key)
    }
  }

  /** Adds one event to the given features of one group, as far as they take it. */
  add(
    key: number,
    { group, features }: FeedGroup,
    subKey: number | null,
    body: unknown,
    timeMs: number,
    pointer: EvidencePointer | null,
  ): void {
    const number = Math.floor(timeMs / this.#class.paneMs)
    let row = NO_ROW
    let window = NO_ROW
    for (const feature of features) {
      if (feature.spec.where !== null && feature.spec.where(body) !== 1) continue
      if (row === NO_ROW) {
        row = this.#open(key, group, subKey, number)
        if (row === NO_ROW) return
        window = this.#windowToFeed(key, group, subKey, row, number)
      }
      const feeds = window !== NO_ROW && this.#feeds(key, feature, number)
      this.#rows.add(feature, body, row, feeds ? window : NO_ROW)
      this.#steps.take(feature.spec.index, stepsOf(feature, body))
      if (feature.trailAt >= 0 && pointer !== null) this.#rows.leaveTrail(feature, row, pointer)
    }
  }

  /**
   * The feature's value for the sub-key at an event of `timeMs` (K1); NaN where it is not known. With `asOf`, a
   * hopping window too is read as it stood at that time, newer panes left out.
   */
  value(key: number, feature: PlannedFeature, subKey: number | null, timeMs: number, asOf: boolean): number {
    const group = this.#class.groups[feature.groupIndex]
    if (group === undefined) return NaN
    const own = Math.floor(timeMs / this.#class.paneMs)
    const newest = this.#list.newestNumber(key)
    const end = asOf || feature.panes === 1 ? own : Math.max(own, newest)
    if (end + 1 - feature.panes < feature.warmFrom) return NaN
    if (feature.panes === 1) return this.#paneValue(key, group, feature, subKey, own)
    const value = this.#windowValue(key, group, feature, subKey, end)
    // Rows that end before the newest pane would break K5.
    if (end < newest) this.#dropHeld(key)
    return value
  }

  /** How far that value may be from the exact one, in its own unit; 0 where it is exact. Merges the panes for it alone. */
  error(key: number, feature: PlannedFeature, subKey: number | null, timeMs: number, asOf: boolean): number {
    const group = this.#class.groups[feature.groupIndex]
    if (group === undefined || feature.figure !== null) return 0
    const own = Math.floor(timeMs / this.#class.paneMs)
    const end = asOf || feature.panes === 1 ? own : Math.max(own, this.#list.newestNumber(key))
    const merged = this.#rows.create(group)
    const rows = this.#panes.rowsWithin(this.#list.oldest(key), group, subKey, end - feature.panes, end)
    for (const row of rows) this.#rows.mergePart(feature, merged, row)
    const error = this.#rows.error(feature, merged)
    this.#rows.free(group, merged)
    return error
  }

  /** The most, up to a limit, that a hopping window of any sub-key can hold which ends no earlier than the newest pane. */
  most(key: number, feature: PlannedFeature, limit: number): number {
    const group = this.#class.groups[feature.groupIndex]
    const newest = this.#list.newestNumber(key)
    if (group === undefined) return Infinity
    const sum = this.#panes.sumAfter(this.#list.oldest(key), feature, group, newest - feature.panes, limit)
    // A window that is merged says less of values that several panes have; of near ones, more once a pane has left.
    const falls = feature.figure === null && feature.spec.aggregate.kind !== 'nearDistinct'
    const merges = falls && group.by === null && this.#get(key, HELD_END) <= newest
    return sum < limit || !merges ? sum : this.#windowValue(key, group, feature, null, newest)
  }

  /** The records that the feature has counted, newest first, as far as they are kept. */
  trail(key: number, feature: PlannedFeature, subKey: number | null, timeMs: number): EvidencePointer[] {
    const group = this.#class.groups[feature.groupIndex]
    const own = Math.floor(timeMs / this.#class.paneMs)
    if (group === undefined || feature.trailAt < 0) return []
    const rows = this.#panes.rowsWithin(this.#list.oldest(key), group, subKey, own - feature.panes, own)
    return rows.flatMap((row) => this.#rows.trail(feature, row)).reverse()
  }

  /** Encodes changed panes and takes them as saved. */
  changes(
    key: number,
    writer: ByteWriter,
    slots: PaneSlots,
    write: (slot: Slot, cell: Buffer) => void,
  ): void {
    const from = this.#get(key, DIRTY_FROM)
    if (from === AFTER_ALL) return
    this.#set(key, DIRTY_FROM, AFTER_ALL)
    const onlyNewest = from === this.#list.newestNumber(key)
    let pane = onlyNewest ? this.#list.newest(key) : this.#list.oldest(key)
    for (; pane !== NO_PANE; pane = this.#panes.next(pane)) {
      if (!this.#panes.isDirty(pane)) continue
      this.#panes.setDirty(pane, false)
      write(slots.of(this.#panes.number(pane)), this.#panes.encode(pane, writer))
    }
  }

  #get(key: number, word: number): number {
    return this.#arena.words(key)[offsetIn(key) + this.#class.keyAt + word] ?? 0
  }

  #set(key: number, word: number, value: number): void {
    this.#arena.words(key)[offsetIn(key) + this.#class.keyAt + word] = value
  }

  #paneValue(
    key: number,
    group: FeatureGroup,
    feature: PlannedFeature,
    subKey: number | null,
    number: number,
  ): number {
    const pane = this.#list.find(key, number)
    if (pane === NO_PANE) return emptyValue(feature)
    const row = this.#panes.row(pane, group, subKey)
    if (row !== NO_ROW) return this.#rows.value(feature, row)
    return this.#panes.overflowed(pane, group) ? NaN : emptyValue(feature)
  }

  #windowValue(
    key: number,
    group: FeatureGroup,
    feature: PlannedFeature,
    subKey: number | null,
    end: number,
  ): number {
    const row = this.#window(key, group, subKey, end)
    if (row === NO_ROW) return this.#overflowed(key, group, feature, end) ? NaN : emptyValue(feature)
    if (this.#rows.lacksPart(feature, row) && row === this.#heldRow(key, group, subKey)) {
      this.#mergePart(key, feature, group, subKey, row)
    }
    return this.#rows.value(feature, row)
  }

  /** The row to add an event to; `NO_ROW` where there is one sub-key too many. */
  #open(key: number, group: FeatureGroup, subKey: number | null, number: number): number {
    const pane = this.#list.find(key, number) || this.#insert(key, this.#panes.create(number), number)
    this.#panes.setDirty(pane, true)
    if (number < this.#get(key, DIRTY_FROM)) this.#set(key, DIRTY_FROM, number)
    return this.#panes.open(pane, group, subKey)
  }

  /** Whether the held window of the feature reaches the pane. */
  #feeds(key: number, feature: PlannedFeature, number: number): boolean {
    const end = this.#get(key, HELD_END)
    return feature.panes > 1 && number <= end && number > end - feature.panes
  }

  /** The merged row to keep up to date; `NO_ROW` where none is held, or where it is the pane's own. */
  #windowToFeed(
    key: number,
    group: FeatureGroup,
    subKey: number | null,
    row: number,
    number: number,
  ): number {
    if (!group.remembers) return this.#heldRow(key, group, subKey)
    const window = this.#window(key, group, subKey, Math.max(number, this.#list.newestNumber(key)))
    return window === row ? NO_ROW : window
  }

  /** The row of the windows that end with that pane; `NO_ROW` where no live pane has one. */
  #window(key: number, group: FeatureGroup, subKey: number | null, end: number): number {
    if (end !== this.#get(key, HELD_END)) this.#moveTo(key, end)
    return this.#heldRow(key, group, subKey) || this.#merge(key, group, subKey, end)
  }

  #heldRow(key: number, group: FeatureGroup, subKey: number | null): number {
    return this.#held.row(this.#heldAt(key, group), subKey)
  }

  /** The word that tells where the group's held rows are. */
  #heldAt(key: number, group: FeatureGroup): number {
    return key + this.#class.keyAt + HELD_ROWS + group.index
  }

  #dropHeld(key: number): void {
    for (const group of this.#class.groups) this.#held.drop(this.#heldAt(key, group), group)
    this.#set(key, HELD_END, BEFORE_ALL)
  }

  /** Moves the held rows of whole keys on to another last pane; drops those that cannot be moved (K2). */
  #moveTo(key: number, end: number): void {
    const before = this.#get(key, HELD_END)
    this.#set(key, HELD_END, end)
    for (const group of this.#class.groups) {
      const at = this.#heldAt(key, group)
      if (this.#held.isEmpty(at)) continue
      if (group.by !== null || !group.slides || end < before) this.#held.drop(at, group)
      else this.#slide(key, group, this.#held.row(at, null), before, end)
    }
  }

  /** What leaves lies at the beginning of the panes; what enters is the newest alone (K5). */
  #slide(key: number, group: FeatureGroup, window: number, before: number, end: number): void {
    const newest = this.#list.newest(key)
    if (this.#list.newestNumber(key) > before) this.#slidePane(group, window, newest, before, end)
    let pane = this.#list.oldest(key)
    while (pane !== NO_PANE && this.#panes.number(pane) <= end - group.minPanes) {
      if (this.#panes.number(pane) <= before) this.#slidePane(group, window, pane, before, end)
      pane = this.#panes.next(pane)
    }
  }

  #slidePane(group: FeatureGroup, window: number, pane: number, before: number, end: number): void {
    const number = this.#panes.number(pane)
    const row = this.#panes.row(pane, group, null)
    for (const feature of group.features) {
      const was = number <= before && number > before - feature.panes
      const is = number <= end && number > end - feature.panes
      if (was && !is) this.#rows.leave(feature, window, row)
      else if (is && !was) this.#rows.enter(feature, window, row)
    }
  }

  /** Takes a pane that is about to go out of the held rows. */
  #takeOut(key: number, pane: number): void {
    const number = this.#panes.number(pane)
    const end = this.#get(key, HELD_END)
    if (number > end || number <= end - this.#class.maxPanes) return
    for (const group of this.#class.groups) {
      const at = this.#heldAt(key, group)
      if (this.#held.isEmpty(at)) continue
      if (group.by !== null && !this.#panes.hasSubKeys(pane, group)) continue
      if (group.by !== null || !group.slides) this.#held.drop(at, group)
      else this.#leaveAll(key, group, this.#held.row(at, null), pane)
    }
  }

  #leaveAll(key: number, group: FeatureGroup, window: number, pane: number): void {
    const row = this.#panes.row(pane, group, null)
    for (const feature of group.features) {
      if (this.#feeds(key, feature, this.#panes.number(pane))) this.#rows.leave(feature, window, row)
    }
  }

  /** Merges figures; parts follow when they are read. A row that stands alone in the last pane is the window. */
  #merge(key: number, group: FeatureGroup, subKey: number | null, end: number): number {
    const only = this.#onlyRow(key, group, subKey, end)
    if (only !== null) return only
    const merged = this.#rows.create(group)
    for (let pane = this.#list.oldest(key); pane !== NO_PANE; pane = this.#panes.next(pane)) {
      const number = this.#panes.number(pane)
      const row = number > end ? NO_ROW : this.#panes.row(pane, group, subKey)
      if (row === NO_ROW) continue
      for (const feature of group.features) {
        if (number > end - feature.panes) this.#rows.mergeFigure(feature, merged, row)
      }
    }
    this.#held.hold(this.#heldAt(key, group), subKey, merged)
    return merged
  }

  /** `NO_ROW` where no pane of the windows has a row, the row itself where only the last one has; else null. */
  #onlyRow(key: number, group: FeatureGroup, subKey: number | null, end: number): number | null {
    let found = NO_ROW
    for (let pane = this.#list.oldest(key); pane !== NO_PANE; pane = this.#panes.next(pane)) {
      const number = this.#panes.number(pane)
      if (number > end || number <= end - this.#class.maxPanes) continue
      const row = this.#panes.row(pane, group, subKey)
      if (row === NO_ROW) continue
      if (found !== NO_ROW || number !== end) return null
      found = row
    }
    return found
  }

  #mergePart(
    key: number,
    feature: PlannedFeature,
    group: FeatureGroup,
    subKey: number | null,
    window: number,
  ): void {
    const end = this.#get(key, HELD_END)
    const rows = this.#panes.rowsWithin(this.#list.oldest(key), group, subKey, end - feature.panes, end)
    for (const row of rows) this.#rows.mergePart(feature, window, row)
  }

  #overflowed(key: number, group: FeatureGroup, feature: PlannedFeature, end: number): boolean {
    return (
      group.by !== null && this.#panes.anyOverflowed(this.#list.oldest(key), group, end - feature.panes, end)
    )
  }

  #insert(key: number, pane: number, number: number): number {
    const heldEnd = this.#get(key, HELD_END)
    const newest = this.#list.newestNumber(key)
    // Two panes past the held rows would break K5.
    if (newest > heldEnd && number > heldEnd) this.#dropHeld(key)
    this.#list.insert(key, pane, number)
    return pane
  }
}
