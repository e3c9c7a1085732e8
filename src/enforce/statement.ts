/**
 * The statement of reasons: clause, window, facts in bands, automated or not, until when, how to appeal. Texts
 * are the policy's templates in the account's language; never thresholds, models or linked accounts. Of an S0
 * clause a statement says as little as the reason code does (P9).
 */
import type { Actor } from '../domain/actor.ts'
import type { BandedFact, EndCause, SanctionAct, Severity, StatementOfReasons } from '../domain/sanction.ts'
import type { MeasureWord, Policy, Wording } from '../topology/policy.ts'
import type { Finding } from './account-standing.ts'
import { factsIn } from './bands.ts'
import type { ResolvedScope } from './scope.ts'
import { measuresOf, neutralFor, templateFor, theftFor, wordingFor, type TemplateTold } from './wording.ts'

export interface StatementInput {
  readonly policy: Policy
  readonly clause: string
  readonly severity: Severity
  readonly language: string | null
  readonly finding: Finding
  readonly act: Exclude<SanctionAct, 'lifting' | 'reversal'>
  readonly scope: ResolvedScope
  readonly effectiveAtMs: number
  readonly endsAtMs: number | null
  readonly automatedDetection: boolean
  readonly automatedDecision: boolean
  /** Set for warnings: the earliest end of the time to remediate, which counts from the notice. */
  readonly remediateByMs: number | null
}

export function statementOf(input: StatementInput): StatementOfReasons {
  const { policy, finding } = input
  const neutral = input.severity === 'S0'
  const chosen = chosenFor(input, neutral)
  const facts = factsIn(chosen.wording, finding.facts)
  const asIn = (template: string): string => filled(template, chosen.wording, facts, input)
  return {
    language: chosen.language,
    text: asIn(chosen.template.summary),
    facts: neutral ? [] : facts,
    windowStartMs: finding.windowStartMs,
    windowEndMs: finding.windowEndMs,
    automatedDetection: input.automatedDetection,
    automatedDecision: input.automatedDecision,
    howToAppeal: chosen.wording.howToAppeal,
    appealUntilMs: input.effectiveAtMs + policy.appealWindowMs,
    remediate: asksFor(input) ? asIn(chosen.template.remediate) : null,
    remediateByMs: input.remediateByMs,
  }
}

/** Who may have been robbed is told that, and nothing of the clause. */
function chosenFor({ policy, clause, language, finding }: StatementInput, neutral: boolean): TemplateTold {
  if (finding.cause === 'suspectedCompromise') return theftFor(policy, language)
  return neutral ? neutralFor(policy, language) : templateFor(policy, clause, language)
}

/** A warning asks for a remedy by a day; of a stolen key every measure asks to replace it. */
function asksFor({ remediateByMs, finding }: StatementInput): boolean {
  return remediateByMs !== null || finding.cause === 'suspectedCompromise'
}

function filled(
  template: string,
  wording: Wording,
  facts: readonly BandedFact[],
  input: StatementInput,
): string {
  const { finding } = input
  const done = measureValues(wording, input)
  return fill(template, {
    window: `${instant(finding.windowStartMs)} – ${instant(finding.windowEndMs)}`,
    facts: facts.map((fact) => `${fact.name}: ${fact.band}`).join('; '),
    measure: fill(measuresOf(wording)[measureWord(input)], done),
    ...done,
  })
}

/** A rate that is limited is told as that, whatever measure was narrowed to it. */
function measureWord({ act, scope }: StatementInput): MeasureWord {
  return scope.scope === 'rate' && act !== 'warning' ? 'ceiling' : act
}

function measureValues(wording: Wording, input: StatementInput): Readonly<Record<string, string>> {
  const { scope, scopeTarget, rateCeilingPerMinute } = input.scope
  const about = wording.scopes[scope]
  return {
    scope: scopeTarget === null ? about : `${about} ${scopeTarget}`,
    until: input.endsAtMs === null ? '-' : instant(input.remediateByMs ?? input.endsAtMs),
    ceiling: String(rateCeilingPerMinute ?? '-'),
    target: scopeTarget ?? actorTold(wording, input.finding.actor),
  }
}

function actorTold({ scopes }: Wording, { level, id }: Actor): string {
  return level === 'account' || level === 'organization' ? scopes.account : `${scopes[level]} ${id}`
}

/** What no value is known for stays away. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}

/** Minutes are enough for a reader: `2026-11-24 13:01 UTC`. */
function instant(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** How a measure came to its end. */
export interface EndTold {
  readonly act: 'lifting' | 'reversal'
  readonly cause: EndCause
  readonly automated: boolean
  readonly appealUntilMs: number
}

/** Why a measure is over, in the account's language. */
export function endStatement(
  { act, cause, automated, appealUntilMs }: EndTold,
  wanted: string | null,
  { policy, nowMs }: { readonly policy: Policy; readonly nowMs: number },
): StatementOfReasons {
  const { language, wording } = wordingFor(policy, wanted)
  return {
    language,
    text: wording.ended[act].replace('{because}', wording.because[cause]),
    facts: [],
    windowStartMs: nowMs,
    windowEndMs: nowMs,
    automatedDetection: false,
    automatedDecision: automated,
    howToAppeal: wording.howToAppeal,
    appealUntilMs,
    remediate: null,
    remediateByMs: null,
  }
}
