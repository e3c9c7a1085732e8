/**
 * The panes of one class as blocks of an arena: each a number, a row for the whole key, and a table of rows for
 * each sub-key that features go by (`feature-plan.ts` says where). One cell each in the store.
 */
import { offsetIn, type Arena } from '../windows/arena.ts'
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import type { FeatureGroup, FeaturePlan, PaneClass, PlannedFeature } from './feature-plan.ts'
import { NO_ROW, type Rows } from './rows.ts'
import type { SubRows } from './sub-rows.ts'

/** The address of no pane. */
export const NO_PANE = 0
/** Word 0 of a pane: address of the next newer one, which is even, and whether it has changed. */
const DIRTY = 1

export class Panes {
  readonly #plan: Pick<FeaturePlan, 'sources' | 'maxSubKeys'>
  readonly #class: PaneClass
  readonly #arena: Arena
  readonly #rows: Rows
  readonly #subRows: SubRows

  constructor(
    plan: Pick<FeaturePlan, 'sources' | 'maxSubKeys'>,
    paneClass: PaneClass,
    arena: Arena,
    rows: Rows,
    subRows: SubRows,
  ) {
    this.#plan = plan
    this.#class = paneClass
    this.#arena = arena
    this.#rows = rows
    this.#subRows = subRows
  }

  create(number: number): number {
    const pane = this.#arena.allocate(this.#class.paneWords)
    this.#arena.words(pane)[offsetIn(pane) + 1] = number
    for (const group of this.#class.groups) {
      if (group.by === null) this.#rows.begin(group, pane + group.paneAt)
    }
    return pane
  }

  free(pane: number): void {
    for (const group of this.#class.groups) {
      if (group.by === null) this.#rows.clear(group, pane + group.paneAt)
      else this.#subRows.free(pane + group.paneAt, group)
    }
    this.#arena.free(pane, this.#class.paneWords)
  }

  number(pane: number): number {
    return this.#arena.words(pane)[offsetIn(pane) + 1] ?? 0
  }

  next(pane: number): number {
    return this.#head(pane) & ~DIRTY
  }

  setNext(pane: number, next: number): void {
    this.#arena.words(pane)[offsetIn(pane)] = next | (this.#head(pane) & DIRTY)
  }

