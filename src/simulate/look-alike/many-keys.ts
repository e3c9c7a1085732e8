/** Honest customers with many keys, each of which meets its limit now and then: key rotation by policy, and a team. */
import { identity, plan } from '../account.ts'
import { PacedArrivals } from '../arrivals.ts'
import { customerOf, waits } from '../asking.ts'
import { MINUTE_MS, minutesIn, NOBODY, POOLS, requestsAt, type Cast, type Stage } from '../cast.ts'
import type { Happening } from '../customer.ts'

const DETECTOR = 'circumvention.key-rotation'
const POLICY_PER_HOUR = 1_500
const ROTATION_MINUTES = 8

/** A bank that changes its key every eight minutes, as registered, and grows beyond its quota. */
export function rotationByPolicy(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-policy'
  const keys = Math.ceil((stage.toMs - stage.fromMs) / (ROTATION_MINUTES * MINUTE_MS))
  const bought = plan('contract', 26, 600, 5_000_000, 3_000)
  const draft = { accountId, plan: bought, nowMs: stage.fromMs, keys, limitScope: 'key' as const }
  const who = identity({ ...draft, grants: ['keyRotation'] }, random)
  const keyAt = (nowMs: number) =>
    who.keyIds[Math.floor((nowMs - stage.fromMs) / (ROTATION_MINUTES * MINUTE_MS))] ?? who.keyIds.at(-1)
  const customer = customerOf({
    who,
    arrivals: new PacedArrivals(() => POLICY_PER_HOUR, 1.5, stage, random),
    random,
    patience: waits(2),
    ask: (nowMs) => ({
      keyId: keyAt(nowMs) ?? accountId,
      model: POOLS.smallEu.model,
      poolId: POOLS.smallEu.poolId,
      tokens: { inputTokens: random.integer(200, 900), outputTokens: random.integer(30, 200) },
    }),
  })
  const happenings = who.keyIds.slice(1).flatMap((keyId, at): Happening[] => {
    const atMs = minutesIn(stage, (at + 1) * ROTATION_MINUTES)
    return [
      { atMs, accountId, kind: 'keyCreated', keyId },
      { atMs: atMs + 10, accountId, kind: 'keyRotated', keyId },
    ]
  })
  return {
    ...NOBODY,
    customers: [customer],
    lookAlikes: [{ accountId, like: 'key rotation by policy, with a grant', detectorId: DETECTOR }],
    happenings,
    requests: requestsAt(POLICY_PER_HOUR, stage),
  }
}

const TEAM_PER_HOUR = 1_800
const COLLEAGUES = 12

/** Twelve colleagues behind one address, a key each, four of them new today; some run into their key's limit. */
export function teamBehindOneAddress(stage: Stage): Cast {
  const { random } = stage
  const accountId = 'acct-team'
  const bought = plan('contract', 10, 4_000, 10_000_000, 6_000)
  const draft = { accountId, plan: bought, nowMs: stage.fromMs, keys: COLLEAGUES, limitScope: 'key' as const }
  const who = identity({ ...draft, organizationId: 'org-team' }, random)
  const customer = customerOf({
    who,
    arrivals: new PacedArrivals(() => TEAM_PER_HOUR, 2.5, stage, random),
    random,
    patience: waits(2),
    ask: () => {
      const colleague = Math.floor(COLLEAGUES * random.next() ** 1.5)
      return {
        keyId: who.keyIds[colleague] ?? accountId,
        model: POOLS.code.model,
        poolId: POOLS.code.poolId,
        tokens: { inputTokens: random.integer(500, 4_000), outputTokens: random.integer(50, 600) },
        endUserId: `${accountId}-colleague${colleague}`,
      }
    },
  })
  const happenings = who.keyIds.slice(-4).map((keyId, at): Happening => ({
    atMs: minutesIn(stage, 1 + 3 * at),
    accountId,
    kind: 'keyCreated',
    keyId,
  }))
  return {
    ...NOBODY,
    customers: [customer],
    lookAlikes: [{ accountId, like: 'a team behind one address with many keys', detectorId: DETECTOR }],
    happenings,
    requests: requestsAt(TEAM_PER_HOUR, stage),
  }
}
