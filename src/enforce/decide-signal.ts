/**
 * What follows from a signal. Each rule either counts it, with a reason, or lets it pass to the next; what passes
 * all leads to the next step of the ladder.
 *
 * D1. A signal is judged once; replaying it changes nothing. Signals older than all that are remembered count
 *     as judged, but of S0, where nothing that is known rests on it.
 * D2. No step follows a warning before its notice was delivered and its grace is over.
 * D3. One incident is one strike under its gravest clause: signals of several clauses that rest on the same
 *     request are one incident. A graver clause takes the strike over; a lesser one is counted.
 * D4. Whatever may lead to a sanction is preserved, also where it leads to none yet (P13).
 * D5. What weighs leads to nothing when it is heard, whatever waits by then. With a finding of a clause that it weighs
 *     on, of the same ladder and after it, it counts as one, however many there are, where it rests on other requests.
 * D6. An exact match of S0 waits for nothing (exact-match.ts).
 * D7. While people have stopped a detector, a clause or everything, its signals lead to nothing; of S0 to people.
 * D8. What rests on conduct from before its clause took effect, as its window says, leads to nothing: how much of it lies
 *     before, no figure tells. It is found anew once the window lies behind that; S0 goes to people meanwhile.
 */
import { uuidV5 } from '../domain/ids.ts'
import type { Signal } from '../domain/signal.ts'
import type { Clause } from '../topology/policy.ts'
import {
  isTerminatedFor,
  type AccountStanding,
  type Finding,
  type KeptSanction,
  type Pending,
} from './account-standing.ts'
import { act } from './act.ts'
import { decideKeyFound, isPrecaution } from './decide-key.ts'
import { suspendsAtOnce } from './exact-match.ts'
import { findingOf, independent, joined } from './finding.ts'
import { sharingRequests, takingOver, unclaimed } from './incident.ts'
import { attributed, isOver } from './key-flags.ts'
import {
  evidenceSpentUntilMs,
  ladderKey,
  lastActMs,
  matterOf,
  matterOfCase,
  sameLadder,
  strikes,
} from './ladder.ts'
import { counted, type CountedReason, type Outcome } from './outcome.ts'
import { holdingReview, isForPeople } from './reviews.ts'
import { clauseOf, type Terms } from './terms.ts'

/** A signal on its way through the rules. */
interface Hearing {
  readonly standing: AccountStanding
  readonly signal: Signal
  readonly clause: Clause
  readonly finding: Finding
  readonly terms: Terms
}

export function decideSignal(standing: AccountStanding, signal: Signal, terms: Terms): readonly Outcome[] {
  const clause = clauseOf(terms.policy, signal.clause)
  const repeated = repeat(standing, signal, clause)
  if (repeated !== null) return repeated
  const seen = seenNow(standing, signal, terms)
  const count = (reason: CountedReason) => [seen, counted(reason, signal.clause, signal.detectorId)]
  if (isPrecaution(signal, terms)) return [seen, ...decideKeyFound(standing, signal, terms)]
  if (clause === undefined) return count('unknownClause')
  if (isBeforePolicy(signal, clause)) return count('beforePolicy')
  const isStopped = terms.switchedOff(signal.detectorId, clause.id)
  if (isStopped && clause.severity !== 'S0') return count('switchedOff')
  if (!(signal.confidence >= clause.ladder.minConfidence)) return count('belowConfidence')
  const finding = attributed(standing, findingOf(signal))
  const hearing = { standing, signal, clause, finding, terms }
  const stopped = isStopped ? [counted('switchedOff', signal.clause, signal.detectorId)] : []
  return [seen, ...stopped, ...preserve(hearing), ...judge(hearing)]
}

/** D8. */
function isBeforePolicy({ occurredAtMs, windowStartMs }: Signal, clause: Clause): boolean {
  const { severity, effectiveFromMs } = clause
  return (severity === 'S0' ? occurredAtMs : windowStartMs) < effectiveFromMs
}

