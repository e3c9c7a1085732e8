/**
 * Who takes what is others' for a product of its own: a small customer without a grant, from six times what it bought
 * down towards just within it; the more careful, the more wordings and the more ordinary questions in between. Only the
 * most careful one knows our thresholds: that it may go to just below three times what it bought.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS, type Cast, type Stage } from '../../cast.ts'
import type { Said } from '../../customer.ts'
import { CHAT_KINDS, honestExchange } from '../../honest-texts.ts'
import { alone, between, type Act } from '../act.ts'

/** None of them under a contract. */
const PLANS = [
  plan('trial', 60, 150, 1_000_000, 600),
  plan('payAsYouGo', 120, 300, 3_000_000, 1_200),
] as const

/** `{it}` is what is taken. */
export interface Taking {
  readonly wordings: readonly string[]
  next(): string
}

/** Alone, and taking that; each time the page itself is in the prompt, of which only the first line is told. */
export function taker(act: Act, taking: Taking): Cast {
  const { random, accountId } = act
  const bought = random.pick(PLANS)
  const perHour = (bought.quota.requestsPerHour ?? 0) * knowing(act, 6, 0.9, 2.8)
  const cover = between(act, 0, 0.4)
  const wordings = taking.wordings.slice(0, Math.round(between(act, 1, taking.wordings.length)))
  const taken = (): Said => {
    return { prompt: random.pick(wordings).replace('{it}', taking.next()), answer: '', on: 'request' }
  }
  return alone(
    customerOf({
      who: identity({ accountId, plan: bought, nowMs: act.fromMs, addresses: 2 }, random),
      arrivals: new PacedArrivals(() => perHour, between(act, 0.3, 1), act, random),
      random,
      patience: waits(3),
      ask: () => ({
        model: POOLS.smallUs.model,
        poolId: POOLS.smallUs.poolId,
        tokens: { inputTokens: random.integer(1_200, 4_000), outputTokens: random.integer(60, 240) },
        said: random.chance(cover) ? honestExchange(random.pick(CHAT_KINDS), random) : taken(),
      }),
    }),
  )
}

/** From `crude` towards `careful`, which the catalogue suggests; at evasion 1 `known`, which our thresholds allow. */
export function knowing(stage: Stage, crude: number, careful: number, known: number): number {
  return stage.evasion === 1 ? known : between(stage, crude, careful)
}
