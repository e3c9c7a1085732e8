/**
 * Whose signatures count: a JSON Web Key Set (RFC 7517) whose keys each name the person that holds it in `sub`, and may
 * say from when and until when it signs (`nbf`, `exp`, seconds as in a JWT).
 *
 * K1. A set that is not whole is refused with every problem: a key without a person, an id given twice, one key of two
 *     people, a private key.
 * K2. Several keys of one `sub` are one person.
 */
import { calculateJwkThumbprint, importJWK, type CryptoKey } from 'jose'
import { z } from 'zod'
import { RefusedError } from '../engine/errors.ts'

/** A person's public key. */
export interface Signer {
  readonly keyId: string
  /** Who holds the key: the only name that counts. */
  readonly person: string
  readonly algorithm: string
  readonly key: CryptoKey
  readonly fromMs: number
  readonly untilMs: number
}

/** Algorithms of which a signature cannot be made from the public key. */
export const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'PS256', 'RS256'] as const

const part = z.string().exactOptional()

const jwkSchema = z
  .looseObject({
    kid: z.string().min(1),
    sub: z.string().min(1, 'names the person who holds the key'),
    kty: z.enum(['OKP', 'EC', 'RSA']),
    alg: z.enum(ALGORITHMS),
    crv: part,
    x: part,
    y: part,
    n: part,
    e: part,
    nbf: z.number().exactOptional(),
    exp: z.number().exactOptional(),
  })
  .refine((jwk) => !('d' in jwk), {
    path: ['d'],
    message: 'is private: only public keys belong here, and this one is to be replaced',
  })
const setSchema = z.looseObject({ keys: z.array(jwkSchema) })

/** Signers by key id. `origin` is for messages. Throws RefusedError (K1). */
export async function readKeySet(text: string, origin: string): Promise<ReadonlyMap<string, Signer>> {
  const parsed = setSchema.safeParse(parseJson(text))
  if (!parsed.success)
    throw refused(
      origin,
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    )
  const { keys } = parsed.data
  const twice = keys.filter(({ kid }, at) => keys.findIndex((other) => other.kid === kid) !== at)
  if (twice.length > 0)
    throw refused(
      origin,
      twice.map(({ kid }) => `kid ${kid}: given twice`),
    )
  const shared = await sharedBetweenPeople(keys)
  if (shared.length > 0)
    throw refused(
      origin,
      shared.map((kid) => `kid ${kid}: another person has the same key`),
    )
  const signers = await Promise.all(keys.map((jwk) => signerOf(jwk, origin)))
  return new Map(signers.map((signer) => [signer.keyId, signer]))
}

/** Key ids under which one key stands for a second person: whoever holds it could be both (P10). */
async function sharedBetweenPeople(keys: readonly z.infer<typeof jwkSchema>[]): Promise<readonly string[]> {
  const holders = new Map<string, string>()
  const shared: string[] = []
  for (const jwk of keys) {
    // A key that is none is told by whoever imports it.
    const thumbprint = await calculateJwkThumbprint(jwk).catch(() => jwk.kid)
    const holder = holders.get(thumbprint) ?? jwk.sub
    if (holder !== jwk.sub) shared.push(jwk.kid)
    holders.set(thumbprint, holder)
  }
  return shared
}

async function signerOf(jwk: z.infer<typeof jwkSchema>, origin: string): Promise<Signer> {
  const { kid, sub, alg, nbf = 0, exp = Infinity } = jwk
  const key = await importJWK(jwk, alg).catch((error: unknown) => {
    throw refused(origin, [`kid ${kid}: ${error instanceof Error ? error.message : 'no key'}`])
  })
  if (key instanceof Uint8Array) throw refused(origin, [`kid ${kid}: a shared secret is no signature`])
  return { keyId: kid, person: sub, algorithm: alg, key, fromMs: nbf * 1_000, untilMs: exp * 1_000 }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function refused(origin: string, problems: readonly string[]): RefusedError {
  return new RefusedError(
    [`${origin} is no set of signers' public keys:`, ...problems.map((one) => `  ${one}`)].join('\n'),
  )
}
