/**
 * Lets GPUs work and hangs up before the answer. Knows that three fifths of waste are nobody's matter: takes the more
 * answers the more careful it is, and pays for them.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { alone, between, type Abuser } from '../act.ts'

export const cancelAfterWork: Abuser = {
  clause: 'fair-use.exhaustion',
  gain: 'gpuSeconds',
  fromHour: 13,
  hours: 2,
  play: (act) => {
    const { random, accountId } = act
    const cancelled = between(act, 1, 0.52)
    return alone(
      customerOf({
        who: identity({ accountId, plan: plan('trial', 60, 900, 2_000_000, 300), nowMs: act.fromMs }, random),
        arrivals: new PacedArrivals(() => between(act, 700, 350), 0.7, act, random),
        random,
        patience: waits(3),
        ask: () => ({
          model: POOLS.code.model,
          poolId: POOLS.code.poolId,
          tokens: { inputTokens: random.integer(1_000, 3_000), outputTokens: random.integer(600, 1_800) },
          cancelled: random.chance(cancelled),
        }),
      }),
    )
  },
}
