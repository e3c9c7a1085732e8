/**
 * The statement of reasons: clause, window, facts in bands, automated or not, until when, how to appeal. Texts
 * are the policy's templates in the account's language; never thresholds, models or linked accounts. Of an S0
 * clause a statement says as little as the reason code does (P9).
 */
import type { EndCause, SanctionScope, Severity, StatementOfReasons } from '../domain/sanction.ts'
import type { Policy, StatementTemplate } from '../topology/policy.ts'
import type { Finding } from './account-standing.ts'

const DEFAULT_LANGUAGE = 'en'

/** For S0, and where the policy has no text for a clause in any language. */
const NEUTRAL: StatementTemplate = {
  summary:
    'The use of this account ({scope}) is limited under the acceptable use policy. In force until {until}.',
  remediate: 'Please bring the use of this account in line with the acceptable use policy.',
}

export interface StatementInput {
  readonly policy: Policy
  readonly clause: string
  readonly severity: Severity
  readonly language: string | null
  readonly finding: Finding
  readonly scope: SanctionScope
  readonly scopeTarget: string | null
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
  const chosen = neutral ? { language: DEFAULT_LANGUAGE, template: NEUTRAL } : templateOf(input)
  return {
    language: chosen.language,
    text: filled(chosen.template.summary, input),
    facts: neutral ? [] : finding.facts,
    windowStartMs: finding.windowStartMs,
    windowEndMs: finding.windowEndMs,
    automatedDetection: input.automatedDetection,
    automatedDecision: input.automatedDecision,
    howToAppeal: policy.howToAppeal,
    appealUntilMs: input.effectiveAtMs + policy.appealWindowMs,
    remediate: input.remediateByMs === null ? null : filled(chosen.template.remediate, input),
    remediateByMs: input.remediateByMs,
  }
}

/** The exact language, then its first subtag, then English: the first that has a text for the clause. */
function templateOf(input: StatementInput): {
  readonly language: string
  readonly template: StatementTemplate
} {
  const wanted = input.language ?? DEFAULT_LANGUAGE
  for (const language of [wanted, wanted.split('-')[0] ?? wanted, DEFAULT_LANGUAGE]) {
    const template = input.policy.statements[language]?.[input.clause]
    if (template !== undefined) return { language, template }
  }
  return { language: DEFAULT_LANGUAGE, template: NEUTRAL }
}

function filled(template: string, input: StatementInput): string {
  const { finding } = input
  const values: Readonly<Record<string, string>> = {
    window: `${instant(finding.windowStartMs)} - ${instant(finding.windowEndMs)}`,
    facts: finding.facts.map((fact) => `${fact.name}: ${fact.band}`).join('; '),
    scope: input.scopeTarget === null ? input.scope : `${input.scope} ${input.scopeTarget}`,
    until: input.endsAtMs === null ? '-' : instant(input.remediateByMs ?? input.endsAtMs),
  }
  return template.replace(/\{(window|facts|scope|until)\}/g, (_, name: string) => values[name] ?? '')
}

/** Minutes are enough for a reader: `2026-11-24 13:01 UTC`. */
function instant(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

const ENDED_BECAUSE: Readonly<Record<EndCause, string>> = {
  expired: 'its time is over',
  remediated: 'the matter was remedied',
  decision: 'a person decided so',
  appeal: 'the appeal was granted',
  superseded: 'another measure has taken its place',
}

/** Why a measure is over; in English until the policy carries texts for it. */
export function endStatement(
  act: 'lifting' | 'reversal',
  cause: EndCause,
  appealUntilMs: number,
  automated: boolean,
  terms: { readonly policy: Policy; readonly nowMs: number },
): StatementOfReasons {
  const verb = act === 'lifting' ? 'has ended' : 'has been withdrawn'
  return {
    language: DEFAULT_LANGUAGE,
    text: `The measure ${verb}: ${ENDED_BECAUSE[cause]}.`,
    facts: [],
    windowStartMs: terms.nowMs,
    windowEndMs: terms.nowMs,
    automatedDetection: false,
    automatedDecision: automated,
    howToAppeal: terms.policy.howToAppeal,
    appealUntilMs,
    remediate: null,
    remediateByMs: null,
  }
}
