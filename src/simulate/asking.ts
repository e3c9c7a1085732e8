/** The pieces that behaviours are put together from: one request, and what to do when it is turned away. */
import type { Identity } from './account.ts'
import type { Arrivals } from './arrivals.ts'
import type { Ask, Customer, Rejection, Retry } from './customer.ts'
import type { ModelName } from './model-catalogue.ts'
import type { Random } from './random.ts'
import type { TokenPair } from './trace.ts'

/** What decides a request, beside who asks. */
export interface AskDraft {
  readonly model: ModelName
  readonly poolId: string
  readonly tokens: TokenPair
  readonly keyId?: string
  readonly operationName?: Ask['operationName']
  readonly endUserId?: string | null
  readonly projectId?: string | null
  readonly said?: Ask['said']
  readonly refused?: boolean
  readonly cancelled?: boolean
  readonly unbilled?: boolean
  /** Where this request comes from and with what, where it is not as always. */
  readonly clientAddress?: string
  readonly userAgent?: string
  /** Share of the prompt that the platform found in its prefix cache. */
  readonly cachedShare?: number
}

export function askOf(who: Identity, draft: AskDraft, random: Random): Ask {
  const { inputTokens, outputTokens } = draft.tokens
  return {
    keyId: draft.keyId ?? who.keyIds[0] ?? who.account.accountId,
    model: draft.model,
    poolId: draft.poolId,
    operationName: draft.operationName ?? 'chat',
    clientAddress: draft.clientAddress ?? random.pick(who.clientAddresses),
    userAgent: draft.userAgent ?? who.userAgent,
    projectId: draft.projectId ?? null,
    endUserId: draft.endUserId ?? null,
    said: draft.said ?? null,
    refused: draft.refused ?? false,
    cancelled: draft.cancelled ?? false,
    unbilled: draft.unbilled ?? false,
    inputTokens,
    outputTokens: draft.refused === true ? Math.min(40, outputTokens) : outputTokens,
    cacheReadInputTokens: Math.floor(inputTokens * (draft.cachedShare ?? 0)),
  }
}

export type Patience = (ask: Ask, rejection: Rejection, random: Random) => Retry | null

const SECOND_MS = 1_000

/** Waits as long as it was told and a little longer, and gives up after `attempts`. */
export function waits(attempts: number): Patience {
  return (ask, { nowMs, attempt, retryAfterMs }, random) => {
    if (attempt > attempts) return null
    return { ask, atMs: nowMs + (retryAfterMs ?? 2 * SECOND_MS) + random.between(0.1, 3) * SECOND_MS }
  }
}

/** What many SDKs do by default: half a second, then a second, and then an error; Retry-After is not read. */
export function backsOffBlindly(attempts: number): Patience {
  return (ask, { nowMs, attempt }, random) => {
    if (attempt > attempts) return null
    return { ask, atMs: nowMs + 500 * 2 ** (attempt - 1) * random.between(0.75, 1.25) }
  }
}

export const givesUp: Patience = () => null

export interface CustomerDraft {
  readonly who: Identity
  readonly arrivals: Arrivals
  readonly random: Random
  readonly patience: Patience
  ask(nowMs: number): AskDraft
}

/** A customer from who it is, when it asks, what it asks and how patient it is. */
export function customerOf(draft: CustomerDraft): Customer {
  const { who, arrivals, random, patience } = draft
  return {
    account: who.account,
    arrivals,
    random,
    ask: (nowMs) => askOf(who, draft.ask(nowMs), random),
    retry: (ask, rejection) => patience(ask, rejection, random),
  }
}
