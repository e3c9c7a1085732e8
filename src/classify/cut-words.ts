/**
 * Finds the words in letters that run together: of all ways to cut them, the least surprising one (unigram language
 * model, solved by dynamic programming: Norvig, "Natural Language Corpus Data", in Beautiful Data, 2009).
 *
 * G1. No letter is lost, added or changed; only spaces come in.
 * G2. What no word fits stays together, as one strange word.
 * G3. Linear time and memory.
 */
import { LETTERS, letterOf, type Units, type UnitWriter } from './units.ts'
import { englishWords } from './words.ts'

const SPACE = 32
const NO_LETTER = 255

/** A strange word must save about two words to be worth it: e^-14 is rarer than any word that is kept. */
const STRANGE_WORD_COST = 14
const STRANGE_LETTER_COST = 3.5

/** Cuts one stretch of letters after the other; what it needs for it is kept, for there may be very many short ones. */
export class WordCutter {
  readonly #words = englishWords()
  #numbers = new Uint8Array(0)
  #costs = new Float64Array(0)
  #begins = new Int32Array(0)
  #isBegin = new Uint8Array(0)

  /** Writes `letters` with spaces between its words; letters that are not a to z are strange. */
  appendWithSpaces(letters: Units, written: UnitWriter): void {
    this.#markBegins(letters)
    for (let at = 0; at < letters.length; at++) {
      if (at > 0 && this.#isBegin[at] === 1) written.push(SPACE)
      written.push(letters[at] ?? 0)
    }
  }

  /** 1 where a word begins. */
  #markBegins(letters: Units): void {
    this.#makeRoom(letters.length)
    this.#cutCheapest(letters)
    this.#isBegin.fill(0, 0, letters.length)
    for (let end = letters.length; end > 0;) {
      end = this.#begins[end] ?? 0
      this.#isBegin[end] = 1
    }
  }

  #makeRoom(letters: number): void {
    if (letters < this.#numbers.length) return
    const size = 2 * (letters + 1)
    this.#numbers = new Uint8Array(size)
    this.#costs = new Float64Array(size)
    this.#begins = new Int32Array(size)
    this.#isBegin = new Uint8Array(size)
  }

  /** For each end, where the last word of the cheapest cut up to it begins. */
  #cutCheapest(letters: Units): void {
    const { length } = letters
    const numbers = this.#numbers
    const costs = this.#costs
    const begins = this.#begins
    const { costs: wordCosts, children } = this.#words
    for (let at = 0; at < length; at++) numbers[at] = numberOf(letters[at] ?? 0)
    // Where the letters end, no word goes on.
    numbers[length] = NO_LETTER
    costs.fill(Infinity, 0, length + 1)
    costs[0] = 0
    // The cheapest cut so far whose last word is a strange one that may go on, and where that word begins.
    let strangeCost = Infinity
    let strangeBegin = 0
    for (let begin = 0; begin < length; begin++) {
      const before = costs[begin] ?? 0
      if (strangeCost > before + STRANGE_WORD_COST) {
        strangeCost = before + STRANGE_WORD_COST
        strangeBegin = begin
      }
      strangeCost += STRANGE_LETTER_COST
      let node = 0
      for (let at = begin; ; at++) {
        const letter = numbers[at] ?? NO_LETTER
        node = letter === NO_LETTER ? 0 : (children[node * LETTERS + letter] ?? 0)
        if (node === 0) break
        const cost = wordCosts[node] ?? 0
        if (cost === 0 || before + cost >= (costs[at + 1] ?? 0)) continue
        costs[at + 1] = before + cost
        begins[at + 1] = begin
      }
      if (strangeCost < (costs[begin + 1] ?? 0)) {
        costs[begin + 1] = strangeCost
        begins[begin + 1] = strangeBegin
      }
    }
  }
}

function numberOf(unit: number): number {
  const letter = letterOf(unit)
  return letter < 0 ? NO_LETTER : letter
}
