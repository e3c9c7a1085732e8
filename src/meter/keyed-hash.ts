/**
 * Keyed hashes of what must not travel in the clear (P9): HMAC-SHA-256, cut to 64 bits, lower-case hex.
 *
 * H1. Equal values of one purpose have equal hashes under one key; an address and a user agent that read the same
 *     do not.
 * H2. Bounded: at most twice `cacheEntries` values are remembered, and none outlives the process.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

export interface HashKey {
  /** Names the key in every record, so that two may overlap while one replaces the other. */
  readonly id: string
  readonly secret: Uint8Array
}

export type HashPurpose = 'address' | 'network' | 'userAgent'

const HASH_HEX = 16
const LEAST_SECRET_BYTES = 16

export class KeyedHash {
  readonly keyId: string
  /** A key made once: given as bytes, Node makes one for each hash, which takes five times the hash's own time. */
  readonly #secret: KeyObject
  readonly #cacheEntries: number
  #young = new Map<string, string>()
  #old = new Map<string, string>()

  constructor(key: HashKey, cacheEntries: number) {
    if (key.secret.length < LEAST_SECRET_BYTES) {
      throw new RangeError(
        `hash key ${key.id} has ${key.secret.length} bytes; it needs ${LEAST_SECRET_BYTES}`,
      )
    }
    this.keyId = key.id
    this.#secret = createSecretKey(key.secret)
    this.#cacheEntries = cacheEntries
  }

  /** 16 hex digits; null for null. */
  of(purpose: HashPurpose, value: string | null): string | null {
    if (value === null) return null
    const text = `${purpose}\u0000${value}`
    return this.#young.get(text) ?? this.#remember(text, this.#old.get(text) ?? this.#hash(text))
  }

  /** Two generations: a full young one becomes the old one, and the old one is forgotten (H2). */
  #remember(text: string, hash: string): string {
    if (this.#young.size >= this.#cacheEntries) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(text, hash)
    return hash
  }

  #hash(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('hex').slice(0, HASH_HEX)
  }
}
