/**
 * By how much thresholds differ from account to account and from week to week, so that nobody finds out by trying where
 * they lie, nor learns it from another account.
 *
 * J1. A function of the secret, the account, the week and the detector alone: every process says the same, and a
 *     repeat too (P5).
 */
import { createHmac } from 'node:crypto'
import { secretOf, type HashKey } from '../domain/hash-key.ts'
import { mix32 } from '../windows/hash.ts'

const WEEK_MS = 7 * 86_400_000

/** 32 bits that only those who have the secret can know. */
export type WeeklyHash = (accountId: string, week: number) => number

/** For what judges no accounts, and wherever limits are to lie where they are written. */
export const NO_JITTER: WeeklyHash = () => NaN

export function weeklyHash(key: HashKey): WeeklyHash {
  const secret = secretOf(key)
  return (accountId, week) =>
    createHmac('sha256', secret).update(`jitter\u0000${accountId}\u0000${week}`).digest().readUInt32BE(0)
}

/** How many accounts' hashes are kept: those that were asked for last, about. */
const MOST_KNOWN = 10_000

/** -1 to 1 for each account, week and salt; 0 without jitter. Hardly more than one keyed hash an account and week. */
export class Jitter {
  readonly #hashOf: WeeklyHash
  readonly #known = new Map<string, { readonly week: number; readonly hash: number }>()

  constructor(hashOf: WeeklyHash) {
    this.#hashOf = hashOf
  }

  of(accountId: string, timeMs: number, salt: number): number {
    const hash = this.#weekly(accountId, Math.floor(timeMs / WEEK_MS))
    return Number.isNaN(hash) ? 0 : (2 * mix32(hash ^ salt)) / 0xffffffff - 1
  }

  #weekly(accountId: string, week: number): number {
    const known = this.#known.get(accountId)
    if (known?.week === week) return known.hash
    const hash = this.#hashOf(accountId, week)
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.set(accountId, { week, hash })
    return hash
  }
}