/** D1, and what a fold could not know is recalled from the repeat. */
function repeat(
  standing: AccountStanding,
  signal: Signal,
  clause: Clause | undefined,
): readonly Outcome[] | null {
  const isOld = signal.occurredAtMs <= standing.seenUntilMs
  const known = standing.seen.find((one) => one.id === signal.id)
  const count = (reason: CountedReason) => counted(reason, signal.clause, signal.detectorId)
  if (known?.judged === true)
    return [
      { kind: 'recalled', signalId: signal.id, finding: findingOf(signal) },
      {
        kind: 'signalSeen',
        signalId: signal.id,
        occurredAtMs: isOld ? known.occurredAtMs : signal.occurredAtMs,
      },
      count('duplicate'),
    ]
  if (known !== undefined || !isOld) return null
  if (clause?.severity !== 'S0') return [count('tooOld')]
  return isOnRecord(standing, signal) ? [count('duplicate')] : null
}

/** Something rests on it that is still known. */
function isOnRecord({ sanctions, reviews }: AccountStanding, { id }: Signal): boolean {
  return (
    sanctions.some(({ sanction }) => sanction.signalIds.includes(id)) ||
    reviews.some(({ review }) => review.signalIds.includes(id))
  )
}

/** What is older than all that are remembered is remembered as of now: else it would be forgotten at once. */
function seenNow(standing: AccountStanding, { id, occurredAtMs }: Signal, { nowMs }: Terms): Outcome {
  const isOld = occurredAtMs <= standing.seenUntilMs
  return { kind: 'signalSeen', signalId: id, occurredAtMs: isOld ? nowMs : occurredAtMs }
}

/** D4; once for each signal, also across a set-back of the store. */
function preserve({ standing, signal, finding, terms }: Hearing): readonly Outcome[] {
  if (standing.shadow || wasJudged(standing, signal)) return []
  const preservation = {
    id: uuidV5('preservation', signal.id),
    accountId: standing.accountId,
    requestIds: finding.requestIds,
    askedAtMs: terms.nowMs,
    untilMs: terms.nowMs + terms.policy.appealWindowMs,
    basis: 'enforcement',
    signalId: signal.id,
  }
  return [{ kind: 'preservation', preservation, occurredAtMs: signal.occurredAtMs }]
}

/**
 * The vault was asked in the same transaction in which the signal was judged: where the log says so and no sanction
 * or case names the signal, it led nowhere, and must not lead anywhere now that the store was set back.
 */
function wasJudged(standing: AccountStanding, signal: Signal): boolean {
  return standing.seen.some((one) => one.id === signal.id && one.preserved)
}

function judge(hearing: Hearing): readonly Outcome[] {
  const { signal, standing, clause, terms } = hearing
  const weighing = clause.weighs.find(({ detector }) => detector === signal.detectorId)
  if (weighing !== undefined) return waits(hearing, 'weighs', weighing.standsMs)
  const reason = reasonToWait(hearing)
  if (reason !== null)
    return [counted(reason, signal.clause, signal.detectorId), ...unheeded(hearing, reason)]
  const finding = corroborated(hearing)
  if (finding === null) return waits(hearing, 'uncorroborated', clause.ladder.corroborationWindowMs)
  if (wasJudged(standing, signal)) return [counted('duplicate', signal.clause, signal.detectorId)]
  return takingOver(standing, finding, act(standing, clause, finding, terms), [], terms)
}

/** The first rule that holds the signal back; null where none does. */
function reasonToWait(hearing: Hearing): CountedReason | null {
  const { standing, clause, finding, terms } = hearing
  if (isTerminatedFor(standing, clause.severity, terms.nowMs)) return 'terminated'
  if (isOver(standing, finding)) return 'keyReplaced'
  if (suspendsAtOnce(standing, clause, finding, terms)) return null
  const incident = sharingRequests(standing, finding, terms.nowMs)
  if (incident.some((kept) => kept.sanction.severity <= clause.severity)) return 'sameIncident'
  if (underAppeal(hearing)) return 'underAppeal'
  if (holdingReview(standing, clause, finding, terms.nowMs) !== undefined) return 'heldForReview'
  const warning = openWarning(hearing)
  if (warning !== undefined) return afterNotice(warning, finding) ? 'withinGrace' : 'beforeNotice'
  return tooSoon(hearing)
}

/** An appeal stops the escalation of its own episode: evidence from before it, and its open warning. */
function underAppeal({ standing, clause, finding }: Hearing): boolean {
  const same = sameLadder(standing, { ...matterOf(finding), clause: clause.id, cause: null })
  return standing.reviews.some(
    (open) =>
      open.review.reason === 'appeal' &&
      same(matterOfCase(open)) &&
      finding.windowStartMs < open.review.openedAtMs,
  )
}

