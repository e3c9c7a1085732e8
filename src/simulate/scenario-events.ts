/**
 * The events of a scenario, in order of time: account snapshots and standings first, then what accounts do and say, what
 * pools report and what happens to accounts. Deterministic: the seed decides jitter and random slots.
 */
import type { AccountEvent, AccountState, Grant } from '../domain/account.ts'
import type { Control } from '../domain/control.ts'
import { snoozeId } from '../domain/ids.ts'
import type { MediaFinding } from '../domain/known-media.ts'
import type { ActiveSanction, Standing, Strike } from '../domain/standing.ts'
import type { GpuTelemetry } from '../domain/telemetry.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import { VERDICT_LABELS, type Verdict } from '../domain/verdict.ts'
import { Random } from './random.ts'
import type {
  Scenario,
  ScenarioAccount,
  ScenarioActivity,
  ScenarioGrant,
  ScenarioHappening,
  ScenarioMedium,
  ScenarioPool,
  ScenarioStanding,
  ScenarioUtterance,
} from './scenario.ts'
import { hash, HASH_KEY_ID, simHash } from './scenario-hash.ts'
import { hostsNamed, ownHostsOf } from './scenario-hosts.ts'

export type ScenarioEvent =
  | {
      readonly topic: 'accounts.state.v1'
      readonly key: string
      readonly atMs: number
      readonly value: AccountState
    }
  | {
      readonly topic: 'abuse.standing.v1'
      readonly key: string
      readonly atMs: number
      readonly value: Standing
    }
  | {
      readonly topic: 'bailiff.control.v1'
      readonly key: string
      readonly atMs: number
      readonly value: Control
    }
  | {
      readonly topic: 'accounts.events.v1'
      readonly key: string
      readonly atMs: number
      readonly value: AccountEvent
    }
  | {
      readonly topic: 'inference.usage.v1'
      readonly key: string
      readonly atMs: number
      readonly value: UsageRecord
    }
  | {
      readonly topic: 'inference.verdicts.v1'
      readonly key: string
      readonly atMs: number
      readonly value: Verdict
    }
  | {
      readonly topic: 'gpu.telemetry.v1'
      readonly key: string
      readonly atMs: number
      readonly value: GpuTelemetry
    }

const MINUTE_MS = 60_000
const TELEMETRY_MS = 15_000
const STRIKE_AGE_MS = 7 * 86_400_000
const STRIKE_LASTS_MS = 365 * 86_400_000

export function scenarioEvents(scenario: Scenario, startMs: number, seed: number): readonly ScenarioEvent[] {
  const stream = new Random(seed, scenario.name)
  const random = (): number => stream.next()
  const events: ScenarioEvent[] = []
  for (const [accountId, account] of Object.entries(scenario.accounts)) {
    if (!account.unknown) events.push(snapshot(accountId, account, startMs))
    if (account.standing !== undefined) events.push(standing(accountId, account.standing, startMs))
  }
  for (const [name, accountIds] of Object.entries(scenario.lists)) {
    events.push(listed(name, accountIds, startMs))
  }
  for (const [poolId, phases] of Object.entries(scenario.pools)) {
    for (const phase of phases) events.push(...telemetry(poolId, phase, startMs))
  }
  for (const [at, activity] of scenario.does.entries())
    events.push(...usage(activity, startMs, random, `u${at}`))
  for (const [at, utterance] of scenario.says.entries())
    events.push(...verdicts(utterance, startMs, random, `v${at}`))
  for (const happening of scenario.events) events.push(...happenings(happening, startMs))
  return events.sort((a, b) => a.atMs - b.atMs)
}

function snapshot(accountId: string, account: ScenarioAccount, startMs: number): ScenarioEvent {
  const value: AccountState = {
    accountId,
    organizationId: null,
    tier: account.tier,
    createdAtMs: startMs - account.age,
    updatedAtMs: startMs,
    quota: account.quota,
    limitScope: account.limitScope,
    grants: account.grants.map((grant) => granted(grant, startMs)),
    protected: false,
    ageVerified: account.ageVerified,
    ageAttested: account.ageAttested,
    language: null,
    ownHosts: ownHostsOf(accountId, account),
  }
  return { topic: 'accounts.state.v1', key: accountId, atMs: startMs, value }
}

function granted(grant: ScenarioGrant, startMs: number): Grant {
  const whole = { scope: null, capRequestsPerHour: null, until: null }
  const { kind, scope, capRequestsPerHour, until } =
    typeof grant === 'string' ? { kind: grant, ...whole } : grant
  const expiresAtMs = until === null ? null : startMs + until
  const by = { issuedBy: 'scenario', reason: 'scenario', evidence: null }
  return { kind, ...by, expiresAtMs, scope, capRequestsPerHour }
}

