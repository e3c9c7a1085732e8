/** A policy and the words that tests speak: short clauses, round durations, surrogate names. */
import type { AccountEvent, AccountState, Grant, GrantKind } from '../../../src/domain/account.ts'
import { accountActor, type Actor } from '../../../src/domain/actor.ts'
import type { Appeal, Complaint, Decision } from '../../../src/domain/case.ts'
import { signalIds } from '../../../src/detect/signal-ids.ts'
import type { Severity } from '../../../src/domain/sanction.ts'
import type { Signal } from '../../../src/domain/signal.ts'
import { sanctionIds } from '../../../src/enforce/sanction-ids.ts'
import type { EnforcementInput } from '../../../src/enforce/event.ts'
import type { Clause, Ladder, LadderStep, Policy } from '../../../src/topology/policy.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const T0 = 1_800_000_000_000
export const ACCOUNT = 'acc-1'
const HASH_KEY = { id: 'k1', secret: Buffer.from('a key for tests alone') }
export const SANCTION_IDS = sanctionIds(HASH_KEY)
export const SIGNAL_ID = signalIds(HASH_KEY)

export const step = (
  act: LadderStep['act'],
  durationMs: number,
  more: Partial<LadderStep> = {},
): LadderStep => ({
  act,
  durationMs,
  scope: 'narrowest',
  rateCeilingPerMinute: null,
  reviewWithinMs: null,
  ...more,
})

export const FULL_LADDER: readonly LadderStep[] = [
  step('warning', DAY),
  step('restriction', 6 * HOUR, { scope: 'rate', rateCeilingPerMinute: 10 }),
  step('suspension', 5 * DAY, { scope: 'api' }),
  step('review', 0, { scope: 'account', reviewWithinMs: 8 * HOUR }),
]

export function clause(
  id: string,
  severity: Severity,
  steps: readonly LadderStep[],
  more: Partial<Ladder> = {},
): Clause {
  return {
    id,
    title: `No ${id}`,
    version: 1,
    effectiveFromMs: T0 - 365 * DAY,
    severity,
    reasonCode: `code-${severity}`,
    ladder: {
      steps,
      strikeExpiryMs: 90 * DAY,
      strikeWeight: 1,
      coolDownMs: 2 * HOUR,
      delayMs: 0,
      corroboration: 1,
      corroborationWindowMs: 30 * DAY,
      minConfidence: 0.5,
      reviewOnly: false,
      ...more,
    },
    verbs: [],
    detectors: [],
    reviewOnly: [REVIEWED],
    remediedBy: [],
    weighs: [],
  }
}

/** A detector of which people alone decide. */
export const REVIEWED = 'some.reviewed'
/** Finds keys that others seem to hold. */
export const COMPROMISE = 'compromise.key'
export const SCRAPING = 'fair-use.scraping'
export const MALWARE = 'prohibited.malware'
export const CSAM = 'prohibited.csam'
export const CIRCUMVENTION = 'fair-use.circumvention'
/** Weighs on malware. */
export const JAILBREAK = 'circumvention.jailbreak'
export const DISTILLATION = 'fair-use.distillation'

export function policy(more: Partial<Policy> = {}): Policy {
  return {
    version: 7,
    effectiveFromMs: T0 - 365 * DAY,
    clauses: [
      { ...clause(SCRAPING, 'S2', FULL_LADDER), remediedBy: ['scraping'] },
      clause(MALWARE, 'S1', [step('suspension', DAY), step('review', 0)], { corroboration: 2 }),
      clause(CSAM, 'S0', [step('suspension', 7 * DAY, { scope: 'account' }), step('review', 0)]),
      {
        ...clause(CIRCUMVENTION, 'S1', FULL_LADDER),
        weighs: [{ detector: JAILBREAK, on: [MALWARE], standsMs: 7 * DAY }],
      },
      clause(DISTILLATION, 'S2', [step('warning', DAY)], { reviewOnly: true }),
    ],
    precautions: [COMPROMISE],
    suspectedCompromise: { standsMs: 14 * DAY, againMs: 90 * DAY, reviewWithinMs: 3 * DAY },
    terminationApprovals: 2,
    referralApprovals: 2,
    automatedSuspensionCapMs: 3 * DAY,
    appealWindowMs: 180 * DAY,
    budgets: {
      perHour: 1_000,
      perDetectorPerHour: 1_000,
      perClausePerHour: 1_000,
      youngAccountsPerHour: 1_000,
      youngAccountMs: 7 * DAY,
      floorPerTaskPerHour: 1,
    },
    templates: { accounts: 3, withinMs: DAY, floorPerTask: 1, confirmed: [] },
    statements: {
      en: {
        [SCRAPING]: {
          summary: 'Bulk collection {window}: {facts}. {scope} until {until}.',
          remediate: 'Register the use.',
        },
      },
      de: { [SCRAPING]: { summary: 'Massenabruf {window}.', remediate: 'Bitte melden Sie die Nutzung an.' } },
    },
    wordings: {},
    howToAppeal: 'Write to the appeals address.',
    ...more,
  }
}

