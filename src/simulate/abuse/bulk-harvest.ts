/**
 * Walks through a catalogue that is not its own with one template, far beyond its plan. Evasion: slower, and the
 * identifiers skip and are shuffled.
 */
import { identity, plan } from '../account.ts'
import { PacedArrivals } from '../arrivals.ts'
import { customerOf, waits } from '../asking.ts'
import { minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'
import { enumerated } from '../honest-texts.ts'

const ACCOUNT_ID = 'acct-harvest'
const PER_HOUR = 3_000
const TEMPLATE = 'Summarise catalogue entry {n} with its price and seller'

export function bulkHarvest(stage: Stage): Cast {
  const { random, evasion } = stage
  const span = { fromMs: minutesIn(stage, random.between(4, 10)), toMs: stage.toMs }
  const smallPlan = plan('trial', 90, 300, 2_000_000, 1_200)
  let ordinal = random.integer(10_000, 90_000)
  const customer = customerOf({
    who: identity({ accountId: ACCOUNT_ID, plan: smallPlan, nowMs: stage.fromMs, addresses: 3 }, random),
    arrivals: new PacedArrivals(() => PER_HOUR * (1 - 0.8 * evasion), 0.3, span, random),
    random,
    patience: waits(3),
    ask: () => {
      ordinal += 1 + random.integer(0, 1 + Math.round(9 * evasion))
      return {
        model: POOLS.smallUs.model,
        poolId: POOLS.smallUs.poolId,
        tokens: { inputTokens: random.integer(300, 500), outputTokens: random.integer(80, 160) },
        said: enumerated(TEMPLATE, ordinal),
      }
    },
  })
  const truth = {
    accountId: ACCOUNT_ID,
    detectorId: 'scraping.bulk-harvest',
    clause: 'fair-use.scraping',
    abuseBeganAtMs: span.fromMs,
  }
  return { ...NOBODY, customers: [customer], truths: [truth], requests: requestsAt(PER_HOUR, span) }
}
