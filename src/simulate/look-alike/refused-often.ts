/** Honest customers that run against a limit: after our outage, and after we lowered the limit. */
import { identity, plan } from '../account.ts'
import { PacedArrivals } from '../arrivals.ts'
import { backsOffBlindly, customerOf } from '../asking.ts'
import { minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'
import type { Happening } from '../customer.ts'

const DETECTOR = 'exhaustion.limit-hammering'
const STORM_PER_HOUR = 5_400
const CALM_PER_HOUR = 300

/** A pool is away for two minutes; then all that was lost is asked for again, at once and for a quarter of an hour. */
export function retryStorm(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-storm'
  const { poolId, model } = POOLS.smallEu
  const [outMs, backMs] = [minutesIn(stage, 18), minutesIn(stage, 20)]
  const calmMs = minutesIn(stage, 35)
  const isStorm = (nowMs: number) => nowMs >= outMs && nowMs < calmMs
  const customer = customerOf({
    who: identity(
      { accountId, plan: plan('payAsYouGo', 20, 3_000, 5_000_000, 2_000), nowMs: stage.fromMs },
      random,
    ),
    arrivals: new PacedArrivals(
      (nowMs) => (isStorm(nowMs) ? STORM_PER_HOUR : CALM_PER_HOUR),
      0.5,
      stage,
      random,
    ),
    random,
    patience: backsOffBlindly(1),
    ask: () => ({
      model,
      poolId,
      tokens: { inputTokens: random.integer(100, 600), outputTokens: random.integer(20, 120) },
    }),
  })
  return {
    ...NOBODY,
    customers: [customer],
    lookAlikes: [{ accountId, like: 'a retry storm after our own outage', detectorId: DETECTOR }],
    happenings: [{ atMs: outMs + 20_000, accountId, kind: 'outage', keyId: null }],
    incidents: [{ kind: 'outage', poolId, atMs: outMs, untilMs: backMs }],
    requests: requestsAt(CALM_PER_HOUR, stage) + requestsAt(STORM_PER_HOUR, { fromMs: outMs, toMs: calmMs }),
  }
}

const UNCHANGED_PER_HOUR = 3_000

/** We lower its limit in the middle of the hour; it goes on as before, with an SDK that does not read Retry-After. */
export function quotaLowered(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-lowered'
  const bought = plan('payAsYouGo', 150, 6_000, 10_000_000, 4_000)
  const who = identity({ accountId, plan: bought, nowMs: stage.fromMs }, random)
  const loweredMs = minutesIn(stage, 25)
  const quota = { ...bought.quota, requestsPerMinute: 15 }
  const happenings: Happening[] = [
    { atMs: loweredMs, state: { ...who.account, quota, updatedAtMs: loweredMs } },
    { atMs: loweredMs + 50, accountId, kind: 'quotaChanged', keyId: null },
  ]
  const customer = customerOf({
    who,
    arrivals: new PacedArrivals(() => UNCHANGED_PER_HOUR, 0.8, stage, random),
    random,
    patience: backsOffBlindly(1),
    ask: () => ({
      model: POOLS.smallUs.model,
      poolId: POOLS.smallUs.poolId,
      tokens: { inputTokens: random.integer(50, 300), outputTokens: random.integer(10, 60) },
    }),
  })
  return {
    ...NOBODY,
    customers: [customer],
    lookAlikes: [{ accountId, like: 'a limit that we lowered', detectorId: DETECTOR }],
    happenings,
    requests: requestsAt(UNCHANGED_PER_HOUR * 1.4, stage),
  }
}
