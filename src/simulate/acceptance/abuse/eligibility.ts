/**
 * Accounts of people who are too young, or who never said how old they are. There is nothing to be careful about but to
 * lie: with the chance of the evasion level they do, and nothing is left to see.
 */
import { identity, plan } from '../../account.ts'
import { PacedArrivals } from '../../arrivals.ts'
import { customerOf, waits } from '../../asking.ts'
import { HOUR_MS, POOLS } from '../../cast.ts'
import type { AccountEventKind } from '../../../domain/account.ts'
import type { Happening } from '../../customer.ts'
import { alone, type Abuser, type Act } from '../act.ts'

export const failedAgeCheck: Abuser = young('ageCheckFailed')
export const declaredMinor: Abuser = young('minorDeclared')
export const withoutAttestation: Abuser = young(null)

/** `tells`: what gives the age away unless they lie; null: nothing is ever said. */
function young(tells: AccountEventKind | null): Abuser {
  return {
    clause: 'eligibility.age',
    gain: 'requests',
    fromHour: 6,
    hours: 12,
    play: (act) => {
      const lies = act.random.chance(act.evasion)
      const said: Happening[] =
        lies || tells === null
          ? []
          : [{ atMs: act.fromMs + HOUR_MS, accountId: act.accountId, kind: tells, keyId: null }]
      return alone(schoolwork(act, tells !== null || lies), said)
    },
  }
}

function schoolwork(act: Act, ageAttested: boolean) {
  const { random, accountId } = act
  const who = identity({ accountId, plan: plan('free', 20, 300, 600_000, 400), nowMs: act.fromMs }, random)
  return customerOf({
    who: { ...who, account: { ...who.account, ageAttested, ageVerified: false } },
    arrivals: new PacedArrivals(() => 12, 1.2, act, random),
    random,
    patience: waits(2),
    ask: () => ({
      model: POOLS.smallEu.model,
      poolId: POOLS.smallEu.poolId,
      tokens: { inputTokens: random.integer(30, 200), outputTokens: random.integer(50, 300) },
    }),
  })
}
