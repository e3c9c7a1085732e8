/**
 * The state of a task's keys in memory: a byte-bounded cache over the store (CLOCK; dirty entries pinned). A key is
 * known here by its place (`key-index.ts`); what there is to note of it lies in arrays by place.
 *
 * K1. A key that is in the cache is newer than the store or equal to it.
 * K2. Dirty entries are never evicted; they leave only after the commit that holds them.
 * K3. `complete` holds while no key of the store can be missing here: then nothing needs to be loaded.
 *
 * Source of the eviction: F. J. Corbató, "A Paging Experiment with the Multics System", 1968.
 */
import { grown } from './grown.ts'
import { KeyIndex } from './key-index.ts'
import type { StateCodec } from './logic.ts'
import type { Shelf } from './shelf.ts'

/** What is noted of a place; 0 where it is vacant. */
const TAKEN = 1
const DIRTY = 2
const REFERENCED = 4
const FIRST_PLACES = 64

export class KeyedCache<S> {
  readonly #codec: StateCodec<S>
  readonly #maxBytes: number
  readonly #index = new KeyIndex()
  readonly #states: Shelf<S>
  #notes = new Uint8Array(FIRST_PLACES)
  /** Bytes of each when they were last asked for. */
  #sizes = new Uint32Array(FIRST_PLACES)
  /** Places of the dirty keys, and side by side with them the keys. */
  #dirtyPlaces: number[] = []
  #dirtyKeys: string[] = []
  #hand = 0
  #bytes = 0
  #complete: boolean

  constructor(codec: StateCodec<S>, maxBytes: number, storeIsEmpty: boolean) {
    this.#codec = codec
    this.#maxBytes = maxBytes
    this.#states = codec.shelf()
    this.#complete = storeIsEmpty
  }

  get keys(): number {
    return this.#index.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get dirtyKeys(): number {
    return this.#dirtyPlaces.length
  }

  get complete(): boolean {
    return this.#complete
  }

  /** The key's place, marked as used; `NO_PLACE` where it must be loaded or created. */
  find(key: string): number {
    const place = this.#index.find(key)
    if (place >= 0) this.#notes[place] = this.#note(place) | REFERENCED
    return place
  }

  has(key: string): boolean {
    return this.#index.find(key) >= 0
  }

  state(place: number): S {
    return this.#states.at(place)
  }

  /** Puts a loaded or new state; gives its place. */
  put(key: string, state: S): number {
    const place = this.#index.add(key)
    if (place >= this.#notes.length) {
      this.#notes = grown(this.#notes, place + 1)
      this.#sizes = grown(this.#sizes, place + 1)
    }
    const bytes = this.#codec.sizeBytes(state)
    this.#states.put(place, state)
    this.#notes[place] = TAKEN | REFERENCED
    this.#sizes[place] = bytes
    this.#bytes += bytes
    return place
  }

  /** The state of that key, at that place, has changed. */
  markDirty(place: number, key: string): void {
    if ((this.#note(place) & DIRTY) !== 0) return
    this.#notes[place] = this.#note(place) | DIRTY
    this.#dirtyPlaces.push(place)
    this.#dirtyKeys.push(key)
  }

  /** Gives each dirty key, which becomes clean: its changes are about to be encoded (K2 holds until commit). */
  takeDirty(take: (key: string, state: S) => void): void {
    const places = this.#dirtyPlaces
    const keys = this.#dirtyKeys
    this.#dirtyPlaces = []
    this.#dirtyKeys = []
    places.forEach((place, at) => take(keys[at] ?? '', this.#cleaned(place)))
  }

  /** Evicts until the bound holds again; call it when no commit is in flight (K2). */
  shrink(): void {
    for (let steps = this.#index.end * 2; steps > 0 && this.#bytes > this.#maxBytes; steps--) {
      const place = this.#hand
      this.#hand = place + 1 < this.#index.end ? place + 1 : 0
      const note = this.#note(place)
      if (note === 0 || (note & DIRTY) !== 0) continue
      if ((note & REFERENCED) !== 0) this.#notes[place] = note & ~REFERENCED
      else this.#evict(place)
    }
  }

  #cleaned(place: number): S {
    const state = this.#states.at(place)
    this.#notes[place] = this.#note(place) & ~DIRTY
    const bytes = this.#codec.sizeBytes(state)
    this.#bytes += bytes - (this.#sizes[place] ?? 0)
    this.#sizes[place] = bytes
    return state
  }

  #evict(place: number): void {
    this.#codec.release(this.#states.at(place))
    this.#states.clear(place)
    this.#index.remove(place)
    this.#notes[place] = 0
    this.#bytes -= this.#sizes[place] ?? 0
    this.#complete = false
  }

  #note(place: number): number {
    return this.#notes[place] ?? 0
  }
}
