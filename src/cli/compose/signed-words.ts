/**
 * People's words at the door: whether each is signed by whom it names. Verifying takes a moment of its own, so that
 * `prepare` does it and `refusalOf` tells.
 */
import type { Codec } from '../../codec/codec.ts'
import type { Rejection, SourceRecord } from '../../engine/record.ts'
import { sourcePosition } from '../../engine/set-aside.ts'
import type { KeySource } from '../../sign/key-source.ts'
import { refusalOfWord, type SignedWord } from '../../sign/signature.ts'

export interface Words {
  /** Verifies the words among the records. Throws TransientError while the signers' keys cannot be had. */
  prepare(records: readonly SourceRecord[]): Promise<void>
  /** Why a word that was prepared does not count; null for one that does, and for all that is no word. */
  refusalOf(record: SourceRecord): Rejection | null
}

/** For the operator's own files and for simulations: whoever wrote them is asked for no signature. */
export const trustedWords: Words = {
  prepare: () => Promise.resolve(),
  refusalOf: () => null,
}

const NO_SIGNERS: Rejection = {
  stage: 'validate',
  reason: 'unknownSigner',
  detail: "no signers' keys are set, so that nobody's word can be told from anybody's: set BAILIFF_SIGNERS",
}

/** `keys` null: nobody's word counts. */
export function signedWords(codec: Codec, keys: KeySource | null): Words {
  return new SignedWords(codec, keys)
}

/** A task that was lost never asks for what it had prepared: past this many the oldest are dropped. */
const MOST_KEPT = 10_000

class SignedWords implements Words {
  readonly #codec: Codec
  readonly #keys: KeySource | null
  /** By source position; null for a word that counts. */
  readonly #verdicts = new Map<string, Rejection | null>()

  constructor(codec: Codec, keys: KeySource | null) {
    this.#codec = codec
    this.#keys = keys
  }

  async prepare(records: readonly SourceRecord[]): Promise<void> {
    for (const record of records) {
      const word = wordOf(this.#codec, record)
      if (word === null) continue
      const verdict = await this.#verdict(word)
      this.#verdicts.set(sourcePosition(record), verdict)
    }
    for (const position of this.#verdicts.keys()) {
      if (this.#verdicts.size <= MOST_KEPT) break
      this.#verdicts.delete(position)
    }
  }

  refusalOf(record: SourceRecord): Rejection | null {
    if (wordOf(this.#codec, record) === null) return null
    const position = sourcePosition(record)
    const verdict = this.#verdicts.get(position)
    if (verdict === undefined) throw new Error(`${position} is a word that was not prepared`)
    this.#verdicts.delete(position)
    return verdict
  }

  async #verdict(word: SignedWord): Promise<Rejection | null> {
    const keys = this.#keys
    return keys === null ? NO_SIGNERS : refusalOfWord(word, (keyId) => keys.signer(keyId))
  }
}

/** Null for what is no word, and for what cannot be read: that is told by whoever decodes it. */
function wordOf(codec: Codec, record: SourceRecord): SignedWord | null {
  if (record.value === null) return null
  const heardAtMs = record.appendTimeMs
  if (record.topic === 'abuse.decisions.v1') {
    const decoded = codec.decode(record.topic, record)
    if (!decoded.ok) return null
    const { value } = decoded
    return { value, claimedBy: value.decidedBy, saidAtMs: value.decidedAtMs, heardAtMs }
  }
  if (record.topic === 'bailiff.control.v1') {
    const decoded = codec.decode(record.topic, record)
    if (!decoded.ok) return null
    const { value } = decoded
    return { value, claimedBy: value.issuedBy, saidAtMs: value.issuedAtMs, heardAtMs }
  }
  return null
}
