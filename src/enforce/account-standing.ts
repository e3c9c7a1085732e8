/**
 * What enforcement knows of one account: sanctions and the strikes that they are, open reviews, signals that
 * wait for corroboration, and the few facts of the account that the ladder asks for.
 *
 * A1. Live and shadow are two standings of the same shape that never read each other (P11).
 * A2. Every list is bounded by `MOST`, whatever arrives (P7).
 * A3. Nothing here is content; facts are kept in the bands in which they may be told (P9).
 */
import type { Actor } from '../domain/actor.ts'
import type { AccountState, AccountTier, Grant } from '../domain/account.ts'
import type { ReviewCase, Snooze } from '../domain/case.ts'
import type { BandedFact, EndCause, Sanction, SanctionCause, Severity } from '../domain/sanction.ts'
import type { KeyFlag } from '../domain/standing.ts'

/** How much of each an account may hold. Active sanctions past the bound go to people instead. */
export const MOST = {
  sanctions: 256,
  reviews: 64,
  pending: 64,
  settled: 64,
  closed: 64,
  seen: 128,
  words: 128,
  referrals: 32,
  snoozes: 32,
  requestIds: 32,
  signalIds: 32,
  otherDetectors: 16,
  keyFlags: 16,
  grants: 64,
} as const

/** What the ladder asks of an account's snapshot. */
export interface AccountFacts {
  readonly updatedAtMs: number
  readonly createdAtMs: number
  readonly tier: AccountTier
  readonly protected: boolean
  readonly language: string | null
  readonly limitScope: AccountState['limitScope']
  /** Whether end users are customers' customers, and until when they are or were; null where there never was a grant. */
  readonly reseller: { readonly untilMs: number | null } | null
  /** Without what the ladder does not ask: who gave them, and why. */
  readonly grants: readonly HeldGrant[]
}

export type HeldGrant = Pick<Grant, 'kind' | 'scope' | 'expiresAtMs' | 'capRequestsPerHour'>

/** What a sanction or a case rests on: one or several signals, without their figures. */
export interface Finding {
  readonly actor: Actor
  readonly clause: string
  readonly detectorId: string | null
  readonly detectorVersion: number | null
  /** Those whose findings this one was joined with. */
  readonly otherDetectors: readonly string[]
  readonly signalIds: readonly string[]
  readonly requestIds: readonly string[]
  readonly windowStartMs: number
  readonly windowEndMs: number
  readonly facts: readonly BandedFact[]
  readonly capability: string | null
  readonly poolId: string | null
  /** A cryptographic match with a vetted list entry: the only evidence that suspends for S0 alone. */
  readonly exactMatch: boolean
  /** The prompt template on which most of the evidence rests; null where there is none. */
  readonly templateHash: string | null
  /** Set where somebody else than its owner seems to have held the key. */
  readonly cause: SanctionCause | null
}

export type SanctionCore = Omit<Sanction, 'statement'>

/** A sanction that was issued, and what became of it. While it is not voided and not expired it is a strike. */
export interface KeptSanction {
  readonly sanction: SanctionCore
  readonly appealUntilMs: number
  /** For a warning: how long it may be remediated, counted from the delivery of its notice. */
  readonly graceMs: number
  /** Null after a fold, until the signal comes by again. */
  readonly finding: Finding | null
  readonly strikeWeight: number
  readonly strikeExpiresAtMs: number
  readonly voided: boolean
  readonly endedAtMs: number | null
  readonly endCause: EndCause | null
  /** When the notice of a warning was delivered; its grace begins then. */
  readonly noticeAtMs: number | null
  /** What was found after the notice and within its grace: the warning was not heeded. */
  readonly unheeded: Finding | null
  readonly appealed: boolean
  /** People have looked into it, or are looking: of a warning, because nobody could be told. */
  readonly reviewed: boolean
}

/** A person's word for an act that needs several people. */
export interface Approval {
  readonly kind: 'terminate' | 'refer'
  readonly decidedBy: string
  readonly sawContent: boolean
}

export interface OpenReview {
  readonly review: ReviewCase
  /** Null after a fold, until the signal comes by again. */
  readonly finding: Finding | null
  readonly approvals: readonly Approval[]
  readonly overdue: boolean
}

/** Findings that do not suffice yet. */
export interface Pending {
  readonly finding: Finding
  /** By the times of findings, as far from its own as it corroborates another, before or after it. */
  readonly expiresAtMs: number
}

/** A matter that people closed: evidence from before is spent. */
export interface Settled {
  readonly clause: string
  readonly ladderKey: string
  readonly atMs: number
}

export interface SeenSignal {
  readonly id: string
  readonly occurredAtMs: number
  /** False: known from the vault's topic alone, since the store was set back. */
  readonly judged: boolean
  readonly preserved: boolean
}

