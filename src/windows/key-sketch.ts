/**
 * How often a key came lately, for keys that get no place of their own: counts that may be too high, never too low,
 * in memory that does not depend on the number of keys.
 *
 * S1. Two generations of `windowMs` each: a key is counted over the last one to two windows, then forgotten.
 * S2. 4 rows of 2^18 counters a generation, 2 MiB in all. With n keys in two windows a key that came once is taken
 *     for one that came k times only where k - 1 others fall on each of its four counters: at 100,000 keys a minute
 *     that is less than one in a million for k = 8.
 * S3. Counts stop at 255.
 *
 * Sources: Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch and its applications",
 * 2005; only the smallest counters are raised ("conservative update"): Estan and Varghese, "New directions in traffic
 * measurement and accounting", 2002.
 */
import { hash47, mix32 } from './hash.ts'

const ROWS = 4
const WIDTH = 1 << 18
const MOST = 255

export class KeySketch {
  readonly #windowMs: number
  #current = new Uint8Array(ROWS * WIDTH)
  #previous = new Uint8Array(ROWS * WIDTH)
  #generation = -Infinity

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** Counts one coming of the key and gives how many there were, this one included. Time never goes back. */
  count(key: string, timeMs: number): number {
    this.#age(Math.floor(timeMs / this.#windowMs))
    const hash = hash47(key)
    const places = Array.from({ length: ROWS }, (_, row) => row * WIDTH + place(hash, row))
    const raised = Math.min(MOST, Math.min(...places.map((at) => this.#current[at] ?? 0)) + 1)
    for (const at of places) this.#current[at] = Math.max(this.#current[at] ?? 0, raised)
    const before = Math.min(...places.map((at) => this.#previous[at] ?? 0))
    return Math.min(MOST, raised + before)
  }

  #age(generation: number): void {
    if (generation <= this.#generation) return
    const follows = generation === this.#generation + 1
    const oldest = this.#previous
    this.#previous = this.#current
    this.#current = oldest.fill(0)
    if (!follows) this.#previous.fill(0)
    this.#generation = generation
  }
}

/** Where the key's counter of the row lies; the two halves of the hash are mixed anew for each row. */
function place(hash: number, row: number): number {
  const high = Math.floor(hash / 65_536)
  return mix32((high ^ ((hash & 0xffff) << 15)) + Math.imul(row + 1, 0x9e3779b1)) & (WIDTH - 1)
}
