/**
 * The key set where it lies: a file or an address, read when it is needed and again for a key that nobody knows yet.
 *
 * S1. A set that cannot be fetched is waited for (P8); one that is wrong is refused at the start, and later leaves the
 *     last good one in force.
 * S2. Unknown keys ask for the set at most once in `REREAD_MS`, however many come.
 */
import { readFile } from 'node:fs/promises'
import type { Clock } from '../domain/clock.ts'
import { RefusedError, TransientError } from '../engine/errors.ts'
import { readKeySet, type Signer } from './key-set.ts'

const REREAD_MS = 30_000
const FETCH_TIMEOUT_MS = 5_000

export class KeySource {
  readonly #origin: string
  readonly #clock: Clock
  #signers: ReadonlyMap<string, Signer> | null = null
  #readAtMs = 0

  /** `origin`: the path of a file, or an http(s) address. */
  constructor(origin: string, clock: Clock) {
    this.#origin = origin
    this.#clock = clock
  }

  /** Undefined for a key that is not in the set. Throws TransientError while the set cannot be had. */
  async signer(keyId: string): Promise<Signer | undefined> {
    const known = this.#signers?.get(keyId)
    if (known !== undefined) return known
    if (this.#signers !== null && this.#clock.now() < this.#readAtMs + REREAD_MS) return undefined
    await this.read()
    return this.#signers?.get(keyId)
  }

  /** Reads the set. Throws RefusedError where it is wrong and there is none from before. */
  async read(): Promise<void> {
    this.#readAtMs = this.#clock.now()
    const text = await this.#text()
    try {
      this.#signers = await readKeySet(text, this.#origin)
    } catch (error) {
      if (this.#signers === null || !(error instanceof RefusedError)) throw error
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
