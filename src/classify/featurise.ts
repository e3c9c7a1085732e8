/**
 * Text to hashed n-grams, the default model's input. Twin of training/featurise.py, whose head states the same rules.
 *
 * F1. NFKC, lower case, then UTF-16 code units.
 * F2. Tokens are runs of units that are no white space. Of ` token ` come all 3-, 4- and 5-grams.
 * F3. Words are runs of word units inside a token. Each word counts, and each pair of neighbours; both count WORD_TIMES
 *     times, because a word says more than one of its pieces.
 * F4. A gram is hashed by FNV-1a (32 bit, one step a unit, the kind first), folded by 16, modulo 2^18.
 * F5. A feature's value is 1 + ln(count); the vector has length 1. Buckets come in order of first sight.
 */
import { unitAt } from '../domain/unit-at.ts'
import { unitsOf } from './units.ts'

export const BUCKETS = 1 << 18
/** Raised with every change of the rules above: a model fits the version that it was trained with. */
export const FEATURISER_VERSION = 2

/** One text's features: `vals[i]` belongs to bucket `ids[i]`. */
export interface Features {
  readonly ids: Int32Array
  readonly vals: Float32Array
}

const BASIS = 0x811c9dc5 | 0
const SPACE = 32
const LONGEST_GRAM = 5
const WORD_TIMES = 3
const CHAR = step(BASIS, 'c'.charCodeAt(0))
const WORD = step(BASIS, 'w'.charCodeAt(0))
const PAIR = step(BASIS, 'b'.charCodeAt(0))
const CLASSES = unitClasses()
const IS_WORD = 1
const IS_SPACE = 2

function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193)
}

function fold(hash: number): number {
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1)
}

/** A table in place of a regular expression per unit. */
function unitClasses(): Uint8Array {
  const classes = new Uint8Array(0x10000)
  for (let unit = 0; unit < classes.length; unit++) classes[unit] = isWordUnit(unit) ? 1 : 0
  for (const unit of [9, 10, 11, 12, 13, 32, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0xfeff]) classes[unit] = 2
  return classes
}

function isWordUnit(unit: number): boolean {
  if (unit < 0x80) return (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 122) || unit === 95
  if (unit < 0xc0 || unit === 0xd7 || unit === 0xf7) return false
  return !((unit >= 0x2000 && unit <= 0x2bff) || (unit >= 0x3000 && unit <= 0x303f))
}

/** Logarithms of counts that most features have. */
const LOGARITHMS = Float64Array.from({ length: 256 }, (_, count) => Math.log(count || 1))
/** From here on NFKC and lower case may be anything. */
const BEYOND_ASCII = 0x80
const LOWER_CASE = Uint8Array.from({ length: BEYOND_ASCII }, (_, unit) =>
  String.fromCharCode(unit).toLowerCase().charCodeAt(0),
)

/** Owns dense buffers (2 MiB) that every text reuses; not to be shared between threads. */
export class Featuriser {
  readonly #counts = new Int32Array(BUCKETS)
  readonly #touched = new Int32Array(BUCKETS)
  /** The text, folded, with a space before and behind. */
  #units = new Uint16Array(1024)
  #size = 0
  #wordBefore = 0
  #isFirstWord = true

  featurise(text: string): Features {
    const length = this.#fold(text)
    const units = this.#units
    this.#isFirstWord = true
    let start = 0
    for (let at = 1; at <= length + 1; at++) {
      const isSpace = CLASSES[units[at] ?? 0] === IS_SPACE
      if (!isSpace && start === 0) start = at
      else if (isSpace && start > 0) {
        this.#addToken(start, at)
        start = 0
      }
    }
    return this.#take()
  }

  /** F1; how many units the folded text has. */
  #fold(text: string): number {
    if (this.#foldAscii(text)) return text.length
    const folded = text.normalize('NFKC').toLowerCase()
    this.#makeRoom(folded.length)
    this.#units.set(unitsOf(folded), 1)
    this.#units[folded.length + 1] = SPACE
    return folded.length
  }

  /** Most texts need neither NFKC nor a string in lower case; false for what is not ASCII. */
  #foldAscii(text: string): boolean {
    const { length } = text
    this.#makeRoom(length)
    const units = this.#units
    for (let at = 0; at < length; at++) {
      const unit = unitAt(text, at)
      if (unit >= BEYOND_ASCII) return false
      units[at + 1] = LOWER_CASE[unit] ?? 0
    }
    units[length + 1] = SPACE
    return true
  }

  #makeRoom(units: number): void {
    if (this.#units.length < units + 2) this.#units = new Uint16Array(2 * units + 2)
    this.#units[0] = SPACE
  }

  #addToken(start: number, end: number): void {
    const units = this.#units
    this.#addChars(start, end)
    let hash = BASIS
    let inWord = false
    for (let at = start; at <= end; at++) {
      const unit = units[at] ?? 0
      if (CLASSES[unit] === IS_WORD) {
        hash = step(hash, unit)
        inWord = true
      } else if (inWord) {
        this.#addWord(hash)
        hash = BASIS
        inWord = false
      }
    }
  }

  /** F2; what stands before and behind a token counts as a space, whatever it is. */
  #addChars(start: number, end: number): void {
    const units = this.#units
    const [before, behind] = [units[start - 1] ?? 0, units[end] ?? 0]
    units[start - 1] = SPACE
    units[end] = SPACE
    const counts = this.#counts
    const touched = this.#touched
    let size = this.#size
    for (let first = start - 1; first < end - 1; first++) {
      let hash = step(step(CHAR, units[first] ?? 0), units[first + 1] ?? 0)
      const last = Math.min(first + LONGEST_GRAM - 1, end)
      for (let at = first + 2; at <= last; at++) {
        hash = step(hash, units[at] ?? 0)
        const bucket = fold(hash)
        const count = counts[bucket] ?? 0
        if (count === 0) touched[size++] = bucket
        counts[bucket] = count + 1
      }
    }
    this.#size = size
    units[start - 1] = before
    units[end] = behind
  }

  #addWord(word: number): void {
    this.#add(fold(step(WORD, word)), WORD_TIMES)
    if (!this.#isFirstWord) this.#add(fold(step(step(PAIR, this.#wordBefore), word)), WORD_TIMES)
    this.#isFirstWord = false
    this.#wordBefore = word
  }

  #add(bucket: number, times: number): void {
    const count = this.#counts[bucket] ?? 0
    if (count === 0) this.#touched[this.#size++] = bucket
    this.#counts[bucket] = count + times
  }

  #take(): Features {
    const counts = this.#counts
    const ids = this.#touched.slice(0, this.#size)
    const vals = new Float32Array(ids.length)
    let squares = 0
    for (let i = 0; i < ids.length; i++) {
      const bucket = ids[i] ?? 0
      const count = counts[bucket] ?? 1
      const value = 1 + (count < LOGARITHMS.length ? (LOGARITHMS[count] ?? 0) : Math.log(count))
      counts[bucket] = 0
      vals[i] = value
      squares += value * value
    }
    const norm = Math.sqrt(squares) || 1
    for (let i = 0; i < vals.length; i++) vals[i] = (vals[i] ?? 0) / norm
    this.#size = 0
    return { ids, vals }
  }
}
