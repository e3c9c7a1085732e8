/**
 * What follows from appeals and complaints: work for people, never a sanction. No number of complaints sanctions
 * anybody; a question is no report.
 */
import type { Appeal, Complaint } from '../domain/case.ts'
import { accountActor } from '../domain/actor.ts'
import { keptById, type AccountStanding, type Finding, type KeptSanction } from './account-standing.ts'
import { counted, type Outcome } from './outcome.ts'
import { openReview, reviewWithinMs } from './reviews.ts'
import { clauseOf, type Terms } from './terms.ts'

/** What a complaint is about where it names no clause. */
const CLAUSE_OF_KIND: Readonly<Record<Complaint['kind'], string>> = {
  report: 'unclassified',
  question: 'unclassified',
  rights: 'responsibility.outputs',
  victimNotice: 'prohibited.ncii',
  threatToLife: 'prohibited.violent-extremism',
  childSafety: 'prohibited.csam',
}

/** Never waits for the clause's own severity. */
const URGENT: readonly Complaint['kind'][] = ['threatToLife', 'childSafety', 'victimNotice']

export function decideAppeal(standing: AccountStanding, appeal: Appeal, terms: Terms): readonly Outcome[] {
  if (standing.words.includes(appeal.id)) return [counted('duplicate')]
  const seen: Outcome = { kind: 'wordSeen', id: appeal.id }
  const kept = keptById(standing, appeal.sanctionId)
  if (kept === undefined) return [seen, counted('unknownSanction')]
  const { clause } = kept.sanction
  if (kept.voided) return [seen, counted('alreadyEnded', clause)]
  if (kept.appealed || appeal.submittedAtMs > kept.appealUntilMs)
    return [seen, counted('appealClosed', clause)]
  return [seen, ...openAppeal(standing, kept, terms)]
}

function openAppeal(standing: AccountStanding, kept: KeptSanction, terms: Terms): readonly Outcome[] {
  const { sanction } = kept
  const proposal = {
    reason: 'appeal' as const,
    clause: sanction.clause,
    severity: sanction.severity,
    finding: kept.finding ?? unfounded(standing, sanction.clause, terms, sanction.signalIds),
    act: sanction.act,
    scope: sanction.scope,
    sanctionId: sanction.id,
    anchor: sanction.id,
    withinMs: reviewWithinMs(sanction.severity),
  }
  return openReview(standing, proposal, terms)
}

export function decideComplaint(
  standing: AccountStanding,
  complaint: Complaint,
  terms: Terms,
): readonly Outcome[] {
  if (standing.words.includes(complaint.id)) return [counted('duplicate')]
  const seen: Outcome = { kind: 'wordSeen', id: complaint.id }
  if (complaint.kind === 'question') return [seen, counted('question')]
  const clause = clauseOfComplaint(complaint, terms)
  if (hasComplaintCase(standing, clause)) return [seen, counted('heldForReview', clause)]
  const ofClause = clauseOf(terms.policy, clause)
  const severity = URGENT.includes(complaint.kind) ? 'S0' : (ofClause?.severity ?? 'S3')
  const proposal = {
    reason: 'complaint' as const,
    clause,
    severity,
    finding: unfounded(standing, clause, terms, []),
    act: ofClause?.ladder.steps[0]?.act ?? 'none',
    scope: 'account' as const,
    sanctionId: null,
    anchor: complaint.id,
    withinMs: reviewWithinMs(severity),
  }
  return [seen, ...openReview(standing, proposal, terms)]
}

/** A clause that the policy does not have is no case of its own: else every invented word would open one. */
function clauseOfComplaint({ clause, kind }: Complaint, terms: Terms): string {
  const named = clause ?? CLAUSE_OF_KIND[kind]
  return clause === null || clauseOf(terms.policy, named) !== undefined ? named : CLAUSE_OF_KIND[kind]
}

/** One open case collects all complaints of a clause. */
function hasComplaintCase(standing: AccountStanding, clause: string): boolean {
  return standing.reviews.some(({ review }) => review.reason === 'complaint' && review.clause === clause)
}

/** Nothing that a machine has found: what people said, about the whole account. */
export function unfounded(
  standing: AccountStanding,
  clause: string,
  terms: Terms,
  signalIds: readonly string[],
): Finding {
  return {
    actor: accountActor(standing.accountId),
    clause,
    detectorId: null,
    detectorVersion: null,
    otherDetectors: [],
    signalIds,
    requestIds: [],
    windowStartMs: terms.nowMs,
    windowEndMs: terms.nowMs,
    facts: [],
    capability: null,
    poolId: null,
    exactMatch: false,
    templateHash: null,
    cause: null,
  }
}