function listed(name: string, accountIds: readonly string[], startMs: number): ScenarioEvent {
  const id = `list/${name}`
  const value: Control = {
    id,
    version: 1,
    issuedBy: 'scenario',
    issuedAtMs: startMs,
    reason: 'scenario',
    expiresAtMs: null,
    policy: null,
    killSwitch: null,
    list: { name, accountIds },
    signature: null,
  }
  return { topic: 'bailiff.control.v1', key: id, atMs: startMs, value }
}

/** As enforcement tells it of a sanction on all of the account's API, and of strikes of long ago. */
function standing(accountId: string, told: ScenarioStanding, startMs: number): ScenarioEvent {
  const { act, from, to, strikes, snoozed } = told
  const of = {
    scope: 'api' as const,
    scopeTarget: null,
    rateCeilingPerMinute: null,
    actorLevel: 'account' as const,
    actorId: accountId,
    reasonCode: 'scenario',
  }
  const effectiveAtMs = startMs + from
  const endsAtMs = to === null ? null : startMs + to
  const active: readonly ActiveSanction[] =
    act === null ? [] : [{ sanctionId: 'scenario', act, ...of, effectiveAtMs, endsAtMs }]
  const value: Standing = {
    accountId,
    updatedAtMs: startMs,
    active,
    shadow: false,
    strikes: Array.from({ length: strikes }, (_, at) => strike(at + 1, of, startMs)),
    keyFlags: [],
    snoozes: snoozed.map((one) => ({ id: snoozeId(one.detector), untilMs: startMs + one.to })),
  }
  return { topic: 'abuse.standing.v1', key: accountId, atMs: startMs, value }
}

function strike(
  strikeOrdinal: number,
  of: Pick<
    Strike,
    'scope' | 'scopeTarget' | 'rateCeilingPerMinute' | 'actorLevel' | 'actorId' | 'reasonCode'
  >,
  startMs: number,
): Strike {
  return {
    sanctionId: `scenario-${strikeOrdinal}`,
    act: 'warning',
    ...of,
    step: 1,
    strikeOrdinal,
    issuedAtMs: startMs - STRIKE_AGE_MS,
    endsAtMs: startMs - 1,
    endedAtMs: startMs - 1,
    appealUntilMs: startMs,
    expiresAtMs: startMs + STRIKE_LASTS_MS,
    cause: null,
  }
}

function happenings(happening: ScenarioHappening, startMs: number): ScenarioEvent[] {
  const { account: accountId, at, kind, over, resources, key: keyId } = happening
  const stepMs = Math.max(1, Math.floor(over / Math.max(1, happening.times - 1)))
  return Array.from({ length: happening.times }, (_, n) => {
    const atMs = startMs + at + n * stepMs
    const value: AccountEvent = {
      eventId: `${keyId ?? accountId}-${kind}-${atMs}`,
      accountId,
      kind,
      occurredAtMs: atMs,
      keyId,
      sanctionId: null,
      resource: resources === 0 ? null : `resource-${n % resources}`,
    }
    return { topic: 'accounts.events.v1', key: accountId, atMs, value }
  })
}

function telemetry(poolId: string, phase: ScenarioPool, startMs: number): ScenarioEvent[] {
  const events: ScenarioEvent[] = []
  for (let at = phase.from; at < phase.to; at += TELEMETRY_MS) {
    const atMs = startMs + at
    const value: GpuTelemetry = {
      eventId: `${poolId}-${atMs}`,
      poolId,
      sampledAtMs: atMs,
      sampleSeconds: TELEMETRY_MS / 1000,
      region: null,
      gpuCount: phase.gpus - phase.gpusMissing,
      gpuCountExpected: phase.gpus,
      gpuActiveRatio: phase.activeRatio,
      memoryUsedBytes: null,
      memoryTotalBytes: null,
      powerWatts: null,
      requestsRunning: null,
      requestsWaiting: phase.requestsWaiting,
      accountsWaiting: phase.accountsWaiting,
      queueTimeSeconds: null,
      kvCacheUsageRatio: null,
    }
    events.push({ topic: 'gpu.telemetry.v1', key: poolId, atMs, value })
  }
  return events
}

interface Span {
  readonly from: number
  readonly to: number
  readonly perMinute: number
  readonly arrivals?: ScenarioActivity['arrivals']
}

/** Times of `perMinute` happenings a minute over the span: by the clock, with a little jitter, or anywhere in it. */
function times({ from, to, perMinute, arrivals = 'even' }: Span, random: () => number): number[] {
  const stepMs = MINUTE_MS / perMinute
  const count = Math.floor((to - from) / stepMs)
  if (arrivals === 'human')
    return Array.from({ length: count }, () => Math.floor(from + random() * (to - from))).sort(
      (a, b) => a - b,
    )
  const uneven = arrivals === 'clock' ? 0 : 0.8
  return Array.from({ length: count }, (_, at) => Math.floor(from + (at + random() * uneven) * stepMs))
}

