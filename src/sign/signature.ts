/**
 * People's words, signed: a compact JWS (RFC 7515) over the canonical record, in the record itself.
 *
 * J1. A word counts for the person whose key signed it, and only if it names that person: a claimed name proves nothing.
 * J2. A word is taken within a day of its own time, by the log's clock, and while its key signs. So neither an old
 *     word that somebody kept nor an old key says anything new, and a word that was taken is taken again in a replay.
 */
import { CompactSign, compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { z } from 'zod'
import { RefusedError } from '../engine/errors.ts'
import type { Rejection } from '../engine/record.ts'
import { canonicalBytes } from './canonical.ts'
import { ALGORITHMS, type Signer } from './key-set.ts'

/** A word on its way in: what was signed, by whom it says it is, and when it was said and heard. */
export interface SignedWord {
  readonly value: { readonly signature: string | null }
  readonly claimedBy: string
  readonly saidAtMs: number
  /** When the log took it. */
  readonly heardAtMs: number
}

const VALID_FOR_MS = 86_400_000
/** Clocks of those who sign may differ from the log's by this much. */
const CLOCKS_DIFFER_MS = 5 * 60_000

/** Null where the word counts. `find` gives the signer of a key id. */
export async function refusalOfWord(
  word: SignedWord,
  find: (keyId: string) => Promise<Signer | undefined>,
): Promise<Rejection | null> {
  const { signature } = word.value
  if (signature === null) return refusal('unsigned', 'nobody has signed it')
  const keyId = keyIdOf(signature)
  if (keyId === null) return refusal('badSignature', 'not a compact JWS with a key id')
  const signer = await find(keyId)
  if (signer === undefined) return refusal('unknownSigner', 'its key is not among the signers')
  if (!(await isOver(word.value, signature, signer)))
    return refusal('badSignature', 'the signature is not over this record')
  if (signer.person !== word.claimedBy)
    return refusal('notItsSigner', 'it names another person than its key does')
  return isTimely(word, signer)
    ? null
    : refusal('expiredSignature', 'said too long ago, or by an expired key')
}

async function isOver(value: object, signature: string, signer: Signer): Promise<boolean> {
  try {
    const { payload } = await compactVerify(signature, signer.key, { algorithms: [signer.algorithm] })
    return canonicalBytes(value).equals(payload)
  } catch {
    return false
  }
}

/** J2. */
function isTimely({ saidAtMs, heardAtMs }: SignedWord, { fromMs, untilMs }: Signer): boolean {
  const sinceMs = heardAtMs - saidAtMs
  return sinceMs <= VALID_FOR_MS && sinceMs >= -CLOCKS_DIFFER_MS && heardAtMs >= fromMs && heardAtMs < untilMs
}

function keyIdOf(signature: string): string | null {
  try {
    return decodeProtectedHeader(signature).kid ?? null
  } catch {
    return null
  }
}

function refusal(reason: Rejection['reason'], detail: string): Rejection {
  return { stage: 'validate', reason, detail }
}

const privateSchema = z.looseObject({
  kid: z.string().min(1),
  sub: z.string().min(1),
  alg: z.enum(ALGORITHMS),
  d: z.string().min(1),
})

/** One who can sign, by their own private key. */
export interface Signing {
  readonly person: string
  sign<V extends { readonly signature: string | null }>(value: V): Promise<V>
}

/** From a private JWK with `kid`, `sub` and `alg`. Throws RefusedError that never shows the key. */
export async function signingWith(text: string): Promise<Signing> {
  const jwk = privateSchema.safeParse(jsonOf(text))
  if (!jwk.success)
    throw new RefusedError('the signing key is no private JWK with kid, sub and alg; see `bailiff keys new`')
  const { kid, sub, alg } = jwk.data
  const key = await importJWK(jwk.data, alg).catch(() => {
    throw new RefusedError(`the signing key is no private key for ${alg}; see \`bailiff keys new\``)
  })
  return {
    person: sub,
    sign: async (value) => {
      const jws = new CompactSign(canonicalBytes(value)).setProtectedHeader({ alg, kid })
      return { ...value, signature: await jws.sign(key) }
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
