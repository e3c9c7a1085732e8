/**
 * Cases for people.
 *
 * R1. One open case per reason, clause and ladder: fifty signals are one case; an exact match shares none with less.
 * R2. Shadow opens no case: nobody's work comes of a trial (P11).
 * R3. A case holds back what it was opened for and no more: what is for people alone, or snoozed, or rests on a template
 *     of many, never shields an account from what the machine may do by itself.
 * R4. Signals open at most `MOST.reviews` cases on one account; what comes then is gathered in one case of its clause, about
 *     the whole account. Words of people always open theirs.
 */
import { accountActor } from '../domain/actor.ts'
import { uuidV5 } from '../domain/ids.ts'
import type { ReviewCase, ReviewReason } from '../domain/case.ts'
import type { SanctionScope, Severity } from '../domain/sanction.ts'
import type { Clause } from '../topology/policy.ts'
import {
  isSameStrike,
  keptById,
  MOST,
  type AccountStanding,
  type Finding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'
import { ladderKey, matterOf, matterOfCase, sameLadder } from './ladder.ts'
import { counted, type Outcome } from './outcome.ts'
import { isSnoozed } from './snoozes.ts'
import type { Terms } from './terms.ts'

const HOUR_MS = 3_600_000

/** How soon a person must look where the policy's step says nothing. */
const WITHIN_MS: Readonly<Record<Severity, number>> = {
  S0: HOUR_MS,
  S1: 24 * HOUR_MS,
  S2: 72 * HOUR_MS,
  S3: 168 * HOUR_MS,
}

export function reviewWithinMs(severity: Severity): number {
  return WITHIN_MS[severity]
}

export interface Proposal {
  readonly reason: ReviewReason
  readonly clause: string
  readonly severity: Severity
  readonly finding: Finding
  readonly act: string
  readonly scope: SanctionScope
  readonly sanctionId: string | null
  /** What makes the case this one and no other; the sanction or first signal by default. */
  readonly anchor: string
  readonly withinMs: number
}

/** Whether people alone decide what follows from it. */
export function isForPeople({ ladder, reviewOnly }: Clause, { detectorId }: Finding): boolean {
  return ladder.reviewOnly || (detectorId !== null && reviewOnly.includes(detectorId))
}

/** A case that people work on already, where it holds the machine back (R3). Complaints and appeals never do. */
export function holdingReview(
  standing: AccountStanding,
  clause: Clause,
  finding: Finding,
  nowMs: number,
): OpenReview | undefined {
  const same = sameLadder(standing, { ...matterOf(finding), clause: clause.id, cause: null })
  const holds = ({ reason, templateHash }: ReviewCase): boolean => {
    if (reason === 'templateQuarantined') return templateHash === finding.templateHash
    if (reason === 'reviewOnlyDetector') return isForPeople(clause, finding)
    if (reason === 'snoozed') return isSnoozed(standing.snoozes, finding, nowMs)
    // What waits because a key may be stolen does not hold back what closes that very key.
    if (reason === 'suspectedCompromise') return finding.cause === null
    return reason !== 'complaint' && reason !== 'appeal'
  }
  return standing.reviews.find(
    (open) => open.review.sanctionId === null && holds(open.review) && same(matterOfCase(open)),
  )
}

/** A case of that reason about the finding's own matter, and about evidence as good (R1). */
export function sameCase(
  standing: AccountStanding,
  reason: ReviewReason,
  finding: Finding,
): OpenReview | undefined {
  const same = sameLadder(standing, matterOf(finding))
  return standing.reviews.find(
    (open) =>
      open.review.sanctionId === null &&
      open.review.reason === reason &&
      same(matterOfCase(open)) &&
      (findingOfReview(open).exactMatch || !finding.exactMatch),
  )
}

/** Opens the case, unless it was opened before (R1) or this is a shadow standing (R2). */
export function openReview(standing: AccountStanding, proposal: Proposal, terms: Terms): readonly Outcome[] {
  const { clause, finding } = proposal
  if (standing.shadow) return [counted('shadow', clause, finding.detectorId)]
  const review = reviewOf(standing, proposal, terms)
  if (isKnown(standing, review.id)) return []
  if (isFull(standing, proposal)) return gathered(standing, proposal, terms)
  return [{ kind: 'reviewOpened', review, finding }]
}

function isKnown(standing: AccountStanding, caseId: string): boolean {
  return standing.closed.includes(caseId) || standing.reviews.some((open) => open.review.id === caseId)
}

function isFull(standing: AccountStanding, proposal: Proposal): boolean {
  const fromPeople = proposal.reason === 'appeal' || proposal.reason === 'complaint'
  return !fromPeople && standing.reviews.length >= MOST.reviews
}

/** R4; of a stolen key nobody else is accused, and of those there are few. */
function gathered(standing: AccountStanding, proposal: Proposal, terms: Terms): readonly Outcome[] {
  const { clause } = proposal
  const finding = { ...proposal.finding, actor: accountActor(standing.accountId) }
  const full = counted('reviewsFull', clause, finding.detectorId)
  const review = reviewOf(standing, { ...proposal, finding, sanctionId: null }, terms)
  const isGathering = standing.reviews.some((open) => gathers(open, clause))
  if (finding.cause !== null || isGathering || isKnown(standing, review.id)) return [full]
  return [full, { kind: 'reviewOpened', review, finding }]
}

/** Whether it is about the whole account, and no single sanction or word. */
export function gathers({ review }: OpenReview, clause: string): boolean {
  const fromPeople = review.reason === 'appeal' || review.reason === 'complaint'
  return (
    review.clause === clause && review.sanctionId === null && review.actor.level === 'account' && !fromPeople
  )
}

function reviewOf(standing: AccountStanding, proposal: Proposal, terms: Terms): ReviewCase {
  const { finding } = proposal
  const key = ladderKey(matterOf(finding), standing.facts)
  return {
    id: uuidV5('review', standing.accountId, proposal.reason, proposal.clause, key, proposal.anchor),
    accountId: standing.accountId,
    actor: finding.actor,
    clause: proposal.clause,
    severity: proposal.severity,
    reason: proposal.reason,
    status: 'open',
    openedAtMs: terms.nowMs,
    revisedAtMs: null,
    dueAtMs: terms.nowMs + proposal.withinMs,
    proposedAct: proposal.act,
    proposedScope: proposal.scope,
    signalIds: finding.signalIds,
    sanctionId: proposal.sanctionId,
    templateHash: finding.templateHash,
  }
}

/** Every open case of the strike, whichever of its sanctions it is about. */
export function casesOf(standing: AccountStanding, kept: KeptSanction): readonly OpenReview[] {
  return standing.reviews.filter(({ review }) => isSameStrike(kept, keptById(standing, review.sanctionId)))
}

/** `spent`: evidence from before the closing leads nowhere any more. */
export function closeReview(open: OpenReview, atMs: number, spent: boolean): Outcome {
  return { kind: 'reviewClosed', review: { ...open.review, status: 'closed' }, atMs, spent }
}

/** What a case rests on; a folded one knows only its public part. */
export function findingOfReview(open: OpenReview): Finding {
  const { review } = open
  return (
    open.finding ?? {
      actor: review.actor,
      clause: review.clause,
      detectorId: null,
      detectorVersion: null,
      otherDetectors: [],
      signalIds: review.signalIds,
      requestIds: [],
      windowStartMs: review.openedAtMs,
      windowEndMs: review.openedAtMs,
      facts: [],
      capability: null,
      poolId: null,
      exactMatch: false,
      templateHash: review.templateHash,
      cause: null,
    }
  )
}
