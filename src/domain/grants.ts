/**
 * What an account was granted, held against what somebody does with it.
 *
 * G1. A grant frees what is within its scope, until it expires, and of each clock hour (UTC) so many requests as its cap
 *     says. What comes after them in that hour is as if there were no grant.
 * G2. Whether a grant for a part of the account frees something that does not say which part it is of is unknown; unknown
 *     too is what an account of which the platform has told nothing was granted. Unknown never fires.
 */
import type { AccountState, Grant, GrantKind, GrantScope } from './account.ts'

const HOUR_MS = 3_600_000

/** Who counts how many requests a grant with a cap was used for in the clock hour of that time. */
export interface GrantUse {
  usedOf(grant: Grant, timeMs: number): number
}

/** By which name of an event each level is known. */
const NAMES: Readonly<Record<GrantScope['level'], string>> = {
  project: 'projectId',
  key: 'keyId',
  capability: 'model',
}

/** Whether what the event tells of is freed by a grant of that kind; null where that is unknown. */
export function isGranted(
  account: AccountState | null,
  kind: GrantKind,
  event: unknown,
  timeMs: number,
  used: GrantUse,
): boolean | null {
  if (account === null) return null
  let granted: boolean | null = false
  for (const grant of account.grants) {
    if (grant.kind !== kind || !isInForce(grant, timeMs) || isUsedUp(grant, timeMs, used)) continue
    const within = isWithin(grant.scope, event)
    if (within === true) return true
    if (within === null) granted = null
  }
  return granted
}

/** The greatest cap, in requests an hour, of the grants of that kind whose scope this is; null where there is none. */
export function grantCap(
  account: AccountState | null,
  kind: GrantKind,
  event: unknown,
  timeMs: number,
): number | null {
  const caps = (account?.grants ?? []).flatMap((grant) =>
    grant.kind === kind && isInForce(grant, timeMs) && isWithin(grant.scope, event) === true
      ? (grant.capRequestsPerHour ?? [])
      : [],
  )
  return caps.length === 0 ? null : Math.max(...caps)
}

/** Those whose cap a request of that event counts towards, once for each use that is counted (`grantName`). */
export function cappedGrants(account: AccountState, event: unknown, timeMs: number): readonly Grant[] {
  const capped = account.grants.filter(
    (grant) =>
      grant.capRequestsPerHour !== null && isInForce(grant, timeMs) && isWithin(grant.scope, event) === true,
  )
  return [...new Map(capped.map((grant) => [grantName(grant), grant])).values()]
}

/** By which names of an event it is decided whether grants of the account are for it. */
export function scopedBy(account: AccountState | null): readonly string[] {
  return (account?.grants ?? []).flatMap(({ scope }) => (scope === null ? [] : NAMES[scope.level]))
}

/** Under what its use is counted: grants of one kind for the same part share it, and the greatest cap holds. */
export function grantName({ kind, scope }: Grant): string {
  return scope === null ? kind : `${kind}/${scope.level}:${scope.id}`
}

/** The clock hour of a time, as a number that rises. */
export function clockHour(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS)
}

/** Until it expires (G1). */
export function isInForce({ expiresAtMs }: Pick<Grant, 'expiresAtMs'>, timeMs: number): boolean {
  return expiresAtMs === null || expiresAtMs > timeMs
}

function isUsedUp(grant: Grant, timeMs: number, used: GrantUse): boolean {
  return grant.capRequestsPerHour !== null && used.usedOf(grant, timeMs) > grant.capRequestsPerHour
}

function isWithin(scope: GrantScope | null, event: unknown): boolean | null {
  if (scope === null) return true
  if (typeof event !== 'object' || event === null) return null
  const id: unknown = Reflect.get(event, NAMES[scope.level])
  return typeof id === 'string' ? id === scope.id : null
}
