/**
 * How often each of a handful of values came, values being 31-bit hashes, in a block of an arena. Nearly all panes
 * of nearly all keys hold so few values that a map would cost ten times as much.
 *
 * A set is told by one word, its handle: `NONE` while nothing has been added; the hash itself while it holds one
 * value that came once (odd, see `arena.ts` A1); else the address of its block: a pair of values that came once
 * each, or values with their counts. Every change gives the handle from then on.
 *
 * C1. At most `MAX_PACKED` values, each at most `MAX_COUNT` times; `add` refuses more, and whoever asked moves on
 *     to `Counts`.
 */
import { offsetIn, type Arena } from './arena.ts'

export const NONE = 0
export const MAX_PACKED = 16

export const MAX_COUNT = 0x7fff

/** A pair is its two hashes, the first with its sign bit set, which no head has. */
const PAIR_WORDS = 2
const PAIR = 1 << 31
const HASH_MASK = 0x7fffffff
/**
 * Word 0 of another block, its head: values held, room for how many (`ROOM_SHIFT`), and the first value's count in
 * the upper half. Then the hashes, then the other counts, two a word.
 */
const ROOM_SHIFT = 8
const USED_MASK = 0xff
const COUNT_SHIFT = 16
const COUNT_MASK = 0xffff
/** What blocks have room for, so that they fill an even number of words. */
const ROOMS = [2, 5, 9, MAX_PACKED] as const

export class PackedCounts {
  readonly #arena: Arena

  constructor(arena: Arena) {
    this.#arena = arena
  }

  size(handle: number): number {
    if ((handle & 1) === 1) return 1
    if (handle === NONE) return 0
    const head = this.#head(handle)
    return head < 0 ? 2 : head & USED_MASK
  }

  /** How often the value came; 0 where it did not. */
  count(handle: number, hash: number): number {
    if ((handle & 1) === 1) return handle >>> 1 === hash ? 1 : 0
    if (handle === NONE) return 0
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    if (isPair(words, start)) return inPair(words, start, hash) < 0 ? 0 : 1
    const index = find(words, start, hash)
    return index < 0 ? 0 : countOf(words, start, index)
  }

  /**
   * Adds to the value's count; `NONE`, and nothing changed, where it would be one value more than `max`, or come
   * more often than can be counted (C1).
   */
  add(handle: number, hash: number, by: number, max: number): number {
    if (handle === NONE && by === 1 && max > 0) return (hash << 1) | 1
    if ((handle & 1) === 1 || handle === NONE) return this.#addToFirst(handle, hash, by, max)
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    if (isPair(words, start)) return this.#addToPair(handle, hash, by, max)
    const index = find(words, start, hash)
    if (index < 0) return by > MAX_COUNT ? NONE : this.#append(handle, hash, by, max)
    const count = countOf(words, start, index) + by
    if (count > MAX_COUNT) return NONE
    setCount(words, start, index, count)
    return handle
  }

  /** Takes from the value's count; a value with nothing left is forgotten. */
  take(handle: number, hash: number, by: number): number {
    if ((handle & 1) === 1) return handle >>> 1 === hash ? NONE : handle
    if (handle === NONE) return NONE
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    if (isPair(words, start)) return this.#takeFromPair(handle, inPair(words, start, hash))
    const index = find(words, start, hash)
    if (index < 0) return handle
    const count = countOf(words, start, index) - by
    if (count > 0) setCount(words, start, index, count)
    else if (remove(words, start, index) === 0) return this.free(handle)
    return handle
  }

  /** Value number `index`, counted from 0, in no order that means anything. */
  hashAt(handle: number, index: number): number {
    if ((handle & 1) === 1) return handle >>> 1
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    return isPair(words, start) ? pairedAt(words, start, index) : (words[start + 1 + index] ?? 0)
  }

