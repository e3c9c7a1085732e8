/**
 * Uses GPUs on payments that are taken back or fail. Knows what is counted: the more careful, the fewer of them on one
 * account and the less it uses before it leaves.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { HOUR_MS, POOLS } from '../../cast.ts'
import type { Happening } from '../../customer.ts'
import { alone, between, type Abuser, type Act } from '../act.ts'

/** Chargebacks and failed payments by evasion level, least careful first. */
const PAYMENTS = [
  { chargeback: 3, paymentFailed: 2 },
  { chargeback: 2, paymentFailed: 1 },
  { chargeback: 1, paymentFailed: 2 },
  { chargeback: 1, paymentFailed: 1 },
  { chargeback: 0, paymentFailed: 2 },
] as const

export const billing: Abuser = {
  clause: 'fair-use.circumvention',
  gain: 'gpuSeconds',
  fromHour: 0,
  hours: 24,
  play: (act) => {
    const { random, accountId } = act
    return alone(
      customerOf({
        who: identity(
          { accountId, plan: plan('payAsYouGo', 60, 900, 5_000_000, 900), nowMs: act.fromMs },
          random,
        ),
        arrivals: new PacedArrivals(() => between(act, 60, 9), 1, act, random),
        random,
        patience: waits(2),
        ask: () => ({
          model: POOLS.contested.model,
          poolId: POOLS.contested.poolId,
          tokens: { inputTokens: random.integer(800, 2_400), outputTokens: random.integer(500, 1_100) },
        }),
      }),
      payments(act),
    )
  },
}

/** An hour apart, from the second hour on. */
function payments({ fromMs, accountId, evasion }: Act): Happening[] {
  const { chargeback, paymentFailed } = PAYMENTS[Math.round(evasion * 4)] ?? PAYMENTS[0]
  const kinds = [
    ...Array<'chargeback'>(chargeback).fill('chargeback'),
    ...Array<'paymentFailed'>(paymentFailed).fill('paymentFailed'),
  ]
  return kinds.map((kind, at) => ({ atMs: fromMs + (at + 2) * HOUR_MS, accountId, kind, keyId: null }))
}
