/**
 * Honest customers of much: a support bot with one template, texts for a product of one's own, and what ServeGen shows:
 * customers of a large part of the platform, and customers that do all of their day in a few minutes.
 */
import { identity, plan } from '../../account.ts'
import { backsOffBlindly, customerOf, waits } from '../../asking.ts'
import { POOLS, type Cast } from '../../cast.ts'
import { enumerated, honestExchange } from '../../honest-texts.ts'
import { TRACE_CLIENTS, TRACE_WINDOW_MS, TRACE_WINDOWS, type TraceClient } from '../../trace.ts'
import { alone, DAY_MS, type Act } from '../act.ts'
import { ChangingArrivals, inHours } from '../changing-arrivals.ts'

/** One template all day, in office hours far beyond the quota that it was once sold; tickets are not in order. */
export function supportBot(act: Act): Cast {
  const { random, accountId } = act
  return alone(
    customerOf({
      who: identity(
        { accountId, plan: plan('contract', 60, 60, 10_000_000, 4_000), nowMs: act.fromMs },
        random,
      ),
      arrivals: new ChangingArrivals(inHours(8, 12, 220), 1.2, act, random),
      random,
      patience: waits(2),
      ask: () => ({
        model: POOLS.smallEu.model,
        poolId: POOLS.smallEu.poolId,
        tokens: { inputTokens: random.integer(200, 900), outputTokens: random.integer(50, 250) },
        said: enumerated('A customer asks about order {n}; answer kindly', random.integer(1, 900_000)),
        endUserId: `${accountId}-visitor${random.integer(1, 4_000)}`,
      }),
    }),
  )
}

/** Long texts for a product of one's own, evenly, ten hours a day, and all of them kept. */
export function syntheticData(act: Act): Cast {
  const { random, accountId } = act
  return alone(
    customerOf({
      who: identity(
        { accountId, plan: plan('contract', 60, 600, 20_000_000, 8_000), nowMs: act.fromMs },
        random,
      ),
      arrivals: new ChangingArrivals(inHours(7, 10, 120), 0.15, act, random),
      random,
      patience: waits(2),
      ask: () => ({
        model: POOLS.reasoning.model,
        poolId: POOLS.reasoning.poolId,
        tokens: { inputTokens: random.integer(100, 400), outputTokens: random.integer(850, 1_500) },
        said: honestExchange('writing', random),
      }),
    }),
  )
}

const MOST_CV = 5

/** All of a real client's day as it was, with no bound on its peaks: some do everything in ten minutes. */
export function bursty(act: Act): Cast {
  const { random, accountId } = act
  const client = random.pick(BURSTY_CLIENTS)
  const busiest = Math.max(...client.relativeRate)
  const perHour = (nowMs: number) => (500 * (client.relativeRate[windowOf(nowMs)] ?? 0)) / busiest
  return alone(
    customerOf({
      who: identity(
        { accountId, plan: plan('payAsYouGo', 60, 1_500, 10_000_000, 4_000), nowMs: act.fromMs },
        random,
      ),
      arrivals: new ChangingArrivals(perHour, cvOf(client), act, random),
      random,
      patience: random.chance(0.5) ? backsOffBlindly(2) : waits(3),
      ask: () => ({
        model: POOLS.smallUs.model,
        poolId: POOLS.smallUs.poolId,
        tokens: client.tokens(random),
      }),
    }),
  )
}

/** A fifth of the platform's ordinary traffic by itself, within its contract. */
export function huge(act: Act): Cast {
  const { random, accountId } = act
  const client = random.pick(STEADY_CLIENTS)
  const contract = plan('contract', 600, 4_000, 60_000_000, 6_000)
  return alone(
    customerOf({
      who: identity({ accountId, plan: contract, nowMs: act.fromMs, keys: 3, addresses: 6 }, random),
      arrivals: new ChangingArrivals(
        (nowMs) => 200 * Math.max(0.05, Math.min(4, client.relativeRate[windowOf(nowMs)] ?? 0)),
        2,
        act,
        random,
      ),
      random,
      patience: waits(3),
      ask: () => ({
        model: POOLS.busy.model,
        poolId: POOLS.busy.poolId,
        tokens: { inputTokens: random.integer(400, 2_000), outputTokens: random.integer(60, 300) },
        cachedShare: 0.3,
      }),
    }),
  )
}

/** Quiet for at least half of the day. */
const BURSTY_CLIENTS = TRACE_CLIENTS.filter(
  ({ relativeRate }) => relativeRate.filter((rate) => rate > 0).length < TRACE_WINDOWS / 2,
)
const STEADY_CLIENTS = TRACE_CLIENTS.filter(({ relativeRate }) => relativeRate.every((rate) => rate > 0.1))

function windowOf(nowMs: number): number {
  return Math.floor((nowMs % DAY_MS) / TRACE_WINDOW_MS)
}

function cvOf({ burstiness }: TraceClient): number {
  const active = burstiness.filter((cv) => cv > 0)
  const mean = active.reduce((sum, cv) => sum + cv, 0) / Math.max(1, active.length)
  return Math.min(MOST_CV, Math.max(0.5, mean))
}