  countAt(handle: number, index: number): number {
    if ((handle & 1) === 1 || this.#head(handle) < 0) return 1
    return countOf(this.#arena.words(handle), offsetIn(handle), index)
  }

  /** The largest count of one value, as a share of all counts; NaN where there is none. */
  topShare(handle: number): number {
    const size = this.size(handle)
    if (size < 2) return size === 0 ? NaN : 1
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    if (isPair(words, start)) return 1 / 2
    let top = 0
    let total = 0
    for (let index = 0; index < size; index++) {
      const count = countOf(words, start, index)
      total += count
      if (count > top) top = count
    }
    return top / total
  }

  free(handle: number): typeof NONE {
    if ((handle & 1) === 1 || handle === NONE) return NONE
    const head = this.#head(handle)
    this.#arena.free(handle, head < 0 ? PAIR_WORDS : blockWords((head >> ROOM_SHIFT) & USED_MASK))
    return NONE
  }

  #head(handle: number): number {
    return this.#arena.words(handle)[offsetIn(handle)] ?? 0
  }

  #addToFirst(handle: number, hash: number, by: number, max: number): number {
    const first = handle >>> 1
    const same = handle !== NONE && first === hash
    const count = same ? by + 1 : by
    if ((handle === NONE || same ? 1 : 2) > max || count > MAX_COUNT) return NONE
    if (handle !== NONE && !same && by === 1) return this.#openPair(first, hash)
    const block = this.#open(ROOMS[0])
    if (handle !== NONE) put(this.#arena.words(block), offsetIn(block), first, same ? count : 1)
    if (!same) put(this.#arena.words(block), offsetIn(block), hash, by)
    return block
  }

  #openPair(first: number, second: number): number {
    const pair = this.#arena.allocate(PAIR_WORDS)
    const words = this.#arena.words(pair)
    words[offsetIn(pair)] = first | PAIR
    words[offsetIn(pair) + 1] = second
    return pair
  }

  /** The pair becomes a block with counts. */
  #addToPair(handle: number, hash: number, by: number, max: number): number {
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    const index = inPair(words, start, hash)
    if ((index < 0 && max < 3) || by + (index < 0 ? 0 : 1) > MAX_COUNT) return NONE
    const block = this.#open(index < 0 ? ROOMS[1] : ROOMS[0])
    const counted = this.#arena.words(block)
    for (let at = 0; at < 2; at++) {
      put(counted, offsetIn(block), pairedAt(words, start, at), at === index ? by + 1 : 1)
    }
    if (index < 0) put(counted, offsetIn(block), hash, by)
    this.#arena.free(handle, PAIR_WORDS)
    return block
  }

  /** The other value stays, alone; both do where the index is that of none. */
  #takeFromPair(handle: number, index: number): number {
    if (index < 0) return handle
    const other = pairedAt(this.#arena.words(handle), offsetIn(handle), 1 - index)
    this.#arena.free(handle, PAIR_WORDS)
    return (other << 1) | 1
  }

  #append(handle: number, hash: number, by: number, max: number): number {
    const words = this.#arena.words(handle)
    const start = offsetIn(handle)
    const used = (words[start] ?? 0) & USED_MASK
    if (used >= max) return NONE
    if (used < roomOf(words, start)) {
      put(words, start, hash, by)
      return handle
    }
    const larger = this.#open(ROOMS.find((room) => room > used) ?? MAX_PACKED)
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

function isPair(words: Int32Array, start: number): boolean {
  return (words[start] ?? 0) < 0
}

function pairedAt(words: Int32Array, start: number, index: number): number {
  return (words[start + index] ?? 0) & HASH_MASK
}

/** Which of the two it is; -1 where it is neither. */
function inPair(words: Int32Array, start: number, hash: number): number {
  if (words[start] === (hash | PAIR)) return 0
  return words[start + 1] === hash ? 1 : -1
}

/** One count lies in the head. */
function blockWords(room: number): number {
  return 1 + room + (room >> 1)
}

function roomOf(words: Int32Array, start: number): number {
  return ((words[start] ?? 0) >> ROOM_SHIFT) & USED_MASK
}

/** Which of the values it is; -1 where it is none. */
function find(words: Int32Array, start: number, hash: number): number {
  const first = start + 1
  const end = first + ((words[start] ?? 0) & USED_MASK)
  for (let at = first; at < end; at++) if (words[at] === hash) return at - first
  return -1
}

/** The word that a value's count is half of: the upper half for even indices, the head's for the first. */
function countWord(words: Int32Array, start: number, index: number): number {
  return index === 0 ? start : start + 1 + roomOf(words, start) + ((index - 1) >> 1)
}

function countOf(words: Int32Array, start: number, index: number): number {
  const word = words[countWord(words, start, index)] ?? 0
  return (index & 1) === 0 ? word >>> COUNT_SHIFT : word & COUNT_MASK
}

function setCount(words: Int32Array, start: number, index: number, count: number): void {
  const at = countWord(words, start, index)
  const word = words[at] ?? 0
  words[at] = (index & 1) === 0 ? (word & COUNT_MASK) | (count << COUNT_SHIFT) : (word & ~COUNT_MASK) | count
}

function put(words: Int32Array, start: number, hash: number, count: number): void {
  const index = (words[start] ?? 0) & USED_MASK
  words[start + 1 + index] = hash
  words[start] = (words[start] ?? 0) + 1
  setCount(words, start, index, count)
}

/** The last value takes the place; gives how many are left. */
function remove(words: Int32Array, start: number, index: number): number {
  const last = ((words[start] ?? 0) & USED_MASK) - 1
  words[start + 1 + index] = words[start + 1 + last] ?? 0
  setCount(words, start, index, countOf(words, start, last))
  words[start] = (words[start] ?? 0) - 1
  return last
}
