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
const CLOSED_KNOWN = 10_000

/** Open cases that pass the filter, by when they are due; `reviews` in the log's order. */
export async function openCases(
  reviews: Each<ReviewCase>,
  filter: CaseFilter,
): Promise<readonly ReviewCase[]> {
  const open = new Map<string, ReviewCase>()
  const closed = new Set<string>()
  for await (const review of reviews) {
    if (review.status === 'closed') {
      open.delete(review.id)
      remember(closed, review.id)
    } else if (!closed.has(review.id) && passes(review, filter)) open.set(review.id, review)
  }
  return [...open.values()].sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1))
}

/** A case is never opened again, so that a repeat of its opening says nothing new. */
function remember(closed: Set<string>, caseId: string): void {
  closed.add(caseId)
  for (const oldest of closed) {
    if (closed.size <= CLOSED_KNOWN) return
    closed.delete(oldest)
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

/** Who has asked for a termination or a referral of these cases already: the second person sees the first. */
export async function votesOn(
  cases: readonly ReviewCase[],
  decisions: Each<Decision>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const votes = new Map(cases.map(({ id }) => [id, new Set<string>()]))
  for await (const { caseId, kind, decidedBy } of decisions)
    if (kind === 'terminate' || kind === 'refer') votes.get(caseId ?? '')?.add(`${decidedBy}: ${kind}`)
  return new Map([...votes].map(([id, said]) => [id, [...said]]))
}
