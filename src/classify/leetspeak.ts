/**
 * Digits and signs that stand for letters, read as letters again where a word comes of it.
 *
 * L1. A token with letters in it is read as the most frequent English word that it can mean (`1` is i or l); a longer one
 *     that means none is read sign by sign if signs stand inside it.
 * L2. Tokens without a letter (`70`, `4`) are numbers, unless the text is full of the others.
 * L3. As long as it was; linear time.
 */
import { textOf, unitsOf, type Units } from './units.ts'
import { englishWords, nextNode, NO_LETTER, numberOf } from './words.ts'

/** What a sign may stand for, the likeliest first. */
export const SIGNS_FOR: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'il',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'il',
}
const MARK = '!'.charCodeAt(0)
/** Longer runs are digests and keys, not words. */
const LONGEST = 24
const LONG = 4
/** One short word alone is a name more often than a disguise: B2B, C4, H1. */
const LEAST_SHORT_WORDS = 2
/** So many of all tokens: L2. */
const FULL_SHARE = 0.2

const IS_LETTER = 1
const IS_SIGN = 2
/** Digits that are like no letter. */
const IS_OTHER = 4
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit)
  if (SIGNS_FOR[character] !== undefined) return IS_SIGN
  if (/[A-Za-z]/.test(character)) return IS_LETTER
  return /[0-9]/.test(character) ? IS_OTHER : 0
})
/** What an ASCII unit means most often: itself where it is no sign. */
const MEANT_FIRST = Uint16Array.from(
  { length: 128 },
  (_, unit) => SIGNS_FOR[String.fromCharCode(unit)]?.charCodeAt(0) ?? unit,
)
/** What else it may mean; 0 for nothing. No sign means more than two letters. */
const MEANT_SECOND = Uint16Array.from(
  { length: 128 },
  (_, unit) => SIGNS_FOR[String.fromCharCode(unit)]?.[1]?.charCodeAt(0) ?? 0,
)

/** The numbers of these letters. */
const FIRST_LETTERS = MEANT_FIRST.map(numberOf)
const SECOND_LETTERS = MEANT_SECOND.map(numberOf)

function kindOf(unit: number): number {
  return KINDS[unit] ?? 0
}

/** Without one there is nothing to undo. */
export function isLeetSign(unit: number): boolean {
  return kindOf(unit) === IS_SIGN
}

/** The text with its leetspeak undone, or the text itself. */
export function unleet(text: string): string {
  const reader = new TokenReader(unitsOf(text))
  reader.readWords()
  if (!reader.isLeetspeak) return text
  if (reader.isFull) reader.readNumbers()
  return reader.toString()
}

/** A sign as the letter that it stands for most often; all else as it is. */
export function asLetter(unit: number): number {
  return MEANT_FIRST[unit] ?? unit
}

/** A text's tokens (runs of letters, digits and signs that are not too long for a word), read as words in place of what they were. */
class TokenReader {
  readonly #text: Units
  readonly #read: Units
  readonly #words = englishWords()
  /** What the token means as far as it was read, and the least surprising of all that it can mean. */
  readonly #meant = new Uint16Array(LONGEST)
  readonly #best = new Uint16Array(LONGEST)
  #bestCost = Infinity
  #tokenCount = 0
  #wordCount = 0
  #hasLong = false

  constructor(text: Units) {
    this.#text = text
    this.#read = text.slice()
  }

  get isLeetspeak(): boolean {
    return this.#hasLong || this.#wordCount >= LEAST_SHORT_WORDS
  }

  /** L2. */
  get isFull(): boolean {
    return this.#wordCount >= LEAST_SHORT_WORDS && this.#wordCount >= FULL_SHARE * this.#tokenCount
  }

