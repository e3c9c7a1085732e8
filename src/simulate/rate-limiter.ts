/**
 * The platform's limit on requests a minute, per account or per key as the account's state says. A minute starts
 * with its first request, and a refusal says how long the minute still lasts.
 */
import type { AccountState } from '../domain/account.ts'

interface Minute {
  startMs: number
  count: number
}

const MINUTE_MS = 60_000

export class RateLimiter {
  readonly #minutes = new Map<string, Minute>()

  /** Null: let through and counted. Otherwise the milliseconds to wait; a refusal counts for nothing. */
  refuse(account: AccountState, keyId: string, nowMs: number): number | null {
    const limit = account.quota.requestsPerMinute
    if (limit === null) return null
    const minute = this.#minuteOf(account.limitScope === 'key' ? keyId : account.accountId, nowMs)
    if (minute.count >= limit) return minute.startMs + MINUTE_MS - nowMs
    minute.count++
    return null
  }

  #minuteOf(scope: string, nowMs: number): Minute {
    const known = this.#minutes.get(scope)
    if (known !== undefined && nowMs < known.startMs + MINUTE_MS) return known
    const minute = { startMs: nowMs, count: 0 }
    this.#minutes.set(scope, minute)
    return minute
  }
}
