/**
 * The words of each collection: which fields its events have, of which type and unit, and how they are read.
 * What is not listed here cannot be named in a topology. Null is unknown.
 */
import { GRANT_KINDS, type AccountEvent, type GrantKind } from '../domain/account.ts'
import { grantOf } from '../domain/granted-event.ts'
import { foreignHost, foreignHostCount, ownHostCount } from '../domain/own-hosts.ts'
import type { GpuTelemetry } from '../domain/telemetry.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import { VERDICT_LABELS, type Mention, type Verdict, type VerdictLabel } from '../domain/verdict.ts'
import type { Collection, NumberField, TextField, Unit } from './model.ts'

export type Field =
  | { readonly type: 'number'; readonly unit: Unit; readonly read: NumberField }
  | {
      readonly type: 'text'
      readonly unit: 'none'
      readonly read: TextField
      /** Whether near-duplicates differ in a few bits of it, so that `distinct` counts them once. */
      readonly isSimHash: boolean
    }
  | { readonly type: 'bool'; readonly unit: 'none'; readonly read: NumberField }

export type Vocabulary = Readonly<Record<string, Field>>

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Asked of every request: none is made anew. */
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour))

/** The body of each collection's events; `vocabularyOf` is only ever asked with the collection's own bodies. */
interface Bodies {
  usage: UsageRecord
  verdicts: Verdict
  accountEvents: AccountEvent
  telemetry: GpuTelemetry
}

/** Fields of one body type: the guard keeps a body of another collection from being misread. */
function fieldsFor<B extends Bodies[keyof Bodies]>(isBody: (body: unknown) => body is B) {
  const guarded =
    <T>(read: (body: B) => T | null) =>
    (body: unknown): T | null =>
      isBody(body) ? read(body) : null
  return {
    number: (unit: Unit, read: (body: B) => number | null): Field => ({
      type: 'number',
      unit,
      read: guarded(read),
    }),
    text: (read: (body: B) => string | null): Field => ({
      type: 'text',
      unit: 'none',
      read: guarded(read),
      isSimHash: false,
    }),
    simHash: (read: (body: B) => string | null): Field => ({
      type: 'text',
      unit: 'none',
      read: guarded(read),
      isSimHash: true,
    }),
    bool: (read: (body: B) => boolean | null): Field => ({
      type: 'bool',
      unit: 'none',
      read: guarded((body) => {
        const value = read(body)
        return value === null ? null : Number(value)
      }),
    }),
  }
}

const has =
  <B>(name: string) =>
  (body: unknown): body is B =>
    typeof body === 'object' && body !== null && name in body

const usageField = fieldsFor<UsageRecord>(has<UsageRecord>('clientAddressHash'))
const verdictField = fieldsFor<Verdict>(has<Verdict>('scores'))
const eventField = fieldsFor<AccountEvent>(has<AccountEvent>('kind'))
const sampleField = fieldsFor<GpuTelemetry>(has<GpuTelemetry>('gpuActiveRatio'))

/** What the names of grants begin with. */
const GRANTED = 'account.grants.'

const usage: Vocabulary = {
  ...grantFields(usageField.bool),
  keyId: namedField('keyId'),
  projectId: namedField('projectId'),
  endUserId: namedField('endUserId'),
  conversationId: namedField('conversationId'),
  poolId: namedField('poolId'),
  model: usageField.text((record) => record.model),
  operationName: usageField.text((record) => record.operationName),
  status: usageField.text((record) => record.status),
  finishReason: usageField.text((record) => record.finishReason),
  inputTokens: usageField.number('tokens', (record) => record.inputTokens),
  outputTokens: usageField.number('tokens', (record) => record.outputTokens),
  cacheReadInputTokens: usageField.number('tokens', (record) => record.cacheReadInputTokens),
  gpuSeconds: usageField.number('seconds', (record) => record.gpuSeconds),
  gpuSecondsEstimated: usageField.bool((record) => record.gpuSecondsEstimated),
  queueTimeMs: usageField.number('ms', (record) => record.queueTimeMs),
  durationMs: usageField.number('ms', (record) => record.durationMs),
  retryAfterMs: usageField.number('ms', (record) => record.retryAfterMs),
  billed: usageField.bool((record) => record.billed),
  clientAddressHash: usageField.text((record) => record.clientAddressHash),
  clientNetworkHash: usageField.text((record) => record.clientNetworkHash),
  userAgentHash: usageField.text((record) => record.userAgentHash),
  /** The hour of the day, UTC: what is a customer's night. */
  hourOfDay: usageField.text((record) => HOURS[Math.floor(record.occurredAtMs / HOUR_MS) % 24] ?? null),
  /** The minute of the event: distinct minutes tell how long something went on. */
  minute: usageField.text((record) => String(Math.floor(record.occurredAtMs / MINUTE_MS))),
}

