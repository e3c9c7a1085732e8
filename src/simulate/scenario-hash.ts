/** The hashes of scenarios. */
import { createHash } from 'node:crypto'

/** Nothing in them is keyed, and nothing needs to be. */
export const HASH_KEY_ID = 'scenario'

/** Stands for the keyed hash of a thing: 64 bits of lower-case hex (FNV-1a, twice). */
export function hash(of: string): string {
  return fnv1a(of, 0x811c9dc5) + fnv1a(of, 0x01000193)
}

function fnv1a(text: string, start: number): string {
  let value = start
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return (value >>> 0).toString(16).padStart(8, '0')
}

const MOST_BITS_CHANGED = 4

/** A SimHash far from that of any other text; with a variant, a few bits from those of the text's other variants. */
export function simHash(of: string, variant: string | null): string {
  const bits = createHash('sha256').update(of).digest().subarray(0, 8)
  const places = variant === null ? [] : createHash('sha256').update(variant).digest()
  for (const place of places.slice(0, MOST_BITS_CHANGED)) {
    const at = (place >> 3) % bits.length
    bits[at] = (bits[at] ?? 0) ^ (1 << (place & 7))
  }
  return bits.toString('hex')
}
