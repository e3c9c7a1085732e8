/** A map that forgets what was not asked for longest: bounded, because its keys come from whoever sends text. */
export class Recent<V> {
  readonly #entries = new Map<string, V>()
  readonly #capacity: number
  /**
   * Goes on from what was forgotten last: all before it is gone, for what is asked for goes to the end. A new iterator would
   * pass over the places of all that left since the map last moved, tens of thousands each time.
   */
  readonly #longestUnasked = this.#entries.keys()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#capacity) return
    const oldest = this.#longestUnasked.next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }
}
