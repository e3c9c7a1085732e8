/**
 * Ordinary customers: rates, burstiness and token counts of real clients, a plan that holds what they use, and a
 * model, pool and way of talking that fit each other.
 */
import { identity, planFor, type Plan } from './account.ts'
import { expectedRequests, TraceArrivals, type Span } from './arrivals.ts'
import { backsOffBlindly, customerOf, waits, type AskDraft } from './asking.ts'
import { HOUR_MS, POOLS, type PoolPlan } from './cast.ts'
import type { Customer, Said } from './customer.ts'
import { CHAT_KINDS, honestExchange, type ChatKind } from './honest-texts.ts'
import { gpuSecondsOf } from './model-catalogue.ts'
import { Random } from './random.ts'
import {
  conversationTokens,
  TRACE_CLIENTS,
  TRACE_WINDOWS,
  type TokenPair,
  type TraceClient,
} from './trace.ts'

/** One ordinary customer before it is known how busy the platform is to be. */
export interface RegularDraft {
  readonly accountId: string
  readonly client: TraceClient
  readonly shift: number
  /** How big the customer is among all, by itself without a unit. */
  readonly weight: number
  /** Requests in the span for a rate of 1 an hour times its weight. */
  readonly share: number
  readonly pool: PoolPlan
  readonly kind: ChatKind
  readonly seed: number
}

export interface Regular {
  readonly customer: Customer
  readonly poolId: string
  readonly gpuSecondsPerHour: number
}

/** Share of requests whose text the platform hands over, 0 to 1. */
export type TextShare = number

/** Prompts beyond this are cut by the platform; few are longer. */
const MOST_INPUT_TOKENS = 16_000
const MOST_OUTPUT_TOKENS = 4_000
const SAMPLED_TOKENS = 40
/** The log of customers' sizes is spread so far. */
const SIZE_SPREAD = 1.1
const MOST_WEIGHT = 12
const DAYS_TRIED = 4
const DAY_MS = 24 * HOUR_MS

const POOLS_OF: Readonly<Record<TraceClient['family'], readonly PoolPlan[]>> = {
  large: [POOLS.busy, POOLS.launch, POOLS.contested, POOLS.smallEu],
  mid: [POOLS.smallEu, POOLS.smallUs, POOLS.code, POOLS.contested],
  small: [POOLS.smallEu, POOLS.smallUs, POOLS.code],
  reasoning: [POOLS.reasoning],
}

export function draftRegular(accountId: string, seed: number, span: Span): RegularDraft {
  const random = new Random(seed, `${accountId}/draft`)
  const client = random.pick(TRACE_CLIENTS)
  const shift = wakingShift(client, span, random)
  const weight = Math.min(MOST_WEIGHT, Math.exp(SIZE_SPREAD * random.normal()))
  const share = weight * expectedRequests(client, shift, span)
  const pool = random.pick(POOLS_OF[client.family])
  const kind = pool === POOLS.code ? 'code' : random.pick(CHAT_KINDS)
  return { accountId, client, shift, weight, share, pool, kind, seed }
}

/** Most real clients sleep for most of the day; ours are looked at in an hour in which they mostly do not. */
function wakingShift(client: TraceClient, span: Span, random: Random): number {
  for (let left = DAYS_TRIED; left > 1; left--) {
    const shift = random.integer(0, TRACE_WINDOWS)
    if (expectedRequests(client, shift, span) > 0) return shift
  }
  return random.integer(0, TRACE_WINDOWS)
}

