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

/** A strange word must save about two words to be worth it: e^-14 is rarer than any word that is kept. */
const STRANGE_WORD_COST = 14
const STRANGE_LETTER_COST = 3.5

/** Writes `letters` with spaces between its words; letters that are not a to z are strange. */
export function appendWithSpaces(letters: Units, written: UnitWriter): void {
  const isBegin = beginsOf(letters)
  for (let at = 0; at < letters.length; at++) {
    if (at > 0 && isBegin[at] === 1) written.push(SPACE)
    written.push(letters[at] ?? 0)
  }
}

/** 1 where a word begins. */
function beginsOf(letters: Units): Uint8Array {
  const begins = cheapest(letters)
  const isBegin = new Uint8Array(letters.length)
  for (let end = letters.length; end > 0; end = begins[end] ?? 0) isBegin[begins[end] ?? 0] = 1
  return isBegin
}

/** For each end, where the last word of the cheapest cut up to it begins. */
function cheapest(letters: Units): Int32Array {
  const { costs: wordCosts, children } = englishWords()
  const size = letters.length + 1
  const costs = new Float64Array(size).fill(Infinity)
  const begins = new Int32Array(size)
  // The cheapest cut so far whose last word is a strange one that may go on, and where that word begins.
  let strangeCost = Infinity
  let strangeBegin = 0
  costs[0] = 0
  for (let begin = 0; begin < letters.length; begin++) {
    const before = costs[begin] ?? 0
    if (strangeCost > before + STRANGE_WORD_COST) {
      strangeCost = before + STRANGE_WORD_COST
      strangeBegin = begin
    }
    strangeCost += STRANGE_LETTER_COST
    for (let at = begin, node = 0; at < letters.length; at++) {
      const letter = letterOf(letters[at] ?? 0)
      node = letter < 0 ? 0 : (children[node * LETTERS + letter] ?? 0)
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
  return begins
}