function openWarning({ standing, finding, terms }: Hearing): KeptSanction | undefined {
  return strikes(standing, matterOf(finding), terms.nowMs).findLast(
    (kept) => kept.sanction.act === 'warning' && kept.endedAtMs === null,
  )
}

function afterNotice(warning: KeptSanction, finding: Finding): boolean {
  return warning.noticeAtMs !== null && finding.windowStartMs >= warning.noticeAtMs
}

function unheeded(hearing: Hearing, reason: CountedReason): readonly Outcome[] {
  const warning = reason === 'withinGrace' ? openWarning(hearing) : undefined
  if (warning === undefined) return []
  return [{ kind: 'unheeded', sanctionId: warning.sanction.id, finding: hearing.finding }]
}

/** By the signal's own time, so that a signal that is read late is judged as one read at once. */
function tooSoon({ standing, signal, clause, finding, terms }: Hearing): CountedReason | null {
  const spentUntilMs = evidenceSpentUntilMs(standing, matterOf(finding), terms.nowMs)
  if (spentUntilMs !== null && finding.windowStartMs < spentUntilMs) return 'overlapsLastAct'
  const lastMs = lastActMs(standing, matterOf(finding), terms.nowMs)
  const atMs = Math.min(terms.nowMs, signal.occurredAtMs)
  return lastMs !== null && atMs < lastMs + clause.ladder.coolDownMs ? 'cooldown' : null
}

/** With what waited, enough for the first step; null where more must come. Later steps need no more. */
function corroborated(hearing: Hearing): Finding | null {
  const { standing, clause, finding, terms } = hearing
  if (isForPeople(clause, finding) || suspendsAtOnce(standing, clause, finding, terms)) return finding
  const waiting = waitingFor(hearing)
  const first = strikes(standing, matterOf(finding), terms.nowMs).length === 0
  if (first && corroboration(clause, waiting, finding) < clause.ladder.corroboration) return null
  return waiting.reduceRight((later, one) => joined(one, later), finding)
}

/** So many findings, and one for all that weighs (D5) where it rests on other requests than they do. */
function corroboration(clause: Clause, waiting: readonly Finding[], finding: Finding): number {
  const own = [...waiting.filter((one) => one.clause === clause.id), finding]
  const enough = independent(own)
  const weights = waiting.filter((one) => one.clause !== clause.id)
  return weights.some((weight) => independent([...own, weight]) > enough) ? enough + 1 : enough
}

/**
 * Findings of the same ladder that did not suffice, and what weighs on its clause (D5); oldest first. None that has become
 * part of a graver strike, or of what others did with a key.
 */
function waitingFor({ standing, clause, finding, terms }: Hearing): readonly Finding[] {
  const keyOf = (one: Finding): string => ladderKey(matterOf(one), standing.facts)
  const key = keyOf(finding)
  return standing.pending
    .filter((one) => isNear(one, finding))
    .map((one) => one.finding)
    .filter(
      (one) =>
        keyOf(one) === key &&
        (one.clause === clause.id ? !isWeight(clause, one) : weighsOn(clause, one, terms)) &&
        // What people have stopped meanwhile supports nothing that comes now.
        !terms.switchedOff(one.detectorId ?? '', one.clause),
    )
    .map((one) => unclaimed(standing, one, clause.severity, terms.nowMs))
    .filter((one) => one !== null)
}

/** By their own times, whichever was read first: lag and a rebuilt store make no difference. */
function isNear({ finding: { windowEndMs }, expiresAtMs }: Pending, finding: Finding): boolean {
  return Math.abs(finding.windowEndMs - windowEndMs) < expiresAtMs - windowEndMs
}

function weighsOn(clause: Clause, weight: Finding, { policy }: Terms): boolean {
  const weighing = clauseOf(policy, weight.clause)?.weighs ?? []
  return weighing.some(({ detector, on }) => detector === weight.detectorId && on.includes(clause.id))
}

/** On its own clause nothing weighs. */
function isWeight({ weighs }: Clause, { detectorId }: Finding): boolean {
  return weighs.some(({ detector }) => detector === detectorId)
}

function waits({ signal, finding }: Hearing, reason: CountedReason, standsMs: number): readonly Outcome[] {
  return [
    counted(reason, signal.clause, signal.detectorId),
    { kind: 'pending', finding, expiresAtMs: finding.windowEndMs + standsMs },
  ]
}