/** `scale`: requests an hour of a customer of weight 1 at its mean rate. */
export function regular(draft: RegularDraft, scale: number, textShare: TextShare, span: Span): Regular {
  const random = new Random(draft.seed, draft.accountId)
  const tokens = tokensOf(draft, random)
  const perHour = (draft.share * scale * HOUR_MS) / (span.toMs - span.fromMs)
  const busiestPerHour = perHour * busiestOverMean(draft, span)
  const each = meanUse(draft, tokens, random)
  const customer = customerOf({
    who: whoIs(draft, busiestPerHour, each, span, random),
    arrivals: new TraceArrivals(draft.client, draft.shift, draft.weight * scale, span, random),
    random,
    patience: random.chance(0.3) ? backsOffBlindly(2) : waits(2),
    ask: () => requestOf(draft, tokens(random), said(draft.kind, textShare, random), random),
  })
  return { customer, poolId: draft.pool.poolId, gpuSecondsPerHour: perHour * each.gpuSeconds }
}

/** How much more the busiest hour asks for than the mean one; a plan is bought for it. */
function busiestOverMean({ client, shift, share, weight }: RegularDraft, { fromMs, toMs }: Span): number {
  const hours = Math.floor(Math.min(toMs - fromMs, DAY_MS) / HOUR_MS)
  if (hours <= 1 || share === 0) return 1
  const busiest = Math.max(
    ...Array.from({ length: hours }, (_, hour) => {
      const startMs = fromMs + hour * HOUR_MS
      return expectedRequests(client, shift, { fromMs: startMs, toMs: startMs + HOUR_MS })
    }),
  )
  return (busiest * weight * (toMs - fromMs)) / (share * HOUR_MS)
}

interface MeanUse {
  readonly tokens: number
  readonly gpuSeconds: number
}

function whoIs(draft: RegularDraft, perHour: number, each: MeanUse, span: Span, random: Random) {
  return identity(
    {
      accountId: draft.accountId,
      plan: planThatFits(perHour, each),
      nowMs: span.fromMs,
      keys: random.pick([1, 1, 2, 3]),
      addresses: random.pick([1, 1, 1, 2, 4]),
      limitScope: random.chance(0.3) ? 'key' : 'account',
    },
    random,
  )
}

/** Twice what is expected and room for a burst: a plan is bought for the busy hour. */
function planThatFits(perHour: number, each: MeanUse): Plan {
  const busy = 2 * perHour + 25 * Math.sqrt(perHour) + 60
  return planFor({
    requestsPerHour: busy,
    tokensPerHour: busy * each.tokens,
    gpuSecondsPerHour: busy * each.gpuSeconds,
  })
}

function tokensOf(draft: RegularDraft, random: Random): (random: Random) => TokenPair {
  const fromConversations = draft.kind === 'question' && random.chance(0.7)
  const source = fromConversations ? conversationTokens : (from: Random) => draft.client.tokens(from)
  return (from) => {
    const { inputTokens, outputTokens } = source(from)
    return {
      inputTokens: Math.min(MOST_INPUT_TOKENS, inputTokens),
      outputTokens: Math.min(MOST_OUTPUT_TOKENS, outputTokens),
    }
  }
}

function meanUse(draft: RegularDraft, tokens: (random: Random) => TokenPair, random: Random): MeanUse {
  const samples = Array.from({ length: SAMPLED_TOKENS }, () => tokens(random))
  const total = (of: (pair: TokenPair) => number) =>
    samples.reduce((sum, pair) => sum + of(pair), 0) / SAMPLED_TOKENS
  return {
    tokens: total((pair) => pair.inputTokens + pair.outputTokens),
    gpuSeconds: total((pair) => gpuSecondsOf(draft.pool.model, { ...pair, cacheReadInputTokens: 0 })),
  }
}

function said(kind: ChatKind, textShare: TextShare, random: Random): Said | null {
  return random.chance(textShare) ? honestExchange(kind, random) : null
}

function requestOf(draft: RegularDraft, tokens: TokenPair, text: Said | null, random: Random): AskDraft {
  const { accountId, pool, kind } = draft
  return {
    model: pool.model,
    poolId: pool.poolId,
    tokens,
    said: text,
    cachedShare: random.chance(0.35) ? random.between(0.2, 0.9) : 0,
    endUserId: kind === 'support' ? `${accountId}-visitor${random.integer(1, 40)}` : null,
    projectId: `${accountId}-project`,
  }
}
