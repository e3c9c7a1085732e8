/**
 * Walks through a catalogue that is not its own with one template. Knows that three times its quota is the limit, and
 * that a walk with gaps is less of one: from ten times the quota down to just below three, and with ever longer strides.
 */
import { POOLS } from '../../cast.ts'
import { enumerated } from '../../honest-texts.ts'
import type { Abuser } from '../act.ts'
import { overQuota } from './over-quota.ts'

const TEMPLATE = 'List price, seller and stock of catalogue entry {n}'

export const bulkHarvest: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: 10,
  hours: 2,
  play: (act) => {
    const { random, evasion } = act
    let ordinal = random.integer(10_000, 90_000)
    return overQuota(act, () => {
      ordinal += 1 + random.integer(0, 1 + Math.round(3 * evasion))
      return {
        model: POOLS.smallEu.model,
        poolId: POOLS.smallEu.poolId,
        tokens: { inputTokens: random.integer(300, 500), outputTokens: random.integer(80, 160) },
        said: enumerated(TEMPLATE, ordinal),
      }
    })
  },
}
