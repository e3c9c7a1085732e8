/**
 * One account as the log tells it: what holds, what happened, on what grounds.
 *
 * H1. The subject's view says what the customer may see and nothing else: measures, reasons in the statement's words,
 *     until when, how to appeal. No detector, signal, reviewer or case, and no measure before it takes effect.
 */
import type { Appeal, Decision, ReviewCase, Snooze } from '../domain/case.ts'
import type { Sanction } from '../domain/sanction.ts'
import type { Signal } from '../domain/signal.ts'
import type { Standing } from '../domain/standing.ts'

export interface AccountRecords {
  readonly standing: Standing | null
  readonly sanctions: readonly Sanction[]
  readonly signals: readonly Signal[]
  readonly reviews: readonly ReviewCase[]
  readonly decisions: readonly Decision[]
  readonly appeals: readonly Appeal[]
}

export interface HistoryEntry {
  readonly atMs: number
  readonly what: 'signal' | 'sanction' | 'review' | 'decision' | 'appeal'
  readonly id: string
  readonly text: string
}

/** What holds of an account, and what will: each with its end, and with its beginning while that lies ahead. */
export function standingLines(standing: Standing | null, nowMs: number): readonly string[] {
  const active = (standing?.active ?? []).filter(({ endsAtMs }) => endsAtMs === null || endsAtMs > nowMs)
  if (active.length === 0) return ['nothing is in force']
  return active.map(({ act, scope, scopeTarget, reasonCode, effectiveAtMs, endsAtMs }) => {
    const holds =
      effectiveAtMs <= nowMs ? 'in force' : `not in force before ${new Date(effectiveAtMs).toISOString()}`
    const target = scopeTarget === null ? scope : `${scope} ${scopeTarget}`
    return `${holds}: ${act} (${target}), ${reasonCode}${endsAtMs === null ? ', for good' : until(endsAtMs)}`
  })
}

/** Everything that happened, oldest first. */
export function historyOf(records: AccountRecords): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [
    ...records.signals.map(signalEntry),
    ...records.sanctions.map(sanctionEntry),
    ...records.reviews.filter(({ status }) => status === 'open').map(reviewEntry),
    ...records.decisions.map(decisionEntry),
    ...records.appeals.map(appealEntry),
  ]
  return entries.sort((a, b) => a.atMs - b.atMs)
}

function signalEntry(one: Signal): HistoryEntry {
  const text = `${one.detectorId} v${one.detectorVersion} on ${one.clause}, confidence ${one.confidence}, ${one.pointers.length} pointers`
  return { atMs: one.occurredAtMs, what: 'signal', id: one.id, text }
}

function sanctionEntry(one: Sanction): HistoryEntry {
  const by = one.automated ? 'by the machine' : `by ${one.decidedBy.join(', ')}`
  const target = one.scopeTarget === null ? one.scope : `${one.scope} ${one.scopeTarget}`
  const ends =
    one.endsSanctionId === null ? until(one.endsAtMs) : ` of ${one.endsSanctionId} (${one.endCause})`
  return {
    atMs: one.issuedAtMs,
    what: 'sanction',
    id: one.id,
    text: `${one.act} (${target}), ${one.clause}, ${by}${ends}`,
  }
}

function until(endsAtMs: number | null): string {
  return endsAtMs === null ? '' : `, until ${new Date(endsAtMs).toISOString()}`
}

function reviewEntry(one: ReviewCase): HistoryEntry {
  const due = new Date(one.dueAtMs).toISOString()
  const anew = one.revisedAtMs === null ? '' : ' told anew'
  const text = `case${anew}: ${one.reason}, ${one.clause}, proposes ${one.proposedAct}, due ${due}`
  return { atMs: one.revisedAtMs ?? one.openedAtMs, what: 'review', id: one.id, text }
}

