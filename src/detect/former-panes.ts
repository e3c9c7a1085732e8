/**
 * Panes that were stored by another set of features, as panes of ours.
 *
 * Q1. Of each feature that both have, the pane holds what it held, sub-key by sub-key; of one that is new, nothing
 *     (`state-layout.ts` says from when on that can be read).
 * Q2. What was stored of features that are gone is given back.
 */
import type { Arena } from '../windows/arena.ts'
import type { CarriedGroup, FormerClass } from './feature-plan.ts'
import { Panes } from './panes.ts'
import { NO_ROW, type Rows } from './rows.ts'
import type { SubRows } from './sub-rows.ts'

export class FormerPanes {
  readonly #former: FormerClass
  readonly #rows: Rows
  readonly #panes: Panes

  constructor(former: FormerClass, arena: Arena, rows: Rows, subRows: SubRows) {
    this.#former = former
    this.#rows = rows
    // As many sub-keys as were stored are read back.
    const plan = { sources: former.sources, maxSubKeys: Infinity }
    this.#panes = new Panes(plan, former.paneClass, arena, rows, subRows)
  }

  /** Index of the class that the panes become ones of. */
  get classIndex(): number {
    return this.#former.into.index
  }

  /** The pane in a stored cell, made with `into`. */
  carry(number: number, cell: Buffer, into: Panes): number {
    const old = this.#panes.decode(number, cell)
    const pane = into.create(number)
    for (const group of this.#former.carried) {
      if (group.from.by === null)
        this.#move(group, this.#panes.row(old, group.from, null), into.row(pane, group.to, null))
      else this.#carrySubKeys(group, old, pane, into)
    }
    this.#panes.free(old)
    return pane
  }

  #carrySubKeys(group: CarriedGroup, old: number, pane: number, into: Panes): void {
    for (const [subKey, from] of this.#panes.subKeys(old, group.from)) {
      const to = into.open(pane, group.to, subKey)
      if (to !== NO_ROW) this.#move(group, from, to)
    }
    if (this.#panes.overflowed(old, group.from)) into.overflow(pane, group.to)
  }

  #move({ features }: CarriedGroup, from: number, to: number): void {
    for (const [ofFormer, ofOurs] of features) this.#rows.move(ofFormer, from, ofOurs, to)
  }
}
