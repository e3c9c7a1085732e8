/** Honest jobs by the clock: on the hour, at night at a quota that is too small, and at night when nobody else works. */
import { identity, plan } from '../../account.ts'
import { ClosedLoop, PeriodicArrivals, type Arrivals } from '../../arrivals.ts'
import { backsOffBlindly, customerOf, waits, type Patience } from '../../asking.ts'
import { HOUR_MS, POOLS, type Cast } from '../../cast.ts'
import { enumerated } from '../../honest-texts.ts'
import { alone, DAY_MS, type Act } from '../act.ts'

const SECOND_MS = 1_000

/** Forty requests on every hour, one a second against a limit of twenty a minute, with an SDK's usual retries. */
export function cronOnTheHour(act: Act): Cast {
  const { random, accountId } = act
  return alone(
    customerOf({
      who: identity({ accountId, plan: plan('free', 20, 300, 600_000, 400), nowMs: act.fromMs }, random),
      arrivals: new PeriodicArrivals(HOUR_MS, 40, SECOND_MS, act),
      random,
      patience: backsOffBlindly(2),
      ask: () => ({
        model: POOLS.smallUs.model,
        poolId: POOLS.smallUs.poolId,
        tokens: { inputTokens: random.integer(200, 600), outputTokens: random.integer(40, 160) },
        said: enumerated('Write the hourly summary of sensor {n}', random.integer(1, 900)),
      }),
    }),
  )
}

const RETRY_MS = 20 * SECOND_MS
const MOST_RETRIES = 100

/**
 * Works through its own invoices by number for two hours of each night, eight at a time, at its quota; what is turned
 * away comes again every twenty seconds. Most of what it sends is refused, so that it sends more than three times its
 * quota and is served no more than that.
 */
export function nightlyAtItsQuota(act: Act): Cast {
  const { random, accountId } = act
  let invoice = random.integer(10_000, 90_000)
  return alone(
    customerOf({
      who: identity(
        { accountId, plan: plan('payAsYouGo', 6, 360, 2_000_000, 1_200), nowMs: act.fromMs },
        random,
      ),
      arrivals: new Nightly(
        act,
        2 * HOUR_MS,
        2 * HOUR_MS,
        (span) => new ClosedLoop(8, 2 * SECOND_MS, span, random),
      ),
      random,
      patience: everyTwentySeconds,
      ask: () => ({
        model: POOLS.smallEu.model,
        poolId: POOLS.smallEu.poolId,
        tokens: { inputTokens: random.integer(500, 1_200), outputTokens: random.integer(60, 140) },
        said: enumerated('Read the due date and the sum of invoice {n}', ++invoice),
      }),
    }),
  )
}

const everyTwentySeconds: Patience = (ask, { nowMs, attempt }, random) =>
  attempt > MOST_RETRIES ? null : { ask, atMs: nowMs + RETRY_MS * random.between(0.8, 1.2) }

/** Fills a pool beyond its own quota in the small hours, when nobody else is on it. */
export function batchInAnIdleNight(act: Act): Cast {
  const { random, accountId } = act
  const underWay = 2 * act.slotsOf(POOLS.batch)
  return alone(
    customerOf({
      who: identity(
        { accountId, plan: plan('contract', 600, 12_000, 60_000_000, 900), nowMs: act.fromMs },
        random,
      ),
      arrivals: new Nightly(
        act,
        3 * HOUR_MS,
        HOUR_MS / 4,
        (span) => new ClosedLoop(underWay, SECOND_MS, span, random),
      ),
      random,
      patience: waits(5),
      ask: () => ({
        model: POOLS.batch.model,
        poolId: POOLS.batch.poolId,
        operationName: 'batch',
        tokens: { inputTokens: random.integer(2_000, 6_000), outputTokens: random.integer(1_500, 3_500) },
      }),
    }),
  )
}

/** The same arrivals in the same hours of each day. */
class Nightly implements Arrivals {
  readonly #nights: readonly Arrivals[]
  readonly #firstDayMs: number

  constructor(act: Act, atMs: number, lengthMs: number, night: (span: Act) => Arrivals) {
    this.#firstDayMs = Math.floor(act.fromMs / DAY_MS) * DAY_MS
    const nights = Math.ceil((act.toMs - this.#firstDayMs) / DAY_MS)
    this.#nights = Array.from({ length: nights }, (_, day) => {
      const fromMs = this.#firstDayMs + day * DAY_MS + atMs
      return night({ ...act, fromMs, toMs: fromMs + lengthMs })
    })
  }

  begin(): readonly number[] {
    return this.#nights.flatMap((night) => night.begin())
  }

  afterArrival(nowMs: number): number {
    return this.#of(nowMs)?.afterArrival(nowMs) ?? Infinity
  }

  afterEnd(nowMs: number): number {
    return this.#of(nowMs)?.afterEnd(nowMs) ?? Infinity
  }

  #of(nowMs: number): Arrivals | undefined {
    return this.#nights[Math.floor((nowMs - this.#firstDayMs) / DAY_MS)]
  }
}
