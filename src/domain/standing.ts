/**
 * The enforcement state of an account, as the compacted topic publishes it to gateways and billing: which
 * sanctions are active, under neutral codes. Open reviews and findings stay inside enforcement.
 *
 * G1. Gateways and billing act on `active` alone. `strikes` is for enforcement itself, which knows them again by
 *     this when its store and the log of sanctions are gone.
 * G2. What people have snoozed is told without its detector, whose name may say what an account is suspected of.
 */
import type { ActorLevel } from './actor.ts'
import type { SanctionAct, SanctionCause, SanctionScope } from './sanction.ts'

export interface ActiveSanction {
  readonly sanctionId: string
  readonly act: SanctionAct
  readonly scope: SanctionScope
  readonly scopeTarget: string | null
  readonly rateCeilingPerMinute: number | null
  readonly actorLevel: ActorLevel
  readonly actorId: string
  readonly reasonCode: string
  readonly effectiveAtMs: number
  readonly endsAtMs: number | null
}

/** A sanction that counts for the next step of a ladder, whether or not it is still in force. */
export interface Strike {
  readonly sanctionId: string
  readonly act: SanctionAct
  readonly scope: SanctionScope
  readonly scopeTarget: string | null
  readonly rateCeilingPerMinute: number | null
  readonly actorLevel: ActorLevel
  readonly actorId: string
  readonly reasonCode: string
  readonly cause: SanctionCause | null
  readonly step: number
  readonly strikeOrdinal: number
  readonly issuedAtMs: number
  readonly endsAtMs: number | null
  /** When it ended in fact; null while it is in force. */
  readonly endedAtMs: number | null
  readonly appealUntilMs: number
  /** When it is forgotten as a strike. */
  readonly expiresAtMs: number
}

export const KEY_DOUBTS = ['none', 'open', 'rejected'] as const
/** Whether people believe in the theft: they are not asked at first, then are (`open`), and may say no. */
export type KeyDoubt = (typeof KEY_DOUBTS)[number]

/** A key that somebody else seems to hold. For billing: its usage in between is disputed, unless doubt is `rejected`. */
export interface KeyFlag {
  readonly keyId: string
  readonly fromMs: number
  readonly raisedAtMs: number
  /** When the suspicion is over: the key was replaced, or has shown its habits for long enough. */
  readonly endsAtMs: number
  readonly replaced: boolean
  readonly doubt: KeyDoubt
  /** Until when a second finding or report is one too many to be believed without a person. */
  readonly countsUntilMs: number
}

/** Findings of one detector, or of all, lead to no sanction of the account by themselves until then. */
export interface StandingSnooze {
  /** See `snoozeId`. */
  readonly id: string
  readonly untilMs: number
}

export interface Standing {
  readonly accountId: string
  readonly updatedAtMs: number
  readonly active: readonly ActiveSanction[]
  readonly shadow: boolean
  /** Null in records from before strikes were kept here. */
  readonly strikes: readonly Strike[] | null
  /** Null in records from before keys were flagged. */
  readonly keyFlags: readonly KeyFlag[] | null
  /** Null in records from before snoozes were told. */
  readonly snoozes: readonly StandingSnooze[] | null
}
