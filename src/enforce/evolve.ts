/**
 * Where an account stands after an outcome. Total and pure: a standing is the fold of its outcomes, whether they
 * come from `decide` or from the log.
 *
 * V1. Applying an outcome that was applied before changes nothing.
 */
import {
  MOST,
  type AccountStanding,
  type Finding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'
import { ended, issued } from './evolve-sanction.ts'
import { joined, rememberedFinding } from './finding.ts'
import { matterOfCase } from './ladder.ts'
import { keyFlagged, withoutFlag } from './key-flags.ts'
import type { Outcome } from './outcome.ts'
import { snoozed } from './snoozes.ts'
import { seen } from './seen.ts'
import { settle } from './settle.ts'
import { strikesKnown } from './strikes.ts'

type Of<K extends Outcome['kind']> = Extract<Outcome, { readonly kind: K }>

export function evolve(standing: AccountStanding, outcome: Outcome): AccountStanding {
  switch (outcome.kind) {
    case 'sanction':
      return outcome.sanction.endsSanctionId === null ? issued(standing, outcome) : ended(standing, outcome)
    case 'reviewOpened':
      return reviewOpened(standing, outcome)
    case 'reviewRevised':
      return reviewRevised(standing, outcome)
    case 'reviewClosed':
      return reviewClosed(standing, outcome)
    case 'preservation':
      return preserved(standing, outcome)
    case 'referral':
      return { ...standing, referrals: withNewest(MOST.referrals, standing.referrals, outcome.referral.id) }
    case 'signalSeen':
      return seen(standing, outcome.signalId, outcome.occurredAtMs, { judged: true })
    case 'wordSeen':
      return { ...standing, words: withNewest(MOST.words, standing.words, outcome.id) }
    case 'pending':
      return pending(standing, outcome)
    case 'unheeded':
      return unheeded(standing, outcome)
    case 'noticed':
      return noticed(standing, outcome)
    case 'approval':
      return approved(standing, outcome)
    case 'snoozed':
      return { ...standing, snoozes: snoozed(standing.snoozes, outcome.snooze, outcome.atMs) }
    case 'reviewOverdue':
      return withReview(standing, outcome.caseId, (open) => ({ ...open, overdue: true }))
    case 'recalled':
      return recalled(standing, outcome)
    case 'strikesKnown':
      return strikesKnown(standing, outcome.strikes, outcome.keyFlags)
    case 'forgotten':
      return forgotten(standing, outcome)
    case 'keyFlagged':
      return keyFlagged(standing, outcome.flag)
    case 'keyFlagForgotten':
      return { ...standing, keyFlags: withoutFlag(standing.keyFlags, outcome.flag) }
    case 'facts':
      return { ...standing, facts: outcome.facts }
    case 'counted':
      return standing
  }
}

function reviewOpened(standing: AccountStanding, { review, finding }: Of<'reviewOpened'>): AccountStanding {
  if (standing.reviews.some((open) => open.review.id === review.id)) return standing
  const opened: OpenReview = {
    review,
    finding: finding ?? rememberedFinding(standing, review.signalIds),
    approvals: [],
    overdue: false,
  }
  const marked = review.signalIds.reduce(
    (state, id) => seen(state, id, review.openedAtMs, { judged: true, known: true }),
    standing,
  )
  const looked = withSanction(marked, review.sanctionId, (kept) => ({
    ...kept,
    appealed: kept.appealed || review.reason === 'appeal',
    reviewed: kept.reviewed || review.reason === 'underReview',
  }))
  return {
    ...looked,
    reviews: [...standing.reviews, opened],
    pending: withoutSignals(standing, review.signalIds),
  }
}

function reviewRevised(standing: AccountStanding, { review }: Of<'reviewRevised'>): AccountStanding {
  return withReview(standing, review.id, (open) => {
    if ((review.revisedAtMs ?? 0) <= (open.review.revisedAtMs ?? 0)) return open
    return { ...open, review, approvals: open.approvals.filter(({ kind }) => kind !== 'terminate') }
  })
}

function reviewClosed(standing: AccountStanding, outcome: Of<'reviewClosed'>): AccountStanding {
  const { review, atMs, spent } = outcome
  const known = standing.reviews.find((open) => open.review.id === review.id)
  const matter = matterOfCase({ review, finding: known?.finding ?? null })
  const settles = spent && !standing.closed.includes(review.id)
  return {
    ...graceBegins(standing, outcome),
    reviews: standing.reviews.filter((open) => open.review.id !== review.id),
    closed: last(MOST.closed, [...standing.closed.filter((id) => id !== review.id), review.id]),
    settled: settles ? settle(standing, atMs, matter) : standing.settled,
  }
}

/** A warning that stands after people looked into it counts as told by then; an appeal gives its time back. */
function graceBegins(
  standing: AccountStanding,
  { review, atMs, spent }: Of<'reviewClosed'>,
): AccountStanding {
  if (spent) return standing
  return withSanction(standing, review.sanctionId, (kept) => {
    const open = kept.sanction.act === 'warning' && kept.endedAtMs === null
    const anew = review.reason === 'appeal' || kept.noticeAtMs === null
    const noticeAtMs = Math.max(atMs, kept.sanction.effectiveAtMs)
    return open && anew ? { ...kept, noticeAtMs } : kept
  })
}

function preserved(standing: AccountStanding, outcome: Of<'preservation'>): AccountStanding {
  return seen(standing, outcome.preservation.signalId, outcome.occurredAtMs, { preserved: true })
}

function pending(standing: AccountStanding, { finding, expiresAtMs }: Of<'pending'>): AccountStanding {
  const others = withoutSignals(standing, finding.signalIds)
  return { ...standing, pending: last(MOST.pending, [...others, { finding, expiresAtMs }]) }
}

function withoutSignals(standing: AccountStanding, signalIds: readonly string[]): AccountStanding['pending'] {
  return standing.pending.filter((one) => !one.finding.signalIds.some((id) => signalIds.includes(id)))
}

function unheeded(standing: AccountStanding, { sanctionId, finding }: Of<'unheeded'>): AccountStanding {
  return withSanction(standing, sanctionId, (kept) => ({
    ...kept,
    unheeded: kept.unheeded === null ? finding : joined(kept.unheeded, finding),
  }))
}

function noticed(standing: AccountStanding, { sanctionId, atMs }: Of<'noticed'>): AccountStanding {
  return withSanction(standing, sanctionId, (kept) => ({ ...kept, noticeAtMs: atMs }))
}

function approved(standing: AccountStanding, { caseId, approval }: Of<'approval'>): AccountStanding {
  return withReview(standing, caseId, (open) => ({
    ...open,
    approvals: [
      ...open.approvals.filter((one) => one.kind !== approval.kind || one.decidedBy !== approval.decidedBy),
      approval,
    ],
  }))
}

function forgotten(standing: AccountStanding, { sanctionIds }: Of<'forgotten'>): AccountStanding {
  const sanctions = standing.sanctions.filter((kept) => !sanctionIds.includes(kept.sanction.id))
  return { ...standing, sanctions }
}

/** Fills in what the log did not tell, signal by signal, and only that. */
function recalled(standing: AccountStanding, { signalId, finding }: Of<'recalled'>): AccountStanding {
  const lacks = (known: Finding | null, ids: readonly string[]) =>
    ids.includes(signalId) && known?.signalIds.includes(signalId) !== true
  const filled = (known: Finding | null) => (known === null ? finding : joined(known, finding))
  const isLacking =
    standing.sanctions.some((kept) => lacks(kept.finding, kept.sanction.signalIds)) ||
    standing.reviews.some((open) => lacks(open.finding, open.review.signalIds))
  if (!isLacking) return standing
  return {
    ...standing,
    sanctions: standing.sanctions.map((kept) =>
      lacks(kept.finding, kept.sanction.signalIds) ? withFinding(kept, filled(kept.finding)) : kept,
    ),
    reviews: standing.reviews.map((open) =>
      lacks(open.finding, open.review.signalIds) ? { ...open, finding: filled(open.finding) } : open,
    ),
  }
}

/** The log hides the detector of what is nobody else's business; the finding names it. */
function withFinding(kept: KeptSanction, finding: Finding): KeptSanction {
  const { detectorId, detectorVersion } = finding
  const { cause } = kept.sanction
  return {
    ...kept,
    finding: { ...finding, cause },
    sanction: { ...kept.sanction, detectorId, detectorVersion },
  }
}

function withSanction(
  standing: AccountStanding,
  sanctionId: string | null,
  change: (kept: AccountStanding['sanctions'][number]) => AccountStanding['sanctions'][number],
): AccountStanding {
  const sanctions = standing.sanctions.map((kept) => (kept.sanction.id === sanctionId ? change(kept) : kept))
  return { ...standing, sanctions }
}

function withReview(
  standing: AccountStanding,
  caseId: string,
  change: (open: OpenReview) => OpenReview,
): AccountStanding {
  const reviews = standing.reviews.map((open) => (open.review.id === caseId ? change(open) : open))
  return { ...standing, reviews }
}

/** Once, however often it is applied (V1). */
function withNewest(most: number, ids: readonly string[], id: string): readonly string[] {
  return ids.includes(id) ? ids : last(most, [...ids, id])
}

function last<T>(most: number, values: readonly T[]): readonly T[] {
  return values.length > most ? values.slice(-most) : values
}