/** A second clause as grave as the gravest, for a policy that needs two. */
export const NCII = clause('prohibited.ncii', 'S0', [step('suspension', 7 * DAY), step('review', 0)])

let serial = 0
/** A name that no other call in this process gives. */
const next = (kind: string) => `${kind}-${++serial}`

export interface SignalShape {
  readonly clause?: string
  readonly detectorId?: string
  readonly actor?: Actor
  readonly atMs?: number
  /** How far the evidence reaches back. */
  readonly windowMs?: number
  readonly requests?: readonly string[]
  /** With which all of them were asked. */
  readonly template?: string
  readonly more?: Partial<Signal>
}

/** One finding; the same shape gives the same id. */
export function signalOf(shape: SignalShape = {}): Signal {
  const { clause = SCRAPING, detectorId = 'scraping.bulk-harvest', actor = accountActor(ACCOUNT) } = shape
  const { atMs = T0, windowMs = HOUR, requests = [`request-${clause}-${atMs}`] } = shape
  return {
    id: SIGNAL_ID(detectorId, actor, atMs, shape.more?.mode === 'shadow'),
    detectorId,
    detectorVersion: 3,
    mode: 'live',
    clause,
    actor,
    confidence: 0.9,
    occurredAtMs: atMs,
    windowStartMs: atMs - windowMs,
    windowEndMs: atMs,
    episode: atMs,
    evidence: [
      { name: 'requests_1h', value: 4_321 },
      { name: 'slotEnumeration_1h', value: 0.953 },
    ],
    readings: [],
    pointers: requests.map((requestId, offset) => ({
      requestId,
      topic: 'inference.usage.v1',
      partition: 0,
      offset,
      templateHash: shape.template ?? null,
    })),
    capability: null,
    poolId: 'pool-a',
    policyVersion: 7,
    bundleSha256: 'b'.repeat(64),
    broadcastOffsets: {},
    ...shape.more,
  }
}

export const signal = (shape: SignalShape = {}): EnforcementInput => ({
  kind: 'signal',
  signal: signalOf(shape),
})

export const key = (id: string): Actor => ({ accountId: ACCOUNT, level: 'key', id })
export const endUser = (id: string): Actor => ({ accountId: ACCOUNT, level: 'endUser', id })

export function decision(kind: Decision['kind'], by: string, more: Partial<Decision> = {}): EnforcementInput {
  const decision: Decision = {
    id: next('decision'),
    accountId: ACCOUNT,
    caseId: null,
    sanctionId: null,
    kind,
    decidedBy: by,
    decidedAtMs: T0,
    reason: 'looked into it',
    sawContent: true,
    refund: null,
    narrowToScope: null,
    narrowToTarget: null,
    snooze: null,
    signature: null,
    ...more,
  }
  return { kind: 'decision', decision }
}

export function appeal(sanctionId: string, more: Partial<Appeal> = {}): EnforcementInput {
  return {
    kind: 'appeal',
    appeal: { id: next('appeal'), accountId: ACCOUNT, sanctionId, submittedAtMs: T0, ...more },
  }
}

export function complaint(more: Partial<Complaint> = {}): EnforcementInput {
  return {
    kind: 'complaint',
    complaint: {
      id: next('complaint'),
      accountId: ACCOUNT,
      mediaSha256: null,
      kind: 'report',
      reporterId: next('reporter'),
      receivedAtMs: T0,
      clause: SCRAPING,
      ...more,
    },
  }
}

export function accountEvent(
  kind: AccountEvent['kind'],
  sanctionId: string | null,
  atMs: number,
  keyId: string | null = null,
): EnforcementInput {
  return {
    kind: 'accountEvent',
    event: {
      eventId: next('event'),
      accountId: ACCOUNT,
      kind,
      occurredAtMs: atMs,
      keyId,
      sanctionId,
      resource: null,
    },
  }
}

/** What happened to a key. */
export const keyEvent = (kind: AccountEvent['kind'], keyId: string, atMs: number): EnforcementInput =>
  accountEvent(kind, null, atMs, keyId)

/** A finding that the key breaks with its own habits. */
export const keyFound = (keyId: string, atMs: number): EnforcementInput =>
  signal({ clause: 'none', detectorId: COMPROMISE, actor: key(keyId), atMs })

/** For the whole account, without an end. */
export function grantOf(kind: GrantKind, more: Partial<Grant> = {}): Grant {
  const whole = { expiresAtMs: null, scope: null, capRequestsPerHour: null, evidence: null }
  return { kind, issuedBy: 'p', reason: 'r', ...whole, ...more }
}

export function accountState(more: Partial<AccountState> = {}): EnforcementInput {
  return {
    kind: 'accountState',
    state: {
      accountId: ACCOUNT,
      organizationId: null,
      tier: 'payAsYouGo',
      createdAtMs: T0 - 400 * DAY,
      updatedAtMs: T0 - DAY,
      quota: { requestsPerMinute: null, requestsPerHour: null, tokensPerHour: null, gpuSecondsPerHour: null },
      limitScope: 'account',
      grants: [],
      protected: false,
      ageVerified: null,
      ageAttested: null,
      language: null,
      ownHosts: null,
      ...more,
    },
  }
}
