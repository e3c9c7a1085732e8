/**
 * Deterministic ids: the same cause always has the same id, so that a repeat is recognised everywhere.
 */
import { createHmac, hash, type KeyObject } from 'node:crypto'

/** Namespace of all of Bailiff's name-based ids; fixed for ever. */
const NAMESPACE = Buffer.from('8a3f6f0e5d0c4b7e9a516b1d2f4c7e90', 'hex')
/** The hexadecimal digit in which the two bits of the variant lie, by the other two. */
const VARIANTS = '89ab'
/** Names are short; of these no buffer is made anew. */
const MOST_CHARACTERS = 256
const SCRATCH = Buffer.concat([NAMESPACE, Buffer.alloc(3 * MOST_CHARACTERS)])

/** UUID version 5 (RFC 9562, section 5.5) of the parts. They are joined by a character that at most one of them may hold. */
export function uuidV5(...parts: readonly (string | number)[]): string {
  return uuidOf(5, hash('sha1', named(parts.join('\u001f')), 'hex'))
}

/** The bytes that are hashed; used up before the next call. */
function named(name: string): Buffer {
  if (name.length > MOST_CHARACTERS) return Buffer.concat([NAMESPACE, Buffer.from(name)])
  return SCRATCH.subarray(0, NAMESPACE.length + SCRATCH.write(name, NAMESPACE.length))
}

/**
 * UUID version 8 (RFC 9562, section 5.8): the first bits of an HMAC-SHA-256 of the parts, joined as above. For ids whose parts
 * nobody shall find by trying.
 */
export function uuidV8(secret: KeyObject, ...parts: readonly (string | number)[]): string {
  return uuidOf(8, createHmac('sha256', secret).update(parts.join('\u001f')).digest('hex'))
}

/** The first 128 bits of a digest, with the bits of version and variant put in. */
function uuidOf(version: 5 | 8, hex: string): string {
  const variant = VARIANTS.charAt(Number.parseInt(hex.charAt(16), 16) & 3)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Which detector is snoozed, for who knows the detectors; null for every one of them. */
export function snoozeId(detectorId: string | null): string {
  return uuidV5('snooze', detectorId ?? '')
}

/** floor(event time / once): fifty findings within one episode are one. */
export function episodeOf(eventTimeMs: number, onceMs: number): number {
  return Math.floor(eventTimeMs / onceMs)
}
