/**
 * Finds the words in letters that run together: of all ways to cut them, the least surprising one (unigram language
 * model, solved by dynamic programming: Norvig, "Natural Language Corpus Data", in Beautiful Data, 2009).
 *
 * G1. No letter is lost, added or changed; only spaces come in.
 * G2. What no word fits stays together, as one strange word.
 * G3. Linear time and memory.
 */
import type { UnitWriter } from './units.ts'
import { englishWords } from './words.ts'

const SPACE = 32

/** A strange word must save about two words to be worth it: e^-14 is rarer than any word that is kept. */
const STRANGE_WORD_COST = 14
const STRANGE_LETTER_COST = 3.5

/** Writes `letters` with spaces between its words; letters that are not a to z are strange. */
export function appendWithSpaces(letters: string, written: UnitWriter): void {
  const isBegin = beginsOf(letters)
  for (let at = 0; at < letters.length; at++) {
    if (at > 0 && isBegin[at] === 1) written.push(SPACE)
    written.push(letters.charCodeAt(at))
  }
}

/** 1 where a word begins. */
function beginsOf(letters: string): Uint8Array {
  const begins = cheapest(letters)
  const isBegin = new Uint8Array(letters.length)
  for (let end = letters.length; end > 0; end = begins[end] ?? 0) isBegin[begins[end] ?? 0] = 1
  return isBegin
}

/** For each end, where the last word of the cheapest cut up to it begins. */
function cheapest(letters: string): Int32Array {
  const words = englishWords()
  const size = letters.length + 1
  const costs = new Float64Array(size).fill(Infinity)
  const begins = new Int32Array(size)
  // The cheapest cut whose last word is a strange one that may go on.
  const strangeCosts = new Float64Array(size).fill(Infinity)
  const strangeBegins = new Int32Array(size)
  costs[0] = 0
  for (let begin = 0; begin < letters.length; begin++) {
    extendStrange(begin, costs, strangeCosts, strangeBegins)
    const before = costs[begin] ?? Infinity
    let node = 0
    for (let at = begin; at < letters.length; at++) {
      node = words.next(node, letters.charCodeAt(at))
      if (node === 0) break
      const cost = words.costs[node] ?? 0
      if (cost > 0) offer(costs, begins, at + 1, before + cost, begin)
    }
    offer(costs, begins, begin + 1, strangeCosts[begin + 1] ?? Infinity, strangeBegins[begin + 1] ?? 0)
  }
  return begins
}

/** The letter at `begin` goes on with the strange word before it, or begins one. */
function extendStrange(
  begin: number,
  costs: Float64Array,
  strangeCosts: Float64Array,
  strangeBegins: Int32Array,
): void {
  const goingOn = strangeCosts[begin] ?? Infinity
  const beginning = (costs[begin] ?? Infinity) + STRANGE_WORD_COST
  strangeCosts[begin + 1] = Math.min(goingOn, beginning) + STRANGE_LETTER_COST
  strangeBegins[begin + 1] = goingOn <= beginning ? (strangeBegins[begin] ?? 0) : begin
}

function offer(costs: Float64Array, begins: Int32Array, end: number, cost: number, begin: number): void {
  if (cost >= (costs[end] ?? Infinity)) return
  costs[end] = cost
  begins[end] = begin
}
