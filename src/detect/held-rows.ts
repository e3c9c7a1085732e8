/**
 * The merged rows that a key holds of one group, behind one word of its block: the row itself where the group goes
 * by the whole key, else a table of rows by sub-key.
 */
import { offsetIn, type Arena } from '../windows/arena.ts'
import type { FeatureGroup } from './feature-plan.ts'
import { NO_ROW, type Rows } from './rows.ts'
import type { SubRows } from './sub-rows.ts'

export class HeldRows {
  readonly #arena: Arena
  readonly #rows: Rows
  readonly #subRows: SubRows

  constructor(arena: Arena, rows: Rows, subRows: SubRows) {
    this.#arena = arena
    this.#rows = rows
    this.#subRows = subRows
  }

  isEmpty(at: number): boolean {
    return this.#word(at) === NO_ROW
  }

  /** The held row; `NO_ROW` where none is. */
  row(at: number, subKey: number | null): number {
    return subKey === null ? this.#word(at) : this.#subRows.find(this.#word(at), subKey)
  }

  /** Holds a row where none was held. */
  hold(at: number, subKey: number | null, row: number): void {
    if (subKey === null) this.#arena.words(at)[offsetIn(at)] = row
    else this.#subRows.put(at, subKey, row)
  }

  drop(at: number, group: FeatureGroup): void {
    const held = this.#word(at)
    if (held === NO_ROW) return
    if (group.by !== null) return this.#subRows.free(at, group)
    this.#rows.free(group, held)
    this.#arena.words(at)[offsetIn(at)] = NO_ROW
  }

  #word(at: number): number {
    return this.#arena.words(at)[offsetIn(at)] ?? NO_ROW
  }
}
