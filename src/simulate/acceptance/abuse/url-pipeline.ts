/**
 * Reads page after page of ever other hosts, none of them its own, as a crawler hands them to it. Written from the
 * catalogue of the clauses, apart from the detector. The more careful, the fewer hosts it goes to, and the more pages of
 * its own are among them.
 */
import { between, type Abuser } from '../act.ts'
import { foreignPage, ownPage } from '../hosts.ts'
import { knowing, taker } from './taker.ts'

const WORDINGS = [
  'Read {it} and give its title, author and date as JSON',
  'Which organisation runs {it}, and what does it offer?',
  'Make a record of our index out of {it}',
  'What are the three main points of {it}?',
  'Sort {it} into one of our subjects and say why',
] as const

export const urlPipeline: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: 12,
  hours: 6,
  play: (act) => {
    const { random, accountId } = act
    const hosts = Math.round(knowing(act, 4_000, 40, 250))
    const own = between(act, 0, 0.4)
    const next = () => (random.chance(own) ? ownPage(accountId, random) : foreignPage(hosts, random))
    return taker(act, { wordings: WORDINGS, next })
  },
}
