/**
 * Values as small integers: 31 bits, so that sets and maps of them stay compact. What is hashed here are mostly
 * keyed hashes already, so nobody can aim at collisions; n exact values collide with n²/2^32 in expectation
 * (1,000 values: 0.0002).
 *
 * Source: Austin Appleby, MurmurHash3, 32-bit finaliser over a multiply-xor walk.
 */
export function hash31(text: string): number {
  let hash = 0x9747b28c ^ text.length
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  return mix32(hash) >>> 1
}

/** The finaliser: every input bit reaches every output bit. */
export function mix32(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
