/**
 * Keyed hashes of what must not travel in the clear (P9): HMAC-SHA-256, cut to 64 bits, lower-case hex.
 *
 * H1. Equal values of one purpose have equal hashes under one key; an address and a user agent that read the same
 *     do not.
 * H2. Bounded: at most twice `cacheEntries` values are remembered, and none outlives the process.
 */
import { createHmac, type KeyObject } from 'node:crypto'
import { secretOf, type HashKey } from '../domain/hash-key.ts'

export type HashPurpose = 'address' | 'network' | 'userAgent'

const HASH_HEX = 16

export class KeyedHash {
  readonly keyId: string
  readonly #secret: KeyObject
  readonly #cacheEntries: number
  #young = new Map<string, string>()
  #old = new Map<string, string>()

  constructor(key: HashKey, cacheEntries: number) {
    this.keyId = key.id
    this.#secret = secretOf(key)
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