  isDirty(pane: number): boolean {
    return (this.#head(pane) & DIRTY) !== 0
  }

  setDirty(pane: number, dirty: boolean): void {
    this.#arena.words(pane)[offsetIn(pane)] = dirty ? this.#head(pane) | DIRTY : this.next(pane)
  }

  /** The row of the whole key (`subKey` null), or of that sub-key; `NO_ROW` where there is none. */
  row(pane: number, group: FeatureGroup, subKey: number | null): number {
    if (subKey === null) return pane + group.paneAt
    return this.#subRows.find(this.#table(pane, group), subKey)
  }

  /** The row to add to, created where it is missing; `NO_ROW` where there are too many sub-keys. */
  open(pane: number, group: FeatureGroup, subKey: number | null): number {
    if (subKey === null) return pane + group.paneAt
    return this.#subRows.open(pane + group.paneAt, group, subKey, this.#plan.maxSubKeys)
  }

  overflowed(pane: number, group: FeatureGroup): boolean {
    return group.by !== null && this.#subRows.overflowed(this.#table(pane, group))
  }

  /** Whether any sub-key of the group has a row here. */
  hasSubKeys(pane: number, group: FeatureGroup): boolean {
    return this.#subRows.size(this.#table(pane, group)) > 0
  }

  /**
   * What the feature is in all rows, added up from that pane on, those after a number alone, until it reaches the limit.
   * Amounts below zero do not count: where they leave a window, it grows.
   */
  sumAfter(
    from: number,
    feature: PlannedFeature,
    group: FeatureGroup,
    number: number,
    limit: number,
  ): number {
    let sum = 0
    for (let pane = from; pane !== NO_PANE && sum < limit; pane = this.next(pane)) {
      if (this.number(pane) <= number) continue
      for (let index = this.#rowCount(pane, group) - 1; index >= 0; index--) {
        sum += Math.max(0, this.#rows.value(feature, this.#rowAt(pane, group, index)))
      }
    }
    return sum
  }

  /** The group's rows of that sub-key from that pane on, of those after a number and up to another, oldest first. */
  rowsWithin(
    from: number,
    group: FeatureGroup,
    subKey: number | null,
    after: number,
    last: number,
  ): readonly number[] {
    const rows: number[] = []
    for (let pane = from; pane !== NO_PANE; pane = this.next(pane)) {
      const number = this.number(pane)
      const row = number > after && number <= last ? this.row(pane, group, subKey) : NO_ROW
      if (row !== NO_ROW) rows.push(row)
    }
    return rows
  }

  /** Whether the group has refused a sub-key in one of these panes. */
  anyOverflowed(from: number, group: FeatureGroup, after: number, last: number): boolean {
    for (let pane = from; pane !== NO_PANE; pane = this.next(pane)) {
      const number = this.number(pane)
      if (number > after && number <= last && this.overflowed(pane, group)) return true
    }
    return false
  }

  /** Marks the group's table as one that has refused a sub-key. */
  overflow(pane: number, group: FeatureGroup): void {
    this.#subRows.setOverflowed(pane + group.paneAt)
  }

  /** The sub-keys of the group that have a row here, with it. */
  *subKeys(pane: number, group: FeatureGroup): Iterable<readonly [subKey: number, row: number]> {
    const table = this.#table(pane, group)
    for (let index = 0; index < this.#subRows.size(table); index++) {
      yield [this.#subRows.subKeyAt(table, index), this.#subRows.rowAt(table, index)]
    }
  }

  encode(pane: number, writer: ByteWriter): Buffer {
    for (const group of this.#class.groups) {
      if (group.by === null) this.#rows.encode(group, pane + group.paneAt, this.#plan.sources, writer)
      else this.#encodeTable(group, this.#table(pane, group), writer)
    }
    return writer.take()
  }

  decode(number: number, cell: Buffer): number {
    const pane = this.create(number)
    const reader = new ByteReader(cell)
    for (const group of this.#class.groups) {
      if (group.by === null) this.#rows.decode(group, pane + group.paneAt, this.#plan.sources, reader)
      else this.#decodeTable(group, pane + group.paneAt, reader)
    }
    return pane
  }

  #encodeTable(group: FeatureGroup, table: number, writer: ByteWriter): void {
    const size = this.#subRows.size(table)
    writer.varint(size * 2 + (this.#subRows.overflowed(table) ? 1 : 0))
    for (let index = 0; index < size; index++) {
      writer.varint(this.#subRows.subKeyAt(table, index))
      this.#rows.encode(group, this.#subRows.rowAt(table, index), this.#plan.sources, writer)
    }
  }

  #decodeTable(group: FeatureGroup, pointer: number, reader: ByteReader): void {
    const head = reader.varint()
    if (head % 2 === 1) this.#subRows.setOverflowed(pointer)
    for (let left = Math.floor(head / 2); left > 0; left--) {
      const subKey = reader.varint()
      const row = this.#rows.create(group)
      this.#rows.decode(group, row, this.#plan.sources, reader)
      this.#subRows.put(pointer, subKey, row)
    }
  }

  /** Of a group by the whole key one. */
  #rowCount(pane: number, group: FeatureGroup): number {
    return group.by === null ? 1 : this.#subRows.size(this.#table(pane, group))
  }

  #rowAt(pane: number, group: FeatureGroup, index: number): number {
    return group.by === null ? pane + group.paneAt : this.#subRows.rowAt(this.#table(pane, group), index)
  }

  #table(pane: number, { paneAt }: FeatureGroup): number {
    return this.#arena.words(pane)[offsetIn(pane) + paneAt] ?? NO_ROW
  }

  #head(pane: number): number {
    return this.#arena.words(pane)[offsetIn(pane)] ?? 0
  }
}
