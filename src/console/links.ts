/**
 * What is known of who else an account belongs with: for people who investigate, and never for its subject.
 *
 * What only `linkage` can find (who shares an address, a payment, a work that was split) is not known yet, and says so: an
 * empty list would read as if nobody were.
 */
import type { AccountState } from '../domain/account.ts'

export interface Links {
  /** Null where the platform does not tell. */
  readonly organizationId: string | null
  /** Null: not known. */
  readonly linkedAccounts: null
}

/** @param state null for an account of which the platform has told nothing */
export function linksOf(state: Pick<AccountState, 'organizationId'> | null): Links {
  return { organizationId: state?.organizationId ?? null, linkedAccounts: null }
}

export function linkLines({ organizationId }: Links): readonly string[] {
  return [
    `organisation: ${organizationId ?? 'the platform does not tell'}`,
    'linked accounts: not known yet, for linkage is not built',
  ]
}
