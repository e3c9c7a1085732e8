/**
 * Makes the records of sanctions and of their ends.
 *
 * I1. Every sanction but a termination has an end; an automated suspension ends at the policy's cap at the latest,
 *     and so does an automated restriction that closes the whole API.
 * I2. A warning stands until its strike is forgotten; its time to remediate counts from the notice and is never
 *     shorter than the clause's cool-down.
 * I3. A sanction counts from when it takes effect: its length, its strike, the time to remediate and to appeal.
 * I4. Ids are functions of what is sanctioned and ended, so that a repeat is the same record.
 */
import { uuidV5 } from '../domain/ids.ts'
import type { EndCause, Sanction, SanctionAct } from '../domain/sanction.ts'
import type { Clause } from '../topology/policy.ts'
import type { AccountStanding, Finding, KeptSanction } from './account-standing.ts'
import { delayMs } from './delay.ts'
import type { Outcome } from './outcome.ts'
import type { ResolvedScope } from './scope.ts'
import { endStatement, statementOf } from './statement.ts'
import type { Terms } from './terms.ts'

/** A sanction as decided, before it has an id, an end and its reasons. */
export interface Plan {
  readonly clause: Clause
  readonly finding: Finding
  readonly act: Exclude<SanctionAct, 'lifting' | 'reversal'>
  readonly scope: ResolvedScope
  readonly step: number
  /** Of a warning: how long it may be remediated. Ignored for a termination. */
  readonly durationMs: number
  readonly underReview: boolean
  /** Empty: the machine decided. */
  readonly decidedBy: readonly string[]
  readonly refund: Sanction['refund']
  /** Set where this takes the place of another sanction: its strike, its id by derivation, its beginning. */
  readonly replaces: { readonly kept: KeptSanction; readonly decisionId: string } | null
}

/** An outcome of kind `sanction`. */
export type SanctionOutcome = Extract<Outcome, { readonly kind: 'sanction' }>

export function issue(standing: AccountStanding, plan: Plan, terms: Terms): SanctionOutcome {
  const ordinal = plan.replaces?.kept.sanction.strikeOrdinal ?? (standing.ordinals[plan.clause.id] ?? 0) + 1
  const id = idOf(standing, plan, ordinal, terms)
  const effectiveAtMs = effectOf(plan, id, terms)
  const endsAtMs = endOf(plan, effectiveAtMs, terms)
  const sanction: Sanction = {
    id,
    accountId: standing.accountId,
    actor: plan.finding.actor,
    act: plan.act,
    ...plan.scope,
    clause: plan.clause.id,
    reasonCode: plan.clause.reasonCode,
    severity: plan.clause.severity,
    step: plan.step,
    strikeOrdinal: ordinal,
    issuedAtMs: terms.nowMs,
    effectiveAtMs,
    cause: plan.finding.cause,
    endsAtMs,
    endsSanctionId: null,
    endCause: null,
    automated: plan.decidedBy.length === 0,
    underReview: plan.underReview,
    decidedBy: plan.decidedBy,
    signalIds: plan.finding.signalIds,
    detectorId: plan.finding.detectorId,
    detectorVersion: plan.finding.detectorVersion,
    refund: plan.refund,
    statement: reasonsOf(standing, plan, effectiveAtMs, endsAtMs, terms),
    policyVersion: terms.policy.version,
    shadow: standing.shadow,
  }
  return sanctionOutcome(sanction, plan.finding, plan.clause)
}

/** The outcome that a sanction record stands for; a fold makes it from the log. */
export function sanctionOutcome(
  sanction: Sanction,
  finding: Finding | null,
  clause: Clause | undefined,
): SanctionOutcome {
  const expiryMs = clause?.ladder.strikeExpiryMs ?? 0
  const strikeWeight = clause?.ladder.strikeWeight ?? 1
  const strikeExpiresAtMs = sanction.effectiveAtMs + expiryMs
  return { kind: 'sanction', sanction, finding, strikeExpiresAtMs, strikeWeight }
}

