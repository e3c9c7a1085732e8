/**
 * In which language an account is told, and what is told whatever the clause: of S0 clauses, of a clause without a
 * text, of the end of a measure. The policy's words come first; English has its own.
 */
import type { MeasureWord, Policy, StatementTemplate, Wording } from '../topology/policy.ts'

const DEFAULT_LANGUAGE = 'en'

const ENGLISH_MEASURES: Readonly<Record<MeasureWord, string>> = {
  warning: 'This is a warning; please act by {until}.',
  ceiling: 'Until {until} at most {ceiling} requests a minute are served ({target}).',
  restriction: 'Closed until {until}: {scope}.',
  suspension: 'Suspended until {until}: {scope}.',
  termination: 'The account is closed for good.',
}

const ENGLISH: Omit<Wording, 'howToAppeal'> = {
  measures: ENGLISH_MEASURES,
  neutral: {
    summary: 'The use of this account is limited under the acceptable use policy. {measure}',
    remediate: 'Please bring the use of this account in line with the acceptable use policy.',
  },
  suspectedCompromise: {
    summary:
      'Somebody else may hold your {scope}: what was done with it breaks with its habits ({window}). {measure}',
    remediate:
      'Please replace this key, and find out who else has it. Its usage in between is marked as disputed.',
  },
  ended: {
    lifting: 'The measure has ended: {because}.',
    reversal: 'The measure has been withdrawn: {because}.',
  },
  because: {
    expired: 'it was set for a time, which is over',
    remediated: 'the matter was remedied',
    decision: 'a person decided so',
    appeal: 'the appeal was granted',
    superseded: 'another measure has taken its place',
  },
  scopes: {
    endUser: 'end user',
    key: 'key',
    project: 'project',
    capability: 'model',
    rate: 'requests a minute',
    api: 'API',
    account: 'account',
  },
  bands: {
    none: 'none',
    quarter: 'less than a quarter',
    half: 'a quarter to a half',
    threeQuarters: 'a half to three quarters',
    most: 'more than three quarters',
    few: 'fewer than 10',
    between: '{from} to {to}',
    thousands: ',',
  },
  features: {},
}

/** The words of one language. */
export interface Told {
  readonly language: string
  readonly wording: Wording
}

/** A template and the words around it, in the same language. */
export interface TemplateTold extends Told {
  readonly template: StatementTemplate
}

/** The exact language, then its first subtag, then English. */
function languages(wanted: string | null): readonly string[] {
  const language = wanted ?? DEFAULT_LANGUAGE
  return [language, language.split('-')[0] ?? language, DEFAULT_LANGUAGE]
}

/** The first of the account's languages in which there are words whatever the clause. */
export function wordingFor(policy: Policy, wanted: string | null): Told {
  for (const language of languages(wanted)) {
    const wording = policy.wordings[language]
    if (wording !== undefined) return { language, wording }
  }
  return { language: DEFAULT_LANGUAGE, wording: { ...ENGLISH, howToAppeal: policy.howToAppeal } }
}

/** The clause's own text in the first language that has one; the neutral one where none has. */
export function templateFor(policy: Policy, clause: string, wanted: string | null): TemplateTold {
  for (const language of languages(wanted)) {
    const template = policy.statements[language]?.[clause]
    if (template !== undefined) return { language, template, wording: wordingFor(policy, language).wording }
  }
  return neutralFor(policy, wanted)
}

/** What says no more than the reason code does. */
export function neutralFor(policy: Policy, wanted: string | null): TemplateTold {
  const told = wordingFor(policy, wanted)
  return { ...told, template: told.wording.neutral }
}

/** What the owner of a key is told that others seem to hold. */
export function theftFor(policy: Policy, wanted: string | null): TemplateTold {
  const told = wordingFor(policy, wanted)
  return { ...told, template: told.wording.suspectedCompromise }
}

/** A language whose texts do without is told in English where one comes to need them. */
export function measuresOf({ measures }: Wording): Readonly<Record<MeasureWord, string>> {
  return measures ?? ENGLISH_MEASURES
}
