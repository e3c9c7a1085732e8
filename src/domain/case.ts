/**
 * Work for people and words from people: review cases out; decisions, appeals and complaints in; and what goes
 * to the vault and to the legal team on topics of their own.
 */
import type { Actor } from './actor.ts'
import type { SanctionScope, Severity } from './sanction.ts'

export const REVIEW_REASONS = [
  'beforeTermination',
  'protectedAccount',
  'budgetExceeded',
  'underReview',
  'reviewOnlyDetector',
  'appeal',
  'complaint',
  'suspectedCompromise',
  'snoozed',
  'templateQuarantined',
] as const
export type ReviewReason = (typeof REVIEW_REASONS)[number]

export interface ReviewCase {
  readonly id: string
  readonly accountId: string
  readonly actor: Actor
  readonly clause: string
  readonly severity: Severity
  readonly reason: ReviewReason
  readonly status: 'open' | 'closed'
  readonly openedAtMs: number
  /** When it was last told otherwise than before, because a strike that it rests on was called wrong; null for never. */
  readonly revisedAtMs: number | null
  readonly dueAtMs: number
  readonly proposedAct: string
  readonly proposedScope: SanctionScope
  readonly signalIds: readonly string[]
  readonly sanctionId: string | null
  /** Keyed hash of the prompt template on which most of the evidence rests; null where there is none. */
  readonly templateHash: string | null
}

export const DECISION_KINDS = [
  'uphold',
  'reject',
  'narrow',
  'terminate',
  'reverse',
  'lift',
  'refer',
  'snooze',
] as const
export type DecisionKind = (typeof DECISION_KINDS)[number]

/** That findings of an account lead to no sanction by themselves for a while: people decide what follows. */
export interface Snooze {
  /** Null: of every detector. */
  readonly detectorId: string | null
  /** Not after the decision: the snooze of that detector ends. */
  readonly untilMs: number
}

export interface Decision {
  readonly id: string
  readonly accountId: string
  readonly caseId: string | null
  readonly sanctionId: string | null
  readonly kind: DecisionKind
  readonly decidedBy: string
  readonly decidedAtMs: number
  readonly reason: string
  readonly sawContent: boolean
  readonly refund: 'none' | 'proRata' | 'legalHold' | null
  readonly narrowToScope: SanctionScope | null
  readonly narrowToTarget: string | null
  /** Set where `kind` is snooze, and only there. */
  readonly snooze: Snooze | null
  /** Compact JWS over the decision; null where the platform has not set up keys yet. */
  readonly signature: string | null
}

export interface Appeal {
  readonly id: string
  readonly accountId: string
  readonly sanctionId: string
  readonly submittedAtMs: number
}

export interface Complaint {
  readonly id: string
  readonly accountId: string | null
  readonly mediaSha256: string | null
  readonly kind: 'report' | 'question' | 'rights' | 'victimNotice' | 'threatToLife' | 'childSafety'
  readonly reporterId: string
  readonly receivedAtMs: number
  readonly clause: string | null
}

/** Asks the platform's vault to keep what a signal points at. */
export interface Preservation {
  readonly id: string
  readonly accountId: string
  readonly requestIds: readonly string[]
  readonly askedAtMs: number
  readonly untilMs: number
  readonly basis: string
  readonly signalId: string
}

/** Asks the legal team to report to an authority. Never made without two people (P10). */
export interface Referral {
  readonly id: string
  readonly accountId: string
  readonly clause: string
  readonly legalBasis: string
  readonly recipientKind: string
  readonly requestedAtMs: number
  readonly dueAtMs: number
  readonly holdUntilMs: number
  readonly seenByPerson: boolean
  readonly decidedBy: readonly string[]
  readonly signalIds: readonly string[]
}
