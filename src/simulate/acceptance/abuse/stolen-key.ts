/**
 * A thief works with a stolen key beside its owner. Knows what is compared with the owner's weeks: the more careful,
 * the more it looks like the owner (the same client, then the same model, then the same network) and the less it asks.
 */
import { identity, plan, type Identity } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { POOLS, type Cast } from '../../cast.ts'
import type { Customer, Said } from '../../customer.ts'
import { honestExchange } from '../../honest-texts.ts'
import { NOBODY } from '../../cast.ts'
import { DAY_MS, between, type Abuser, type Act } from '../act.ts'

const OWNER_PER_HOUR = 10
/** The owner has been there for as long, and all of it is simulated. */
export const OWNER_DAYS = 7
const THIEF_ADDRESS = '198.51.100.77'

export const stolenKey: Abuser = {
  clause: 'none',
  gain: 'gpuSeconds',
  fromHour: 8,
  hours: 12,
  victim: true,
  play: (act): Cast => {
    const { random, accountId } = act
    const bought = plan('payAsYouGo', 150, 3_000, 10_000_000, 4_000)
    const who = identity({ accountId, plan: bought, nowMs: act.fromMs - OWNER_DAYS * DAY_MS }, random)
    return { ...NOBODY, customers: [owner(who, act), thief(who, act)] }
  },
}

function owner(who: Identity, act: Act): Customer {
  const { random } = act
  const life = { fromMs: act.fromMs - OWNER_DAYS * DAY_MS, toMs: act.toMs }
  return customerOf({
    who,
    arrivals: new PacedArrivals(() => OWNER_PER_HOUR, 1, life, random),
    random,
    patience: waits(2),
    ask: () => ({
      model: POOLS.smallUs.model,
      poolId: POOLS.smallUs.poolId,
      tokens: { inputTokens: random.integer(100, 800), outputTokens: random.integer(50, 300) },
      said: honestExchange('support', random),
    }),
  })
}

function thief(who: Identity, act: Act): Customer {
  const { random, evasion } = act
  const model = evasion >= 0.5 ? POOLS.smallUs : POOLS.contested
  return customerOf({
    who,
    arrivals: new PacedArrivals(() => OWNER_PER_HOUR * between(act, 20, 0.8), 0.8, act, random),
    random,
    patience: waits(2),
    ask: () => ({
      model: model.model,
      poolId: model.poolId,
      tokens: { inputTokens: random.integer(500, 3_000), outputTokens: random.integer(500, 1_500) },
      said: thiefSays(act),
      ...(evasion < 0.25 ? { userAgent: 'python-requests/2.32.4' } : {}),
      ...(evasion < 0.75 ? { clientAddress: THIEF_ADDRESS } : {}),
    }),
  })
}

function thiefSays({ random }: Act): Said {
  return {
    prompt: `Rewrite listing ${random.integer(1_000, 9_999)} in a livelier tone`,
    answer: '',
    on: 'request',
  }
}
