/** The shape of `aup.yaml`, before clauses, verbs and detectors are held against each other. */
import { z } from 'zod'
import { GRANT_KINDS } from '../domain/account.ts'
import { END_CAUSES, SANCTION_SCOPES, SEVERITIES } from '../domain/sanction.ts'
import { BAND_WORDS, MEASURE_WORDS } from './policy.ts'
import { duration } from './topology-schema.ts'

const instant = z.string().transform((text, context) => {
  const ms = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text) ? Date.parse(text) : NaN
  if (!Number.isNaN(ms)) return ms
  context.addIssue({ code: 'custom', message: `"${text}" is no time; write 2026-03-31T00:00:00Z` })
  return z.NEVER
})

const count = z.number().int().positive()
const words = z.string().trim().min(1)

const step = z.strictObject({
  act: z.enum(['warning', 'restriction', 'suspension', 'review'], {
    error: ({ input }) =>
      input === 'termination'
        ? 'people alone terminate: end with a review, where two of them may'
        : undefined,
  }),
  scope: z.enum([...SANCTION_SCOPES, 'narrowest']),
  /** How long it lasts; of a warning, how long it may be remediated. */
  duration: duration.optional(),
  ratePerMinute: count.optional(),
  /** Of a review: how soon a person must look. */
  within: duration.optional(),
})

const ladder = z.strictObject({
  corroboration: count,
  /** How far apart signals may lie that corroborate each other; 30 days where nothing is said. */
  corroborationWindow: duration.optional(),
  minConfidence: z.number().min(0).max(1),
  coolDown: duration,
  strikeExpiry: duration,
  /** By how many steps a strike moves the next one up; 1 where nothing is said. In quarters, whose sums are exact. */
  strikeWeight: z.number().min(0.25).max(8).multipleOf(0.25).optional(),
  /** An automatic act takes effect after a while by chance, this at the longest; not for S0 and S1. */
  delay: duration.optional(),
  reviewOnly: z.boolean().default(false),
  steps: z.array(step).min(1),
})

const verb = z.union(
  [
    z.strictObject({ observable: words, detector: words, act: words, scenario: words }),
    z.strictObject({ observable: words, planned: words, act: words }),
    z.strictObject({ notObservable: words }),
  ],
  {
    error:
      'say how it is seen (observable, detector, act, scenario), how it will be (observable, planned, act), or why not (notObservable)',
  },
)

const clause = z.strictObject({
  id: z.string().regex(/^[a-z-]+\.[a-z-]+$/, 'an id looks like fair-use.scraping'),
  title: words,
  version: count,
  effectiveFrom: instant.optional(),
  severity: z.enum(SEVERITIES),
  reasonCode: z.string().regex(/^[A-Za-z0-9-]+$/, 'letters, digits and dashes'),
  ladder: ladder.extend({ reviewOnly: z.boolean() }).partial().prefault({}),
  detectors: z.array(words),
  /** Of these a finding leads to a case for people and to no sanction. */
  reviewOnly: z.array(words).default([]),
  /** Grants that answer a warning: with one of these that covers what it is about, the warning is remedied. */
  remediedBy: z.array(z.enum(GRANT_KINDS)).default([]),
  /** Of these a finding leads to nothing itself: it counts as one of those that other clauses want, for so long. */
  weighs: z.record(words, z.strictObject({ on: z.array(words).min(1), stands: duration })).default({}),
  verbs: z.record(words, verb, { error: 'a map of verbs, as in generate: { … }' }),
})

const statement = z.strictObject({ summary: words, remediate: words })

const language = z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/, 'a language is named like en or pt-BR')

/** What a language needs whatever the clause. */
const wording = z.strictObject({
  neutral: statement,
  suspectedCompromise: statement,
  ended: z.strictObject({ lifting: words, reversal: words }),
  because: z.record(z.enum(END_CAUSES), words),
  /** Left out where no text has {measure}. */
  measures: z.record(z.enum(MEASURE_WORDS), words).optional(),
  scopes: z.record(z.enum(SANCTION_SCOPES), words),
  /** `between` has the placeholders {from} and {to}; `thousands` is what stands between groups of digits. */
  bands: z.record(z.enum([...BAND_WORDS, 'thousands']), words),
  features: z.record(z.string(), words),
  howToAppeal: words.optional(),
})

export const policySchema = z.strictObject({
  policy: words,
  version: count,
  effectiveFrom: instant,
  terminationApprovals: z.number().int(),
  referralApprovals: z.number().int(),
  automatedSuspensionCap: duration,
  appealWindow: duration,
  howToAppeal: words,
  budgets: z.strictObject({
    perHour: count,
    perDetectorPerHour: count,
    perClausePerHour: count,
    youngAccountsPerHour: count,
    youngAccount: duration,
    floorPerTaskPerHour: count,
  }),
  /** How many accounts one prompt template may accuse of one clause before people look first. */
  templates: z
    .strictObject({ accounts: count, within: duration, floorPerTask: count, confirmed: z.array(words) })
    .partial()
    .prefault({}),
  ladders: z.strictObject({ S0: ladder, S1: ladder, S2: ladder, S3: ladder }),
  /** Detectors that belong to no clause: what they find accuses nobody, and flags the key that they name. */
  precautions: z.array(words).default([]),
  /** How a key is treated that somebody else seems to hold. */
  suspectedCompromise: z
    .strictObject({ stands: duration, again: duration, reviewWithin: duration })
    .partial()
    .prefault({}),
  clauses: z.array(clause).min(1),
  wordings: z.record(language, wording).default({}),
  statements: z.record(language, z.record(z.string(), statement)),
})

export type RawPolicy = z.infer<typeof policySchema>
export type RawClause = RawPolicy['clauses'][number]
export type RawWeighing = RawClause['weighs'][string]
export type RawLadder = RawPolicy['ladders']['S0']
export type RawStep = RawLadder['steps'][number]
