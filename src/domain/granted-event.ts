/** An event that has been held against what its account was granted. */
import type { AccountState, GrantKind } from './account.ts'
import { isGranted, type GrantUse } from './grants.ts'

/** Of each kind whether a grant frees it; null where that is unknown. Kinds that are left out free nothing. */
type Grants = Readonly<Partial<Record<GrantKind, boolean | null>>>

/** The event, with what its account's grants say of it where they say anything. */
export function heldAgainstGrants<E extends object>(
  event: E,
  account: AccountState | null,
  timeMs: number,
  used: GrantUse,
): E | (E & { readonly grants: Grants | null }) {
  if (account === null) return { ...event, grants: null }
  if (account.grants.length === 0) return event
  const kinds = new Set(account.grants.map(({ kind }) => kind))
  const grants = Object.fromEntries(
    [...kinds].map((kind) => [kind, isGranted(account, kind, event, timeMs, used)]),
  )
  return { ...event, grants }
}

/** Whether a grant of that kind frees it; null where that is unknown. */
export function grantOf(event: object, kind: GrantKind): boolean | null {
  if (!hasGrants(event)) return false
  const granted = event.grants === null ? null : event.grants[kind]
  return granted === undefined ? false : granted
}

function hasGrants(event: object): event is { readonly grants: Grants | null } {
  return 'grants' in event
}
