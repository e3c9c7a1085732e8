/** Honest customers that change on one day: a move to another cloud, a new version, a launch of their own. */
import { POOLS, type Cast } from '../../cast.ts'
import { enumerated } from '../../honest-texts.ts'
import type { Act } from '../act.ts'
import { inHours } from '../changing-arrivals.ts'
import { onDay, steady } from './steady.ts'

const BUSY = inHours(6, 14, 25)

/** From one day on it comes from other addresses, with the client of the new images. */
export function movesToAnotherCloud(act: Act): Cast {
  const fromMs = onDay(act, 9, 8)
  return steady(act, {
    perHour: BUSY,
    ask: (nowMs) =>
      nowMs < fromMs ? {} : { clientAddress: '198.51.100.12', userAgent: 'openai-python/2.1.0' },
  })
}

/** A new version of its product: another client, other words, and no more work than before. */
export function newVersion(act: Act): Cast {
  const fromMs = onDay(act, 8, 9)
  return steady(act, {
    perHour: BUSY,
    ask: (nowMs) =>
      nowMs < fromMs
        ? {}
        : {
            userAgent: 'openai-node/6.0.1',
            said: enumerated(
              'You are the new assistant; help with ticket {n}',
              act.random.integer(1, 90_000),
            ),
          },
  })
}

/** Launches on a bigger model: eight times the work of its days before, with other words, from where it always was. */
export function launchesOnABiggerModel(act: Act): Cast {
  const fromMs = onDay(act, 10, 7)
  return steady(act, {
    perHour: (nowMs) => BUSY(nowMs) * (nowMs < fromMs ? 1 : 4),
    ask: (nowMs) =>
      nowMs < fromMs
        ? {}
        : {
            model: POOLS.contested.model,
            poolId: POOLS.contested.poolId,
            said: enumerated('Welcome visitor {n} of the new shop', act.random.integer(1, 90_000)),
          },
  })
}
