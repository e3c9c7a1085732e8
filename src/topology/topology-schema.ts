/** The shape of a topology file, before names and conditions are looked at. */
import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'

/** A duration as people write it, as milliseconds. */
export const duration = z
  .string({ error: 'a duration is needed here, as in 30s' })
  .meta({ pattern: '^\\d{1,9}(ms|s|m|h|d)$', description: 'a duration, as in 90s, 10m, 1h or 7d' })
  .transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== null) return ms
    context.addIssue({ code: 'custom', message: `"${text}" is no duration; write 90s, 10m, 1h or 7d` })
    return z.NEVER
  })

const MINUTE_MS = 60_000

const wholeMinutes = duration.refine((ms) => ms > 0 && ms % MINUTE_MS === 0, {
  message: 'pressure is told by the minute; write whole minutes, as in 10m',
})

/** A duration that is not zero. */
const span = duration.refine((ms) => ms > 0, { message: 'must be more than nothing' })

export const AGGREGATE_KEYWORDS = [
  'count',
  'rate',
  'sum',
  'concurrency',
  'mean',
  'min',
  'max',
  'quantile',
  'distinct',
  'topShare',
  'entropy',
  'enumeration',
  'earlyRetries',
  'firstSeen',
  'lastSeen',
  'regularity',
  'dutyCycle',
  'streak',
  'evidence',
  'novelty',
  'change',
] as const
export type AggregateKeyword = (typeof AGGREGATE_KEYWORDS)[number]

/** How the window moves: in panes, to the millisecond, or with the silence between events. */
export const WINDOW_KEYWORDS = ['window', 'sliding', 'session'] as const
export type WindowKeyword = (typeof WINDOW_KEYWORDS)[number]

/** What fades or is renewed by itself. */
export const LASTING_KEYWORDS = ['evidence', 'novelty', 'change'] as const

/** What is worked out from other features when it is read. */
export const DERIVED_KEYWORDS = ['ratio', 'exceeding'] as const
const FEATURE_WORDS = [...AGGREGATE_KEYWORDS, ...DERIVED_KEYWORDS] as const

const operand = z.string().optional()

const feature = z
  .strictObject({
    count: operand,
    rate: operand,
    sum: operand,
    concurrency: operand,
    mean: operand,
    min: operand,
    max: operand,
    quantile: operand,
    distinct: operand,
    topShare: operand,
    entropy: operand,
    enumeration: operand,
    earlyRetries: operand,
    firstSeen: operand,
    lastSeen: operand,
    regularity: operand,
    dutyCycle: operand,
    streak: operand,
    evidence: operand,
    novelty: operand,
    change: operand,
    /** The quotient of two other features; takes neither window nor condition of its own. */
    ratio: z
      .tuple([z.string(), z.string()], { error: 'names two features, as in [rejected_10m, requests_10m]' })
      .optional(),
    /** How many of other features are above a limit, each above its own. */
    exceeding: z
      .record(z.string(), z.number(), {
        error: 'names features with their limits, as in { requests_1h: 100 }',
      })
      .optional(),
    /** For `quantile`: the share of values that it is not exceeded by, as in 0.95. */
    share: z
      .number()
      .refine((share) => share > 0 && share < 1, { message: 'must lie between 0 and 1, as in 0.95' })
      .optional(),
    /** For `enumeration`: the field by which items belong together. */
    group: z.string().optional(),
    /** For `evidence`: how many wrong crossings of one key in a year are put up with. */
    wrongPerYear: z.number().positive().optional(),
    by: z.string().optional(),
    where: z.string().optional(),
    window: span.optional(),
    sliding: span.optional(),
    session: span.optional(),
    pane: span.optional(),
    exactLimit: z.number().int().positive().default(1_000),
  })
  .refine((one) => FEATURE_WORDS.filter((word) => one[word] !== undefined).length === 1, {
    message: `needs exactly one of ${FEATURE_WORDS.join(', ')}`,
  })
  .refine((one) => hasNoWindow(one) || windowWords(one).length === 1, {
    message: `needs exactly one of ${WINDOW_KEYWORDS.join(', ')}`,
  })
  .refine((one) => !isDerived(one) || (windowWords(one).length === 0 && one.where === undefined), {
    message: `${DERIVED_KEYWORDS.join(' and ')} have the windows and conditions of the features that they name`,
  })
  .refine((one) => isDerived(one) || !hasNoWindow(one) || windowWords(one).length === 0, {
    message: `${LASTING_KEYWORDS.join(', ')} take no window`,
  })

