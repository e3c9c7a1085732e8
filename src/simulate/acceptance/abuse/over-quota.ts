/** Who harvests: a small customer on a trial that sends from ten times its quota down to just below three. */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits, type CustomerDraft } from '../../asking.ts'
import type { Cast } from '../../cast.ts'
import { alone, between, type Act } from '../act.ts'

const QUOTA_PER_HOUR = 150

/** Alone, and asking that. */
export function overQuota(act: Act, ask: CustomerDraft['ask']): Cast {
  const { random, accountId } = act
  const smallPlan = plan('trial', 90, QUOTA_PER_HOUR, 2_000_000, 1_200)
  return alone(
    customerOf({
      who: identity({ accountId, plan: smallPlan, nowMs: act.fromMs, addresses: 3 }, random),
      arrivals: new PacedArrivals(() => QUOTA_PER_HOUR * between(act, 10, 2.8), 0.4, act, random),
      random,
      patience: waits(3),
      ask,
    }),
  )
}
