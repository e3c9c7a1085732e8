/**
 * Puts a great many short requests into a line at once. Knows that half of the line is the limit: at evasion 1 it has a
 * fifth more under way than there are places.
 */
import { identity, plan } from '../../account.ts'
import { ClosedLoop } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { alone, between, type Abuser } from '../act.ts'

export const queueFlood: Abuser = {
  clause: 'fair-use.exhaustion',
  gain: 'gpuSeconds',
  fromHour: 11,
  hours: 1.5,
  play: (act) => {
    const { random, accountId } = act
    const smallPlan = plan('payAsYouGo', 600, 12_000, 10_000_000, 900)
    const underWay = Math.max(2, Math.round(act.slotsOf(POOLS.contested) * between(act, 9, 1.2)))
    return alone(
      customerOf({
        who: identity({ accountId, plan: smallPlan, nowMs: act.fromMs, keys: 2, addresses: 3 }, random),
        arrivals: new ClosedLoop(underWay, 200, act, random),
        random,
        patience: waits(5),
        ask: () => ({
          model: POOLS.contested.model,
          poolId: POOLS.contested.poolId,
          tokens: { inputTokens: random.integer(500, 2_000), outputTokens: random.integer(300, 900) },
        }),
      }),
    )
  },
}
