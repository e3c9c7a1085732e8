/**
 * Makes keys where the limit is per key, drives one to its limit, goes on with the next. Evasion: leaves a key
 * before the platform says so.
 */
import { identity, plan, type Identity } from '../account.ts'
import { PacedArrivals } from '../arrivals.ts'
import { customerOf } from '../asking.ts'
import { MINUTE_MS, minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'
import type { Customer, Happening } from '../customer.ts'

const ACCOUNT_ID = 'acct-rotation'
const PER_HOUR = 5_400
const KEYS = 7
const KEY_LIMIT = 12

export function keyRotation(stage: Stage): Cast {
  const { random } = stage
  const fromMs = minutesIn(stage, random.between(6, 12))
  const span = { fromMs, toMs: stage.toMs }
  const draft = { accountId: ACCOUNT_ID, nowMs: stage.fromMs, keys: KEYS, limitScope: 'key' as const }
  const who = identity({ ...draft, plan: plan('payAsYouGo', KEY_LIMIT, 600, 2_000_000, 1_200) }, random)
  const truth = {
    accountId: ACCOUNT_ID,
    detectorId: 'circumvention.key-rotation',
    clause: 'fair-use.circumvention',
    abuseBeganAtMs: fromMs,
  }
  return {
    ...NOBODY,
    customers: [rotator(who, stage, fromMs)],
    truths: [truth],
    happenings: keysMade(who, fromMs),
    requests: requestsAt(PER_HOUR, span),
  }
}

function rotator(who: Identity, stage: Stage, fromMs: number): Customer {
  const { random, evasion } = stage
  const span = { fromMs, toMs: stage.toMs }
  let [at, used] = [0, 0]
  const goOn = () => ([at, used] = [(at + 1) % who.keyIds.length, 0])
  return customerOf({
    who,
    arrivals: new PacedArrivals(() => PER_HOUR * (1 - 0.6 * evasion), 0.5, span, random),
    random,
    patience: (ask, { nowMs, attempt }) => {
      if (ask.keyId === who.keyIds[at]) goOn()
      return attempt > 1 ? null : { ask: { ...ask, keyId: who.keyIds[at] ?? ask.keyId }, atMs: nowMs + 300 }
    },
    ask: () => {
      if (++used >= KEY_LIMIT && random.chance(evasion)) goOn()
      return {
        keyId: who.keyIds[at] ?? ACCOUNT_ID,
        model: POOLS.smallUs.model,
        poolId: POOLS.smallUs.poolId,
        tokens: { inputTokens: random.integer(100, 400), outputTokens: random.integer(50, 200) },
      }
    },
  })
}

/** All but the first key are made in the minutes before. */
function keysMade(who: Identity, fromMs: number): Happening[] {
  return who.keyIds.slice(1).map((keyId, at) => ({
    atMs: fromMs - MINUTE_MS + at * 7_000,
    accountId: ACCOUNT_ID,
    kind: 'keyCreated',
    keyId,
  }))
}
