/** Honest customers that walk through identifiers: a nightly batch with a grant, and an evaluation harness. */
import { identity, plan } from '../account.ts'
import { PacedArrivals, PeriodicArrivals } from '../arrivals.ts'
import { customerOf, waits } from '../asking.ts'
import { HOUR_MS, MINUTE_MS, minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'
import { enumerated } from '../honest-texts.ts'

const DETECTOR = 'scraping.bulk-harvest'
const BATCH_PER_MINUTE = 45

/** One record after the other, far beyond its hourly quota, as registered. */
export function nightlyBatch(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-nightly'
  const span = { fromMs: minutesIn(stage, 2), toMs: minutesIn(stage, 55) }
  const registered = plan('contract', 120, 600, 10_000_000, 4_000)
  const draft = { accountId, plan: registered, nowMs: stage.fromMs, grants: ['bulkProcessing'] as const }
  let record = random.integer(100_000, 900_000)
  const customer = customerOf({
    who: identity(draft, random),
    arrivals: new PeriodicArrivals(MINUTE_MS, BATCH_PER_MINUTE, 400, span),
    random,
    patience: waits(5),
    ask: () => ({
      model: POOLS.batch.model,
      poolId: POOLS.batch.poolId,
      operationName: 'batch',
      tokens: { inputTokens: random.integer(700, 1_500), outputTokens: random.integer(60, 140) },
      said: enumerated('Extract the due date and the sum from invoice {n}', ++record),
    }),
  })
  return {
    ...NOBODY,
    customers: [customer],
    lookAlikes: [{ accountId, like: 'a nightly job with a grant', detectorId: DETECTOR }],
    requests: requestsAt((BATCH_PER_MINUTE * HOUR_MS) / MINUTE_MS, span),
  }
}

const HARNESS_PER_HOUR = 1_400

/** Question after question of a benchmark, by number, within its quota. */
export function evaluationHarness(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-harness'
  const span = { fromMs: minutesIn(stage, 5), toMs: stage.toMs }
  let question = 0
  const customer = customerOf({
    who: identity(
      { accountId, plan: plan('payAsYouGo', 150, 3_000, 10_000_000, 6_000), nowMs: stage.fromMs },
      random,
    ),
    arrivals: new PacedArrivals(() => HARNESS_PER_HOUR, 0.2, span, random),
    random,
    patience: waits(5),
    ask: () => ({
      model: POOLS.reasoning.model,
      poolId: POOLS.reasoning.poolId,
      tokens: { inputTokens: random.integer(200, 900), outputTokens: random.integer(200, 900) },
      said: enumerated('Answer question {n} of the reading test with one letter', ++question),
    }),
  })
  return {
    ...NOBODY,
    customers: [customer],
    lookAlikes: [{ accountId, like: 'an evaluation harness within its quota', detectorId: DETECTOR }],
    requests: requestsAt(HARNESS_PER_HOUR, span),
  }
}