  /** L1, of all tokens with letters and signs: most have no sign, or no letter. */
  readWords(): void {
    this.#forEachToken((start, end, kinds) => {
      this.#tokenCount++
      if ((kinds & IS_LETTER) === 0 || (kinds & IS_SIGN) === 0 || !this.#readWord(start, end)) return
      this.#wordCount++
      if (end - start >= LONG) this.#hasLong = true
    })
  }

  /** L2, of all tokens without a letter. */
  readNumbers(): void {
    this.#forEachToken((start, end, kinds) => {
      if ((kinds & IS_LETTER) === 0) this.#readLikeliest(start, end)
    })
  }

  toString(): string {
    return textOf(this.#read)
  }

  #forEachToken(see: (start: number, end: number, kinds: number) => void): void {
    const text = this.#text
    for (let at = 0; at < text.length; at++) {
      const start = at
      let kinds = 0
      for (; at < text.length; at++) {
        const kind = kindOf(text[at] ?? 0)
        if (kind === 0) break
        kinds |= kind
      }
      if (at > start && at - start <= LONGEST) see(start, at, kinds)
    }
  }

  /** False for what is no leetspeak. */
  #readWord(start: number, end: number): boolean {
    let bare = end
    // Exclamations at the end are exclamations.
    while (bare > start && (this.#text[bare - 1] ?? 0) === MARK) bare--
    if (bare < end && (this.#kindsIn(start, bare) & IS_SIGN) === 0) return false
    if (this.#readLikeliest(start, bare)) return true
    if (bare - start < LONG || !this.#hasSignInside(start, bare)) return false
    for (let at = start; at < bare; at++) this.#read[at] = asLetter(this.#text[at] ?? 0)
    return true
  }

  #kindsIn(start: number, end: number): number {
    let kinds = 0
    for (let at = start; at < end; at++) kinds |= kindOf(this.#text[at] ?? 0)
    return kinds
  }

  /** Signs between two letters, and nothing else between them. */
  #hasSignInside(start: number, end: number): boolean {
    let state = 0
    for (let at = start; at < end; at++) {
      const kind = kindOf(this.#text[at] ?? 0)
      if (kind === IS_LETTER && state === 2) return true
      if (kind === IS_LETTER) state = 1
      else state = kind === IS_SIGN && state > 0 ? 2 : 0
    }
    return false
  }

  /** The least surprising word that the token can mean; false where it can mean none. */
  #readLikeliest(start: number, end: number): boolean {
    this.#bestCost = Infinity
    this.#search(start, end, start, 0)
    if (this.#bestCost === Infinity) return false
    for (let at = start; at < end; at++) this.#read[at] = this.#best[at - start] ?? 0
    return true
  }

  /** All words that begin with what is in `#meant` up to `from`, which the tree knows as `node`; the likeliest letters first. */
  #search(start: number, end: number, from: number, node: number): void {
    const { nodes, costs } = this.#words
    let reached = node
    for (let at = from; at < end; at++) {
      const unit = this.#text[at] ?? 0
      const second = SECOND_LETTERS[unit] ?? NO_LETTER
      if (second !== NO_LETTER) this.#searchBehind(start, end, at, reached)
      const letter = second === NO_LETTER ? (FIRST_LETTERS[unit] ?? NO_LETTER) : second
      const next = (nodes[2 * reached] ?? 0) + letter
      if (nodes[2 * next + 1] !== reached) return
      reached = next
      this.#meant[at - start] = (second === NO_LETTER ? MEANT_FIRST[unit] : MEANT_SECOND[unit]) ?? 0
    }
    const cost = costs[reached] ?? 0
    if (cost === 0 || cost >= this.#bestCost) return
    this.#bestCost = cost
    for (let at = 0; at < end - start; at++) this.#best[at] = this.#meant[at] ?? 0
  }

  /** The words that go on with the likeliest letter at `at`. */
  #searchBehind(start: number, end: number, at: number, node: number): void {
    const first = MEANT_FIRST[this.#text[at] ?? 0] ?? 0
    const next = nextNode(this.#words, node, first)
    if (next === 0) return
    this.#meant[at - start] = first
    this.#search(start, end, at + 1, next)
  }
}
