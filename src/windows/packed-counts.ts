/**
 * How often each of a handful of values came, values being 31-bit hashes, in a block of an arena. Nearly all panes
 * of nearly all keys hold so few values that a map would cost ten times as much.
 *
 * A set is told by one word, its handle: `NONE` while nothing has been added; the hash itself while it holds one
 * value that came once (odd, see `arena.ts` A1); else the address of its block. Every change gives the handle from
 * then on.
 *
 * C1. At most `MAX_PACKED` values; `add` refuses one more, and whoever asked moves on to `Counts`.
 */
import { offsetIn, type Arena } from './arena.ts'

export const NONE = 0
export const MAX_PACKED = 16

/** Word 0: values held, and room for how many (`ROOM_SHIFT`). Then `hash, count` again and again. */
const HEAD_WORDS = 2
const ROOM_SHIFT = 8
const USED_MASK = 0xff

export class PackedCounts {
  readonly #arena: Arena

  constructor(arena: Arena) {
    this.#arena = arena
  }

  size(handle: number): number {
    if ((handle & 1) === 1) return 1
    if (handle === NONE) return 0
    return (this.#arena.words(handle)[offsetIn(handle)] ?? 0) & USED_MASK
  }

  /** How often the value came; 0 where it did not. */
  count(handle: number, hash: number): number {
    if ((handle & 1) === 1) return handle >>> 1 === hash ? 1 : 0
    if (handle === NONE) return 0
    const words = this.#arena.words(handle)
    const at = find(words, offsetIn(handle), hash)
    return at < 0 ? 0 : (words[at + 1] ?? 0)
  }

  /** Adds to the value's count; `NONE`, and nothing changed, where it would be one value more than `max`. */
  add(handle: number, hash: number, by: number, max: number): number {
    if (handle === NONE && by === 1 && max > 0) return (hash << 1) | 1
    if ((handle & 1) === 1 || handle === NONE) return this.#addToFirst(handle, hash, by, max)
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    const at = find(words, start, hash)
    if (at < 0) return this.#append(handle, hash, by, max)
    words[at + 1] = (words[at + 1] ?? 0) + by
    return handle
  }

  /** Takes from the value's count; a value with nothing left is forgotten. */
  take(handle: number, hash: number, by: number): number {
    if ((handle & 1) === 1) return handle >>> 1 === hash ? NONE : handle
    if (handle === NONE) return NONE
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    const at = find(words, start, hash)
    if (at < 0) return handle
    const count = (words[at + 1] ?? 0) - by
    if (count > 0) words[at + 1] = count
    else if (remove(words, start, at) === 0) return this.free(handle)
    return handle
  }

  /** Value number `index`, counted from 0, in no order that means anything. */
  hashAt(handle: number, index: number): number {
    if ((handle & 1) === 1) return handle >>> 1
    return this.#arena.words(handle)[offsetIn(handle) + HEAD_WORDS + index * 2] ?? 0
  }

  countAt(handle: number, index: number): number {
    if ((handle & 1) === 1) return 1
    return this.#arena.words(handle)[offsetIn(handle) + HEAD_WORDS + index * 2 + 1] ?? 0
  }

  /** The largest count of one value, as a share of all counts; NaN where there is none. */
  topShare(handle: number): number {
    let top = 0
    let total = 0
    for (let index = this.size(handle) - 1; index >= 0; index--) {
      const count = this.countAt(handle, index)
      total += count
      if (count > top) top = count
    }
    return top / total
  }

  free(handle: number): typeof NONE {
    if ((handle & 1) === 1 || handle === NONE) return NONE
    const head = this.#arena.words(handle)[offsetIn(handle)] ?? 0
    this.#arena.free(handle, blockWords(head >> ROOM_SHIFT))
    return NONE
  }

  #addToFirst(handle: number, hash: number, by: number, max: number): number {
    const first = handle >>> 1
    const same = handle !== NONE && first === hash
    if ((handle === NONE || same ? 1 : 2) > max) return NONE
    const block = this.#open(2)
    if (handle !== NONE) put(this.#arena.words(block), offsetIn(block), first, same ? 1 + by : 1)
    if (!same) put(this.#arena.words(block), offsetIn(block), hash, by)
    return block
  }

  #append(handle: number, hash: number, by: number, max: number): number {
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    const head = words[start] ?? 0
    const used = head & USED_MASK
    if (used >= max) return NONE
    const room = head >> ROOM_SHIFT
    if (used < room) {
      put(words, start, hash, by)
      return handle
    }
    const larger = this.#open(Math.min(MAX_PACKED, room * 2))
    for (let at = 0; at < used; at++) {
      put(this.#arena.words(larger), offsetIn(larger), this.hashAt(handle, at), this.countAt(handle, at))
    }
    this.free(handle)
    put(this.#arena.words(larger), offsetIn(larger), hash, by)
    return larger
  }

  #open(room: number): number {
    const block = this.#arena.allocate(blockWords(room))
    this.#arena.words(block)[offsetIn(block)] = room << ROOM_SHIFT
    return block
  }
}

function blockWords(room: number): number {
  return HEAD_WORDS + 2 * room
}

/** Where the value's pair lies; -1 where it does not. */
function find(words: Int32Array, start: number, hash: number): number {
  const first = start + HEAD_WORDS
  const end = first + ((words[start] ?? 0) & USED_MASK) * 2
  for (let at = first; at < end; at += 2) if (words[at] === hash) return at
  return -1
}

function put(words: Int32Array, start: number, hash: number, count: number): void {
  const head = words[start] ?? 0
  const at = start + HEAD_WORDS + (head & USED_MASK) * 2
  words[at] = hash
  words[at + 1] = count
  words[start] = head + 1
}

/** The last pair takes the place; gives how many are left. */
function remove(words: Int32Array, start: number, at: number): number {
  const head = (words[start] ?? 0) - 1
  const last = start + HEAD_WORDS + (head & USED_MASK) * 2
  words[at] = words[last] ?? 0
  words[at + 1] = words[last + 1] ?? 0
  words[start] = head
  return head & USED_MASK
}
