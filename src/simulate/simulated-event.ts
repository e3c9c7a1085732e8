/** What the simulated platform sends: the records of five input topics, in the order of their append times. */
import type { AccountEvent, AccountState } from '../domain/account.ts'
import type { ContentPart } from '../domain/content.ts'
import type { InferenceEventBase, InferenceRequest, InferenceResponse } from '../domain/inference.ts'
import type { GpuTelemetry } from '../domain/telemetry.ts'
import type { Ask, Said } from './customer.ts'

interface Sent<T extends string, V> {
  readonly topic: T
  readonly key: string
  readonly value: V
  readonly appendTimeMs: number
}

export type SimulatedEvent =
  | Sent<'inference.requests.v1', InferenceRequest>
  | Sent<'inference.responses.v1', InferenceResponse>
  | Sent<'gpu.telemetry.v1', GpuTelemetry>
  | Sent<'accounts.state.v1', AccountState>
  | Sent<'accounts.events.v1', AccountEvent>

/** One request on its way through the platform. */
export interface Exchange {
  readonly requestId: string
  readonly organizationId: string | null
  readonly accountId: string
  readonly ask: Ask
  readonly requestedAtMs: number
}

/** How a request ended. */
export interface Ending {
  readonly status: InferenceResponse['status']
  readonly startedAtMs: number | null
  readonly completedAtMs: number
  readonly gpuSeconds: number
  readonly retryAfterMs: number | null
}

/** Longest answer that customers ask for; who gets that many tokens was cut off. */
const MOST_OUTPUT_TOKENS = 4_000

export function requestEvent(exchange: Exchange, appendTimeMs: number): SimulatedEvent {
  const value: InferenceRequest = {
    ...baseOf(exchange, 'request', promptOf(exchange.ask.said)),
    maxTokens: MOST_OUTPUT_TOKENS,
    stream: null,
    media: null,
  }
  return { topic: 'inference.requests.v1', key: exchange.accountId, value, appendTimeMs }
}

export function responseEvent(exchange: Exchange, ending: Ending, appendTimeMs: number): SimulatedEvent {
  const { ask, requestedAtMs } = exchange
  const { status, startedAtMs } = ending
  const worked = status === 'ok' || status === 'refused'
  const told = worked && ask.said?.on === 'both' ? ask.said : null
  const value: InferenceResponse = {
    ...baseOf(exchange, 'response', promptOf(told)),
    responseModel: worked ? ask.model : null,
    startedAtMs,
    completedAtMs: ending.completedAtMs,
    inputTokens: worked ? ask.inputTokens : 0,
    outputTokens: worked ? ask.outputTokens : 0,
    cacheReadInputTokens: worked ? ask.cacheReadInputTokens : 0,
    gpuSeconds: ending.gpuSeconds,
    queueTimeMs: startedAtMs === null ? null : startedAtMs - requestedAtMs,
    status,
    finishReason: finishReasonOf(status, ask.outputTokens),
    retryAfterMs: ending.retryAfterMs,
    billed: worked && !ask.unbilled,
    outputMessages: told === null ? null : [message('assistant', told.answer)],
    media: null,
  }
  return { topic: 'inference.responses.v1', key: exchange.accountId, value, appendTimeMs }
}

function baseOf(
  { requestId, organizationId, accountId, ask, requestedAtMs }: Exchange,
  phase: 'request' | 'response',
  inputMessages: InferenceEventBase['inputMessages'],
): InferenceEventBase {
  return {
    eventId: `${requestId}-${phase}`,
    requestId,
    accountId,
    keyId: ask.keyId,
    organizationId,
    projectId: ask.projectId,
    endUserId: ask.endUserId,
    conversationId: null,
    operationName: ask.operationName,
    requestModel: ask.model,
    poolId: ask.poolId,
    serverAddress: null,
    clientAddress: ask.clientAddress,
    userAgent: ask.userAgent,
    traceparent: null,
    requestedAtMs,
    inputMessages,
  }
}

function promptOf(said: Said | null): readonly ContentPart[] | null {
  return said === null ? null : [message('user', said.prompt)]
}

function message(role: ContentPart['role'], text: string): ContentPart {
  return { role, text, reference: null }
}

function finishReasonOf(status: Ending['status'], outputTokens: number): InferenceResponse['finishReason'] {
  if (status === 'refused') return 'content_filter'
  if (status === 'error') return 'error'
  if (status !== 'ok') return 'none'
  return outputTokens >= MOST_OUTPUT_TOKENS ? 'length' : 'stop'
}
