/**
 * Acts that need several people (P10).
 *
 * Q1. Termination and referral need the policy's number of different people, and never fewer than two, whatever
 *     the policy says. One person who signs twice, or under another spelling of the same name, is one.
 * Q2. Whoever enabled one of the detectors approves nothing of their making; nobody terminates unseen.
 * Q3. Only an open case that is not an appeal can lead there: an appeal never worsens what it appeals.
 */
import type { Decision, Referral } from '../domain/case.ts'
import { uuidV5 } from '../domain/ids.ts'
import {
  isTerminated,
  reviewById,
  type AccountStanding,
  type Approval,
  type OpenReview,
} from './account-standing.ts'
import { detectorsOf } from './finding.ts'
import { issue } from './issue.ts'
import { counted, type CountedReason, type Outcome } from './outcome.ts'
import { closeReview, findingOfReview } from './reviews.ts'
import { clauseOf, type Terms } from './terms.ts'

const LEAST_PEOPLE = 2
const DAY_MS = 86_400_000

export function decideTerminate(
  standing: AccountStanding,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const open = reviewById(standing, decision.caseId)
  const refusal = refuse(open, decision, terms)
  if (open === undefined || refusal !== null) return [counted(refusal ?? 'unknownCase')]
  if (!decision.sawContent) return [counted('unseenContent', open.review.clause)]
  if (isTerminated(standing, terms.nowMs)) return [counted('nothingToDo', open.review.clause)]
  const { approval, people } = approve(open, decision)
  if (people.length < needed(terms.policy.terminationApprovals)) return [approval]
  return [approval, ...terminate(standing, open, decision, people, terms)]
}

export function decideRefer(standing: AccountStanding, decision: Decision, terms: Terms): readonly Outcome[] {
  const open = reviewById(standing, decision.caseId)
  const refusal = refuse(open, decision, terms)
  if (open === undefined || refusal !== null) return [counted(refusal ?? 'unknownCase')]
  if (standing.referrals.includes(referralId(open))) return [counted('nothingToDo', open.review.clause)]
  const { approval, people, approvals } = approve(open, decision)
  if (people.length < needed(terms.policy.referralApprovals)) return [approval]
  const seenByPerson = approvals.every((one) => one.sawContent)
  return [approval, { kind: 'referral', referral: refer(open, people, seenByPerson, terms) }]
}

/** Q1: people, not signatures. */
export function person(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

function needed(approvals: number): number {
  return Math.max(LEAST_PEOPLE, approvals)
}

function refuse(open: OpenReview | undefined, decision: Decision, terms: Terms): CountedReason | null {
  if (open === undefined || open.review.reason === 'appeal') return 'unknownCase'
  const enablers = detectorsOf(findingOfReview(open)).flatMap((id) => terms.enabledBy(id))
  return enablers.some((one) => person(one) === person(decision.decidedBy)) ? 'enabledByDecider' : null
}

function approve(
  open: OpenReview,
  decision: Decision,
): { approval: Outcome; approvals: readonly Approval[]; people: readonly string[] } {
  const kind = decision.kind === 'terminate' ? 'terminate' : 'refer'
  const mine: Approval = { kind, decidedBy: decision.decidedBy, sawContent: decision.sawContent }
  const approvals = [...open.approvals.filter((one) => one.kind === kind), mine]
  const byPerson = new Map(approvals.map((one) => [person(one.decidedBy), one.decidedBy]))
  return {
    approval: { kind: 'approval', caseId: open.review.id, approval: mine },
    approvals,
    people: [...byPerson.values()],
  }
}

function terminate(
  standing: AccountStanding,
  open: OpenReview,
  decision: Decision,
  people: readonly string[],
  terms: Terms,
): readonly Outcome[] {
  const clause = clauseOf(terms.policy, open.review.clause)
  if (clause === undefined) return [counted('unknownClause', open.review.clause)]
  const outcome = issue(
    standing,
    {
      clause,
      finding: findingOfReview(open),
      act: 'termination',
      scope: { scope: 'account', scopeTarget: null, rateCeilingPerMinute: null },
      step: clause.ladder.steps.length,
      durationMs: 0,
      underReview: false,
      decidedBy: people,
      refund: decision.refund ?? 'none',
      replaces: null,
    },
    terms,
  )
  return [outcome, closeReview(open, terms.nowMs, open.review.sanctionId === null)]
}

/** To whom and by when, until the policy says so itself; the legal team may choose otherwise. */
const RECIPIENTS: ReadonlyMap<string, string> = new Map([['prohibited.csam', 'ncmec']])
const REFERRAL_DUE_MS = DAY_MS
const REFERRAL_HOLD_MS = 365 * DAY_MS

function referralId(open: OpenReview): string {
  return uuidV5('referral', open.review.id)
}

function refer(open: OpenReview, people: readonly string[], seenByPerson: boolean, terms: Terms): Referral {
  const { review } = open
  return {
    id: referralId(open),
    accountId: review.accountId,
    clause: review.clause,
    legalBasis: 'toBeStated',
    recipientKind: RECIPIENTS.get(review.clause) ?? 'other',
    requestedAtMs: terms.nowMs,
    dueAtMs: terms.nowMs + REFERRAL_DUE_MS,
    holdUntilMs: terms.nowMs + REFERRAL_HOLD_MS,
    seenByPerson,
    decidedBy: people,
    signalIds: findingOfReview(open).signalIds,
  }
}
