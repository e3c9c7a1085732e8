/**
 * The state of a task's keys in memory: a byte-bounded cache over the store (CLOCK; dirty entries pinned). A key has
 * a place, a small number by which it is known here; what there is to note of it lies in arrays by place.
 *
 * K1. A key that is in the cache is newer than the store or equal to it.
 * K2. Dirty entries are never evicted; they leave only after the commit that holds them.
 * K3. `complete` holds while no key of the store can be missing here: then nothing needs to be loaded.
 *
 * Source of the eviction: F. J. Corbató, "A Paging Experiment with the Multics System", 1968.
 */
import type { StateCodec } from './logic.ts'

/** Of a key that is not here. */
export const NO_PLACE = -1

/** What is noted of a place. */
const DIRTY = 1
const REFERENCED = 2
const FIRST_PLACES = 64

/** One key whose state has changed. */
export interface DirtyKey<S> {
  readonly key: string
  readonly state: S
}

export class KeyedCache<S> {
  readonly #places = new Map<string, number>()
  readonly #states: (S | undefined)[] = []
  #notes = new Uint8Array(FIRST_PLACES)
  /** Bytes of each when they were last asked for. */
  #sizes = new Uint32Array(FIRST_PLACES)
  /** Places whose keys have left. */
  readonly #vacant: number[] = []
  readonly #codec: StateCodec<S>
  readonly #maxBytes: number
  #dirtyKeys: string[] = []
  #hand: IterableIterator<[string, number]> | null = null
  #bytes = 0
  #complete: boolean

  constructor(codec: StateCodec<S>, maxBytes: number, storeIsEmpty: boolean) {
    this.#codec = codec
    this.#maxBytes = maxBytes
    this.#complete = storeIsEmpty
  }

  get keys(): number {
    return this.#places.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get dirtyKeys(): number {
    return this.#dirtyKeys.length
  }

  get complete(): boolean {
    return this.#complete
  }

  /** The key's place, marked as used; `NO_PLACE` where it must be loaded or created. */
  find(key: string): number {
    const place = this.#places.get(key)
    if (place === undefined) return NO_PLACE
    this.#notes[place] = this.#note(place) | REFERENCED
    return place
  }

  has(key: string): boolean {
    return this.#places.has(key)
  }

  state(place: number): S {
    const state = this.#states[place]
    if (state === undefined) throw new RangeError(`nothing is cached at ${place}`)
    return state
  }

  /** Puts a loaded or new state; gives its place. */
  put(key: string, state: S): number {
    const place = this.#vacant.pop() ?? this.#states.length
    if (place >= this.#notes.length) this.#enlarge()
    const bytes = this.#codec.sizeBytes(state)
    this.#places.set(key, place)
    this.#states[place] = state
    this.#notes[place] = REFERENCED
    this.#sizes[place] = bytes
    this.#bytes += bytes
    return place
  }

  /** The state of that key, at that place, has changed. */
  markDirty(place: number, key: string): void {
    if ((this.#note(place) & DIRTY) !== 0) return
    this.#notes[place] = this.#note(place) | DIRTY
    this.#dirtyKeys.push(key)
  }

  /** The dirty keys, which become clean: their changes are about to be encoded (K2 holds until commit). */
  takeDirty(): readonly DirtyKey<S>[] {
    const keys = this.#dirtyKeys
    this.#dirtyKeys = []
    return keys.map((key) => {
      const place = this.#places.get(key) ?? NO_PLACE
      const state = this.state(place)
      this.#notes[place] = this.#note(place) & ~DIRTY
      const bytes = this.#codec.sizeBytes(state)
      this.#bytes += bytes - (this.#sizes[place] ?? 0)
      this.#sizes[place] = bytes
      return { key, state }
    })
  }

  /** Evicts until the bound holds again; call it when no commit is in flight (K2). */
  shrink(): void {
    let steps = this.#places.size * 2
    while (this.#bytes > this.#maxBytes && steps-- > 0) {
      const next = this.#advance()
      if (next === undefined) return
      const [key, place] = next
      const note = this.#note(place)
      if ((note & DIRTY) !== 0) continue
      if ((note & REFERENCED) !== 0) this.#notes[place] = note & ~REFERENCED
      else this.#evict(key, place)
    }
  }

  #evict(key: string, place: number): void {
    this.#codec.release(this.state(place))
    this.#places.delete(key)
    this.#states[place] = undefined
    this.#vacant.push(place)
    this.#bytes -= this.#sizes[place] ?? 0
    this.#complete = false
  }

  #advance(): [string, number] | undefined {
    for (let turn = 0; turn < 2; turn++) {
      this.#hand ??= this.#places.entries()
      const next = this.#hand.next()
      if (next.done !== true) return next.value
      this.#hand = null
    }
    return undefined
  }

  #note(place: number): number {
    return this.#notes[place] ?? 0
  }

  #enlarge(): void {
    const notes = new Uint8Array(this.#notes.length * 2)
    const sizes = new Uint32Array(this.#sizes.length * 2)
    notes.set(this.#notes)
    sizes.set(this.#sizes)
    this.#notes = notes
    this.#sizes = sizes
  }
}
