/**
 * The state of a task's keys in memory: a byte-bounded cache over the store (CLOCK; dirty entries pinned).
 *
 * K1. A key that is in the cache is newer than the store or equal to it.
 * K2. Dirty entries are never evicted; they leave only after the commit that holds them.
 * K3. `complete` holds while no key of the store can be missing here: then nothing needs to be loaded.
 *
 * Source of the eviction: F. J. Corbató, "A Paging Experiment with the Multics System", 1968.
 */
import type { StateCodec } from './logic.ts'

export interface CacheEntry<S> {
  readonly key: string
  state: S
  dirty: boolean
  referenced: boolean
  bytes: number
}

export class KeyedCache<S> {
  readonly #entries = new Map<string, CacheEntry<S>>()
  readonly #codec: StateCodec<S>
  readonly #maxBytes: number
  #dirty: CacheEntry<S>[] = []
  #hand: IterableIterator<CacheEntry<S>> | null = null
  #bytes = 0
  #complete: boolean

  constructor(codec: StateCodec<S>, maxBytes: number, storeIsEmpty: boolean) {
    this.#codec = codec
    this.#maxBytes = maxBytes
    this.#complete = storeIsEmpty
  }

  get keys(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get dirtyKeys(): number {
    return this.#dirty.length
  }

  get complete(): boolean {
    return this.#complete
  }

  /** The entry, marked as used; undefined where it must be loaded or created. */
  get(key: string): CacheEntry<S> | undefined {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.referenced = true
    return entry
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Puts a loaded or new state. */
  put(key: string, state: S): CacheEntry<S> {
    const bytes = this.#codec.sizeBytes(state)
    const entry: CacheEntry<S> = { key, state, dirty: false, referenced: true, bytes }
    this.#entries.set(key, entry)
    this.#bytes += bytes
    return entry
  }

  markDirty(entry: CacheEntry<S>): void {
    if (entry.dirty) return
    entry.dirty = true
    this.#dirty.push(entry)
  }

  /** The dirty entries, which become clean: their changes are about to be encoded (K2 holds until commit). */
  takeDirty(): readonly CacheEntry<S>[] {
    const taken = this.#dirty
    this.#dirty = []
    for (const entry of taken) {
      entry.dirty = false
      const bytes = this.#codec.sizeBytes(entry.state)
      this.#bytes += bytes - entry.bytes
      entry.bytes = bytes
    }
    return taken
  }

  /** Evicts until the bound holds again; call it when no commit is in flight (K2). */
  shrink(): void {
    let steps = this.#entries.size * 2
    while (this.#bytes > this.#maxBytes && steps-- > 0) {
      const entry = this.#advance()
      if (entry === undefined) return
      if (entry.dirty) continue
      if (entry.referenced) {
        entry.referenced = false
        continue
      }
      this.#entries.delete(entry.key)
      this.#codec.release(entry.state)
      this.#bytes -= entry.bytes
      this.#complete = false
    }
  }

  #advance(): CacheEntry<S> | undefined {
    for (let turn = 0; turn < 2; turn++) {
      this.#hand ??= this.#entries.values()
      const next = this.#hand.next()
      if (next.done !== true) return next.value
      this.#hand = null
    }
    return undefined
  }
}
