/**
 * The longest answers to next to nothing, very many at once. Knows that seven tenths of such requests are the limit:
 * pads the more of its prompts, and has fewer under way, the more careful it is.
 */
import { identity, plan } from '../../account.ts'
import { ClosedLoop } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { alone, between, type Abuser } from '../act.ts'

export const sponge: Abuser = {
  clause: 'fair-use.exhaustion',
  gain: 'gpuSeconds',
  fromHour: 16,
  hours: 1,
  play: (act) => {
    const { random, accountId } = act
    const underWay = Math.max(2, Math.round(act.slotsOf(POOLS.smallUs) * between(act, 4, 1.1)))
    const bare = between(act, 1, 0.6)
    return alone(
      customerOf({
        who: identity(
          { accountId, plan: plan('trial', 240, 2_000, 20_000_000, 600), nowMs: act.fromMs },
          random,
        ),
        arrivals: new ClosedLoop(underWay, 300, act, random),
        random,
        patience: waits(5),
        ask: () => ({
          model: POOLS.smallUs.model,
          poolId: POOLS.smallUs.poolId,
          tokens: {
            inputTokens: random.chance(bare) ? random.integer(8, 60) : random.integer(70, 200),
            outputTokens: 4_000,
          },
        }),
      }),
    )
  },
}
