/**
 * SimHash over neighbouring words: texts that differ in a few words differ in a few of 64 bits. The seeds come from
 * the hash key, so that nobody without it can compute a text's hash.
 */
/** Two secret starting values. */
export type SimHashSeeds = readonly [number, number]

const LEAST_WORDS = 3
/** A longer text is known by its beginning; time is bounded. */
const MOST_UNITS = 32_000

/** 64 bits as lower-case hex; null for a text too short to resemble another. */
export function simHash64(text: string, seeds: SimHashSeeds): string | null {
  const words =
    text
      .slice(0, MOST_UNITS)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length < LEAST_WORDS) return null
  const sums = new Int32Array(64)
  for (let i = 0; i + 1 < words.length; i++) {
    const pair = `${words[i] ?? ''} ${words[i + 1] ?? ''}`
    vote(sums, 0, mixed(pair, seeds[0]))
    vote(sums, 32, mixed(pair, seeds[1]))
  }
  return hex(sums, 0) + hex(sums, 32)
}

/** FNV-1a from a secret start, then MurmurHash3's last mix. */
function mixed(text: string, seed: number): number {
  let hash = seed | 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function vote(sums: Int32Array, from: number, hash: number): void {
  for (let bit = 0; bit < 32; bit++)
    sums[from + bit] = (sums[from + bit] ?? 0) + (((hash >>> bit) & 1) * 2 - 1)
}

function hex(sums: Int32Array, from: number): string {
  let bits = 0
  for (let bit = 0; bit < 32; bit++) if ((sums[from + bit] ?? 0) > 0) bits |= 1 << bit
  return (bits >>> 0).toString(16).padStart(8, '0')
}
