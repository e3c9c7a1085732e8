/**
 * When two texts are near-duplicates: by their SimHashes (`classify/sim-hash.ts`), of which a changed word changes a few
 * of 64 bits.
 *
 * Source: Manku, Jain, Das Sarma, "Detecting near-duplicates for web crawling", 2007, which takes 3 bits for pages of
 * hundreds of words. Ours are short: one word is more of them.
 */
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

const SIM_HASH = /^[0-9a-f]{16}$/

/** Of 16 hexadecimal digits; whatever else stands there is like itself alone. */
export function likenessOf(simHash: string): Likeness {
  if (SIM_HASH.test(simHash))
    return { low: parseInt(simHash.slice(8), 16) | 0, high: parseInt(simHash.slice(0, 8), 16) | 0 }
  const low = hash31(simHash)
  return { low: mix32(low) | 0, high: mix32(hash31(`${simHash}\u0000`)) | 0 }
}

/** Whether they are of one text, but for a word or two. */
export function areNear(a: Likeness, b: Likeness): boolean {
  return ones(a.low ^ b.low) + ones(a.high ^ b.high) <= NEAR_BITS
}

/** Of the bits of a word, how many are set. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
