/**
 * Keyed hashes of content: what leaves this folder in place of text (P9).
 *
 * H1. Every hash is HMAC-SHA-256 under the hash key with its purpose in front: equal texts give unequal template and
 *     slot hashes, and nobody without the key can look a text up.
 * H2. What reads all of a long text has steps.
 */
import { createHmac, type KeyObject } from 'node:crypto'
import { secretOf, type HashKey } from '../domain/hash-key.ts'
import { MOST_HOST_HASHES, type SlotKind } from '../domain/verdict.ts'
import { hostSteps } from './hosts.ts'
import { atOnce, SLICE_UNITS, type Steps } from './in-slices.ts'
import { simHash64, type SimHashSeeds } from './sim-hash.ts'
import { templateOf } from './template.ts'
import { characterEnd } from './units.ts'

export interface TemplateHashes {
  readonly templateHash: string | null
  readonly slotHash: string | null
  readonly slotOrdinal: number | null
  readonly slotKind: SlotKind | null
  readonly hostHashes: readonly string[] | null
  readonly hostCount: number | null
}

export const NO_TEMPLATE: TemplateHashes = {
  templateHash: null,
  slotHash: null,
  slotOrdinal: null,
  slotKind: null,
  hostHashes: null,
  hostCount: null,
}

/** 128 bits are plenty for a key of a cache; verdicts carry the first 64. */
const DIGEST_HEX = 32
const HASH_HEX = 16
/** So many characters are hashed, or copied, while one is looked at. */
const HASHED_A_UNIT = 4

export class Fingerprinter {
  readonly keyId: string
  readonly #secret: KeyObject
  readonly #seeds: SimHashSeeds

  constructor(key: HashKey) {
    this.keyId = key.id
    this.#secret = secretOf(key)
    const seeds = createHmac('sha256', this.#secret).update('simhash').digest()
    this.#seeds = [seeds.readInt32LE(0), seeds.readInt32LE(4)]
  }

  /** Of the text as it came, 128 bits, or of the canonical one; `shortDigest` is what verdicts carry. */
  digest(text: string): string {
    return atOnce(this.digestSteps(text))
  }

  *digestSteps(text: string): Steps<string> {
    return (yield* this.#hashSteps('content', text)).slice(0, DIGEST_HEX)
  }

  /** The digest of content that stayed with the platform, from the digest that it gave. */
  referenceDigest(sha256: string): string {
    return this.#hash('reference', sha256).slice(0, DIGEST_HEX)
  }

  /** This and the others are given canonical texts (canonical-text.ts). */
  template(text: string): TemplateHashes {
    return atOnce(this.templateSteps(text))
  }

  *templateSteps(text: string): Steps<TemplateHashes> {
    const hosts = yield* hostSteps(text)
    yield text.length / HASHED_A_UNIT
    const { template, slot, slotOrdinal, slotKind } = templateOf(text)
    return {
      templateHash: this.#hash('template', template).slice(0, HASH_HEX),
      slotHash: slot === null ? null : (yield* this.#hashSteps('slot', slot)).slice(0, HASH_HEX),
      slotOrdinal,
      slotKind,
      hostHashes: hosts.slice(0, MOST_HOST_HASHES).map((host) => this.host(host)),
      hostCount: hosts.length,
    }
  }

  /** Of the text's template alone. */
  templateHash(text: string): string {
    return this.#hash('template', templateOf(text).template).slice(0, HASH_HEX)
  }

  /** Of a host as `hostsOf` tells it. */
  host(host: string): string {
    return this.#hash('host', host).slice(0, HASH_HEX)
  }

  simHash(text: string): string | null {
    return simHash64(text, this.#seeds)
  }

  /** One account's saying of one text. */
  turnKey(accountId: string, digest: string): string {
    return this.#hash('turn', `${accountId}\u001f${digest}`).slice(0, DIGEST_HEX)
  }

  #hash(purpose: string, value: string): string {
    return atOnce(this.#hashSteps(purpose, value))
  }

  *#hashSteps(purpose: string, value: string): Steps<string> {
    const hash = createHmac('sha256', this.#secret).update(`${purpose}\u0000`)
    for (let start = 0; start < value.length;) {
      const end = characterEnd(value, start + HASHED_A_UNIT * SLICE_UNITS)
      yield (end - start) / HASHED_A_UNIT
      hash.update(value.slice(start, end))
      start = end
    }
    return hash.digest('hex')
  }
}

/** The first 64 bits of a digest. */
export function shortDigest(digest: string): string {
  return digest.slice(0, HASH_HEX)
}
