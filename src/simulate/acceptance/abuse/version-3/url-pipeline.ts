/**
 * Feeds a list of addresses from all over the web through one template, each on another host. Knows that volume beyond
 * what it bought is what counts: from ten times its quota down to just below three; with ever more wordings, ever fewer new
 * hosts, and questions about other things in between.
 */
import { POOLS } from '../../../cast.ts'
import { honestExchange } from '../../../honest-texts.ts'
import { between, type Abuser } from '../../act.ts'
import { page } from '../../hosts.ts'
import { overQuota } from '../over-quota.ts'

const WORDINGS = 'Classify Summarise Tag Sort Describe Translate Rate Check'.split(' ')
const MOST_HOSTS = 5_000

export const urlPipeline: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: 13,
  hours: 2,
  play: (act) => {
    const { random } = act
    const wordings = Math.round(between(act, 1, WORDINGS.length))
    const hosts = Math.round(between(act, MOST_HOSTS, MOST_HOSTS / 20))
    return overQuota(act, () => ({
      model: POOLS.smallUs.model,
      poolId: POOLS.smallUs.poolId,
      tokens: { inputTokens: random.integer(800, 3_000), outputTokens: random.integer(20, 200) },
      said: random.chance(between(act, 0, 0.4)) ? honestExchange('summary', random) : pageOfSomebody(),
    }))

    function pageOfSomebody() {
      const address = page(`web${random.integer(0, hosts)}.example`, random)
      const wording = WORDINGS[random.integer(0, wordings)] ?? ''
      return { prompt: `${wording} the page at ${address}`, answer: '', on: 'request' as const }
    }
  },
}
