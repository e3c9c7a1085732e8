/**
 * All PDQ hashes of a set that differ from a query in at most 31 bits: exactly those, without looking at each.
 *
 * I1. Of sixteen words in a ring that differ in at most 31 bits together, some word differs in at most one, and it and
 *     the next word together in at most three: 31 of 256 is less than two a word, and in a ring some start keeps every
 *     stretch below that mean. So it is enough to look at hashes that share a word with the query but for one bit, and
 *     of them only at those whose next word is as near; of random hashes that is about one in three hundred.
 * I2. Immutable. Building gives way to other work (20 ms at most, DESIGN section 5).
 *
 * Source: Jianbin Qin and Chuan Xiao, "Pigeonring: A Principle for Faster Thresholded Similarity Search", VLDB 2018.
 */
import { bitsOf, MOST_DISTANCE, PDQ_WORDS, pdqDistance } from './pdq.ts'

/** Most bits of one word (I1), and of one and the next. */
const MOST_OF_ONE = Math.floor(MOST_DISTANCE / PDQ_WORDS)
const MOST_OF_TWO = Math.floor((2 * MOST_DISTANCE) / PDQ_WORDS)
const WORD_BITS = 16
const BUCKETS = 1 << WORD_BITS
/** Hashes between two breaths: a millisecond or two. */
const SLICE = 16_384

/** The hashes in order of one of their words. */
interface Ring {
  /** By the word's value: where its hashes begin; one more, for the end. */
  readonly starts: Int32Array
  /** Numbers of the hashes. */
  readonly numbers: Int32Array
  /** The word that follows, beside each number: it decides nearly always, and lies where we are looking. */
  readonly followers: Uint16Array
}

export class PdqIndex {
  readonly #hashes: Uint16Array
  readonly #rings: readonly Ring[]

  private constructor(hashes: Uint16Array, rings: readonly Ring[]) {
    this.#hashes = hashes
    this.#rings = rings
  }

  /** Over the hashes of these numbers: hash n lies at words 16 n and on. Both arrays are the index's from then on. */
  static async build(
    hashes: Uint16Array,
    numbers: Int32Array,
    breathe: () => Promise<void>,
  ): Promise<PdqIndex> {
    const rings: Ring[] = []
    for (let word = 0; word < PDQ_WORDS; word++) rings.push(await buildRing(hashes, numbers, word, breathe))
    return new PdqIndex(hashes, rings)
  }

  /** Tells the number and distance of every hash within 31 bits of the query; one may be told more than once. */
  search(query: Uint16Array, found: (number: number, distance: number) => void): void {
    for (const [word, ring] of this.#rings.entries()) {
      const value = query[word] ?? 0
      const follower = query[(word + 1) % PDQ_WORDS] ?? 0
      this.#look(ring, value, follower, MOST_OF_TWO, query, found)
      for (let bit = 0; bit < WORD_BITS; bit++)
        this.#look(ring, value ^ (1 << bit), follower, MOST_OF_TWO - MOST_OF_ONE, query, found)
    }
  }

  #look(
    { starts, numbers, followers }: Ring,
    bucket: number,
    follower: number,
    most: number,
    query: Uint16Array,
    found: (number: number, distance: number) => void,
  ): void {
    const end = starts[bucket + 1] ?? 0
    for (let at = starts[bucket] ?? 0; at < end; at++) {
      if (bitsOf((followers[at] ?? 0) ^ follower) > most) continue
      const number = numbers[at] ?? 0
      const distance = pdqDistance(this.#hashes, number * PDQ_WORDS, query, 0)
      if (distance <= MOST_DISTANCE) found(number, distance)
    }
  }
}

/** Sorted by counting. */
async function buildRing(
  hashes: Uint16Array,
  of: Int32Array,
  word: number,
  breathe: () => Promise<void>,
): Promise<Ring> {
  const starts = new Int32Array(BUCKETS + 1)
  const numbers = new Int32Array(of.length)
  const followers = new Uint16Array(of.length)
  const valueOf = (number: number): number => hashes[number * PDQ_WORDS + word] ?? 0
  for (let at = 0; at < of.length; at++) {
    const next = valueOf(of[at] ?? 0) + 1
    starts[next] = (starts[next] ?? 0) + 1
    if (at % SLICE === SLICE - 1) await breathe()
  }
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0)
  }
  const nextFree = starts.slice()
  for (let at = 0; at < of.length; at++) {
    const number = of[at] ?? 0
    const value = valueOf(number)
    const place = nextFree[value] ?? 0
    nextFree[value] = place + 1
    numbers[place] = number
    followers[place] = hashes[number * PDQ_WORDS + ((word + 1) % PDQ_WORDS)] ?? 0
    if (at % SLICE === SLICE - 1) await breathe()
  }
  return { starts, numbers, followers }
}
