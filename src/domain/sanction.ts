/**
 * One enforcement event: a warning, restriction, suspension or termination, or the lifting or reversal of one.
 *
 * C1. Every sanction but a termination has an end, and is over then for every reader.
 * C2. What gateways and billing read says scope, until and a neutral reason code; clause and facts stand in
 *     the restricted case (P9).
 */
import type { Actor } from './actor.ts'

export const SANCTION_ACTS = [
  'warning',
  'restriction',
  'suspension',
  'termination',
  'lifting',
  'reversal',
] as const
export type SanctionAct = (typeof SANCTION_ACTS)[number]

/** How much an act takes from its actor; what ends one takes nothing, a warning asks. */
export const STRICTNESS: Readonly<Record<SanctionAct, number>> = {
  lifting: 0,
  reversal: 0,
  warning: 1,
  restriction: 2,
  suspension: 3,
  termination: 4,
}

export const SANCTION_SCOPES = ['endUser', 'key', 'project', 'capability', 'rate', 'api', 'account'] as const
export type SanctionScope = (typeof SANCTION_SCOPES)[number]

export const SEVERITIES = ['S0', 'S1', 'S2', 'S3'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Why a sanction ended: its time, a person, the customer's remedy, a successful appeal. */
export const END_CAUSES = ['expired', 'remediated', 'decision', 'appeal', 'superseded'] as const
export type EndCause = (typeof END_CAUSES)[number]

/** What lay behind the conduct, where that is not its author: `suspectedCompromise`, a key that others seem to hold. */
export const SANCTION_CAUSES = ['unspecified', 'suspectedCompromise'] as const
export type SanctionCause = (typeof SANCTION_CAUSES)[number]

/** A fact of the statement of reasons, in a band: never the threshold, never the model. */
export interface BandedFact {
  readonly name: string
  readonly band: string
}

export interface StatementOfReasons {
  readonly language: string
  readonly text: string
  readonly facts: readonly BandedFact[]
  readonly windowStartMs: number
  readonly windowEndMs: number
  readonly automatedDetection: boolean
  readonly automatedDecision: boolean
  readonly howToAppeal: string
  readonly appealUntilMs: number
  /** What to change, and until when; null where nothing is asked. */
  readonly remediate: string | null
  readonly remediateByMs: number | null
}

export interface Sanction {
  readonly id: string
  readonly accountId: string
  readonly actor: Actor
  readonly act: SanctionAct
  readonly scope: SanctionScope
  /** What the scope names: a key id, a model family, a pool; null for `account` and `api`. */
  readonly scopeTarget: string | null
  /** Requests a minute, for scope `rate`. */
  readonly rateCeilingPerMinute: number | null
  readonly clause: string
  /** Neutral code for those who must act and need not know why. */
  readonly reasonCode: string
  readonly severity: Severity
  readonly step: number
  readonly strikeOrdinal: number
  readonly issuedAtMs: number
  readonly effectiveAtMs: number
  /** Null only for terminations, and for liftings and reversals, which are instants. */
  readonly endsAtMs: number | null
  /** For a lifting or reversal: the sanction that it ends. */
  readonly endsSanctionId: string | null
  readonly endCause: EndCause | null
  readonly automated: boolean
  readonly underReview: boolean
  readonly decidedBy: readonly string[]
  readonly signalIds: readonly string[]
  readonly detectorId: string | null
  readonly detectorVersion: number | null
  readonly refund: 'none' | 'proRata' | 'legalHold'
  readonly statement: StatementOfReasons
  /** Null where the actor answers for it; with a cause it is no strike on the account's ladder. */
  readonly cause: SanctionCause | null
  readonly policyVersion: number
  readonly shadow: boolean
}

/**
 * What is the same for all records of one strike: the sanction, what took its place, what ended it. Not the clause, which
 * records of S0 hide (P9): the first of its signals, which speak of one clause.
 */
export function strikeKey({ accountId, clause, reasonCode, strikeOrdinal, signalIds }: Sanction): string {
  return JSON.stringify([accountId, reasonCode, strikeOrdinal, signalIds[0] ?? clause])
}

/** People said that the finding was wrong; a graver clause that takes a strike over says no such thing. */
export function isWithdrawal({ act, endCause }: Pick<Sanction, 'act' | 'endCause'>): boolean {
  return act === 'reversal' && endCause !== 'superseded'
}
