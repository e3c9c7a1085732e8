/**
 * Rows by sub-key, of one pane or merged over a window: a table in the arena that one word points at, 0 while there
 * is none. Sub-keys are told by 47-bit hashes of their names.
 *
 * T1. At most so many sub-keys as `open` is told; later ones are not kept, and the table says so: their values
 *     are unknown, and unknown never fires (P7).
 */
import { offsetIn, type Arena } from '../windows/arena.ts'
import type { FeatureGroup } from './feature-plan.ts'
import { NO_ROW, type Rows } from './rows.ts'

/** Word 0: rows held; word 1: room for how many, and whether a sub-key was refused. Then the entries. */
const HEAD_WORDS = 2
/** Low and high half of the sub-key, address of the row. */
const ENTRY_WORDS = 3
const OVERFLOWED = 1 << 30
const FIRST_ROOM = 2
const HALF = 2 ** 32

export class SubRows {
  readonly #arena: Arena
  readonly #rows: Rows

  constructor(arena: Arena, rows: Rows) {
    this.#arena = arena
    this.#rows = rows
  }

  size(table: number): number {
    return table === 0 ? 0 : this.#word(table)
  }

  overflowed(table: number): boolean {
    return table !== 0 && (this.#word(table + 1) & OVERFLOWED) !== 0
  }

  find(table: number, subKey: number): number {
    if (table === 0) return NO_ROW
    const words = this.#arena.words(table)
    const first = offsetIn(table) + HEAD_WORDS
    const end = first + (words[offsetIn(table)] ?? 0) * ENTRY_WORDS
    const low = subKey | 0
    const high = Math.floor(subKey / HALF)
    for (let at = first; at < end; at += ENTRY_WORDS) {
      if (words[at] === low && words[at + 1] === high) return words[at + 2] ?? NO_ROW
    }
    return NO_ROW
  }

  /** The row of entry number `index`, counted from 0. */
  rowAt(table: number, index: number): number {
    return this.#word(table + HEAD_WORDS + index * ENTRY_WORDS + 2)
  }

  subKeyAt(table: number, index: number): number {
    const at = table + HEAD_WORDS + index * ENTRY_WORDS
    return this.#word(at + 1) * HALF + (this.#word(at) >>> 0)
  }

  /**
   * The sub-key's row in the table that the word at `pointer` points at, created where it is missing; `NO_ROW`
   * where that would be one more than `max` (T1).
   */
  open(pointer: number, group: FeatureGroup, subKey: number, max: number): number {
    const table = this.#word(pointer)
    const known = this.find(table, subKey)
    if (known !== NO_ROW) return known
    if (this.size(table) >= max) {
      this.setOverflowed(pointer)
      return NO_ROW
    }
    const row = this.#rows.create(group)
    this.put(pointer, subKey, row)
    return row
  }

  /** Puts a row into the table under a sub-key that is not there yet. */
  put(pointer: number, subKey: number, row: number): void {
    const table = this.#withRoom(pointer)
    const words = this.#arena.words(table)
    const start = offsetIn(table)
    const count = words[start] ?? 0
    const at = start + HEAD_WORDS + count * ENTRY_WORDS
    words[at] = subKey | 0
    words[at + 1] = Math.floor(subKey / HALF)
    words[at + 2] = row
    words[start] = count + 1
  }

  setOverflowed(pointer: number): void {
    const known = this.#word(pointer)
    const table = known === 0 ? this.#withRoom(pointer) : known
    this.#set(table + 1, this.#word(table + 1) | OVERFLOWED)
  }

  /** Gives the table and all its rows back; the word points at none from then on. */
  free(pointer: number, group: FeatureGroup): void {
    const table = this.#word(pointer)
    if (table === 0) return
    for (let index = this.size(table) - 1; index >= 0; index--) {
      this.#rows.free(group, this.rowAt(table, index))
    }
    this.#arena.free(table, tableWords(this.#room(table)))
    this.#set(pointer, 0)
  }

  /** The table, with room for one row more. */
  #withRoom(pointer: number): number {
    const table = this.#word(pointer)
    if (table !== 0 && this.size(table) < this.#room(table)) return table
    const room = table === 0 ? FIRST_ROOM : this.#room(table) * 2
    const larger = this.#arena.allocate(tableWords(room))
    const words = this.#arena.words(larger)
    const start = offsetIn(larger)
    words[start + 1] = room | (this.overflowed(table) ? OVERFLOWED : 0)
    if (table !== 0) {
      const from = offsetIn(table)
      const used = this.size(table)
      const entries = this.#arena.words(table).subarray(from + HEAD_WORDS, from + tableWords(used))
      words.set(entries, start + HEAD_WORDS)
      words[start] = used
      this.#arena.free(table, tableWords(this.#room(table)))
    }
    this.#set(pointer, larger)
    return larger
  }

  #room(table: number): number {
    return this.#word(table + 1) & ~OVERFLOWED
  }

  #word(address: number): number {
    return this.#arena.words(address)[offsetIn(address)] ?? 0
  }

  #set(address: number, value: number): void {
    this.#arena.words(address)[offsetIn(address)] = value
  }
}

function tableWords(room: number): number {
  return HEAD_WORDS + room * ENTRY_WORDS
}
