/**
 * Walks through a catalogue that is not its own with one template. Knows that three times its quota is the limit, and
 * that a walk with gaps is less of one: from ten times the quota down to just below three, and with ever longer strides.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { enumerated } from '../../honest-texts.ts'
import { alone, between, type Abuser } from '../act.ts'

const QUOTA_PER_HOUR = 150
const TEMPLATE = 'List price, seller and stock of catalogue entry {n}'

export const bulkHarvest: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: 10,
  hours: 2,
  play: (act) => {
    const { random, accountId, evasion } = act
    const smallPlan = plan('trial', 90, QUOTA_PER_HOUR, 2_000_000, 1_200)
    let ordinal = random.integer(10_000, 90_000)
    return alone(
      customerOf({
        who: identity({ accountId, plan: smallPlan, nowMs: act.fromMs, addresses: 3 }, random),
        arrivals: new PacedArrivals(() => QUOTA_PER_HOUR * between(act, 10, 2.8), 0.4, act, random),
        random,
        patience: waits(3),
        ask: () => {
          ordinal += 1 + random.integer(0, 1 + Math.round(3 * evasion))
          return {
            model: POOLS.smallEu.model,
            poolId: POOLS.smallEu.poolId,
            tokens: { inputTokens: random.integer(300, 500), outputTokens: random.integer(80, 160) },
            said: enumerated(TEMPLATE, ordinal),
          }
        },
      }),
    )
  },
}
