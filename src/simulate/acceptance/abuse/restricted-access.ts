/**
 * Tries one thing after another that it was not granted. Knows that nine in a day are the limit: from forty a day down
 * to eight.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { alone, between, type Abuser } from '../act.ts'

const TRIES_EACH = 4

export const restrictedAccess: Abuser = {
  clause: 'fair-use.circumvention',
  gain: 'denials',
  fromHour: 1,
  hours: 22,
  play: (act) => {
    const { random, accountId } = act
    const resources = Math.round(between(act, 40, 8))
    const tries = resources * TRIES_EACH
    const stepMs = (act.toMs - act.fromMs) / tries
    return alone(
      customerOf({
        who: identity(
          { accountId, plan: plan('payAsYouGo', 60, 900, 5_000_000, 900), nowMs: act.fromMs },
          random,
        ),
        arrivals: new PacedArrivals(() => 10, 1, act, random),
        random,
        patience: waits(2),
        ask: () => ({
          model: POOLS.smallUs.model,
          poolId: POOLS.smallUs.poolId,
          tokens: { inputTokens: random.integer(50, 300), outputTokens: random.integer(50, 300) },
        }),
      }),
      Array.from({ length: tries }, (_, at) => ({
        atMs: Math.floor(act.fromMs + at * stepMs),
        accountId,
        kind: 'restrictedAccessDenied',
        keyId: `${accountId}-key1`,
        resource: `model-${at % resources}`,
      })),
    )
  },
}
