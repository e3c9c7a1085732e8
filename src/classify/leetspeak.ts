/**
 * Digits and signs that stand for letters, read as letters again where a word comes of it.
 *
 * L1. A token with letters in it is read as the most frequent English word that it can mean (`1` is i or l); a longer one
 *     that means none is read sign by sign if signs stand inside it.
 * L2. Tokens without a letter (`70`, `4`) are numbers, unless the text is full of the others.
 * L3. As long as it was; linear time.
 */
import { englishWords } from './words.ts'

/** What a sign may stand for, the likeliest first. */
const LETTERS: Readonly<Record<string, string>> = {
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
export function asLetters(word: string): string {
  return word.replace(EVERY_SIGN, (sign) => LETTERS[sign]?.charAt(0) ?? sign)
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
    for (const letter of LETTERS[sign] ?? sign) {
      const next = words.next(node, letter.charCodeAt(0))
      if (next !== 0) search(at + 1, next, meant + letter)
    }
  }
  search(0, 0, '')
  return best
}
