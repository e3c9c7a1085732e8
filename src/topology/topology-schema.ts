/** The shape of a topology file, before names and conditions are looked at. */
import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'

/** A duration as people write it, as milliseconds. */
export const duration = z
  .string({ error: 'a duration is needed here, as in 30s' })
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
  'sum',
  'mean',
  'max',
  'distinct',
  'topShare',
  'enumeration',
  'earlyRetries',
] as const
export type AggregateKeyword = (typeof AGGREGATE_KEYWORDS)[number]

/** How the window moves: in panes, to the millisecond, or with the silence between events. */
export const WINDOW_KEYWORDS = ['window', 'sliding', 'session'] as const
export type WindowKeyword = (typeof WINDOW_KEYWORDS)[number]

const operand = z.string().optional()

const feature = z
  .strictObject({
    count: operand,
    sum: operand,
    mean: operand,
    max: operand,
    distinct: operand,
    topShare: operand,
    enumeration: operand,
    earlyRetries: operand,
    /** For `enumeration`: the field by which items belong together. */
    group: z.string().optional(),
    by: z.string().optional(),
    where: z.string().optional(),
    window: span.optional(),
    sliding: span.optional(),
    session: span.optional(),
    pane: span.optional(),
    exactLimit: z.number().int().positive().default(1_000),
  })
  .refine((one) => AGGREGATE_KEYWORDS.filter((keyword) => one[keyword] !== undefined).length === 1, {
    message: `needs exactly one of ${AGGREGATE_KEYWORDS.join(', ')}`,
  })
  .refine((one) => WINDOW_KEYWORDS.filter((keyword) => one[keyword] !== undefined).length === 1, {
    message: `needs exactly one of ${WINDOW_KEYWORDS.join(', ')}`,
  })

const detector = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'an id looks like scraping.bulk-harvest'),
  clause: z.string(),
  version: z.number().int().positive(),
  mode: z.enum(['shadow', 'canary', 'live']),
  canaryShare: z.number().min(0).max(1).default(0.05),
  owner: z.string(),
  description: z.string(),
  lookAlikes: z.array(z.string()).min(1),
  references: z.array(z.string()).default([]),
  when: z.string(),
  confidence: z.string(),
  once: span,
  actor: z.enum(['account', 'project', 'key', 'endUser']).optional(),
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
