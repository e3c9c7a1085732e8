/**
 * Fills a pool that others wait for: half as many long requests under way as the pool has places for all, hours of
 * GPU time on a small plan. Evasion: fewer at a time, and shorter.
 */
import { identity, plan } from '../account.ts'
import { ClosedLoop } from '../arrivals.ts'
import { customerOf, waits } from '../asking.ts'
import { minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'

const ACCOUNT_ID = 'acct-hog'
const REQUESTS_PER_HOUR = 900

export function gpuHog(stage: Stage): Cast {
  const { random, evasion } = stage
  const fromMs = minutesIn(stage, random.between(8, 12))
  const smallPlan = plan('trial', 60, 900, 2_000_000, 500)
  const who = identity({ accountId: ACCOUNT_ID, plan: smallPlan, nowMs: stage.fromMs }, random)
  const underWay = Math.max(2, Math.round(70 * (1 - 0.9 * evasion)))
  const customer = customerOf({
    who,
    arrivals: new ClosedLoop(underWay, 500, { fromMs, toMs: stage.toMs }, random),
    random,
    patience: waits(5),
    ask: () => ({
      model: POOLS.contested.model,
      poolId: POOLS.contested.poolId,
      tokens: {
        inputTokens: random.integer(6_000, 9_000),
        outputTokens: Math.round(random.integer(2_500, 4_000) * (1 - 0.5 * evasion)),
      },
    }),
  })
  const truth = {
    accountId: ACCOUNT_ID,
    detectorId: 'exhaustion.gpu-hog',
    clause: 'fair-use.exhaustion',
    abuseBeganAtMs: fromMs,
  }
  return { ...NOBODY, customers: [customer], truths: [truth], requests: requestsAt(REQUESTS_PER_HOUR, stage) }
}
