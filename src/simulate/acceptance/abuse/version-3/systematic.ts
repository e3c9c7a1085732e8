/**
 * Takes the sites of others page by page with one template, hundreds of pages an hour. Knows that volume beyond what it
 * bought is what counts: from ten times its quota down to just below three; with ever more sites, wordings, and questions
 * about other things in between.
 */
import { POOLS } from '../../../cast.ts'
import { honestExchange } from '../../../honest-texts.ts'
import { between, type Abuser } from '../../act.ts'
import { page } from '../../hosts.ts'
import { overQuota } from '../over-quota.ts'

const WORDINGS = 'Extract List Copy Collect Return Take Save Read'.split(' ')
const WANTED = ['all names and prices', 'the whole text', 'every table', 'what is offered']

export const systematic: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: 11,
  hours: 2,
  play: (act) => {
    const { random } = act
    const sites = Math.round(between(act, 1, 12))
    const wordings = Math.round(between(act, 1, WORDINGS.length))
    return overQuota(act, () => ({
      model: POOLS.smallEu.model,
      poolId: POOLS.smallEu.poolId,
      tokens: { inputTokens: random.integer(800, 3_000), outputTokens: random.integer(80, 400) },
      said: random.chance(between(act, 0, 0.4))
        ? honestExchange('question', random)
        : pageOf(sites, wordings),
    }))

    function pageOf(among: number, ways: number) {
      const way = random.integer(0, ways)
      const wanted = WANTED[way % WANTED.length] ?? ''
      const address = page(`catalogue${random.integer(0, among)}.example`, random)
      return { prompt: `${WORDINGS[way] ?? ''} ${wanted} of ${address}`, answer: '', on: 'request' as const }
    }
  },
}
