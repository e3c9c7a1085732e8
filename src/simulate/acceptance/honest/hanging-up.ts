/** Honest customers that cancel: hedged requests beyond the quota, and people who have read enough. */
import { plan } from '../../account.ts'
import { POOLS, type Cast } from '../../cast.ts'
import type { Act } from '../act.ts'
import { inHours } from '../changing-arrivals.ts'
import { steady } from './steady.ts'

/** Asks twice and takes the faster answer: every other request is cancelled when a third of it was done. */
export function hedgedRequests(act: Act): Cast {
  const { random } = act
  let second = false
  return steady(act, {
    bought: plan('contract', 120, 1_200, 20_000_000, 60),
    perHour: inHours(9, 8, 160),
    ask: () => {
      second = !second
      const outputTokens = random.integer(300, 900)
      return {
        model: POOLS.code.model,
        poolId: POOLS.code.poolId,
        said: null,
        cancelled: second,
        tokens: {
          inputTokens: random.integer(500, 2_000),
          outputTokens: second ? Math.round(outputTokens / 3) : outputTokens,
        },
      }
    },
  })
}

/** A chat whose visitors stop every third answer. */
export function peopleWhoStop(act: Act): Cast {
  const { random } = act
  return steady(act, { perHour: inHours(8, 12, 40), ask: () => ({ cancelled: random.chance(0.35) }) })
}

/** Stories from a line, as long as they may be, within the quota. */
export function longStories(act: Act): Cast {
  const { random } = act
  return steady(act, {
    bought: plan('contract', 60, 600, 20_000_000, 2_000),
    perHour: inHours(14, 5, 110),
    ask: () => ({ said: null, tokens: { inputTokens: random.integer(10, 60), outputTokens: 4_000 } }),
  })
}
