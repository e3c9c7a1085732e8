/** What enforcement hears: signals of detectors, words of people, the account service, and time itself. */
import type { AccountEvent, AccountState } from '../domain/account.ts'
import type { Appeal, Complaint, Decision } from '../domain/case.ts'
import type { Signal } from '../domain/signal.ts'

/** What arrives by the sources. A complaint without an account belongs to `linkage` and never comes here. */
export type EnforcementInput =
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'decision'; readonly decision: Decision }
  | { readonly kind: 'appeal'; readonly appeal: Appeal }
  | { readonly kind: 'complaint'; readonly complaint: Complaint }
  | { readonly kind: 'accountEvent'; readonly event: AccountEvent }
  | { readonly kind: 'accountState'; readonly state: AccountState }

/** `due`: some end or deadline of the account has come. */
export type EnforcementEvent = EnforcementInput | { readonly kind: 'due' }
