/**
 * What one request used: tokens, times, status, who, from where. No text, no raw address (P9).
 */
import type { FinishReason, Operation, ResponseStatus } from './inference.ts'

/** `arrived`: the request came in. `completed`: it ended, whatever its end. Counts of one never hold the other. */
export type UsagePhase = 'arrived' | 'completed'

export interface UsageRecord {
  readonly phase: UsagePhase
  readonly eventId: string
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly organizationId: string | null
  readonly projectId: string | null
  readonly endUserId: string | null
  readonly conversationId: string | null
  readonly operationName: Operation
  readonly model: string
  readonly poolId: string | null
  /** The gateway that let the request through, or the host that served it: the platform's own, never a client's. */
  readonly serverAddress: string | null
  /** Event time: arrival for `arrived`, end for `completed`. */
  readonly occurredAtMs: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadInputTokens: number
  readonly gpuSeconds: number
  /** True where `gpuSeconds` was estimated from uncached prefill and decode tokens. */
  readonly gpuSecondsEstimated: boolean
  readonly status: ResponseStatus | null
  readonly finishReason: FinishReason | null
  readonly queueTimeMs: number | null
  readonly durationMs: number | null
  readonly retryAfterMs: number | null
  readonly billed: boolean | null
  /** Keyed hashes (HMAC-SHA-256 cut to 64 bits, lower-case hex) under the key named by `hashKeyId`. */
  readonly clientAddressHash: string | null
  readonly clientNetworkHash: string | null
  readonly userAgentHash: string | null
  readonly hashKeyId: string
}
