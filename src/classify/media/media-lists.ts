/**
 * The snapshot of all lists of known media, and what they say of an item.
 *
 * M1. Exact: a perceptual match is found if and only if it is within 31 bits and of good quality; nothing is guessed
 *     where the platform did not compute a hash.
 * M2. Each list speaks for itself: an item known to two lists has two answers, each with the list's clause, and of a
 *     list's entries the surest counts: both cryptographic hashes, one, the nearest perceptual one.
 * M3. An entry holds as soon as it was applied and until it was removed. Entries that came after the index was built are
 *     compared one by one; past `MOST_RECENT` of them the index is built anew, meanwhile both are asked.
 * M4. Two cryptographic hashes of which one contradicts are no match: somebody's list is damaged.
 */
import type { MediaFact } from '../../domain/content.ts'
import { MEDIA_MATCHES, type KnownMedia, type MediaEntry, type MediaMatch } from '../../domain/known-media.ts'
import { SharedNames } from '../../domain/shared-names.ts'
import { bytesOf, HashTable } from './hash-table.ts'
import { LEAST_QUALITY, MOST_DISTANCE, PDQ_WORDS, pdqDistance, readPdq } from './pdq.ts'
import { PdqIndex } from './pdq-index.ts'

const MOST_RECENT = 1_024
const FIRST_ROOM = 1_024
/** Entries between two breaths. */
const SLICE = 16_384

/** What is kept of an entry: cryptographic hashes as bytes; its perceptual hash lies with all others. */
type KeptEntry = Omit<MediaEntry, 'pdq' | 'addedAtMs' | 'addedBy'> & { readonly hasPdq: boolean }

export class MediaLists {
  /** By number; a number whose entry was removed is given again. */
  readonly #entries: (KeptEntry | undefined)[] = []
  readonly #numbers = new Map<string, number>()
  readonly #free: number[] = []
  readonly #bySha256 = new HashTable()
  readonly #byMd5 = new HashTable()
  readonly #breathe: () => Promise<void>
  /** Names of lists and clauses, each once: a million entries share a handful. */
  readonly #names = new SharedNames()
  readonly #query = new Uint16Array(PDQ_WORDS)
  #hashes = new Uint16Array(FIRST_ROOM * PDQ_WORDS)
  #index: PdqIndex | null = null
  /** Numbers whose hashes the index does not know (M3). */
  #recent: number[] = []
  #building: Promise<void> | null = null

  /** `breathe` lets other work have its turn while an index is built. */
  constructor(breathe: () => Promise<void>) {
    this.#breathe = breathe
  }

  get size(): number {
    return this.#numbers.size
  }

  apply(entry: MediaEntry): void {
    this.remove(entry.id)
    const number = this.#free.pop() ?? this.#entries.length
    const kept = this.#kept(entry)
    this.#entries[number] = kept
    this.#numbers.set(entry.id, number)
    if (kept.sha256 !== null) this.#bySha256.add(kept.sha256, number)
    if (kept.md5 !== null) this.#byMd5.add(kept.md5, number)
    if (entry.pdq !== null) this.#addPdq(number, entry.pdq)
  }

  remove(id: string): void {
    const number = this.#numbers.get(id)
    const entry = number === undefined ? undefined : this.#entries[number]
    if (number === undefined || entry === undefined) return
    this.#numbers.delete(id)
    this.#entries[number] = undefined
    this.#free.push(number)
    if (entry.sha256 !== null) this.#bySha256.remove(entry.sha256, number)
    if (entry.md5 !== null) this.#byMd5.remove(entry.md5, number)
  }

  /** Resolves when nothing is left that the index does not know. Worth waiting for after many entries came at once. */
  async settled(): Promise<void> {
    while (this.#building !== null || this.#recent.length > MOST_RECENT) {
      this.#building ??= this.#build()
      await this.#building
    }
  }

  /** What each list says of the item, at that time (M2). */
  matches(fact: MediaFact, nowMs: number): readonly KnownMedia[] {
    const best = new Map<string, KnownMedia>()
    const consider = (number: number, match: MediaMatch, distance: number | null): void => {
      const entry = this.#entries[number]
      if (entry === undefined || (entry.expiresAtMs !== null && entry.expiresAtMs <= nowMs)) return
      const name = `${entry.list}/${entry.clause}`
      const known = knownAs(entry, match, distance)
      const other = best.get(name)
      if (other === undefined || isSurer(known, other)) best.set(name, known)
    }
    this.#cryptographic(fact, consider)
    this.#perceptual(fact, consider)
    return [...best.values()]
  }

