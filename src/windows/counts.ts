/**
 * How often each value came, values being 31-bit hashes: pairs in one small array while there are few, a map
 * past that. Nearly all panes of nearly all keys hold a handful of values, where a map would cost ten times.
 * Goes through its values in the order in which they came.
 */
const FIRST_PAIRS = 1
const GROWTH = 4
const MAX_PAIRS = 16
const FREE = -1

export class Counts {
  /** `hash, count` again and again, then `FREE`. */
  #pairs: number[] = []
  #used = 0
  #map: Map<number, number> | null = null

  get size(): number {
    return this.#map === null ? this.#used / 2 : this.#map.size
  }

  /** Adds to the value's count and gives what it is now. */
  add(hash: number, by: number): number {
    if (this.#map !== null) return this.#addToMap(this.#map, hash, by)
    const at = this.#find(hash)
    if (at >= 0) return (this.#pairs[at + 1] = (this.#pairs[at + 1] ?? 0) + by)
    this.#append(hash, by)
    return by
  }

  /** Takes from the value's count; a value with nothing left is forgotten, and the order with it. */
  take(hash: number, by: number): void {
    if (this.#map !== null) return takeFromMap(this.#map, hash, by)
    const at = this.#find(hash)
    if (at < 0) return
    const count = (this.#pairs[at + 1] ?? 0) - by
    if (count > 0) this.#pairs[at + 1] = count
    else this.#remove(at)
  }

  has(hash: number): boolean {
    return this.#map === null ? this.#find(hash) >= 0 : this.#map.has(hash)
  }

  forEach(visit: (hash: number, count: number) => void): void {
    if (this.#map !== null) return this.#map.forEach((count, hash) => visit(hash, count))
    for (let at = 0; at < this.#used; at += 2) visit(this.#pairs[at] ?? 0, this.#pairs[at + 1] ?? 0)
  }

  #addToMap(map: Map<number, number>, hash: number, by: number): number {
    const count = (map.get(hash) ?? 0) + by
    map.set(hash, count)
    return count
  }

  #find(hash: number): number {
    for (let at = 0; at < this.#used; at += 2) if (this.#pairs[at] === hash) return at
    return -1
  }

  #append(hash: number, by: number): void {
    if (this.#used === this.#pairs.length && !this.#grow()) {
      this.#map = this.#asMap().set(hash, by)
      this.#pairs = []
      return
    }
    this.#pairs[this.#used] = hash
    this.#pairs[this.#used + 1] = by
    this.#used += 2
  }

  /** The last pair takes the place. */
  #remove(at: number): void {
    this.#used -= 2
    this.#pairs[at] = this.#pairs[this.#used] ?? FREE
    this.#pairs[at + 1] = this.#pairs[this.#used + 1] ?? FREE
  }

  /** Makes room for more pairs; false where a map is due. */
  #grow(): boolean {
    if (this.#used >= MAX_PAIRS * 2) return false
    const larger = new Array<number>(Math.max(FIRST_PAIRS * 2, this.#used * GROWTH)).fill(FREE)
    for (let at = 0; at < this.#used; at++) larger[at] = this.#pairs[at] ?? 0
    this.#pairs = larger
    return true
  }

  #asMap(): Map<number, number> {
    const map = new Map<number, number>()
    for (let at = 0; at < this.#used; at += 2) map.set(this.#pairs[at] ?? 0, this.#pairs[at + 1] ?? 0)
    return map
  }
}

function takeFromMap(map: Map<number, number>, hash: number, by: number): void {
  const count = (map.get(hash) ?? 0) - by
  if (count > 0) map.set(hash, count)
  else map.delete(hash)
}
