/**
 * A scenario: who does what, when, at what rate, and what must come out. Written by people who write no code;
 * see test/scenarios. What is not named under `must` must not fire.
 */
import { z } from 'zod'
import { ACCOUNT_EVENT_KINDS, GRANT_KINDS, GRANT_LEVELS, MOST_OWN_HOSTS } from '../domain/account.ts'
import { ACTOR_LEVELS } from '../domain/actor.ts'
import { parseDuration } from '../domain/duration.ts'
import { FINISH_REASONS, OPERATIONS, RESPONSE_STATUSES } from '../domain/inference.ts'
import { MEDIA_MATCHES } from '../domain/known-media.ts'
import { MENTIONS, SLOT_KINDS, VERDICT_LABELS } from '../domain/verdict.ts'

/** A hundred years: times of what is counted in milliseconds stay times. */
const LONGEST_MS = 36_500 * 86_400_000

/** A duration as people write it, as milliseconds. */
const duration = z
  .string({ error: 'a duration is needed here, as in 30s' })
  .meta({ pattern: '^\\d{1,9}(ms|s|m|h|d)$', description: 'a duration, as in 90s, 10m, 1h' })
  .transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== null && ms <= LONGEST_MS) return ms
    const message =
      ms === null ? `"${text}" is no duration; write 90s, 10m, 1h` : `${text} is longer than 36500d`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

const span = { from: duration.prefault('0s'), to: duration }

/** What an account stands under from the beginning, until enforcement tells of itself what it has done. */
const standing = z.strictObject({
  act: z.enum(['restriction', 'suspension']).nullable().default(null),
  from: duration.prefault('0s'),
  to: duration.nullable().default(null),
  /** So many strikes, none of which is forgotten meanwhile. */
  strikes: z.number().int().min(0).max(1_000).default(0),
  /** Of which detectors people have snoozed the findings, and until when; null for all. */
  snoozed: z
    .array(z.strictObject({ detector: z.string().nullable().default(null), to: duration }))
    .default([]),
})

/** A grant for all of the account, without an end; or one that says for what, how much, and until when. */
const grant = z.union(
  [
    z.enum(GRANT_KINDS),
    z.strictObject({
      kind: z.enum(GRANT_KINDS),
      scope: z
        .strictObject({ level: z.enum(GRANT_LEVELS), id: z.string() })
        .nullable()
        .default(null),
      capRequestsPerHour: z.number().min(0).nullable().default(null),
      until: duration.nullable().default(null),
    }),
  ],
  { error: `one of ${GRANT_KINDS.join(', ')}, or { kind, scope, capRequestsPerHour, until }` },
)

const account = z.strictObject({
  tier: z.enum(['free', 'trial', 'payAsYouGo', 'contract', 'internal']).default('payAsYouGo'),
  quota: z
    .strictObject({
      requestsPerMinute: z.number().min(0).nullable().default(null),
      requestsPerHour: z.number().min(0).nullable().default(null),
      tokensPerHour: z.number().min(0).nullable().default(null),
      gpuSecondsPerHour: z.number().min(0).nullable().default(null),
    })
    .prefault({}),
  limitScope: z.enum(['account', 'key']).default('account'),
  grants: z.array(grant).default([]),
  /** How long the account has been there. */
  age: duration.prefault('365d'),
  ageVerified: z.boolean().nullable().default(null),
  ageAttested: z.boolean().nullable().default(null),
  /** How many hosts the platform tells of as its own; null where it does not tell. */
  ownHosts: z.number().int().min(0).max(MOST_OWN_HOSTS).nullable().default(null),
  standing: standing.optional(),
  /** The platform has sent no snapshot of this account. */
  unknown: z.boolean().default(false),
})

const pool = z.strictObject({
  ...span,
  gpus: z.number().int().positive().default(8),
  gpusMissing: z.number().int().min(0).default(0),
  activeRatio: z.number().min(0).max(1),
  requestsWaiting: z.number().min(0).default(0),
  accountsWaiting: z.number().min(0).default(0),
})

/** Who acts: an account, and for which of its projects and end users; null where the platform does not tell. */
const actor = {
  account: z.string(),
  project: z.string().nullable().default(null),
  endUser: z.string().nullable().default(null),
}

const activity = z.strictObject({
  ...actor,
  ...span,
  perMinute: z.number().positive(),
  status: z.enum(RESPONSE_STATUSES).default('ok'),
  /** Every n-th request ends with `status`, the others well; 1 means all. */
  every: z.number().int().positive().default(1),
  keys: z.number().int().positive().default(1),
  pool: z.string().nullable().default(null),
  gpuSeconds: z.number().min(0).default(0.5),
  retryAfter: duration.nullable().default(null),
  addresses: z.number().int().positive().default(1),
  /** Where from and with what; null where the platform does not tell. */
  network: z.string().nullable().default(null),
  client: z.string().nullable().default(null),
  model: z.string().default('assistant-large'),
  operation: z.enum(OPERATIONS).default('chat'),
  inputTokens: z.number().int().min(0).default(400),
  outputTokens: z.number().int().min(0).default(200),
  finish: z.enum(FINISH_REASONS).default('stop'),
  duration: duration.prefault('900ms'),
  /** How long each waited for its turn; null where the platform does not tell. */
  queueTime: duration.nullable().default(null),
  billed: z.boolean().nullable().default(null),
  /** How evenly they come: a clock, a little uneven, or as people do. */
  arrivals: z.enum(['clock', 'even', 'human']).default('even'),
})

