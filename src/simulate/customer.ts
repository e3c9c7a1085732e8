/** A customer of the simulated platform: an account, when it asks, what it asks, and what it does when refused. */
import type { AccountEventKind, AccountState } from '../domain/account.ts'
import type { Operation } from '../domain/inference.ts'
import type { Arrivals } from './arrivals.ts'
import type { ModelName, Tokens } from './model-catalogue.ts'
import type { Random } from './random.ts'

/** Surrogate text of one request. Platforms hand over what they have: most requests carry none. */
export interface Said {
  readonly prompt: string
  readonly answer: string
  /** `request`: only the request event tells the prompt. `both`: the response event tells prompt and answer too. */
  readonly on: 'request' | 'both'
}

export interface Ask extends Tokens {
  readonly keyId: string
  readonly model: ModelName
  readonly poolId: string
  readonly operationName: Operation
  readonly clientAddress: string
  readonly userAgent: string
  readonly projectId: string | null
  readonly endUserId: string | null
  readonly said: Said | null
  /** The model declines; the response says so. */
  readonly refused: boolean
  /** The customer hangs up when the work is done and before it is told; nobody pays. */
  readonly cancelled: boolean
  /** The platform forgot to bill it. */
  readonly unbilled: boolean
}

/** A request that was turned away or failed; `attempt` counts from 1. */
export interface Rejection {
  readonly nowMs: number
  readonly attempt: number
  /** Null where the platform failed and did not say when to come back. */
  readonly retryAfterMs: number | null
}

export interface Retry {
  readonly atMs: number
  readonly ask: Ask
}

export interface Customer {
  readonly account: AccountState
  readonly arrivals: Arrivals
  readonly random: Random
  ask(nowMs: number): Ask
  /** Null: gives up. */
  retry(ask: Ask, rejection: Rejection): Retry | null
}

/** Something that happens to an account at a time, whatever it does. */
export type Happening =
  | {
      readonly atMs: number
      readonly accountId: string
      readonly kind: AccountEventKind
      readonly keyId: string | null
      /** What was denied; left out where nothing was. */
      readonly resource?: string
    }
  | { readonly atMs: number; readonly state: AccountState }

/** One abuser and what must be said of it. */
export interface Truth {
  readonly accountId: string
  readonly detectorId: string
  readonly clause: string
  readonly abuseBeganAtMs: number
}

/** One honest customer that looks like an abuser, and the detector that it must not set off. */
export interface LookAlike {
  readonly accountId: string
  readonly like: string
  readonly detectorId: string
}