/**
 * Sub-key fields are read from whatever names them (a usage record, a verdict, the names of a judgement that
 * waits), so that a feature by key can be read while another collection's event is judged.
 */
function namedField(name: string): Field {
  const read = (body: unknown): string | null => {
    if (typeof body !== 'object' || body === null) return null
    const value: unknown = Reflect.get(body, name)
    return typeof value === 'string' ? value : null
  }
  return { type: 'text', unit: 'none', read, isSimHash: false }
}

function scoreOf(verdict: Verdict, label: VerdictLabel): number | null {
  return verdict.scores.find((one) => one.label === label)?.score ?? null
}

function ratioOf(verdict: Verdict, label: VerdictLabel): number | null {
  return verdict.scores.find((one) => one.label === label)?.logLikelihoodRatio ?? null
}

function mentionField(mention: Mention): Field {
  return verdictField.bool(({ mentions }) => mentions?.includes(mention) ?? null)
}

/** Whether a grant of its account frees what an event tells of, as conditions ask it. */
function grantFields(bool: (read: (body: object) => boolean | null) => Field): Vocabulary {
  return Object.fromEntries(
    GRANT_KINDS.map((kind: GrantKind): [string, Field] => [
      `${GRANTED}${kind}`,
      bool((body) => grantOf(body, kind)),
    ]),
  )
}

const verdicts: Vocabulary = {
  ...grantFields(verdictField.bool),
  keyId: namedField('keyId'),
  projectId: namedField('projectId'),
  endUserId: namedField('endUserId'),
  conversationId: namedField('conversationId'),
  poolId: namedField('poolId'),
  model: verdictField.text((verdict) => verdict.model),
  operationName: verdictField.text((verdict) => verdict.operationName),
  side: verdictField.text((verdict) => verdict.side),
  role: verdictField.text((verdict) => verdict.role),
  task: verdictField.text((verdict) => verdict.task),
  outcome: verdictField.text((verdict) => verdict.outcome),
  scored: verdictField.bool((verdict) => verdict.scored),
  opaque: verdictField.bool((verdict) => verdict.opaque),
  containsCode: verdictField.bool((verdict) => verdict.containsCode),
  mentionsMinor: mentionField('minor'),
  mentionsPerson: mentionField('person'),
  mentionsPlace: mentionField('place'),
  mentionsTime: mentionField('time'),
  mentionsWeapon: mentionField('weapon'),
  mentionsSelfHarm: mentionField('selfHarm'),
  characters: verdictField.number('count', (verdict) => verdict.characters),
  contentDigest: verdictField.text((verdict) => verdict.contentDigest),
  templateHash: verdictField.text((verdict) => verdict.templateHash),
  slotHash: verdictField.text((verdict) => verdict.slotHash),
  slotOrdinal: verdictField.number('none', (verdict) => verdict.slotOrdinal),
  /** address, mail or identifier; unknown where nothing of them fills the slot. */
  slotKind: verdictField.text((verdict) => verdict.slotKind),
  /** The first host that the text names. */
  hostHash: verdictField.text((verdict) => verdict.hostHashes?.[0] ?? null),
  hostCount: verdictField.number('count', (verdict) => verdict.hostCount),
  /** Of the first hosts, those that are not the customer's, and those that are; unknown where the platform does not tell. */
  foreignHostHash: verdictField.text(foreignHost),
  foreignHostCount: verdictField.number('count', foreignHostCount),
  ownHostCount: verdictField.number('count', ownHostCount),
  simHash: verdictField.simHash((verdict) => verdict.simHash),
  mediaDirection: verdictField.text((verdict) => verdict.media?.direction ?? null),
  mediaFacePresent: verdictField.bool((verdict) => verdict.media?.facePresent ?? null),
  mediaFaceUploaded: verdictField.bool((verdict) => verdict.media?.faceUploaded ?? null),
  mediaSexual: verdictField.number('ratio', (verdict) => verdict.media?.sexualScore ?? null),
  /** exact, oneHash or perceptual; unknown, as all that follow, where no list knows it. */
  mediaMatch: verdictField.text((verdict) => verdict.media?.known?.match ?? null),
  mediaClause: verdictField.text((verdict) => verdict.media?.known?.clause ?? null),
  mediaVetted: verdictField.bool((verdict) => verdict.media?.known?.vetted ?? null),
  mediaQuarantined: verdictField.bool((verdict) => verdict.media?.known?.quarantined ?? null),
  ...Object.fromEntries(
    VERDICT_LABELS.flatMap((label) => [
      [label, verdictField.number('ratio', (verdict) => scoreOf(verdict, label))],
      [`${label}Ratio`, verdictField.number('logRatio', (verdict) => ratioOf(verdict, label))],
    ]),
  ),
}

