/** A key for a person who decides: Ed25519, the private half for them alone, the public half for the set. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'

const ALGORITHM = 'EdDSA'

export interface NewKey {
  readonly privateKey: JWK
  readonly publicKey: JWK
}

/** `untilMs`: when the key stops signing; null for a key that signs until it is removed. */
export async function newKey(person: string, untilMs: number | null): Promise<NewKey> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true })
  const publicKey = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicKey)
  const about = { kid, sub: person, alg: ALGORITHM, use: 'sig', ...expiry(untilMs) }
  return {
    privateKey: { ...(await exportJWK(pair.privateKey)), ...about },
    publicKey: { ...publicKey, ...about },
  }
}

function expiry(untilMs: number | null): { readonly exp?: number } {
  return untilMs === null ? {} : { exp: Math.floor(untilMs / 1_000) }
}
