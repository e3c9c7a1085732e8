/**
 * The key set where it lies: a file or an address, read at the start and again when a word comes and it is no longer
 * fresh.
 *
 * S1. A set that cannot be had is waited for (P8); one that is wrong is refused at the start. Later the last good one
 *     stays in force meanwhile, for `MOST_STALE_MS`: then nobody's word counts until there is one again.
 * S2. The set is asked for at most once in `FRESH_MS`, however many words come, whoever signed them.
 * S3. A key that was taken out of the set counts no more from `FRESH_MS` on.
 */
import { readFile } from 'node:fs/promises'
import type { Clock } from '../domain/clock.ts'
import { RefusedError, TransientError } from '../engine/errors.ts'
import { readKeySet, type Signer } from './key-set.ts'

const FRESH_MS = 30_000
const MOST_STALE_MS = 600_000
const FETCH_TIMEOUT_MS = 5_000

export class KeySource {
  readonly #origin: string
  readonly #clock: Clock
  #signers: ReadonlyMap<string, Signer> | null = null
  #askedAtMs = -Infinity
  /** Since when every attempt has failed; null while the last one did not. */
  #failingSinceMs: number | null = null
  #hadOne = false

  /** `origin`: the path of a file, or an http(s) address. */
  constructor(origin: string, clock: Clock) {
    this.#origin = origin
    this.#clock = clock
  }

  /** Undefined for a key that is not in the set. Throws TransientError while no set that is fresh enough can be had. */
  async signer(keyId: string): Promise<Signer | undefined> {
    if (this.#clock.now() >= this.#askedAtMs + FRESH_MS) await this.read()
    else if (this.#signers === null) throw new TransientError('signers', "the signers' keys cannot be had")
    return this.#signers?.get(keyId)
  }

  /** Reads the set. Throws where it cannot be had or is wrong, and there is none from before that is fresh enough (S1). */
  async read(): Promise<void> {
    this.#askedAtMs = this.#clock.now()
    try {
      this.#signers = await readKeySet(await this.#text(), this.#origin)
      this.#failingSinceMs = null
      this.#hadOne = true
    } catch (error) {
      if (!this.#hadOne) throw error
      this.#failingSinceMs ??= this.#askedAtMs
      if (this.#askedAtMs < this.#failingSinceMs + MOST_STALE_MS) return
      this.#signers = null
      throw new TransientError('signers', "the signers' keys cannot be had any more", { cause: error })
    }
  }

  #text(): Promise<string> {
    return /^https?:\/\//.test(this.#origin) ? fetched(this.#origin) : fromFile(this.#origin)
  }
}

async function fetched(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    return await answer.text()
  } catch (error) {
    throw new TransientError('signers', "the signers' keys cannot be fetched", { cause: error })
  }
}

async function fromFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new RefusedError(
      `${path} cannot be read; set BAILIFF_SIGNERS to the file or address of the key set`,
      {
        cause: error,
      },
    )
  }
}
