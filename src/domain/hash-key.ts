/** The key under which hashes of content and of addresses travel (P9). */
import { createSecretKey, type KeyObject } from 'node:crypto'

export interface HashKey {
  /** Names the key in every record, so that two may overlap while one replaces the other. */
  readonly id: string
  readonly secret: Uint8Array
}

const LEAST_SECRET_BYTES = 16

/**
 * The secret as Node's hashes take it, made once: given as bytes, Node makes one for each hash, which takes five times
 * the hash's own time. Throws RangeError for one that is too short.
 */
export function secretOf({ id, secret }: HashKey): KeyObject {
  if (secret.length < LEAST_SECRET_BYTES) {
    throw new RangeError(`hash key ${id} has ${secret.length} bytes; it needs ${LEAST_SECRET_BYTES} bytes`)
  }
  return createSecretKey(secret)
}
