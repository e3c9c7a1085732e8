/**
 * What `decide` says and `evolve` takes: everything that changes a standing is one of these, so that a standing
 * is the fold of its outcomes. Standing records and timers are derived from the state that results.
 */
import type { Preservation, Referral, ReviewCase, Snooze } from '../domain/case.ts'
import type { Sanction } from '../domain/sanction.ts'
import type { KeyFlag } from '../domain/standing.ts'
import type { AccountFacts, Approval, Finding, KeptSanction } from './account-standing.ts'

/** Why something led to no act. */
export const COUNTED_REASONS = [
  'duplicate',
  'tooOld',
  'unknownClause',
  'beforePolicy',
  'belowConfidence',
  'terminated',
  'sameIncident',
  'underAppeal',
  'heldForReview',
  'budgetExceeded',
  'templateQuarantined',
  'beforeNotice',
  'withinGrace',
  'overlapsLastAct',
  'cooldown',
  'uncorroborated',
  'weighs',
  'switchedOff',
  'shadow',
  'question',
  'reviewsFull',
  'reviewOverdue',
  'unconfirmed',
  'unknownSanction',
  'unknownCase',
  'appealClosed',
  'alreadyEnded',
  'unseenContent',
  'enabledByDecider',
  'noReason',
  'snoozesFull',
  'notNarrower',
  'nothingToDo',
  'keyReplaced',
] as const
export type CountedReason = (typeof COUNTED_REASONS)[number]

export type Outcome =
  /** A sanction, lifting or reversal; goes to the sanctions topic. */
  | {
      readonly kind: 'sanction'
      readonly sanction: Sanction
      readonly finding: Finding | null
      readonly strikeExpiresAtMs: number
      readonly strikeWeight: number
    }
  | { readonly kind: 'reviewOpened'; readonly review: ReviewCase; readonly finding: Finding | null }
  /** An open case as it is told from now on; an older telling changes nothing. */
  | { readonly kind: 'reviewRevised'; readonly review: ReviewCase }
  | {
      readonly kind: 'reviewClosed'
      readonly review: ReviewCase
      readonly atMs: number
      readonly spent: boolean
    }
  | { readonly kind: 'preservation'; readonly preservation: Preservation; readonly occurredAtMs: number }
  | { readonly kind: 'referral'; readonly referral: Referral }
  | { readonly kind: 'signalSeen'; readonly signalId: string; readonly occurredAtMs: number }
  | { readonly kind: 'wordSeen'; readonly id: string }
  | { readonly kind: 'pending'; readonly finding: Finding; readonly expiresAtMs: number }
  | { readonly kind: 'unheeded'; readonly sanctionId: string; readonly finding: Finding }
  | { readonly kind: 'noticed'; readonly sanctionId: string; readonly atMs: number }
  | { readonly kind: 'approval'; readonly caseId: string; readonly approval: Approval }
  /** One whose end is not after `atMs` ends the one that is known. */
  | { readonly kind: 'snoozed'; readonly snooze: Snooze; readonly atMs: number }
  | { readonly kind: 'reviewOverdue'; readonly caseId: string }
  /** A fold knew only the public part; the signal has come by again. */
  | { readonly kind: 'recalled'; readonly signalId: string; readonly finding: Finding }
  /** A standing record of the log told of these; where the sanctions themselves are known, they are better. */
  | {
      readonly kind: 'strikesKnown'
      readonly strikes: readonly KeptSanction[]
      readonly keyFlags: readonly KeyFlag[] | null
    }
  /** Over, no strikes any more, and past their appeals. */
  | { readonly kind: 'forgotten'; readonly sanctionIds: readonly string[] }
  /** As the key is flagged from now on; known by the key and the time at which it was raised. */
  | { readonly kind: 'keyFlagged'; readonly flag: KeyFlag }
  | { readonly kind: 'keyFlagForgotten'; readonly flag: KeyFlag }
  | { readonly kind: 'facts'; readonly facts: AccountFacts }
  /** Changes nothing; for the counters. */
  | {
      readonly kind: 'counted'
      readonly reason: CountedReason
      readonly clause: string | null
      readonly detectorId: string | null
    }

/** The outcome that changes nothing but a counter. */
export function counted(
  reason: CountedReason,
  clause: string | null = null,
  detectorId: string | null = null,
): Outcome {
  return { kind: 'counted', reason, clause, detectorId }
}
