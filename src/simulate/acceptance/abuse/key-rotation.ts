/**
 * Makes keys where the limit is per key and drives one after the other to its limit. Knows that refusals give it away:
 * the more careful, the more often it leaves a key before it is told to, and the slower it goes.
 */
import { identity, plan, type Identity } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf } from '../../asking.ts'
import { MINUTE_MS, POOLS } from '../../cast.ts'
import type { Customer, Happening } from '../../customer.ts'
import { alone, between, type Abuser, type Act } from '../act.ts'

const KEYS = 8
const KEY_LIMIT = 12

export const keyRotation: Abuser = {
  clause: 'fair-use.circumvention',
  gain: 'requests',
  fromHour: 14,
  hours: 1.5,
  play: (act) => {
    const { random, accountId } = act
    const draft = { accountId, nowMs: act.fromMs, keys: KEYS, limitScope: 'key' as const }
    const who = identity({ ...draft, plan: plan('payAsYouGo', KEY_LIMIT, 600, 2_000_000, 1_200) }, random)
    return alone(rotator(who, act), keysMade(who, act))
  },
}

function rotator(who: Identity, act: Act): Customer {
  const { random, evasion } = act
  let [at, used] = [0, 0]
  const goOn = () => ([at, used] = [(at + 1) % who.keyIds.length, 0])
  return customerOf({
    who,
    arrivals: new PacedArrivals(() => between(act, 5_400, 3_600), 0.4, act, random),
    random,
    patience: (ask, { nowMs, attempt }) => {
      if (ask.keyId === who.keyIds[at]) goOn()
      return attempt > 1 ? null : { ask: { ...ask, keyId: who.keyIds[at] ?? ask.keyId }, atMs: nowMs + 300 }
    },
    ask: () => {
      if (++used >= KEY_LIMIT - 2 && random.chance(evasion)) goOn()
      return {
        keyId: who.keyIds[at] ?? act.accountId,
        model: POOLS.smallEu.model,
        poolId: POOLS.smallEu.poolId,
        tokens: { inputTokens: random.integer(100, 400), outputTokens: random.integer(50, 200) },
      }
    },
  })
}

/** All but the first key are made in the minutes before. */
function keysMade(who: Identity, act: Act): Happening[] {
  return who.keyIds.slice(1).map((keyId, at) => ({
    atMs: act.fromMs - MINUTE_MS + at * 7_000,
    accountId: act.accountId,
    kind: 'keyCreated',
    keyId,
  }))
}
