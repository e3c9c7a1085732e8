/**
 * Asks very many different things around the clock, as evenly as a machine, and keeps every long answer. Knows what
 * gives it away: the more careful, the less even, the more short answers in between, and the longer its nights.
 */
import { identity, plan } from '../../account.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS } from '../../cast.ts'
import { alone, between, type Abuser } from '../act.ts'
import { ChangingArrivals, inHours } from '../changing-arrivals.ts'

const PER_HOUR = 160
const WORDS = 'lamp bicycle teapot printer backpack bookshelf camera piano tent garden'.split(' ')
const TASKS = 'Explain Describe Compare Plan Imagine Review'.split(' ')
const MANNERS = 'slowly carefully briefly kindly formally simply vividly plainly'.split(' ')

export const distillation: Abuser = {
  clause: 'fair-use.scraping',
  gain: 'requests',
  fromHour: -18,
  hours: 42,
  play: (act) => {
    const { random, accountId } = act
    const bought = plan('contract', 60, 400, 20_000_000, 8_000)
    const short = between(act, 0, 0.25)
    const awake = inHours(0, between(act, 24, 20), PER_HOUR)
    return alone(
      customerOf({
        who: identity({ accountId, plan: bought, nowMs: act.fromMs, addresses: 2 }, random),
        arrivals: new ChangingArrivals(awake, between(act, 0.1, 0.9), act, random),
        random,
        patience: waits(5),
        ask: () => ({
          model: POOLS.reasoning.model,
          poolId: POOLS.reasoning.poolId,
          tokens: {
            inputTokens: random.integer(60, 400),
            outputTokens: random.chance(short) ? random.integer(100, 700) : random.integer(850, 1_600),
          },
          said: { prompt: prompt(random.pick(TASKS), random), answer: '', on: 'request' },
        }),
      }),
    )
  },
}

function prompt(task: string, random: { pick<T>(list: readonly T[]): T }): string {
  return `${task} ${random.pick(MANNERS)} a ${random.pick(WORDS)} beside a ${random.pick(WORDS)}`
}
