/**
 * Finds the words in letters that run together: of all ways to cut them, the least surprising one (unigram language
 * model, solved by dynamic programming: Norvig, "Natural Language Corpus Data", in Beautiful Data, 2009).
 *
 * G1. No letter is lost, added or changed; only spaces come in.
 * G2. What no word fits stays together, as one strange word.
 * G3. Linear time and memory.
 */
import { LETTERS, tableOfAscii, type UnitWriter } from './units.ts'
import { englishWords, NO_LETTER, numberOf, PAIR_STRIDE, type Words } from './words.ts'

const SPACE = 32
/** Of letters, by UTF-16 units. */
const NUMBERS = tableOfAscii(numberOf, NO_LETTER)

/** A strange word must save about two words to be worth it: e^-14 is rarer than any word that is kept. */
const STRANGE_WORD_COST = 14
const STRANGE_LETTER_COST = 3.5

/** Cuts one stretch of letters after the other; what it needs for it is kept, for there may be very many short ones. */
export class WordCutter {
  readonly #words = englishWords()
  readonly #letterCosts = letterCostsOf(this.#words)
  #units = new Uint16Array(0)
  #numbers = new Uint8Array(0)
  #costs = new Float64Array(0)
  #begins = new Int32Array(0)
  #isBegin = new Uint8Array(0)

  /** Puts spaces between the words of what was written from `start` on; letters that are not a to z are strange. */
  cutFrom(start: number, written: UnitWriter): void {
    const letters = written.writtenFrom(start)
    const { length } = letters
    this.#makeRoom(length)
    this.#units.set(letters)
    this.#markBegins(length)
    const isBegin = this.#isBegin
    written.truncate(start)
    for (let at = 0; at < length;) {
      const begin = at++
      while (at < length && isBegin[at] === 0) at++
      written.appendUnits(this.#units, begin, at)
      if (at < length) written.push(SPACE)
    }
  }

  #makeRoom(letters: number): void {
    if (letters < this.#numbers.length) return
    const size = 2 * (letters + 1)
    this.#units = new Uint16Array(size)
    this.#numbers = new Uint8Array(size)
    this.#costs = new Float64Array(size)
    this.#begins = new Int32Array(size)
    this.#isBegin = new Uint8Array(size)
  }

  /** 1 where a word begins. */
  #markBegins(length: number): void {
    this.#cutCheapest(length)
    this.#isBegin.fill(0, 0, length)
    for (let end = length; end > 0;) {
      end = this.#begins[end] ?? 0
      this.#isBegin[end] = 1
    }
  }

  /** For each end, where the last word of the cheapest cut up to it begins. */
  #cutCheapest(length: number): void {
    const numbers = this.#numbers
    const costs = this.#costs
    const begins = this.#begins
    const { costs: wordCosts, nodes, pairs } = this.#words
    for (let at = 0; at < length; at++) numbers[at] = NUMBERS[this.#units[at] ?? 0] ?? NO_LETTER
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
      const first = numbers[begin] ?? NO_LETTER
      const cost = this.#letterCosts[first] ?? Infinity
      if (before + cost < (costs[begin + 1] ?? 0)) {
        costs[begin + 1] = before + cost
        begins[begin + 1] = begin
      }
      let end = begin + 2
      let node = pairs[first * PAIR_STRIDE + (numbers[begin + 1] ?? NO_LETTER)] ?? 0
      while (node !== 0) {
        const cost = wordCosts[node] ?? 0
        if (cost !== 0 && before + cost < (costs[end] ?? 0)) {
          costs[end] = before + cost
          begins[end] = begin
        }
        const next = (nodes[2 * node] ?? 0) + (numbers[end] ?? NO_LETTER)
        if (nodes[2 * next + 1] !== node) break
        node = next
        end++
      }
      if (strangeCost < (costs[begin + 1] ?? 0)) {
        costs[begin + 1] = strangeCost
        begins[begin + 1] = strangeBegin
      }
    }
  }
}

/** Of the words of one letter, by its number; infinite for letters that are none, and for what is no letter. */
function letterCostsOf({ costs, nodes }: Words): Float64Array {
  return Float64Array.from({ length: LETTERS + 1 }, (_, letter) => {
    const cost = letter === NO_LETTER ? 0 : (costs[(nodes[0] ?? 0) + letter] ?? 0)
    return cost === 0 ? Infinity : cost
  })
}
