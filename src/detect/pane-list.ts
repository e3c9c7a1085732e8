/**
 * A key's panes of one class in ascending order: a list through the panes themselves, and in the key's block where
 * it begins and ends. The numbers of its ends lie there too, so that most questions touch no pane.
 */
import { offsetIn, type Arena } from '../windows/arena.ts'
import { NO_PANE, type Panes } from './panes.ts'

/** Words from the class's first in the key's block. */
const OLDEST = 0
const NEWEST = 1
const OLDEST_NUMBER = 2
const NEWEST_NUMBER = 3
/** Where the words begin that are not the list's. */
export const LIST_WORDS = 4

/** Numbers of panes that are never there. Panes are at least a second long, so that all others lie between. */
export const BEFORE_ALL = -(2 ** 31)
export const AFTER_ALL = 2 ** 31 - 1

export class PaneList {
  readonly #arena: Arena
  readonly #panes: Panes
  readonly #keyAt: number

  /** `keyAt`: the class's first word in a key's block. */
  constructor(arena: Arena, panes: Panes, keyAt: number) {
    this.#arena = arena
    this.#panes = panes
    this.#keyAt = keyAt
  }

  /** Makes the words of a new block those of an empty list. */
  begin(key: number): void {
    this.#set(key, OLDEST_NUMBER, AFTER_ALL)
    this.#set(key, NEWEST_NUMBER, BEFORE_ALL)
  }

  /** `NO_PANE` where the list is empty; the next ones are found by `Panes.next`. */
  oldest(key: number): number {
    return this.#get(key, OLDEST)
  }

  newest(key: number): number {
    return this.#get(key, NEWEST)
  }

  /** `AFTER_ALL` where the list is empty. */
  oldestNumber(key: number): number {
    return this.#get(key, OLDEST_NUMBER)
  }

  /** `BEFORE_ALL` where the list is empty. */
  newestNumber(key: number): number {
    return this.#get(key, NEWEST_NUMBER)
  }

  find(key: number, number: number): number {
    if (number === this.newestNumber(key)) return this.newest(key)
    if (number > this.newestNumber(key) || number < this.oldestNumber(key)) return NO_PANE
    let pane = this.oldest(key)
    while (pane !== NO_PANE && this.#panes.number(pane) < number) pane = this.#panes.next(pane)
    return pane !== NO_PANE && this.#panes.number(pane) === number ? pane : NO_PANE
  }

  /** Puts a pane in whose number is not there yet. */
  insert(key: number, pane: number, number: number): void {
    const newest = this.newest(key)
    if (number > this.newestNumber(key)) {
      if (newest !== NO_PANE) this.#panes.setNext(newest, pane)
      this.#set(key, NEWEST, pane)
      this.#set(key, NEWEST_NUMBER, number)
    } else this.#insertOlder(key, pane, number)
    if (number >= this.oldestNumber(key)) return
    this.#set(key, OLDEST, pane)
    this.#set(key, OLDEST_NUMBER, number)
  }

  dropOldest(key: number): void {
    const pane = this.oldest(key)
    const next = this.#panes.next(pane)
    this.#panes.free(pane)
    this.#set(key, OLDEST, next)
    this.#set(key, OLDEST_NUMBER, next === NO_PANE ? AFTER_ALL : this.#panes.number(next))
    if (next !== NO_PANE) return
    this.#set(key, NEWEST, NO_PANE)
    this.#set(key, NEWEST_NUMBER, BEFORE_ALL)
  }

  #insertOlder(key: number, pane: number, number: number): void {
    let before = NO_PANE
    let after = this.oldest(key)
    while (after !== NO_PANE && this.#panes.number(after) < number) {
      before = after
      after = this.#panes.next(after)
    }
    this.#panes.setNext(pane, after)
    if (before !== NO_PANE) this.#panes.setNext(before, pane)
  }

  #get(key: number, word: number): number {
    return this.#arena.words(key)[offsetIn(key) + this.#keyAt + word] ?? 0
  }

  #set(key: number, word: number, value: number): void {
    this.#arena.words(key)[offsetIn(key) + this.#keyAt + word] = value
  }
}
