/**
 * Runs against its limit and never reads Retry-After. Knows that fewer than thirty refusals a minute of one key are
 * nobody's matter: keeps below them, and from evasion 0.75 on spreads them over three keys.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, givesUp } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { alone, between, type Abuser } from '../act.ts'

const LIMIT_PER_MINUTE = 20
const MINUTES_AN_HOUR = 60

export const limitHammering: Abuser = {
  clause: 'fair-use.exhaustion',
  gain: 'refusals',
  fromHour: 9,
  hours: 1,
  play: (act) => {
    const { random, accountId, evasion } = act
    const keys = evasion >= 0.75 ? 3 : 1
    const perHour = MINUTES_AN_HOUR * (LIMIT_PER_MINUTE + keys * between(act, 60, 27))
    const smallPlan = plan('free', LIMIT_PER_MINUTE, 1_200, 600_000, 400)
    const who = identity({ accountId, plan: smallPlan, nowMs: act.fromMs, keys }, random)
    return alone(
      customerOf({
        who,
        arrivals: new PacedArrivals(() => perHour, 0.4, act, random),
        random,
        patience: givesUp,
        ask: () => ({
          keyId: random.pick(who.keyIds),
          model: POOLS.smallUs.model,
          poolId: POOLS.smallUs.poolId,
          tokens: { inputTokens: random.integer(40, 200), outputTokens: random.integer(5, 40) },
        }),
      }),
    )
  },
}
