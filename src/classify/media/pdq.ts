/**
 * PDQ, a perceptual hash of pictures: 256 bits as sixteen words of sixteen. Two pictures that people would call the same
 * differ in few bits; the algorithm's authors advise at most 31, and no comparison below a quality of 50.
 *
 * Source: Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019.
 */
export const PDQ_WORDS = 16
export const MOST_DISTANCE = 31
export const LEAST_QUALITY = 50

const HEX_OF_WORD = 4

/** Reads 64 characters of hex into sixteen words from `at` on. */
export function readPdq(hex: string, into: Uint16Array, at: number): void {
  for (let word = 0; word < PDQ_WORDS; word++) {
    const from = word * HEX_OF_WORD
    into[at + word] = parseInt(hex.slice(from, from + HEX_OF_WORD), 16)
  }
}

/** Bits in which two hashes differ, 0 to 256. */
export function pdqDistance(a: Uint16Array, atA: number, b: Uint16Array, atB: number): number {
  let distance = 0
  for (let word = 0; word < PDQ_WORDS; word++) {
    distance += bitsOf((a[atA + word] ?? 0) ^ (b[atB + word] ?? 0))
  }
  return distance
}

/** How many of sixteen bits are set (Henry S. Warren, "Hacker's Delight", 2012, section 5-1). */
export function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555)
  bits = (bits & 0x3333) + ((bits >>> 2) & 0x3333)
  bits = (bits + (bits >>> 4)) & 0x0f0f
  return (bits + (bits >>> 8)) & 0x1f
}
