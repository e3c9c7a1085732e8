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

/** Owns two dense buffers (2 MiB) that every text reuses; not to be shared between threads. */
export class Featuriser {
  readonly #counts = new Int32Array(BUCKETS)
  readonly #touched = new Int32Array(BUCKETS)
  #size = 0
  #wordBefore: number | null = null

  featurise(text: string): Features {
    const folded = text.normalize('NFKC').toLowerCase()
    this.#wordBefore = null
    let start = -1
    for (let at = 0; at <= folded.length; at++) {
      const ends = at === folded.length || CLASSES[folded.charCodeAt(at)] === IS_SPACE
      if (!ends) start = start < 0 ? at : start
      else if (start >= 0) {
        this.#addToken(folded, start, at)
        start = -1
      }
    }
    return this.#take()
  }

  #addToken(text: string, start: number, end: number): void {
    this.#addChars(text, start, end)
    let hash = BASIS
    let inWord = false
    for (let at = start; at <= end; at++) {
      const unit = at < end ? text.charCodeAt(at) : SPACE
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

  #addChars(text: string, start: number, end: number): void {
    for (let first = start - 1; first < end - 1; first++) {
      const last = Math.min(first + LONGEST_GRAM - 1, end)
      let hash = CHAR
      for (let at = first; at <= last; at++) {
        hash = step(hash, at < start || at === end ? SPACE : text.charCodeAt(at))
        if (at >= first + 2) this.#add(fold(hash), 1)
      }
    }
  }

  #addWord(word: number): void {
    this.#add(fold(step(WORD, word)), WORD_TIMES)
    if (this.#wordBefore !== null) this.#add(fold(step(step(PAIR, this.#wordBefore), word)), WORD_TIMES)
    this.#wordBefore = word
  }

  #add(bucket: number, times: number): void {
    const count = this.#counts[bucket] ?? 0
    if (count === 0) this.#touched[this.#size++] = bucket
    this.#counts[bucket] = count + times
  }

  #take(): Features {
    const ids = this.#touched.slice(0, this.#size)
    const vals = new Float32Array(ids.length)
    let squares = 0
    for (let i = 0; i < ids.length; i++) {
      const bucket = ids[i] ?? 0
      const value = 1 + Math.log(this.#counts[bucket] ?? 1)
      this.#counts[bucket] = 0
      vals[i] = value
      squares += value * value
    }
    const norm = Math.sqrt(squares) || 1
    for (let i = 0; i < vals.length; i++) vals[i] = (vals[i] ?? 0) / norm
    this.#size = 0
    return { ids, vals }
  }
}
