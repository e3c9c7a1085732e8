/** Cases as the log tells them: the newest word on each, the most urgent first. */
import type { Decision, ReviewCase, ReviewReason } from '../domain/case.ts'

export interface CaseFilter {
  readonly accountId: string | null
  readonly reason: ReviewReason | null
  /** Signals of which one must be behind the case; null for any case. */
  readonly signalIds: ReadonlySet<string> | null
  /** Those alone that were due before; null for all. */
  readonly dueBeforeMs: number | null
}

/** Open cases that pass the filter, by when they are due. */
export function openCases(reviews: readonly ReviewCase[], filter: CaseFilter): readonly ReviewCase[] {
  const newest = new Map<string, ReviewCase>()
  for (const review of reviews) {
    // A case is never opened again, so that a repeat of its opening says nothing new.
    if (newest.get(review.id)?.status !== 'closed') newest.set(review.id, review)
  }
  return [...newest.values()]
    .filter((review) => review.status === 'open' && passes(review, filter))
    .sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1))
}

function passes(review: ReviewCase, { accountId, reason, signalIds, dueBeforeMs }: CaseFilter): boolean {
  return (
    (accountId === null || review.accountId === accountId) &&
    (reason === null || review.reason === reason) &&
    (signalIds === null || review.signalIds.some((id) => signalIds.has(id))) &&
    (dueBeforeMs === null || review.dueAtMs < dueBeforeMs)
  )
}

/** Who has asked for a termination or a referral already: the second person sees the first. */
export function votesOn(caseId: string, decisions: readonly Decision[]): readonly string[] {
  const votes = decisions.filter(
    (one) => one.caseId === caseId && (one.kind === 'terminate' || one.kind === 'refer'),
  )
  return [...new Set(votes.map(({ kind, decidedBy }) => `${decidedBy}: ${kind}`))]
}
