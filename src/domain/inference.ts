/**
 * What a platform produces: one event when a request arrives, one when it has ended, whatever its end.
 *
 * Required of a platform: request, account and key id, model, operation, times, tokens, status, finish reason.
 * All else may be null; null means unknown, and unknown never fires. Names follow OpenTelemetry's GenAI
 * conventions, dots to camelCase. All times are epoch milliseconds, UTC.
 */
import type { ContentPart, MediaFact } from './content.ts'

export const OPERATIONS = [
  'chat',
  'text_completion',
  'generate_content',
  'embeddings',
  'image_generation',
  'video_generation',
  'batch',
  'fine_tuning',
  'other',
] as const
export type Operation = (typeof OPERATIONS)[number]

export const RESPONSE_STATUSES = ['ok', 'rate_limited', 'refused', 'cancelled', 'error'] as const
export type ResponseStatus = (typeof RESPONSE_STATUSES)[number]

export const FINISH_REASONS = ['stop', 'length', 'content_filter', 'tool_call', 'error', 'none'] as const
export type FinishReason = (typeof FINISH_REASONS)[number]

/** What request and response events share: who asked for what, from where. */
export interface InferenceEventBase {
  readonly eventId: string
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly organizationId: string | null
  readonly projectId: string | null
  readonly endUserId: string | null
  readonly conversationId: string | null
  readonly operationName: Operation
  readonly requestModel: string
  /** The GPU pool that serves the request, as in `gpu.telemetry.v1`. */
  readonly poolId: string | null
  /** The gateway that let the request through, or the host that served it. */
  readonly serverAddress: string | null
  readonly clientAddress: string | null
  readonly userAgent: string | null
  readonly traceparent: string | null
  readonly requestedAtMs: number
  readonly inputMessages: readonly ContentPart[] | null
}

export interface InferenceRequest extends InferenceEventBase {
  readonly maxTokens: number | null
  readonly stream: boolean | null
  readonly media: readonly MediaFact[] | null
}

export interface InferenceResponse extends InferenceEventBase {
  readonly responseModel: string | null
  readonly startedAtMs: number | null
  readonly completedAtMs: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadInputTokens: number | null
  /** GPU time that the platform attributes to this request; null where it has no figure. */
  readonly gpuSeconds: number | null
  readonly queueTimeMs: number | null
  readonly status: ResponseStatus
  readonly finishReason: FinishReason
  /** What the platform told the client to wait after a refusal. */
  readonly retryAfterMs: number | null
  readonly billed: boolean | null
  readonly outputMessages: readonly ContentPart[] | null
  readonly media: readonly MediaFact[] | null
}
