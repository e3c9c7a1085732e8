/**
 * Digits and signs that stand for letters, read as letters again where a word comes of it.
 *
 * L1. A token with letters in it is read as the most frequent English word that it can mean (`1` is i or l); a longer one
 *     that means none is read sign by sign if signs stand inside it.
 * L2. Tokens without a letter (`70`, `4`) are numbers, unless the text is full of the others.
 * L3. As long as it was; linear time.
 */
import { tableOfAscii, textOf, unitsOf, type Units } from './units.ts'
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
const KINDS = tableOfAscii((unit) => {
  const character = String.fromCharCode(unit)
  if (SIGNS_FOR[character] !== undefined) return IS_SIGN
  if (/[A-Za-z]/.test(character)) return IS_LETTER
  return /[0-9]/.test(character) ? IS_OTHER : 0
})
/** What was read of a token: nothing that counts, a letter, signs behind one, and a letter behind these. A row of AFTER each. */
const NOTHING = 0
const LETTER = 8
const LETTER_AND_SIGNS = 16
const SIGN_INSIDE = 24
/** The row behind a row and a kind: no branch a unit, for who writes the token chooses each. */
const AFTER = new Uint8Array(32)
AFTER[LETTER + IS_SIGN] = AFTER[LETTER_AND_SIGNS + IS_SIGN] = LETTER_AND_SIGNS
AFTER[NOTHING + IS_LETTER] = AFTER[LETTER + IS_LETTER] = LETTER
AFTER[LETTER_AND_SIGNS + IS_LETTER] = SIGN_INSIDE
AFTER.fill(SIGN_INSIDE, SIGN_INSIDE)

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

/** The text with its leetspeak undone, or the text itself; `units`: those of `text`. */
export function unleet(text: string, units = unitsOf(text)): string {
  const reader = new TokenReader(units)
  reader.readWords()
  if (!reader.isLeetspeak) return text
  if (reader.isFull(tokensIn(units))) reader.readNumbers()
  return reader.toString()
}

/**
 * How many runs of letters, digits and signs are not too long for a word. Without a branch: where runs end is the sender's to
 * choose.
 */
function tokensIn(text: Units): number {
  let tokens = 0
  let run = 0
  for (let at = 0; at < text.length; at++) {
    const ended = (kindOf(text[at] ?? 0) - 1) >>> 31
    tokens += ended & isToken(run)
    run = (run + 1) & (ended - 1)
  }
  return tokens + isToken(run)
}

/** 1 for the length of a token, 0 for none and for what is too long. */
function isToken(length: number): number {
  return ((length - LONGEST - 1) >>> 31) & ~((length - 1) >>> 31)
}

/** A sign as the letter that it stands for most often; all else as it is. */
export function asLetter(unit: number): number {
  return MEANT_FIRST[unit] ?? unit
}

/** A text's tokens (runs of letters, digits and signs that are not too long for a word) with signs, read as words in place of what they were. */
class TokenReader {
  readonly #text: Units
  /** Of the text until something is read in it. */
  #read: Units
  readonly #words = englishWords()
  /** What the token means as far as it was read, and the least surprising of all that it can mean. */
  readonly #meant = new Uint16Array(LONGEST)
  readonly #best = new Uint16Array(LONGEST)
  #bestCost = Infinity
  /** Of the token that is looked at. */
  #start = 0
  #end = 0
  #kinds = 0
  #wordCount = 0
  #hasLong = false

  constructor(text: Units) {
    this.#text = text
    this.#read = text
  }

  get isLeetspeak(): boolean {
    return this.#hasLong || this.#wordCount >= LEAST_SHORT_WORDS
  }

  /** L2. */
  isFull(tokens: number): boolean {
    return this.#wordCount >= LEAST_SHORT_WORDS && this.#wordCount >= FULL_SHARE * tokens
  }

  /** L1, of all tokens with letters and signs: most have no sign, or no letter. */
  readWords(): void {
    for (let at = this.#nextToken(0); at <= this.#text.length; at = this.#nextToken(at)) {
      if ((this.#kinds & IS_LETTER) === 0 || !this.#readWord(this.#start, this.#end)) continue
      this.#wordCount++
      if (this.#end - this.#start >= LONG) this.#hasLong = true
    }
  }

  /** L2, of all tokens without a letter. */
  readNumbers(): void {
    for (let at = this.#nextToken(0); at <= this.#text.length; at = this.#nextToken(at))
      if ((this.#kinds & IS_LETTER) === 0) this.#readLikeliest(this.#start, this.#end)
  }

  toString(): string {
    return textOf(this.#read)
  }

  /**
   * The next token with a sign that begins at `from` or behind it (what has none means itself) is told in the fields; where to look
   * on, behind the text where there is none. The only branch is for these.
   */
  #nextToken(from: number): number {
    const text = this.#text
    let start = from
    let kinds = 0
    for (let at = from; at < text.length; at++) {
      const kind = kindOf(text[at] ?? 0)
      const ended = (kind - 1) >> 31
      if ((kinds & ended & IS_SIGN) !== 0 && at - start <= LONGEST) return this.#tell(start, at, kinds)
      kinds = (kinds | kind) & ~ended
      start = (start & ~ended) | ((at + 1) & ended)
    }
    const isLast = (kinds & IS_SIGN) !== 0 && text.length - start <= LONGEST
    return isLast ? this.#tell(start, text.length, kinds) : text.length + 1
  }

  #tell(start: number, end: number, kinds: number): number {
    this.#start = start
    this.#end = end
    this.#kinds = kinds
    return end
  }

  /** False for what is no leetspeak. */
  #readWord(start: number, end: number): boolean {
    let bare = end
    // Exclamations at the end are exclamations.
    while (bare > start && (this.#text[bare - 1] ?? 0) === MARK) bare--
    if (bare < end && (this.#kindsIn(start, bare) & IS_SIGN) === 0) return false
    if (this.#readLikeliest(start, bare)) return true
    if (bare - start < LONG || !this.#hasSignInside(start, bare)) return false
    const read = this.#written()
    for (let at = start; at < bare; at++) read[at] = asLetter(this.#text[at] ?? 0)
    return true
  }

  #kindsIn(start: number, end: number): number {
    let kinds = 0
    for (let at = start; at < end; at++) kinds |= kindOf(this.#text[at] ?? 0)
    return kinds
  }

  /** Signs between two letters, and nothing else between them. */
  #hasSignInside(start: number, end: number): boolean {
    let state = NOTHING
    for (let at = start; at < end; at++) state = AFTER[state + kindOf(this.#text[at] ?? 0)] ?? NOTHING
    return state === SIGN_INSIDE
  }

  /** The least surprising word that the token can mean; false where it can mean none. */
  #readLikeliest(start: number, end: number): boolean {
    this.#bestCost = Infinity
    this.#search(start, end, start, 0)
    if (this.#bestCost === Infinity) return false
    const read = this.#written()
    for (let at = start; at < end; at++) read[at] = this.#best[at - start] ?? 0
    return true
  }

  /** Where it is read into: most texts have nothing to be read. */
  #written(): Units {
    if (this.#read === this.#text) this.#read = this.#text.slice()
    return this.#read
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
