/**
 * Requests and responses to usage records: tokens, times, status, who, from where. Pure: one event, one record.
 *
 * U1. A record holds no text and no raw address, only hashes under the key that `hashKeyId` names (P9).
 * U2. GPU seconds are the platform's where it has a figure, otherwise estimated and marked so.
 * U3. A request that was turned away used no GPU.
 */
import type { InferenceEventBase, InferenceRequest, InferenceResponse } from '../domain/inference.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import { clientNetworkOf } from './client-network.ts'
import { GpuCost, type ModelSpeed } from './gpu-cost.ts'
import type { HashKey } from '../domain/hash-key.ts'
import { KeyedHash } from './keyed-hash.ts'

export interface MeterOptions {
  /** The current key; records hashed under the one before it still name that one. */
  readonly hashKey: HashKey
  /** Speeds that the operator measured, by model name; ours are used for all others. */
  readonly modelSpeeds?: ReadonlyMap<string, ModelSpeed>
  /** Hashes to remember; an address costs about 200 bytes. */
  readonly cacheEntries?: number
}

type Who = Pick<
  UsageRecord,
  | 'eventId'
  | 'requestId'
  | 'accountId'
  | 'keyId'
  | 'organizationId'
  | 'projectId'
  | 'endUserId'
  | 'conversationId'
  | 'operationName'
  | 'poolId'
  | 'serverAddress'
  | 'clientAddressHash'
  | 'clientNetworkHash'
  | 'userAgentHash'
  | 'hashKeyId'
>

const DEFAULT_CACHE_ENTRIES = 50_000

export class Meter {
  readonly #hash: KeyedHash
  readonly #cost: GpuCost

  constructor(options: MeterOptions) {
    this.#hash = new KeyedHash(options.hashKey, options.cacheEntries ?? DEFAULT_CACHE_ENTRIES)
    this.#cost = new GpuCost(options.modelSpeeds)
  }

  /** The record of a request that came in. It has used nothing yet. */
  arrived(request: InferenceRequest): UsageRecord {
    return {
      phase: 'arrived',
      ...this.#who(request),
      model: request.requestModel,
      occurredAtMs: request.requestedAtMs,
      inputTokens: 0,
      outputTokens: 0,
      cacheReadInputTokens: 0,
      gpuSeconds: 0,
      gpuSecondsEstimated: false,
      status: null,
      finishReason: null,
      queueTimeMs: null,
      durationMs: null,
      retryAfterMs: null,
      billed: null,
    }
  }

  /** The record of a request that has ended, whatever its end. */
  completed(response: InferenceResponse): UsageRecord {
    return {
      phase: 'completed',
      ...this.#who(response),
      model: modelOf(response),
      occurredAtMs: response.completedAtMs,
      inputTokens: response.inputTokens,
      outputTokens: response.outputTokens,
      cacheReadInputTokens: response.cacheReadInputTokens ?? 0,
      gpuSeconds: response.gpuSeconds ?? this.#estimate(response),
      gpuSecondsEstimated: response.gpuSeconds === null,
      status: response.status,
      finishReason: response.finishReason,
      queueTimeMs: response.queueTimeMs,
      durationMs: Math.max(0, response.completedAtMs - response.requestedAtMs),
      retryAfterMs: response.retryAfterMs,
      billed: response.billed,
    }
  }

  #estimate(response: InferenceResponse): number {
    if (response.status === 'rate_limited') return 0
    const { inputTokens, outputTokens, cacheReadInputTokens } = response
    const use = { inputTokens, outputTokens, cacheReadInputTokens: cacheReadInputTokens ?? 0 }
    return this.#cost.estimate(modelOf(response), use)
  }

  #who(event: InferenceEventBase): Who {
    const client = clientNetworkOf(event.clientAddress)
    return {
      eventId: event.eventId,
      requestId: event.requestId,
      accountId: event.accountId,
      keyId: event.keyId,
      organizationId: event.organizationId,
      projectId: event.projectId,
      endUserId: event.endUserId,
      conversationId: event.conversationId,
      operationName: event.operationName,
      poolId: event.poolId,
      serverAddress: event.serverAddress,
      clientAddressHash: this.#hash.of('address', client?.address ?? null),
      clientNetworkHash: this.#hash.of('network', client?.network ?? null),
      userAgentHash: this.#hash.of('userAgent', event.userAgent),
      hashKeyId: this.#hash.keyId,
    }
  }
}

function modelOf(response: InferenceResponse): string {
  return response.responseModel ?? response.requestModel
}
