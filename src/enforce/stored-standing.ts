/**
 * How a standing is stored: JSON without what is empty, under a version. Read back only as what it says it is.
 *
 * W1. An unknown version or shape is refused: state is never misread as something else.
 */
import { z } from 'zod'
import { GRANT_KINDS, GRANT_LEVELS } from '../domain/account.ts'
import { ACTOR_LEVELS } from '../domain/actor.ts'
import { REVIEW_REASONS } from '../domain/case.ts'
import {
  END_CAUSES,
  SANCTION_ACTS,
  SANCTION_CAUSES,
  SANCTION_SCOPES,
  SEVERITIES,
} from '../domain/sanction.ts'
import { KEY_DOUBTS } from '../domain/standing.ts'
import {
  emptyStanding,
  type AccountFacts,
  type AccountStanding,
  type Finding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'

export const STORED_VERSION = 1

const actor = z.strictObject({ accountId: z.string(), level: z.enum(ACTOR_LEVELS), id: z.string() })
const ids = z.array(z.string())
const number = z.number()
const text = z.string()

const facts: z.ZodType<AccountFacts> = z.strictObject({
  updatedAtMs: number,
  createdAtMs: number,
  tier: z.enum(['free', 'trial', 'payAsYouGo', 'contract', 'internal']),
  protected: z.boolean(),
  language: text.nullable(),
  limitScope: z.enum(['account', 'key']),
  reseller: z.strictObject({ untilMs: number.nullable() }).nullable(),
  /** Not there in what was stored before grants were kept. */
  grants: z
    .array(
      z.strictObject({
        kind: z.enum(GRANT_KINDS),
        scope: z.strictObject({ level: z.enum(GRANT_LEVELS), id: text }).nullable(),
        expiresAtMs: number.nullable(),
        capRequestsPerHour: number.nullable(),
      }),
    )
    .default([]),
})

/** Not there in what was stored before causes were kept. */
const cause = z.enum(SANCTION_CAUSES).nullable().default(null)

const finding: z.ZodType<Finding> = z.strictObject({
  actor,
  clause: text,
  detectorId: text.nullable(),
  detectorVersion: number.nullable(),
  otherDetectors: ids.default([]),
  signalIds: ids,
  requestIds: ids,
  windowStartMs: number,
  windowEndMs: number,
  facts: z.array(z.strictObject({ name: text, band: text })),
  capability: text.nullable(),
  poolId: text.nullable(),
  exactMatch: z.boolean(),
  /** Not there in what was stored before templates were kept, nor in cases. */
  templateHash: text.nullable().default(null),
  cause,
})

const endCause = z.enum(END_CAUSES)

const kept: z.ZodType<KeptSanction> = z.strictObject({
  sanction: z.strictObject({
    id: text,
    accountId: text,
    actor,
    act: z.enum(SANCTION_ACTS),
    scope: z.enum(SANCTION_SCOPES),
    scopeTarget: text.nullable(),
    rateCeilingPerMinute: number.nullable(),
    clause: text,
    reasonCode: text,
    severity: z.enum(SEVERITIES),
    step: number,
    strikeOrdinal: number,
    issuedAtMs: number,
    effectiveAtMs: number,
    cause,
    endsAtMs: number.nullable(),
    endsSanctionId: text.nullable(),
    endCause: endCause.nullable(),
    automated: z.boolean(),
    underReview: z.boolean(),
    decidedBy: ids,
    signalIds: ids,
    detectorId: text.nullable(),
    detectorVersion: number.nullable(),
    refund: z.enum(['none', 'proRata', 'legalHold']),
    policyVersion: number,
    shadow: z.boolean(),
  }),
  appealUntilMs: number,
  graceMs: number,
  finding: finding.nullable(),
  strikeWeight: number,
  strikeExpiresAtMs: number,
  voided: z.boolean(),
  endedAtMs: number.nullable(),
  endCause: endCause.nullable(),
  noticeAtMs: number.nullable(),
  unheeded: finding.nullable(),
  appealed: z.boolean(),
  reviewed: z.boolean(),
})

const review: z.ZodType<OpenReview> = z.strictObject({
  review: z.strictObject({
    id: text,
    accountId: text,
    actor,
    clause: text,
    severity: z.enum(SEVERITIES),
    reason: z.enum(REVIEW_REASONS),
    status: z.enum(['open', 'closed']),
    openedAtMs: number,
    /** Not there in what was stored before cases were revised. */
    revisedAtMs: number.nullable().default(null),
    dueAtMs: number,
    proposedAct: text,
    proposedScope: z.enum(SANCTION_SCOPES),
    signalIds: ids,
    sanctionId: text.nullable(),
    templateHash: text.nullable().default(null),
  }),
  finding: finding.nullable(),
  approvals: z.array(
    z.strictObject({ kind: z.enum(['terminate', 'refer']), decidedBy: text, sawContent: z.boolean() }),
  ),
  overdue: z.boolean(),
})

const standing = z.strictObject({
  facts: facts.exactOptional(),
  ordinals: z.record(text, number).exactOptional(),
  sanctions: z.array(kept).exactOptional(),
  reviews: z.array(review).exactOptional(),
  pending: z.array(z.strictObject({ finding, expiresAtMs: number })).exactOptional(),
  settled: z.array(z.strictObject({ clause: text, ladderKey: text, atMs: number })).exactOptional(),
  closed: ids.exactOptional(),
  seen: z
    .array(z.strictObject({ id: text, occurredAtMs: number, judged: z.boolean(), preserved: z.boolean() }))
    .exactOptional(),
  seenUntilMs: number.exactOptional(),
  words: ids.exactOptional(),
  referrals: ids.exactOptional(),
  keyFlags: z
    .array(
      z.strictObject({
        keyId: text,
        fromMs: number,
        raisedAtMs: number,
        endsAtMs: number,
        replaced: z.boolean(),
        doubt: z.enum(KEY_DOUBTS),
        countsUntilMs: number,
      }),
    )
    .exactOptional(),
  snoozes: z.array(z.strictObject({ detectorId: text.nullable(), untilMs: number })).exactOptional(),
})

const stored = z.strictObject({
  version: z.literal(STORED_VERSION),
  live: standing,
  shadow: standing.exactOptional(),
})

/** Both standings of one account. */
export interface Standings {
  readonly live: AccountStanding
  /** Null until a shadow signal comes. */
  readonly shadow: AccountStanding | null
}

export function encodeStandings({ live, shadow }: Standings): Buffer {
  const shape = { version: STORED_VERSION, live: compact(live), ...(shadow && { shadow: compact(shadow) }) }
  return Buffer.from(JSON.stringify(shape))
}

/** Throws where the bytes are not what this version writes. */
export function decodeStandings(accountId: string, bytes: Buffer): Standings {
  const shape = stored.parse(JSON.parse(bytes.toString()))
  return {
    live: { ...emptyStanding(accountId, false), ...shape.live },
    shadow: shape.shadow === undefined ? null : { ...emptyStanding(accountId, true), ...shape.shadow },
  }
}

/**
 * Without the fields that are as an empty standing has them, and without what the key and the place say already: this is
 * done for each standing of each checkpoint.
 */
function compact(standing: AccountStanding): object {
  const {
    facts,
    ordinals,
    seenUntilMs,
    sanctions,
    reviews,
    pending,
    settled,
    closed,
    seen,
    words,
    referrals,
    keyFlags,
    snoozes,
  } = standing
  return {
    facts: facts ?? undefined,
    ordinals: Object.keys(ordinals).length === 0 ? undefined : ordinals,
    sanctions: orNothing(sanctions),
    reviews: orNothing(reviews),
    pending: orNothing(pending),
    settled: orNothing(settled),
    closed: orNothing(closed),
    seen: orNothing(seen),
    seenUntilMs: seenUntilMs === 0 ? undefined : seenUntilMs,
    words: orNothing(words),
    referrals: orNothing(referrals),
    keyFlags: orNothing(keyFlags),
    snoozes: orNothing(snoozes),
  }
}

function orNothing<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}