/** The automated length of an act (I1): what closes the whole API is a suspension by whatever name. */
export function cappedMs(
  act: SanctionAct,
  { scope }: ResolvedScope,
  durationMs: number,
  terms: Terms,
): number {
  const closesAll = act === 'restriction' && (scope === 'api' || scope === 'account')
  const capped = act === 'suspension' || closesAll
  return capped ? Math.min(durationMs, terms.policy.automatedSuspensionCapMs) : durationMs
}

/** The record that ends a sanction: `lifting` ends it, `reversal` undoes it and its strike. */
export function end(
  { facts }: AccountStanding,
  kept: KeptSanction,
  act: 'lifting' | 'reversal',
  cause: EndCause,
  decidedBy: readonly string[],
  terms: Terms,
): SanctionOutcome {
  const ended = kept.sanction
  const sanction: Sanction = {
    ...ended,
    // Undone for a second time, and now for good: a graver strike had only taken it over.
    id: uuidV5(kept.voided ? 'withdrawal' : act, ended.id),
    act,
    issuedAtMs: terms.nowMs,
    effectiveAtMs: terms.nowMs,
    endsAtMs: null,
    endsSanctionId: ended.id,
    endCause: cause,
    automated: decidedBy.length === 0,
    underReview: false,
    decidedBy,
    refund: 'none',
    statement: endStatement(
      { act, cause, automated: decidedBy.length === 0, appealUntilMs: kept.appealUntilMs },
      facts?.language ?? null,
      terms,
    ),
    policyVersion: terms.policy.version,
  }
  const { strikeExpiresAtMs, strikeWeight } = kept
  return { kind: 'sanction', sanction, finding: null, strikeExpiresAtMs, strikeWeight }
}

function idOf(
  { accountId, shadow }: AccountStanding,
  { clause, step, replaces }: Plan,
  strikeOrdinal: number,
  terms: Terms,
): string {
  if (replaces !== null) return uuidV5('replacing', replaces.kept.sanction.id, replaces.decisionId)
  return terms.sanctionIds.of({ accountId, clause: clause.id, step, strikeOrdinal, shadow })
}

/** What takes another one's place holds at once, or when that one would have; people's own words hold at once. */
function effectOf(plan: Plan, id: string, terms: Terms): number {
  if (plan.replaces !== null) return Math.max(terms.nowMs, plan.replaces.kept.sanction.effectiveAtMs)
  return terms.nowMs + (plan.decidedBy.length > 0 ? 0 : delayMs(plan.clause, id, terms.delayShare))
}

function endOf(plan: Plan, effectiveAtMs: number, terms: Terms): number | null {
  if (plan.act === 'termination') return null
  const fromMs = plan.replaces?.kept.sanction.effectiveAtMs ?? effectiveAtMs
  if (plan.act === 'warning') return fromMs + Math.max(plan.clause.ladder.strikeExpiryMs, graceMs(plan))
  const automated = plan.decidedBy.length === 0
  return fromMs + (automated ? cappedMs(plan.act, plan.scope, plan.durationMs, terms) : plan.durationMs)
}

function graceMs(plan: Plan): number {
  return Math.max(plan.durationMs, plan.clause.ladder.coolDownMs)
}

function reasonsOf(
  standing: AccountStanding,
  plan: Plan,
  effectiveAtMs: number,
  endsAtMs: number | null,
  terms: Terms,
): Sanction['statement'] {
  return statementOf({
    policy: terms.policy,
    clause: plan.clause.id,
    severity: plan.clause.severity,
    language: standing.facts?.language ?? null,
    finding: plan.finding,
    act: plan.act,
    scope: plan.scope,
    effectiveAtMs,
    endsAtMs,
    automatedDetection: plan.finding.detectorId !== null,
    automatedDecision: plan.decidedBy.length === 0,
    remediateByMs: plan.act === 'warning' ? effectiveAtMs + graceMs(plan) : null,
  })
}
