/** Honest customers with many keys: a university behind one address as the term begins, and a reseller with a grant. */
import { identity, plan } from '../../account.ts'
import { backsOffBlindly, customerOf, waits } from '../../asking.ts'
import { HOUR_MS, POOLS, type Cast } from '../../cast.ts'
import type { Happening } from '../../customer.ts'
import { alone, DAY_MS, type Act } from '../act.ts'
import { ChangingArrivals, inHours } from '../changing-arrivals.ts'

const STUDENTS = 40
const CLASS_DAY = 8

/** A key for each of forty students, twelve of them made for a class in which all ask at once. */
export function university(act: Act): Cast {
  const { random, accountId } = act
  const classMs = dayMs(act, CLASS_DAY) + 9 * HOUR_MS
  const bought = plan('contract', 6, 1_500, 20_000_000, 6_000)
  const draft = { accountId, plan: bought, nowMs: act.fromMs, keys: STUDENTS, limitScope: 'key' as const }
  const who = identity({ ...draft, organizationId: `org-${accountId}` }, random)
  const usual = inHours(8, 12, 60)
  const isClass = (nowMs: number) => nowMs >= classMs && nowMs < classMs + 2 * HOUR_MS
  return alone(
    customerOf({
      who,
      arrivals: new ChangingArrivals((nowMs) => (isClass(nowMs) ? 1_300 : usual(nowMs)), 2, act, random),
      random,
      patience: backsOffBlindly(2),
      ask: () => {
        const student = Math.floor(STUDENTS * random.next() ** 1.7)
        return {
          keyId: who.keyIds[student] ?? accountId,
          model: POOLS.code.model,
          poolId: POOLS.code.poolId,
          tokens: { inputTokens: random.integer(100, 1_500), outputTokens: random.integer(50, 500) },
          endUserId: `${accountId}-student${student}`,
        }
      },
    }),
    who.keyIds.slice(-12).map((keyId, at): Happening => {
      return { atMs: classMs - HOUR_MS + at * 30_000, accountId, kind: 'keyCreated', keyId }
    }),
  )
}

const CUSTOMERS = 24

/** A key for each of its customers, a new one every other day, and beyond its quota, as its grant says. */
export function reseller(act: Act): Cast {
  const { random, accountId } = act
  const bought = plan('contract', 8, 60, 20_000_000, 6_000)
  const draft = { accountId, plan: bought, nowMs: act.fromMs, keys: CUSTOMERS, limitScope: 'key' as const }
  const who = identity({ ...draft, grants: ['reseller'] }, random)
  return alone(
    customerOf({
      who,
      arrivals: new ChangingArrivals(inHours(6, 14, 160), 2, act, random),
      random,
      patience: waits(2),
      ask: () => {
        const customer = random.integer(0, CUSTOMERS)
        return {
          keyId: who.keyIds[customer] ?? accountId,
          model: POOLS.smallEu.model,
          poolId: POOLS.smallEu.poolId,
          tokens: { inputTokens: random.integer(100, 1_000), outputTokens: random.integer(30, 300) },
          endUserId: `${accountId}-customer${customer}`,
        }
      },
    }),
    who.keyIds.slice(-6).flatMap((keyId, at): Happening[] => {
      const atMs = dayMs(act, 2 * at) + 7 * HOUR_MS
      return [0, 1, 2].map((key) => {
        return { atMs: atMs + key * 60_000, accountId, kind: 'keyCreated', keyId: `${keyId}-${key}` }
      })
    }),
  )
}

function dayMs({ fromMs }: Act, day: number): number {
  return Math.floor(fromMs / DAY_MS) * DAY_MS + day * DAY_MS
}
