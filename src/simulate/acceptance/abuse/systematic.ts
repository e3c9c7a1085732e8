/**
 * Takes the sites of others page by page with one template, hundreds of pages an hour. Knows that volume beyond what it
 * bought is what counts: from ten times its quota down to just below three; with ever more sites, wordings, and questions
 * about other things in between.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { honestExchange } from '../../honest-texts.ts'
import { alone, between, type Abuser } from '../act.ts'
import { page } from '../hosts.ts'

const QUOTA_PER_HOUR = 150
const WORDINGS = 'Extract List Copy Collect Return Take Save Read'.split(' ')
const WANTED = ['all names and prices', 'the whole text', 'every table', 'what is offered']

export const systematic: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: 11,
  hours: 2,
  play: (act) => {
    const { random, accountId } = act
    const smallPlan = plan('trial', 90, QUOTA_PER_HOUR, 2_000_000, 1_200)
    const sites = Math.round(between(act, 1, 12))
    const wordings = Math.round(between(act, 1, WORDINGS.length))
    return alone(
      customerOf({
        who: identity({ accountId, plan: smallPlan, nowMs: act.fromMs, addresses: 3 }, random),
        arrivals: new PacedArrivals(() => QUOTA_PER_HOUR * between(act, 10, 2.8), 0.4, act, random),
        random,
        patience: waits(3),
        ask: () => ({
          model: POOLS.smallEu.model,
          poolId: POOLS.smallEu.poolId,
          tokens: { inputTokens: random.integer(800, 3_000), outputTokens: random.integer(80, 400) },
          said: random.chance(between(act, 0, 0.4))
            ? honestExchange('question', random)
            : pageOf(sites, wordings),
        }),
      }),
    )

    function pageOf(among: number, ways: number) {
      const way = random.integer(0, ways)
      const wanted = WANTED[way % WANTED.length] ?? ''
      const address = page(`catalogue${random.integer(0, among)}.example`, random)
      return { prompt: `${WORDINGS[way] ?? ''} ${wanted} of ${address}`, answer: '', on: 'request' as const }
    }
  },
}
