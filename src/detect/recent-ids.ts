/**
 * The last event ids of a key, by hour of event time, as 47-bit hashes in blocks of an arena: a repeat has the time
 * of its first, and an hour that is over leaves the store as a whole.
 *
 * I1. A repeat is recognised within `RECENT_EVENTS` events of the same key and hour.
 */
import { offsetIn, type Arena } from '../windows/arena.ts'

export const RECENT_EVENTS = 32
export const RECENT_MS = 3_600_000
/** Words in a key's block: address of the newest hour's ids, and the oldest hour. */
export const RECENT_WORDS = 2
const HASH_BYTES = 6
const HALF = 2 ** 32
const NO_HOUR = 2 ** 31 - 1

/** Words of an hour: address of the hour before; hour; ids held, room, changed or not; where the next id goes. */
const OLDER = 0
const HOUR = 1
const STATE = 2
const NEXT = 3
const HEAD_WORDS = 4
const ID_WORDS = 2
const FIRST_ROOM = 4
const ROOM_SHIFT = 8
const COUNT_MASK = 0xff
const DIRTY = 1 << 30

/** When the ids of an hour leave the store: an hour after it, far past every allowed lateness. */
export function recentExpiryMs(hour: number): number {
  return (hour + 2) * RECENT_MS
}

/** `pointer` below is the first of the key's two words. */
export class RecentIds {
  readonly #arena: Arena

  constructor(arena: Arena) {
    this.#arena = arena
  }

  begin(pointer: number): void {
    this.#set(pointer, 1, NO_HOUR)
  }

  /** Notes an event id by its hash, as of `hash47`; false where it is a repeat. */
  note(pointer: number, hash: number, timeMs: number): boolean {
    const hour = Math.floor(timeMs / RECENT_MS)
    const known = this.#find(pointer, hour)
    if (known !== 0 && this.#has(known, hash)) return false
    const block = this.#withRoom(pointer, known, hour)
    this.#put(block, hash)
    this.#set(block, STATE, this.#get(block, STATE) | DIRTY)
    return true
  }

  /** Lets go of hours that have left the store. */
  dropExpired(pointer: number, streamTimeMs: number): void {
    while (recentExpiryMs(this.#get(pointer, 1)) <= streamTimeMs) this.#dropOldest(pointer)
  }

  /** Encodes the hours whose ids changed, oldest id first, and takes them as saved. */
  changes(pointer: number, write: (hour: number, cell: Buffer) => void): void {
    for (let block = this.#get(pointer, 0); block !== 0; block = this.#get(block, OLDER)) {
      const state = this.#get(block, STATE)
      if ((state & DIRTY) === 0) continue
      this.#set(block, STATE, state & ~DIRTY)
      write(this.#get(block, HOUR), this.#encode(block))
    }
  }

  restore(pointer: number, hour: number, cell: Buffer): void {
    let block = 0
    for (let at = 0; at + HASH_BYTES <= cell.length; at += HASH_BYTES) {
      block = this.#withRoom(pointer, block, hour)
      this.#put(block, cell.readUIntLE(at, HASH_BYTES))
    }
  }

  free(pointer: number): void {
    while (this.#get(pointer, 0) !== 0) this.#dropOldest(pointer)
  }

  #find(pointer: number, hour: number): number {
    let block = this.#get(pointer, 0)
    while (block !== 0 && this.#get(block, HOUR) !== hour) block = this.#get(block, OLDER)
    return block
  }

  #has(block: number, hash: number): boolean {
    const words = this.#arena.words(block)
    const first = offsetIn(block) + HEAD_WORDS
    const end = first + (this.#get(block, STATE) & COUNT_MASK) * ID_WORDS
    const low = hash | 0
    const high = Math.floor(hash / HALF)
    for (let at = first; at < end; at += ID_WORDS) {
      if (words[at] === low && words[at + 1] === high) return true
    }
    return false
  }

  #put(block: number, hash: number): void {
    const next = this.#get(block, NEXT)
    const state = this.#get(block, STATE)
    const at = HEAD_WORDS + next * ID_WORDS
    this.#set(block, at, hash | 0)
    this.#set(block, at + 1, Math.floor(hash / HALF))
    this.#set(block, NEXT, (next + 1) % RECENT_EVENTS)
    if ((state & COUNT_MASK) === next) this.#set(block, STATE, state + 1)
  }

  /** The hour's block, with room for one id more or all places there are; 0 for `block` where there is none yet. */
  #withRoom(pointer: number, block: number, hour: number): number {
    if (block === 0) return this.#open(pointer, hour)
    const state = this.#get(block, STATE)
    const room = (state & ~DIRTY) >> ROOM_SHIFT
    if ((state & COUNT_MASK) < room || room === RECENT_EVENTS) return block
    return this.#enlarge(pointer, block, room)
  }

  #open(pointer: number, hour: number): number {
    const block = this.#arena.allocate(hourWords(FIRST_ROOM))
    this.#set(block, HOUR, hour)
    this.#set(block, STATE, FIRST_ROOM << ROOM_SHIFT)
    const before = this.#newerThan(pointer, hour)
    this.#set(block, OLDER, this.#get(before, 0))
    this.#set(before, 0, block)
    this.#set(pointer, 1, Math.min(hour, this.#get(pointer, 1)))
    return block
  }

  #enlarge(pointer: number, block: number, room: number): number {
    const larger = this.#arena.allocate(hourWords(room * 2))
    const from = offsetIn(block)
    const held = this.#arena.words(block).subarray(from, from + hourWords(room))
    this.#arena.words(larger).set(held, offsetIn(larger))
    this.#set(larger, STATE, this.#get(block, STATE) + (room << ROOM_SHIFT))
    this.#set(this.#newerThan(pointer, this.#get(block, HOUR)), 0, larger)
    this.#arena.free(block, hourWords(room))
    return larger
  }

  /** Whose first word points at the first hour that is not newer than this: the key's, or that of a newer hour. */
  #newerThan(pointer: number, hour: number): number {
    let from = pointer
    for (;;) {
      const next = this.#get(from, 0)
      if (next === 0 || this.#get(next, HOUR) <= hour) return from
      from = next
    }
  }

  #dropOldest(pointer: number): void {
    const oldest = this.#get(pointer, 1)
    const before = this.#newerThan(pointer, oldest)
    const block = this.#get(before, 0)
    this.#set(before, 0, 0)
    this.#set(pointer, 1, before === pointer ? NO_HOUR : this.#get(before, HOUR))
    this.#arena.free(block, hourWords((this.#get(block, STATE) & ~DIRTY) >> ROOM_SHIFT))
  }

  #encode(block: number): Buffer {
    const count = this.#get(block, STATE) & COUNT_MASK
    const first = count < RECENT_EVENTS ? 0 : this.#get(block, NEXT)
    const cell = Buffer.allocUnsafe(count * HASH_BYTES)
    let to = 0
    for (let index = 0; index < count; index++) {
      const at = HEAD_WORDS + ((first + index) % RECENT_EVENTS) * ID_WORDS
      const hash = this.#get(block, at + 1) * HALF + (this.#get(block, at) >>> 0)
      to = cell.writeUIntLE(hash, to, HASH_BYTES)
    }
    return cell
  }

  #get(address: number, word: number): number {
    return this.#arena.words(address)[offsetIn(address) + word] ?? 0
  }

  #set(address: number, word: number, value: number): void {
    this.#arena.words(address)[offsetIn(address) + word] = value
  }
}

function hourWords(room: number): number {
  return HEAD_WORDS + room * ID_WORDS
}
