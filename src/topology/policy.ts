/**
 * The acceptable use policy as data: clauses, their ladders, verbs and budgets. `enforcement` decides by it and
 * by nothing else; `check` holds it to the promises (two people before a termination, P10).
 */
import type { GrantKind } from '../domain/account.ts'
import type { EndCause, SanctionAct, SanctionScope, Severity } from '../domain/sanction.ts'

export interface Policy {
  readonly version: number
  readonly effectiveFromMs: number
  readonly clauses: readonly Clause[]
  /** Detectors that belong to no clause: what they find accuses nobody, and flags the key that they name. */
  readonly precautions: readonly string[]
  readonly suspectedCompromise: SuspectedCompromise
  readonly terminationApprovals: number
  readonly referralApprovals: number
  /** An automated suspension without a person's confirmation ends after this long. */
  readonly automatedSuspensionCapMs: number
  readonly appealWindowMs: number
  readonly budgets: Budgets
  readonly templates: TemplateBound
  /** Statement texts by language and clause; placeholders `{window}`, `{facts}`, `{scope}`, `{until}`, `{measure}`. */
  readonly statements: Readonly<Record<string, Readonly<Record<string, StatementTemplate>>>>
  /** What is told whatever the clause, by language. */
  readonly wordings: Readonly<Record<string, Wording>>
  readonly howToAppeal: string
}

/** How a key is treated that somebody else seems to hold. */
export interface SuspectedCompromise {
  /** How long a key stays flagged that is not replaced: until then its habits have become what they are now. */
  readonly standsMs: number
  /** Found or reported again within this time, a person decides. */
  readonly againMs: number
  readonly reviewWithinMs: number
}

/** What a language needs besides the texts of the clauses. */
export interface Wording {
  /** Of S0 clauses, and of a clause without a text; placeholders as in the texts of clauses. */
  readonly neutral: StatementTemplate
  /** To the owner of a key that others seem to hold; placeholders as in the texts of clauses. */
  readonly suspectedCompromise: StatementTemplate
  /** A whole sentence for each way in which a measure ends; placeholder `{because}`. */
  readonly ended: Readonly<Record<'lifting' | 'reversal', string>>
  readonly because: Readonly<Record<EndCause, string>>
  /**
   * What is done, a whole sentence for `{measure}`; placeholders `{scope}`, `{until}`, and of a ceiling `{ceiling}` (requests a
   * minute) and `{target}` (whose). Null where no text asks for it.
   */
  readonly measures: Readonly<Record<MeasureWord, string>> | null
  /** What a measure is about, for `{scope}`. */
  readonly scopes: Readonly<Record<SanctionScope, string>>
  /** Figures in bands, as they are told. */
  readonly bands: BandWords
  /** What was counted, by the name of the evidence without its window. */
  readonly features: Readonly<Record<string, string>>
  readonly howToAppeal: string
}

/** A ceiling is a restriction of the rate, or what a graver measure was narrowed to. */
export const MEASURE_WORDS = ['warning', 'ceiling', 'restriction', 'suspension', 'termination'] as const
export type MeasureWord = (typeof MEASURE_WORDS)[number]

export const BAND_WORDS = ['none', 'quarter', 'half', 'threeQuarters', 'most', 'few', 'between'] as const
/** By the names of the bands; `between` with the placeholders `{from}` and `{to}`, whose thousands `thousands` sets apart. */
export type BandWords = Readonly<Record<(typeof BAND_WORDS)[number] | 'thousands', string>>

export interface StatementTemplate {
  readonly summary: string
  readonly remediate: string
}

export interface Clause {
  readonly id: string
  /** The obligation in one sentence, as people read it. */
  readonly title: string
  readonly version: number
  readonly effectiveFromMs: number
  readonly severity: Severity
  /** Neutral code for gateways and billing (P9). */
  readonly reasonCode: string
  readonly ladder: Ladder
  readonly verbs: readonly ClauseVerb[]
  readonly detectors: readonly string[]
  /** Of these a finding leads to a case for people and to no sanction. */
  readonly reviewOnly: readonly string[]
  /** Grants that answer a warning of this clause: what it asks for is that they are obtained. */
  readonly remediedBy: readonly GrantKind[]
  /** Of these a finding leads to nothing itself, and adds to what is found under other clauses. */
  readonly weighs: readonly Weighing[]
}

/** What a detector's findings add to, on which no sanction ever rests alone. */
export interface Weighing {
  readonly detector: string
  /** Clauses that want several findings before their first step: there it counts as one of them. */
  readonly on: readonly string[]
  /** For how long. */
  readonly standsMs: number
}

export interface Ladder {
  readonly steps: readonly LadderStep[]
  /** A strike is forgotten after this long. */
  readonly strikeExpiryMs: number
  /** By how many steps a strike moves the next one up, in quarters. */
  readonly strikeWeight: number
  /** No two automatic acts of the clause on one actor within this time. */
  readonly coolDownMs: number
  /** The longest that an automatic act waits before it takes effect, by chance; 0 for S0 and S1. */
  readonly delayMs: number
  /** Signals (of different requests, over all keys) that it takes before the first step. */
  readonly corroboration: number
  /** How far apart they may lie, by their own times; a finding waits for others as long. */
  readonly corroborationWindowMs: number
  readonly minConfidence: number
  /** Where a signal leads at most without people: `review` opens a case and sanctions nobody. */
  readonly reviewOnly: boolean
}

export interface LadderStep {
  readonly act: Extract<SanctionAct, 'warning' | 'restriction' | 'suspension'> | 'review'
  readonly scope: SanctionScope | 'narrowest'
  /** How long a restriction or suspension lasts; for a warning, how long it may be remediated. */
  readonly durationMs: number
  readonly rateCeilingPerMinute: number | null
  /** For `review`: how soon a person must look. */
  readonly reviewWithinMs: number | null
}

/**
 * One verb of the clause's sentence: how it is seen and by which detector, by which detector it will be seen
 * (`planned`: not built yet), or why it cannot be.
 */
export type ClauseVerb =
  | {
      readonly verb: string
      readonly observable: string
      readonly detector: string
      readonly act: string
      readonly scenario: string
    }
  | {
      readonly verb: string
      readonly observable: string
      readonly planned: string
      readonly act: string
    }
  | { readonly verb: string; readonly notObservable: string }

/** Sanctions an hour over all tasks, divided among them with a floor; past it they are held for review (P12). */
export interface Budgets {
  readonly perHour: number
  readonly perDetectorPerHour: number
  readonly perClausePerHour: number
  readonly youngAccountsPerHour: number
  readonly youngAccountMs: number
  readonly floorPerTaskPerHour: number
}

/** How many accounts one prompt template may accuse of one clause before people look first; S0 is not bounded. */
export interface TemplateBound {
  /** Over all tasks, divided among them with a floor. */
  readonly accounts: number
  readonly withinMs: number
  readonly floorPerTask: number
  /** Keyed hashes of templates that people looked at and found to be what the clause says. */
  readonly confirmed: readonly string[]
}
