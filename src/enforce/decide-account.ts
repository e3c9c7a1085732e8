/** What follows from the account service's words: its snapshot, delivered notices, remedies, keys that were stolen or replaced. */
import type { AccountEvent, AccountState } from '../domain/account.ts'
import { factsOf, keptById, type AccountStanding } from './account-standing.ts'
import { decideKeyReplaced, decideKeyReported } from './decide-key.ts'
import { end } from './issue.ts'
import { counted, type Outcome } from './outcome.ts'
import { answeredBy } from './remedies.ts'
import { closeReview } from './reviews.ts'
import type { Terms } from './terms.ts'

/** An older snapshot than the known one is not news. A grant that answers a warning remedies it (remedies.ts). */
export function decideAccountState(
  standing: AccountStanding,
  state: AccountState,
  terms: Terms,
): readonly Outcome[] {
  const known = standing.facts
  if (known !== null && state.updatedAtMs <= known.updatedAtMs) return []
  const facts = factsOf(state, known)
  const remedied = answeredBy(standing, facts, terms)
  return [
    { kind: 'facts', facts },
    ...remedied.map((kept) => end(standing, kept, 'lifting', 'remediated', [], terms)),
  ]
}

export function decideAccountEvent(
  standing: AccountStanding,
  event: AccountEvent,
  terms: Terms,
): readonly Outcome[] {
  if (event.kind === 'noticeDelivered') return noticeDelivered(standing, event, terms)
  if (event.kind === 'remediated') return remediated(standing, event, terms)
  if (event.kind === 'keyReportedStolen') return decideKeyReported(standing, event, terms)
  const replaces = event.kind === 'keyRotated' || event.kind === 'keyRevoked'
  return replaces ? decideKeyReplaced(standing, event, terms) : []
}

/** The grace of a warning begins, not before it takes effect; a second delivery does not begin it again. Nobody need look for it any more. */
function noticeDelivered(standing: AccountStanding, event: AccountEvent, terms: Terms): readonly Outcome[] {
  const kept = keptById(standing, event.sanctionId)
  if (kept === undefined) return [counted('unknownSanction')]
  if (kept.sanction.act !== 'warning' || kept.endedAtMs !== null || kept.noticeAtMs !== null) return []
  const atMs = Math.max(kept.sanction.effectiveAtMs, event.occurredAtMs)
  const waiting = standing.reviews.filter(
    ({ review }) => review.reason === 'underReview' && review.sanctionId === kept.sanction.id,
  )
  return [
    { kind: 'noticed', sanctionId: kept.sanction.id, atMs },
    ...waiting.map((open) => closeReview(open, terms.nowMs, false)),
  ]
}

/** The warning is closed; its strike stays until it is forgotten. */
function remediated(standing: AccountStanding, event: AccountEvent, terms: Terms): readonly Outcome[] {
  const kept = keptById(standing, event.sanctionId)
  if (kept === undefined) return [counted('unknownSanction')]
  if (kept.sanction.act !== 'warning' || kept.endedAtMs !== null) return []
  return [end(standing, kept, 'lifting', 'remediated', [], terms)]
}