const accountEvents: Vocabulary = {
  ...grantFields(eventField.bool),
  kind: eventField.text((event) => event.kind),
  resource: eventField.text((event) => event.resource),
  keyId: namedField('keyId'),
}

const telemetry: Vocabulary = {
  gpuActiveRatio: sampleField.number('ratio', (sample) => sample.gpuActiveRatio),
  gpuCount: sampleField.number('count', (sample) => sample.gpuCount),
  /** GPUs that should be in service and are not. */
  gpusMissing: sampleField.number('count', (sample) =>
    sample.gpuCountExpected === null ? null : Math.max(0, sample.gpuCountExpected - sample.gpuCount),
  ),
  powerWatts: sampleField.number('none', (sample) => sample.powerWatts),
  requestsRunning: sampleField.number('count', (sample) => sample.requestsRunning),
  requestsWaiting: sampleField.number('count', (sample) => sample.requestsWaiting),
  accountsWaiting: sampleField.number('count', (sample) => sample.accountsWaiting),
  queueTimeSeconds: sampleField.number('seconds', (sample) => sample.queueTimeSeconds),
  kvCacheUsageRatio: sampleField.number('ratio', (sample) => sample.kvCacheUsageRatio),
}

const VOCABULARIES: Readonly<Record<Collection, Vocabulary>> = {
  usage,
  arrivals: usage,
  verdicts,
  accountEvents,
  telemetry,
}

export const COLLECTIONS: readonly Collection[] = [
  'usage',
  'arrivals',
  'verdicts',
  'accountEvents',
  'telemetry',
]

export function vocabularyOf(collection: Collection): Vocabulary {
  return VOCABULARIES[collection]
}

export function isCollection(name: string): name is Collection {
  return Object.hasOwn(VOCABULARIES, name)
}

/** Whether a field needs the account beside the event: whose hosts these are, what was granted. */
export function needsAccount(field: string): boolean {
  return HOST_OWNERS.includes(field) || isGrant(field)
}

export function isGrant(field: string): boolean {
  return field.startsWith(GRANTED)
}

/** Fields of verdicts that need the account's own hosts beside them. */
export const HOST_OWNERS: readonly string[] = ['foreignHostHash', 'foreignHostCount', 'ownHostCount']

/** Sub-keys inside an account's state, and the actor level that each of them names, if it does. */
export const SUB_KEYS = ['keyId', 'projectId', 'endUserId', 'conversationId', 'poolId', 'model'] as const

/** What several accounts can share: no sub-key of one of them. */
export const CROSSING: readonly string[] = [
  'accountId',
  'organizationId',
  'clientAddressHash',
  'clientNetworkHash',
  'userAgentHash',
  'contentDigest',
  'foreignHostHash',
  'hostHash',
  'slotHash',
  'simHash',
  'templateHash',
]
