/** A quiet customer in office hours, to whom something happens, or who changes something, on one of its days. */
import { identity, plan, type Identity, type Plan } from '../../account.ts'
import { customerOf, waits, type AskDraft } from '../../asking.ts'
import { HOUR_MS, POOLS, type Cast } from '../../cast.ts'
import type { Happening } from '../../customer.ts'
import { honestExchange } from '../../honest-texts.ts'
import type { AccountState, GrantKind } from '../../../domain/account.ts'
import { alone, DAY_MS, type Act } from '../act.ts'
import { ChangingArrivals, inHours } from '../changing-arrivals.ts'

interface Steadiness {
  readonly bought?: Plan
  readonly grants?: readonly GrantKind[]
  /** What the account says beside what all say. */
  readonly account?: Partial<AccountState>
  /** Requests an hour at that time. */
  readonly perHour?: (nowMs: number) => number
  readonly happenings?: readonly Happening[]
  /** What is not as always with a request at that time. */
  ask?(nowMs: number, who: Identity): Partial<AskDraft>
}

const SMALL = plan('payAsYouGo', 60, 900, 5_000_000, 1_200)

export function steady(act: Act, how: Steadiness): Cast {
  const { random, accountId } = act
  const { bought = SMALL, grants = [], perHour = inHours(7, 12, 12) } = how
  const drawn = identity({ accountId, plan: bought, nowMs: act.fromMs, grants }, random)
  const who = { ...drawn, account: { ...drawn.account, ...how.account } }
  return alone(
    customerOf({
      who,
      arrivals: new ChangingArrivals(perHour, 1.2, act, random),
      random,
      patience: waits(2),
      ask: (nowMs) => ({
        model: POOLS.smallUs.model,
        poolId: POOLS.smallUs.poolId,
        tokens: { inputTokens: random.integer(50, 900), outputTokens: random.integer(30, 400) },
        said: honestExchange('support', random),
        ...how.ask?.(nowMs, who),
      }),
    }),
    how.happenings ?? [],
  )
}

/** An hour of one of the act's days. */
export function onDay({ fromMs }: Act, day: number, hour: number): number {
  return Math.floor(fromMs / DAY_MS) * DAY_MS + day * DAY_MS + hour * HOUR_MS
}
