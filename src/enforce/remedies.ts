/**
 * Warnings that a grant answers: what they asked for was to register the use, and so it was.
 *
 * J1. Only what is new, for more than before, or in force again answers: under a grant that was there already the conduct was
 *     found in spite of it. What a snapshot from before the warning tells, read again after the store was set back, was
 *     there already.
 * J2. It must be for what the warning is about: the whole account, the actor, or the capability.
 */
import type { GrantScope } from '../domain/account.ts'
import { isInForce } from '../domain/grants.ts'
import type { AccountFacts, AccountStanding, HeldGrant, KeptSanction } from './account-standing.ts'
import { clauseOf, type Terms } from './terms.ts'

/** Open warnings that the newer facts answer. */
export function answeredBy(
  { facts: known, sanctions }: AccountStanding,
  facts: AccountFacts,
  terms: Terms,
): readonly KeptSanction[] {
  if (known === null) return []
  const given = facts.grants.filter((grant) => isNew(grant, known.grants, terms.nowMs))
  if (given.length === 0) return []
  return sanctions.filter((kept) => {
    if (kept.sanction.act !== 'warning' || kept.endedAtMs !== null) return false
    if (facts.updatedAtMs <= kept.sanction.issuedAtMs) return false
    const remediedBy = clauseOf(terms.policy, kept.sanction.clause)?.remediedBy ?? []
    return given.some(({ kind, scope }) => remediedBy.includes(kind) && isFor(scope, kept))
  })
}

/** J1. */
function isNew(grant: HeldGrant, known: readonly HeldGrant[], nowMs: number): boolean {
  if (!isInForce(grant, nowMs)) return false
  return !known.some((one) => isInForce(one, nowMs) && isSamePart(one, grant) && capOf(one) >= capOf(grant))
}

function isSamePart(one: HeldGrant, other: HeldGrant): boolean {
  return (
    one.kind === other.kind && one.scope?.level === other.scope?.level && one.scope?.id === other.scope?.id
  )
}

function capOf({ capRequestsPerHour }: HeldGrant): number {
  return capRequestsPerHour ?? Infinity
}

/** J2. */
function isFor(scope: GrantScope | null, { sanction: { actor }, finding }: KeptSanction): boolean {
  if (scope === null) return true
  if (scope.level === 'capability') return finding?.capability === scope.id
  return scope.level === actor.level && scope.id === actor.id
}
