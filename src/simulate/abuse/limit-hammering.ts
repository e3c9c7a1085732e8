/**
 * Runs against its limit without a pause and never reads Retry-After. Evasion: the share of refusals after which it
 * does wait.
 */
import { identity, plan } from '../account.ts'
import { PacedArrivals } from '../arrivals.ts'
import { customerOf, givesUp, waits } from '../asking.ts'
import { minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'

const ACCOUNT_ID = 'acct-hammer'
const PER_HOUR = 4_700

export function limitHammering(stage: Stage): Cast {
  const { random, evasion } = stage
  const span = { fromMs: minutesIn(stage, random.between(6, 14)), toMs: stage.toMs }
  const smallPlan = plan('free', 20, 1_200, 600_000, 400)
  const patient = waits(3)
  const customer = customerOf({
    who: identity({ accountId: ACCOUNT_ID, plan: smallPlan, nowMs: stage.fromMs }, random),
    arrivals: new PacedArrivals(() => PER_HOUR * (1 - 0.85 * evasion), 0.4, span, random),
    random,
    patience: (ask, rejection) => (random.chance(evasion) ? patient : givesUp)(ask, rejection, random),
    ask: () => ({
      model: POOLS.smallUs.model,
      poolId: POOLS.smallUs.poolId,
      tokens: { inputTokens: random.integer(40, 200), outputTokens: random.integer(5, 40) },
    }),
  })
  const truth = {
    accountId: ACCOUNT_ID,
    detectorId: 'exhaustion.limit-hammering',
    clause: 'fair-use.exhaustion',
    abuseBeganAtMs: span.fromMs,
  }
  return { ...NOBODY, customers: [customer], truths: [truth], requests: requestsAt(PER_HOUR, span) }
}