/** What is known of a picture or a video. */
const medium = z.strictObject({
  direction: z.enum(['upload', 'output']).default('output'),
  /** The platform's own score that it is sexual; null where it has none. */
  sexual: z.number().min(0).max(1).nullable().default(null),
  face: z.boolean().nullable().default(null),
  /** A medium with a face was brought along with the request. */
  faceUploaded: z.boolean().nullable().default(null),
  /** How a list knows it; left out where none does. */
  match: z.enum(MEDIA_MATCHES).optional(),
  clause: z.string().default('prohibited.csam'),
  vetted: z.boolean().default(true),
  quarantined: z.boolean().default(false),
})

const utterance = z.strictObject({
  ...actor,
  ...span,
  perMinute: z.number().positive(),
  scores: z.partialRecord(z.enum(VERDICT_LABELS), z.number().min(0).max(1)).default({}),
  /** Log-likelihood ratios; what is not named is 0. */
  ratios: z.partialRecord(z.enum(VERDICT_LABELS), z.number().min(-10).max(10)).default({}),
  /** In how many conversations they are said in turn; 0 where the platform names none. */
  conversations: z.number().int().min(0).default(0),
  side: z.enum(['prompt', 'response', 'exchange']).default('exchange'),
  task: z.enum(['generate', 'transform', 'classify', 'unknown']).default('generate'),
  outcome: z.enum(['asked', 'complied', 'refused', 'unknown']).default('complied'),
  code: z.boolean().default(false),
  /** What the texts name. */
  mentions: z.array(z.enum(MENTIONS)).default([]),
  /** Not a text but a picture or a video. */
  media: medium.optional(),
  operation: z.enum(OPERATIONS).default('chat'),
  template: z.string().default('own words'),
  /** So many templates in turn. */
  templates: z.number().int().positive().default(1),
  /**
   * What fills the template's slot: identifiers one after another, every second of them, any of them, any of five
   * hundred, or always the same.
   */
  slots: z.enum(['enumerated', 'everySecond', 'random', 'randomOfFew', 'same', 'none']).default('none'),
  /** What the slot is; left out where it is nothing of these. */
  slotKind: z.enum(SLOT_KINDS).optional(),
  /** Each text names one host of somebody else: so many different ones in turn. */
  hosts: z.number().int().min(0).default(0),
  /** Each text names one host of the customer's own: so many different ones in turn. */
  ownHosts: z.number().int().min(0).default(0),
  /**
   * Every text differs from the others, or only nearly: one template with another name in each, whose SimHashes lie a few
   * bits apart; false repeats one text.
   */
  distinct: z.union([z.boolean(), z.literal('nearly')]).default(true),
  /** Which disguises were undone before it was scored, by the names that verdicts carry. */
  disguises: z.array(z.string()).default([]),
  /** It says nothing to a model as it stands: an encoding, a cipher, another language. */
  opaque: z.boolean().default(false),
})

const happening = z.strictObject({
  account: z.string(),
  at: duration,
  kind: z.enum(ACCOUNT_EVENT_KINDS),
  times: z.number().int().positive().default(1),
  /** From the first to the last of them. */
  over: duration.prefault('0s'),
  /** Of which key, by name; null where the platform does not tell. */
  key: z.string().nullable().default(null),
  /** Of `restrictedAccessDenied`: what it was denied to; so many different ones in turn. */
  resources: z.number().int().min(0).default(0),
})

/** Both ends count as within. */
const bounds = z.strictObject({
  least: z.number().optional(),
  most: z.number().optional(),
})

const expectation = z.strictObject({
  signal: z.string(),
  account: z.string(),
  after: duration.prefault('0s'),
  before: duration,
  /** Whom the signal names; left out, whichever part of the account. */
  actor: z.strictObject({ level: z.enum(ACTOR_LEVELS), id: z.string().optional() }).optional(),
  /** Figures that the signal tells, by name, and within what they lie. */
  evidence: z.record(z.string(), bounds).default({}),
})

export const scenarioSchema = z.strictObject({
  name: z.string(),
  why: z.string(),
  kind: z.enum(['fires', 'nearMiss', 'evasion']),
  accounts: z.record(z.string(), account),
  pools: z.record(z.string(), z.array(pool)).default({}),
  /** Who is on which list; what is not named here nobody has published. */
  lists: z.record(z.string(), z.array(z.string())).default({}),
  does: z.array(activity).default([]),
  says: z.array(utterance).default([]),
  events: z.array(happening).default([]),
  must: z.array(expectation).default([]),
})

export const scenarioFileSchema = z.strictObject({
  detector: z.string(),
  scenarios: z.array(scenarioSchema).min(1),
})

export type Scenario = z.infer<typeof scenarioSchema>
export type ScenarioFile = z.infer<typeof scenarioFileSchema>
export type ScenarioAccount = z.infer<typeof account>
export type ScenarioGrant = z.infer<typeof grant>
export type ScenarioStanding = z.infer<typeof standing>
export type ScenarioPool = z.infer<typeof pool>
export type ScenarioActivity = z.infer<typeof activity>
export type ScenarioUtterance = z.infer<typeof utterance>
export type ScenarioHappening = z.infer<typeof happening>
export type ScenarioMedium = z.infer<typeof medium>
export type ScenarioExpectation = z.infer<typeof expectation>
