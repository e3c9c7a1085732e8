/**
 * When two texts are near-duplicates: by their SimHashes (`classify/sim-hash.ts`), of which a changed word changes a few
 * of 64 bits.
 *
 * Source: Manku, Jain, Das Sarma, "Detecting near-duplicates for web crawling", 2007, which takes 3 bits for pages of
 * hundreds of words. Ours are short: one word is more of them.
 */
import { unitAt } from '../domain/unit-at.ts'
import { hash31, mix32 } from './hash.ts'

/** A SimHash as two words. */
export interface Likeness {
  readonly low: number
  readonly high: number
}

/**
 * SimHashes that differ in so many bits at most are of one text. Of texts in which a word was changed or added, nine in ten
 * lie within 4 to 12 bits, by their length; the nearest of texts that have nothing to do with each other 19 bits apart.
 * Two hashes drawn at random come so near once in four million pairs.
 */
export const NEAR_BITS = 12

const WORD_DIGITS = 8
const [ZERO, NINE, A, F] = [48, 57, 97, 102]

/** Of 16 hexadecimal digits; whatever else stands there is like itself alone. */
export function likenessOf(simHash: string): Likeness {
  const high = simHash.length === 2 * WORD_DIGITS ? wordAt(simHash, 0) : null
  const low = high === null ? null : wordAt(simHash, WORD_DIGITS)
  if (high !== null && low !== null) return { low, high }
  return { low: mix32(hash31(simHash)) | 0, high: mix32(hash31(`${simHash}\u0000`)) | 0 }
}

/** The word that eight digits write; null where one of them is none. */
function wordAt(text: string, from: number): number | null {
  let word = 0
  for (let at = from; at < from + WORD_DIGITS; at++) {
    const unit = unitAt(text, at)
    if (unit >= ZERO && unit <= NINE) word = (word << 4) | (unit - ZERO)
    else if (unit >= A && unit <= F) word = (word << 4) | (unit - A + 10)
    else return null
  }
  return word
}

/** Whether they are of one text, but for a word or two. */
export function areNear(a: Likeness, b: Likeness): boolean {
  return ones(a.low ^ b.low) + ones(a.high ^ b.high) <= NEAR_BITS
}

/** Whether one of them is near to it. */
export function hasNear(known: readonly Likeness[], to: Likeness): boolean {
  for (const one of known) if (areNear(one, to)) return true
  return false
}

/** Of the bits of a word, how many are set. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