type FeatureWords = { readonly [word in (typeof FEATURE_WORDS)[number]]?: unknown }

/** Whether a feature is worked out from others when it is read. */
export function isDerived(one: FeatureWords): boolean {
  return DERIVED_KEYWORDS.some((word) => one[word] !== undefined)
}

function hasNoWindow(one: FeatureWords): boolean {
  return isDerived(one) || LASTING_KEYWORDS.some((word) => one[word] !== undefined)
}

function windowWords(one: {
  readonly [word in WindowKeyword]?: number | undefined
}): readonly WindowKeyword[] {
  return WINDOW_KEYWORDS.filter((word) => one[word] !== undefined)
}

const words = z.string().trim().min(1)

/** A threshold stays what its author meant. */
const MOST_JITTER = 0.5

const detector = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'an id looks like scraping.bulk-harvest'),
  clause: z.string(),
  version: z.number().int().positive(),
  mode: z.enum(['shadow', 'canary', 'live']),
  /** By how much of itself a threshold that is multiplied by `jitter` may lie higher or lower. */
  jitter: z.number().min(0).max(MOST_JITTER, `must be at most ${MOST_JITTER}`).default(0.1),
  canaryShare: z.number().min(0).max(1).default(0.05),
  owner: words,
  description: words,
  lookAlikes: z.array(words).min(1),
  /** Where it is argued for, for who reviews what it finds. */
  references: z.array(words).default([]),
  when: z.string({ error: 'a condition is needed here, as in requests_1h > 100' }),
  confidence: z.string({
    error: "a formula is needed here, as in logistic(requests_1h, 100, 20), or '0.9' in quotes",
  }),
  once: span,
  actor: z.enum(['account', 'project', 'key', 'endUser']).optional(),
  /** Features by key, project or end user: one that has nearly all of what the condition counts is named alone. */
  narrowTo: z.array(z.string()).default([]),
  /** How much of it that is. */
  narrowShare: z
    .number()
    .refine((share) => share > 0.5 && share <= 1, {
      message: 'must be more than 0.5 and at most 1, as in 0.8',
    })
    .default(0.8),
  evidence: z.array(z.string()).min(1),
})

export const topologySchema = z.strictObject({
  topology: z.string(),
  key: z.enum(['accountId', 'poolId'], {
    error: 'must be accountId or poolId: keys that cross accounts belong to linkage alone',
  }),
  sources: z.array(z.string()).min(1),
  lateness: duration,
  maxSubKeys: z.number().int().positive().default(64),
  pool: z.strictObject({ window: wholeMinutes }).optional(),
  /** Lists of accounts that conditions may ask for, published by `bailiff list`: who is on them, in words. */
  lists: z
    .record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'a list is named like partnerCrawlers'), z.string())
    .default({}),
  features: z.record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9]*(_\d+(ms|s|m|h|d))?$/, 'a feature is named like requests_1h'),
    feature,
  ),
  detectors: z.array(detector).default([]),
  interval: z.strictObject({ saturated: z.string(), degraded: z.string() }).optional(),
})

export type RawTopology = z.infer<typeof topologySchema>
export type RawFeature = RawTopology['features'][string]
export type RawDetector = RawTopology['detectors'][number]
