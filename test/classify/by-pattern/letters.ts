/** Leetspeak and words that are spelt out, by patterns; see readings.ts. */
import { SIGNS_FOR } from '../../../src/classify/leetspeak.ts'
import { unitsOf } from '../../../src/classify/units.ts'
import { costOf, englishWords, nextNode } from '../../../src/classify/words.ts'

const SIGN = /[01345789@$!]/
const EVERY_SIGN = /[01345789@$!]/g
const HAS_LETTER = /[A-Za-z]/
/** Exclamations at the end are exclamations. */
const MARKS = /!+$/
/** Longer runs are digests and keys, not words. */
const TOKEN = /(?<![A-Za-z0-9@$!])[A-Za-z0-9@$!]{1,24}(?![A-Za-z0-9@$!])/g
const SIGN_INSIDE = /[A-Za-z][01345789@$!]+[A-Za-z]/
const LONG = 4
/** One short word alone is a name more often than a disguise: B2B, C4, H1. */
const LEAST_SHORT_WORDS = 2
/** So many of all tokens: L2. */
const FULL_SHARE = 0.2

/** The text with its leetspeak undone, or the text itself. */
export function unleet(text: string): string {
  if (text.search(SIGN) < 0) return text
  const tokens = Array.from(text.matchAll(TOKEN), ({ 0: token, index }) => ({
    token,
    index,
    word: wordOf(token),
  }))
  const words = tokens.filter(({ word }) => word !== null)
  if (!words.some(({ token }) => token.length >= LONG) && words.length < LEAST_SHORT_WORDS) return text
  const isFull = words.length >= LEAST_SHORT_WORDS && words.length >= FULL_SHARE * tokens.length
  let unleeted = ''
  let end = 0
  for (const { token, index, word } of tokens) {
    const meant = word ?? (isFull ? numberAsWord(token) : null)
    if (meant === null) continue
    unleeted += text.slice(end, index) + meant
    end = index + token.length
  }
  return unleeted + text.slice(end)
}

/** Sign by sign, whatever comes of it. */
function asLetters(word: string): string {
  return word.replace(EVERY_SIGN, (sign) => SIGNS_FOR[sign]?.charAt(0) ?? sign)
}

/** L1; null for what is no leetspeak. */
function wordOf(token: string): string | null {
  if (!HAS_LETTER.test(token)) return null
  const bare = token.replace(MARKS, '')
  if (!SIGN.test(bare)) return null
  const marks = token.slice(bare.length)
  const word = likeliest(bare)
  if (word !== null) return word + marks
  return bare.length >= LONG && SIGN_INSIDE.test(bare) ? asLetters(bare) + marks : null
}

function numberAsWord(token: string): string | null {
  return HAS_LETTER.test(token) ? null : likeliest(token)
}

/** The least surprising word that `token` can mean; null where it can mean none. */
function likeliest(token: string): string | null {
  const words = englishWords()
  let best: string | null = null
  let bestCost = Infinity
  /** All words that begin with `meant`, which `token` means up to `at`, and which the tree knows as `node`. */
  const search = (at: number, node: number, meant: string): void => {
    if (at === token.length) {
      const cost = words.costs[node] ?? 0
      if (cost === 0 || cost >= bestCost) return
      best = meant
      bestCost = cost
      return
    }
    const sign = token.charAt(at)
    for (const letter of SIGNS_FOR[sign] ?? sign) {
      const next = nextNode(words, node, letter.charCodeAt(0))
      if (next !== 0) search(at + 1, next, meant + letter)
    }
  }
  search(0, 0, '')
  return best
}

/** Five signs at least; digits and signs may stand for letters. */
const SPELT_OUT = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}@$!][\s.\-_*·]{1,3}){4,}[\p{L}\p{N}@$!](?![\p{L}\p{N}])/gu
const GAP = /[\s.\-_*·]+/g
/** Rows of a table are digits mostly. */
const LEAST_LETTER_SHARE = 0.6
/** Shorter ones are abbreviations, or what is left of a word. */
const LEAST_CUT = 6

export function joinSpeltOut(text: string): string {
  return text.replace(SPELT_OUT, (run) => (hasLetters(run) ? joined(run) : run))
}

function hasLetters(run: string): boolean {
  const letters = run.match(/\p{L}/gu)?.length ?? 0
  return letters >= LEAST_LETTER_SHARE * run.replace(GAP, '').length
}

function joined(run: string): string {
  const gaps = run.match(GAP) ?? []
  const usual = usualGap(gaps)
  const words = run.replace(GAP, (gap) => (usual === null || gap === usual ? '' : ' '))
  return words.split(' ').map(cut).join(' ')
}

/** S1; null where hardly two gaps are alike, so that none says anything. */
function usualGap(gaps: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const gap of gaps) counts.set(gap, (counts.get(gap) ?? 0) + 1)
  const [usual, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0])
  return count * 2 > gaps.length ? usual : null
}

function cut(word: string): string {
  const letters = asLetters(word)
  return letters.length < LEAST_CUT || costOf(unitsOf(letters)) !== null ? letters : withSpaces(letters)
}

/** A strange word must save about two words to be worth it: e^-14 is rarer than any word that is kept. */
const STRANGE_WORD_COST = 14
const STRANGE_LETTER_COST = 3.5

/** `letters` with spaces between its words; letters that are not a to z are strange. */
export function withSpaces(letters: string): string {
  const cuts = cutsOf(letters)
  return cuts.map((cut, i) => letters.slice(cut, cuts[i + 1])).join(' ')
}

/** Where words begin, ascending; the first is 0. */
function cutsOf(letters: string): readonly number[] {
  const begins = cheapest(letters)
  const cuts: number[] = []
  for (let end = letters.length; end > 0; end = begins[end] ?? 0) cuts.push(begins[end] ?? 0)
  return cuts.reverse()
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
      node = nextNode(words, node, letters.charCodeAt(at))
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
