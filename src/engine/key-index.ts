/**
 * The keys of a cache, each with its place: a small number, given anew once its key has left. Text and places lie in
 * a few large arrays, so that a million keys are no objects to the garbage collector and take some 35 bytes each.
 *
 * X1. Nothing that is seen from outside depends on the seed, which is there so that nobody can choose keys that
 *     collide.
 *
 * Source of the removal: D. E. Knuth, "The Art of Computer Programming", volume 3, 6.4, algorithm R.
 */
import { randomInt } from 'node:crypto'
import { unitAt } from '../domain/unit-at.ts'
import { grown } from './grown.ts'

/** Of a key that is not here. */
export const NO_PLACE = -1

const FIRST_CELLS = 64
/** Where the text of a vacant place begins. */
const NOWHERE = 0xffffffff
/** Text that is gone is squeezed out past this much, once it is half of all. */
const LEAST_GONE = 65_536
/** A length that does not fit in the first byte takes the next four. */
const LONG = 0xff
const LONG_HEAD_BYTES = 5

export class KeyIndex {
  readonly #seed: number
  /** Open addressing: place + 1, or 0. A power of two, at most three quarters taken. */
  #cells = new Int32Array(FIRST_CELLS)
  /** By place. */
  #hashes = new Int32Array(FIRST_CELLS)
  #starts = new Uint32Array(FIRST_CELLS)
  /** Of each key: twice its length, and whether its units take two bytes; then its units. */
  #text = new Uint8Array(FIRST_CELLS * 16)
  #textEnd = 0
  #textGone = 0
  readonly #vacant: number[] = []
  #end = 0

  constructor(seed = randomInt(2 ** 31)) {
    this.#seed = seed
  }

  get size(): number {
    return this.#end - this.#vacant.length
  }

  /** What the keys' text takes, that of keys that left included. */
  get textBytes(): number {
    return this.#textEnd
  }

  /** All places lie before it. */
  get end(): number {
    return this.#end
  }

  /** The key's place; `NO_PLACE` where it has none. */
  find(key: string): number {
    const hash = hashOf(key, this.#seed)
    const mask = this.#cells.length - 1
    for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
      const place = (this.#cells[cell] ?? 0) - 1
      if (place < 0) return NO_PLACE
      if (this.#hashes[place] === hash && this.#holds(place, key)) return place
    }
  }

  /** Gives a place to a key that has none. */
  add(key: string): number {
    const place = this.#vacant.pop() ?? this.#end++
    this.#makeRoom()
    const hash = hashOf(key, this.#seed)
    this.#hashes[place] = hash
    this.#starts[place] = this.#textEnd
    this.#append(key)
    this.#settle(place, hash)
    return place
  }

  remove(place: number): void {
    this.#vacate(this.#cellOf(place))
    this.#textGone += this.#bytesOf(place)
    this.#starts[place] = NOWHERE
    this.#vacant.push(place)
    if (this.#textGone > LEAST_GONE && this.#textGone > this.#textEnd / 2) this.#squeeze()
  }

  #holds(place: number, key: string): boolean {
    const text = this.#text
    let at = this.#starts[place] ?? 0
    const head = headAt(text, at)
    const { length } = key
    if (head >>> 1 !== length) return false
    at += headBytes(head)
    const bytes = (head & 1) + 1
    for (let unit = 0; unit < length; unit++, at += bytes) {
      const high = bytes === 1 ? 0 : (text[at + 1] ?? 0) << 8
      if (unitAt(key, unit) !== ((text[at] ?? 0) | high)) return false
    }
    return true
  }

  #append(key: string): void {
    const { length } = key
    const wide = isWide(key)
    const head = length * 2 + (wide ? 1 : 0)
    const bytes = headBytes(head) + length * (wide ? 2 : 1)
    if (this.#textEnd + bytes > this.#text.length) this.#text = grown(this.#text, this.#textEnd + bytes)
    const text = this.#text
    let at = putHead(text, this.#textEnd, head)
    for (let unit = 0; unit < length; unit++) {
      const code = unitAt(key, unit)
      text[at++] = code
      if (wide) text[at++] = code >>> 8
    }
    this.#textEnd = at
  }

  #bytesOf(place: number): number {
    const head = headAt(this.#text, this.#starts[place] ?? 0)
    return headBytes(head) + (head >>> 1) * ((head & 1) + 1)
  }

  #makeRoom(): void {
    if (this.#end > this.#hashes.length) {
      this.#hashes = grown(this.#hashes, this.#end)
      this.#starts = grown(this.#starts, this.#end)
    }
    if (this.size * 4 <= this.#cells.length * 3) return
    const before = this.#cells
    this.#cells = new Int32Array(before.length * 2)
    for (const cell of before) if (cell > 0) this.#settle(cell - 1, this.#hashes[cell - 1] ?? 0)
  }

  #settle(place: number, hash: number): void {
    const mask = this.#cells.length - 1
    let cell = hash & mask
    while (this.#cells[cell] !== 0) cell = (cell + 1) & mask
    this.#cells[cell] = place + 1
  }

  #cellOf(place: number): number {
    const mask = this.#cells.length - 1
    let cell = (this.#hashes[place] ?? 0) & mask
    while (this.#cells[cell] !== place + 1) cell = (cell + 1) & mask
    return cell
  }

  /** What was settled past the cell because of it moves up. */
  #vacate(cell: number): void {
    const mask = this.#cells.length - 1
    let hole = cell
    for (let next = (cell + 1) & mask; ; next = (next + 1) & mask) {
      const taken = this.#cells[next] ?? 0
      if (taken === 0) break
      const home = (this.#hashes[taken - 1] ?? 0) & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      this.#cells[hole] = taken
      hole = next
    }
    this.#cells[hole] = 0
  }

  #squeeze(): void {
    const text = new Uint8Array(this.#textEnd - this.#textGone)
    let end = 0
    for (let place = 0; place < this.#end; place++) {
      const start = this.#starts[place] ?? NOWHERE
      if (start === NOWHERE) continue
      const bytes = this.#bytesOf(place)
      text.set(this.#text.subarray(start, start + bytes), end)
      this.#starts[place] = end
      end += bytes
    }
    this.#text = text
    this.#textEnd = end
    this.#textGone = 0
  }
}

function isWide(key: string): boolean {
  const { length } = key
  for (let unit = 0; unit < length; unit++) if (unitAt(key, unit) > 0xff) return true
  return false
}

function headAt(text: Uint8Array, at: number): number {
  const first = text[at] ?? 0
  if (first !== LONG) return first
  const low = (text[at + 1] ?? 0) | ((text[at + 2] ?? 0) << 8)
  return low | ((text[at + 3] ?? 0) << 16) | ((text[at + 4] ?? 0) << 24)
}

function headBytes(head: number): number {
  return head < LONG ? 1 : LONG_HEAD_BYTES
}

function putHead(text: Uint8Array, at: number, head: number): number {
  if (head < LONG) {
    text[at] = head
    return at + 1
  }
  text[at] = LONG
  for (let byte = 0; byte < 4; byte++) text[at + 1 + byte] = head >>> (byte * 8)
  return at + LONG_HEAD_BYTES
}

/** MurmurHash3's finaliser over a multiply-xor walk (Austin Appleby). */
function hashOf(key: string, seed: number): number {
  const { length } = key
  let hash = seed ^ length
  for (let unit = 0; unit < length; unit++) {
    hash = Math.imul(hash ^ unitAt(key, unit), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
