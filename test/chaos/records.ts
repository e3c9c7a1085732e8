/** The platform's records of the chaos run, as small as they may be. All times are event times. */
import type { AccountState, AccountTier } from '../../src/domain/account.ts'
import type { PoolPressure } from '../../src/domain/telemetry.ts'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import type { Verdict } from '../../src/domain/verdict.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Who did something, and as what kind of traffic: the detectors see one model's records each. */
export interface Deed {
  readonly id: string
  readonly accountId: string
  readonly keyId: string
  readonly model: string
  readonly poolId: string | null
  readonly atMs: number
}

export function usageRecord(deed: Deed): UsageRecord {
  const { id, accountId, keyId, model, poolId, atMs } = deed
  return {
    phase: 'completed',
    eventId: `event-${id}`,
    requestId: id,
    accountId,
    keyId,
    organizationId: null,
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    model,
    poolId,
    serverAddress: null,
    occurredAtMs: atMs,
    inputTokens: 100,
    outputTokens: 20,
    cacheReadInputTokens: 0,
    gpuSeconds: 0.1,
    gpuSecondsEstimated: true,
    status: 'ok',
    finishReason: 'stop',
    queueTimeMs: null,
    durationMs: null,
    retryAfterMs: null,
    billed: null,
    clientAddressHash: null,
    clientNetworkHash: null,
    userAgentHash: null,
    hashKeyId: 'chaos',
  }
}

export function verdict(deed: Deed, malware: number): Verdict {
  const { id, accountId, keyId, model, poolId, atMs } = deed
  return {
    eventId: `verdict-${id}`,
    requestId: id,
    accountId,
    keyId,
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    model,
    poolId,
    occurredAtMs: atMs,
    side: 'response',
    role: 'assistant',
    task: 'generate',
    outcome: 'complied',
    segment: 0,
    scored: true,
    scores: [{ label: 'malware', score: malware, logLikelihoodRatio: malware > 0.5 ? 3 : -3 }],
    disguises: [],
    opaque: false,
    containsCode: true,
    mentions: null,
    characters: 100,
    contentDigest: 'chaos',
    templateHash: null,
    askedTemplateHash: null,
    slotHash: null,
    slotOrdinal: null,
    slotKind: null,
    hostHashes: null,
    hostCount: null,
    simHash: null,
    media: null,
    hashKeyId: 'chaos',
    modelId: 'chaos',
    modelVersion: '1',
  }
}

export function accountState(accountId: string, tier: AccountTier, updatedAtMs: number): AccountState {
  return {
    accountId,
    organizationId: null,
    tier,
    createdAtMs: updatedAtMs - 400 * DAY_MS,
    updatedAtMs,
    quota: { requestsPerMinute: null, requestsPerHour: null, tokensPerHour: null, gpuSecondsPerHour: null },
    limitScope: 'account',
    grants: [],
    protected: false,
    ageVerified: null,
    ageAttested: null,
    language: null,
    ownHosts: null,
  }
}

/** One minute of a pool. */
export function pressure(poolId: string, startMs: number, saturated: boolean): PoolPressure {
  return {
    poolId,
    startMs,
    endMs: startMs + MINUTE_MS,
    saturated,
    degraded: false,
    gpuActiveRatio: saturated ? 1 : 0.2,
    gpuSeconds: 100,
    requestsWaiting: saturated ? 10 : 0,
    accountsWaiting: saturated ? 5 : 0,
    queueTimeSeconds: 1,
    samples: 4,
  }
}