function usage(
  activity: ScenarioActivity,
  startMs: number,
  random: () => number,
  prefix: string,
): ScenarioEvent[] {
  return times(activity, random).map((at, index) => {
    const atMs = startMs + at
    const ends = index % activity.every === 0
    const status = ends ? activity.status : 'ok'
    const served = status === 'ok'
    const worked = served || status === 'cancelled'
    const value: UsageRecord = {
      phase: 'completed',
      ...names(activity, `${prefix}-${index}`, activity.model, activity.pool),
      operationName: activity.operation,
      keyId: `${activity.account}-key${index % activity.keys}`,
      organizationId: null,
      serverAddress: null,
      occurredAtMs: atMs,
      inputTokens: activity.inputTokens,
      outputTokens: served ? activity.outputTokens : 0,
      cacheReadInputTokens: 0,
      gpuSeconds: worked ? activity.gpuSeconds : 0,
      gpuSecondsEstimated: false,
      status,
      finishReason: served ? activity.finish : 'none',
      queueTimeMs: activity.queueTime,
      durationMs: worked ? activity.duration : 5,
      retryAfterMs: status === 'rate_limited' ? activity.retryAfter : null,
      billed: activity.billed,
      clientAddressHash: hash(`address-${activity.account}-${index % activity.addresses}`),
      clientNetworkHash: activity.network === null ? null : hash(`network-${activity.network}`),
      userAgentHash: activity.client === null ? null : hash(`client-${activity.client}`),
      hashKeyId: HASH_KEY_ID,
    }
    return { topic: 'inference.usage.v1', key: activity.account, atMs, value }
  })
}

function verdicts(
  said: ScenarioUtterance,
  startMs: number,
  random: () => number,
  prefix: string,
): ScenarioEvent[] {
  return times(said, random).map((at, index) => {
    const atMs = startMs + at
    const ordinal = slotOrdinal(said, index, random)
    const text = said.distinct === false ? prefix : `${prefix}-${index}`
    const hostHashes = hostsNamed(said, index)
    const value: Verdict = {
      ...names(said, `${prefix}-${index}`, 'assistant-large', null),
      operationName: said.operation,
      conversationId:
        said.conversations === 0 ? null : `${said.account}-conversation${index % said.conversations}`,
      keyId: `${said.account}-key0`,
      occurredAtMs: atMs,
      side: said.side,
      role: said.side === 'prompt' ? 'user' : 'assistant',
      task: said.task,
      outcome: said.outcome,
      segment: 0,
      scored: true,
      scores:
        said.media !== undefined
          ? []
          : VERDICT_LABELS.map((label) => ({
              label,
              score: said.scores[label] ?? 0.01,
              logLikelihoodRatio: said.ratios[label] ?? 0,
            })),
      disguises: said.disguises,
      opaque: said.opaque,
      containsCode: said.code,
      mentions: said.mentions,
      characters: 80,
      contentDigest: hash(text),
      templateHash: hash(`${said.account}-${said.template}-${index % said.templates}`),
      askedTemplateHash: null,
      slotHash: ordinal === null ? null : hash(`slot-${ordinal}`),
      slotOrdinal: ordinal,
      slotKind: said.slotKind ?? null,
      hostHashes,
      hostCount: hostHashes.length,
      simHash: said.distinct === 'nearly' ? simHash(prefix, text) : simHash(text, null),
      media: said.media === undefined ? null : mediaFinding(said.media),
      hashKeyId: HASH_KEY_ID,
      modelId: 'scenario',
      modelVersion: '1',
    }
    return { topic: 'inference.verdicts.v1', key: said.account, atMs, value }
  })
}

function mediaFinding(medium: ScenarioMedium): MediaFinding {
  const { direction, sexual, face, faceUploaded, match, clause, vetted, quarantined } = medium
  const distance = match === 'perceptual' ? 12 : null
  const entry = { list: 'scenario', entryId: 'entry', clause, vetted, quarantined, distance }
  return {
    direction,
    facePresent: face,
    sexualScore: sexual,
    faceUploaded,
    known: match === undefined ? null : { match, ...entry },
  }
}

function slotOrdinal(said: ScenarioUtterance, index: number, random: () => number): number | null {
  switch (said.slots) {
    case 'none':
      return null
    case 'same':
      return 1
    case 'enumerated':
      return 10_000 + index
    case 'everySecond':
      return 10_000 + 2 * index
    case 'random':
      return Math.floor(random() * 1e9)
    case 'randomOfFew':
      return Math.floor(random() * 500)
  }
}

type ScenarioActor = Pick<ScenarioActivity, 'account' | 'project' | 'endUser'>

function names(actor: ScenarioActor, id: string, model: string, poolId: string | null) {
  const { account: accountId, project: projectId, endUser: endUserId } = actor
  return {
    eventId: `${accountId}-${id}`,
    requestId: `${accountId}-${id}`,
    accountId,
    projectId,
    endUserId,
    conversationId: null,
    operationName: 'chat' as const,
    model,
    poolId,
  }
}
