/**
 * Three times as many long requests under way as a pool has places. Knows that less than two fifths of a pool are
 * nobody's matter: so many are under way at evasion 1, and nobody has to wait for it.
 */
import { identity, plan } from '../../account.ts'
import { ClosedLoop } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { alone, between, type Abuser } from '../act.ts'

export const gpuHog: Abuser = {
  clause: 'fair-use.exhaustion',
  gain: 'gpuSeconds',
  fromHour: 7,
  hours: 1.5,
  play: (act) => {
    const { random, accountId } = act
    const smallPlan = plan('trial', 60, 900, 2_000_000, 500)
    const underWay = Math.max(2, Math.round(act.slotsOf(POOLS.contested) * between(act, 3, 0.38)))
    return alone(
      customerOf({
        who: identity({ accountId, plan: smallPlan, nowMs: act.fromMs }, random),
        arrivals: new ClosedLoop(underWay, 500, act, random),
        random,
        patience: waits(5),
        ask: () => ({
          model: POOLS.contested.model,
          poolId: POOLS.contested.poolId,
          tokens: { inputTokens: random.integer(6_000, 9_000), outputTokens: random.integer(2_500, 4_000) },
        }),
      }),
    )
  },
}