export interface AccountStanding {
  readonly accountId: string
  readonly shadow: boolean
  readonly facts: AccountFacts | null
  /** Last strike ordinal by clause; never used twice, so that ids never repeat. */
  readonly ordinals: Readonly<Record<string, number>>
  readonly sanctions: readonly KeptSanction[]
  readonly reviews: readonly OpenReview[]
  readonly pending: readonly Pending[]
  readonly settled: readonly Settled[]
  /** Ids of the latest closed cases; none is opened twice. */
  readonly closed: readonly string[]
  /** The latest signals by event time, oldest first; signals not after `seenUntilMs` count as seen. */
  readonly seen: readonly SeenSignal[]
  readonly seenUntilMs: number
  /** Ids of the latest decisions, appeals and complaints. */
  readonly words: readonly string[]
  readonly referrals: readonly string[]
  /** Keys that others seem to hold, or held lately; oldest first. */
  readonly keyFlags: readonly KeyFlag[]
  /** One of each detector at most, and one of all; those that are over are dropped when another comes. */
  readonly snoozes: readonly Snooze[]
}

/** The standing of an account that was never heard of. */
export function emptyStanding(accountId: string, shadow: boolean): AccountStanding {
  return {
    accountId,
    shadow,
    facts: null,
    ordinals: {},
    sanctions: [],
    reviews: [],
    pending: [],
    settled: [],
    closed: [],
    seen: [],
    seenUntilMs: 0,
    words: [],
    referrals: [],
    keyFlags: [],
    snoozes: [],
  }
}

/** Over for every reader at its end, whether or not the lifting record has been written. */
export function isActive(kept: KeptSanction, nowMs: number): boolean {
  const { endsAtMs } = kept.sanction
  return kept.endedAtMs === null && (endsAtMs === null || endsAtMs > nowMs)
}

/** An automatic or human act that counts for the next step: not undone, not forgotten. */
export function isStrike(kept: KeptSanction, nowMs: number): boolean {
  return !kept.voided && kept.strikeExpiresAtMs > nowMs
}

/** Undone because a graver strike told of the same incident: it comes back when that one is undone. */
export function isTakenOver({ voided, endCause }: KeptSanction): boolean {
  return voided && endCause === 'superseded'
}

/** Whether one stands, or stood, in the place of the other. */
export function isSameStrike(kept: KeptSanction, other: KeptSanction | undefined): boolean {
  const { clause, strikeOrdinal } = kept.sanction
  return other?.sanction.clause === clause && other.sanction.strikeOrdinal === strikeOrdinal
}

/** People have decided what the strike leads to, or that it ends. */
export function isDecided(standing: AccountStanding, kept: KeptSanction): boolean {
  return standing.sanctions.some(
    (one) => isSameStrike(kept, one) && (one.sanction.decidedBy.length > 0 || one.endCause === 'decision'),
  )
}

export function keptById(standing: AccountStanding, sanctionId: string | null): KeptSanction | undefined {
  return standing.sanctions.find((kept) => kept.sanction.id === sanctionId)
}

export function reviewById(standing: AccountStanding, caseId: string | null): OpenReview | undefined {
  return standing.reviews.find((open) => open.review.id === caseId)
}

/** Nothing but the end of the contract is left to do to this account. */
export function isTerminated(standing: AccountStanding, nowMs: number): boolean {
  return standing.sanctions.some((kept) => kept.sanction.act === 'termination' && isActive(kept, nowMs))
}

/** For the gravest only what is as grave ended it: what else is found of it people report, whatever ended the contract. */
export function isTerminatedFor(standing: AccountStanding, severity: Severity, nowMs: number): boolean {
  const endings = standing.sanctions.filter(
    (kept) => kept.sanction.act === 'termination' && isActive(kept, nowMs),
  )
  return endings.some(({ sanction }) => severity !== 'S0' || sanction.severity === 'S0')
}

/** What the ladder asks of a snapshot. @param known what it asked of the one before */
export function factsOf(state: AccountState, known: AccountFacts | null): AccountFacts {
  return {
    updatedAtMs: state.updatedAtMs,
    createdAtMs: state.createdAtMs,
    tier: state.tier,
    protected: state.protected,
    language: state.language,
    limitScope: state.limitScope,
    reseller: resellerOf(state, known),
    grants: state.grants.slice(0, MOST.grants).map(({ kind, scope, expiresAtMs, capRequestsPerHour }) => ({
      kind,
      scope,
      expiresAtMs,
      capRequestsPerHour,
    })),
  }
}

/** A grant that is gone was one until the snapshot that no longer tells of it: what was done under it stays so. */
function resellerOf(
  { grants, updatedAtMs }: AccountState,
  known: AccountFacts | null,
): AccountFacts['reseller'] {
  const granted = grants.find(({ kind, scope }) => kind === 'reseller' && scope === null)
  if (granted !== undefined) return { untilMs: granted.expiresAtMs }
  if (known === null || known.reseller === null) return null
  return { untilMs: Math.min(known.reseller.untilMs ?? Infinity, updatedAtMs) }
}
