/** Cases as the log tells them: those that are open, the most urgent first. No more of the log is held in memory. */
import type { Decision, ReviewCase, ReviewReason } from '../domain/case.ts'
import type { Each } from '../domain/each.ts'

export interface CaseFilter {
  readonly accountId: string | null
  readonly reason: ReviewReason | null
  /** Signals of which one must be behind the case; null for any case. */
  readonly signalIds: ReadonlySet<string> | null
  /** Those alone whose evidence rests on this template; null for any. */
  readonly templateHash: string | null
  /** Those alone that were due before; null for all. */
  readonly dueBeforeMs: number | null
}

/** Repeats of an opening come soon after the first. */
const MOST_KNOWN = 10_000

/** Open cases that pass the filter, by when they are due; `reviews` in the log's order. */
export async function openCases(
  reviews: Each<ReviewCase>,
  filter: CaseFilter,
): Promise<readonly ReviewCase[]> {
  const open = new Map<string, ReviewCase>()
  const closed = new Set<string>()
  const revised = new Set<string>()
  for await (const review of reviews) {
    const { id, status, revisedAtMs } = review
    if (status === 'closed') {
      open.delete(id)
      remember(closed, id)
    } else if (!closed.has(id) && (revisedAtMs !== null || !revised.has(id))) {
      // As it was told last: it may have passed before, and pass no longer.
      open.delete(id)
      if (revisedAtMs !== null) remember(revised, id)
      if (passes(review, filter)) open.set(id, review)
    }
  }
  return [...open.values()].sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1))
}

/** A case is never opened again, so that a repeat of its opening says nothing new. */
function remember(known: Set<string>, caseId: string): void {
  known.add(caseId)
  for (const oldest of known) {
    if (known.size <= MOST_KNOWN) return
    known.delete(oldest)
  }
}

function passes(review: ReviewCase, filter: CaseFilter): boolean {
  const { accountId, reason, signalIds, templateHash, dueBeforeMs } = filter
  return (
    (accountId === null || review.accountId === accountId) &&
    (reason === null || review.reason === reason) &&
    (signalIds === null || review.signalIds.some((id) => signalIds.has(id))) &&
    (templateHash === null || review.templateHash === templateHash) &&
    (dueBeforeMs === null || review.dueAtMs < dueBeforeMs)
  )
}

/**
 * Who has asked for a termination or a referral of these cases already: the second person sees the first. A vote for a
 * termination that lies before the case was told anew counts no longer.
 */
export async function votesOn(
  cases: readonly ReviewCase[],
  decisions: Each<Decision>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const votes = new Map(cases.map(({ id }) => [id, new Set<string>()]))
  const revisedAtMs = new Map(cases.map((one) => [one.id, one.revisedAtMs ?? -Infinity]))
  for await (const { caseId, kind, decidedBy, decidedAtMs } of decisions) {
    const counts =
      kind === 'refer' || (kind === 'terminate' && decidedAtMs > (revisedAtMs.get(caseId ?? '') ?? 0))
    if (counts) votes.get(caseId ?? '')?.add(`${decidedBy}: ${kind}`)
  }
  return new Map([...votes].map(([id, said]) => [id, [...said]]))
}