  #cryptographic(
    fact: MediaFact,
    consider: (number: number, match: MediaMatch, distance: null) => void,
  ): void {
    const hashes = { sha256: bytesOf(fact.sha256), md5: bytesOf(fact.md5) }
    const numbers = [
      ...(hashes.sha256 === null ? [] : this.#bySha256.of(hashes.sha256)),
      ...(hashes.md5 === null ? [] : this.#byMd5.of(hashes.md5)),
    ]
    for (const number of numbers) {
      const entry = this.#entries[number]
      const match = entry === undefined ? null : cryptographicMatch(entry, hashes)
      if (match !== null) consider(number, match, null)
    }
  }

  #perceptual(
    fact: MediaFact,
    consider: (number: number, match: MediaMatch, distance: number) => void,
  ): void {
    if (fact.pdq === null || (fact.pdqQuality ?? 0) < LEAST_QUALITY) return
    readPdq(fact.pdq, this.#query, 0)
    const near = (number: number): void => {
      if (this.#entries[number]?.hasPdq !== true) return
      // A number that was given again has another hash by now than the index knew.
      const distance = pdqDistance(this.#hashes, number * PDQ_WORDS, this.#query, 0)
      if (distance <= MOST_DISTANCE) consider(number, 'perceptual', distance)
    }
    this.#index?.search(this.#query, near)
    for (const number of this.#recent) near(number)
  }

  #addPdq(number: number, pdq: string): void {
    if ((number + 1) * PDQ_WORDS > this.#hashes.length) {
      const larger = new Uint16Array(this.#hashes.length * 2)
      larger.set(this.#hashes)
      this.#hashes = larger
    }
    readPdq(pdq, this.#hashes, number * PDQ_WORDS)
    this.#recent.push(number)
  }

  async #build(): Promise<void> {
    const known = this.#recent.length
    const hashes = this.#hashes.slice()
    const numbers = await this.#numbersToIndex()
    this.#index = await PdqIndex.build(hashes, numbers, this.#breathe)
    this.#recent = this.#recent.slice(known)
    this.#building = null
  }

  /** What is given again meanwhile is among the recent ones too, and is told apart by its hash when it is found. */
  async #numbersToIndex(): Promise<Int32Array> {
    const numbers = new Int32Array(this.#hashes.length / PDQ_WORDS)
    let used = 0
    for (let number = 0; number < this.#entries.length && number < numbers.length; number++) {
      if (this.#entries[number]?.hasPdq === true) numbers[used++] = number
      if (number % SLICE === SLICE - 1) await this.#breathe()
    }
    return numbers.subarray(0, used)
  }

  #kept({ pdq, list, clause, ...entry }: MediaEntry): KeptEntry {
    const { id, vetted, quarantined, expiresAtMs } = entry
    return {
      id,
      list: this.#names.once(list),
      clause: this.#names.once(clause),
      vetted,
      quarantined,
      sha256: bytesOf(entry.sha256),
      md5: bytesOf(entry.md5),
      expiresAtMs,
      hasPdq: pdq !== null,
    }
  }
}

type Hashes = Pick<KeptEntry, 'sha256' | 'md5'>

function cryptographicMatch(entry: Hashes, hashes: Hashes): MediaMatch | null {
  const sha256 = agreement(entry.sha256, hashes.sha256)
  const md5 = agreement(entry.md5, hashes.md5)
  if (sha256 === false || md5 === false) return null
  return sha256 === true && md5 === true ? 'exact' : 'oneHash'
}

/** Null where either is not known. */
function agreement(one: string | null, other: string | null): boolean | null {
  return one === null || other === null ? null : one === other
}

function knownAs(entry: KeptEntry, match: MediaMatch, distance: number | null): KnownMedia {
  const { list, id, clause, vetted, quarantined } = entry
  return { match, list, entryId: id, clause, vetted, quarantined, distance }
}

/** Of equally sure ones that which is enforced, then that with the smaller id, so that order decides nothing. */
function isSurer(one: KnownMedia, other: KnownMedia): boolean {
  const byMatch = MEDIA_MATCHES.indexOf(one.match) - MEDIA_MATCHES.indexOf(other.match)
  if (byMatch !== 0) return byMatch < 0
  const byDistance = (one.distance ?? 0) - (other.distance ?? 0)
  if (byDistance !== 0) return byDistance < 0
  if (one.quarantined !== other.quarantined) return other.quarantined
  return one.entryId < other.entryId
}