function decisionEntry(one: Decision): HistoryEntry {
  const seen = one.sawContent ? 'content seen' : 'content not seen'
  const kind = one.snooze === null ? one.kind : snoozeText(one.snooze, one.decidedAtMs)
  return {
    atMs: one.decidedAtMs,
    what: 'decision',
    id: one.id,
    text: `${kind} by ${one.decidedBy}, ${seen}: ${one.reason}`,
  }
}

export function snoozeText({ detectorId, untilMs }: Snooze, atMs: number): string {
  const of = detectorId ?? 'every detector'
  return untilMs <= atMs ? `end of the snooze of ${of}` : `snooze of ${of}${until(untilMs)}`
}

/** Those that hold, by the newest word on each detector. */
export function snoozesOf(decisions: readonly Decision[], nowMs: number): readonly Snooze[] {
  const inOrder = [...decisions].sort((a, b) => a.decidedAtMs - b.decidedAtMs)
  const newest = new Map(
    inOrder.flatMap(({ snooze }) => (snooze === null ? [] : [[snooze.detectorId, snooze] as const])),
  )
  return [...newest.values()].filter(({ untilMs }) => untilMs > nowMs)
}

function appealEntry(one: Appeal): HistoryEntry {
  return { atMs: one.submittedAtMs, what: 'appeal', id: one.id, text: `appeal against ${one.sanctionId}` }
}

/** A measure as its subject may know it. */
export interface Measure {
  readonly sanctionId: string
  readonly act: Sanction['act']
  readonly scope: Sanction['scope']
  readonly scopeTarget: string | null
  readonly issuedAtMs: number
  readonly endsAtMs: number | null
  readonly inForce: boolean
  readonly automatedDetection: boolean
  readonly automatedDecision: boolean
  readonly text: string
  readonly facts: Sanction['statement']['facts']
  readonly remediate: string | null
  readonly remediateByMs: number | null
  readonly howToAppeal: string
  readonly appealUntilMs: number
}

/** Oldest first. (H1) */
export function subjectViewOf({ sanctions }: AccountRecords, nowMs: number): readonly Measure[] {
  const ended = new Set(sanctions.map(({ endsSanctionId }) => endsSanctionId))
  const told = sanctions.filter(({ effectiveAtMs }) => effectiveAtMs <= nowMs)
  return told.map((one) => ({
    sanctionId: one.id,
    act: one.act,
    scope: one.scope,
    scopeTarget: one.scopeTarget,
    issuedAtMs: one.effectiveAtMs,
    endsAtMs: one.endsAtMs,
    inForce: one.endsSanctionId === null && !ended.has(one.id) && (one.endsAtMs ?? Infinity) > nowMs,
    automatedDetection: one.statement.automatedDetection,
    automatedDecision: one.statement.automatedDecision,
    text: one.statement.text,
    facts: one.statement.facts,
    remediate: one.statement.remediate,
    remediateByMs: one.statement.remediateByMs,
    howToAppeal: one.statement.howToAppeal,
    appealUntilMs: one.statement.appealUntilMs,
  }))
}

/** The measure as it is read out to its subject, with the reference that an appeal names. */
export function measureLines(one: Measure): readonly string[] {
  const day = (timeMs: number): string => new Date(timeMs).toISOString()
  const found = one.automatedDetection ? 'found automatically, ' : ''
  const by = one.automatedDecision ? 'decided automatically' : 'decided by a person'
  const ask = one.remediateByMs === null ? '' : ` (by ${day(one.remediateByMs)})`
  return [
    `${day(one.issuedAtMs)}  ${one.act}${one.inForce ? ' (in force)' : ''}  ${one.sanctionId}`,
    `  ${one.text}`,
    ...one.facts.map(({ name, band }) => `  ${name}: ${band}`),
    `  ${found}${by}`,
    ...(one.remediate === null ? [] : [`  ${one.remediate}${ask}`]),
    `  ${one.howToAppeal} (until ${day(one.appealUntilMs)})`,
  ]
}
