/** What a platform says of requests: the events of `inference.requests.v1` and `inference.responses.v1`. */
import {
  CONTENT_ROLES,
  type ContentPart,
  type ContentReference,
  type MediaFact,
} from '../../domain/content.ts'
import {
  FINISH_REASONS,
  OPERATIONS,
  RESPONSE_STATUSES,
  type InferenceEventBase,
  type InferenceRequest,
  type InferenceResponse,
} from '../../domain/inference.ts'
import { listOf, nullOr, recordOf, refined, type Guard } from '../guard.ts'
import * as leaves from './leaves.ts'
import { bytes, content, eventTimeMs, flag, hex, id, milliseconds, ratio, seconds, text } from './leaves.ts'

/** Messages of one conversation that one event may carry. */
const MOST_PARTS = 100_000
const MOST_MEDIA = 10_000

const reference = recordOf<ContentReference>({
  uri: text(8_192),
  sha256: hex(64),
  sizeBytes: bytes,
})

const part = refined(
  recordOf<ContentPart>({
    role: leaves.symbolOf(CONTENT_ROLES),
    text: nullOr(content),
    reference: nullOr(reference),
  }),
  'text or reference',
  (value) => (value.text === null) !== (value.reference === null),
)

const media = nullOr(
  listOf(
    recordOf<MediaFact>({
      sha256: nullOr(hex(64)),
      md5: nullOr(hex(32)),
      pdq: nullOr(hex(64)),
      pdqQuality: nullOr(leaves.integerWithin(0, 100)),
      facePresent: nullOr(flag),
      sexualScore: nullOr(ratio),
      direction: leaves.symbol<MediaFact['direction']>({ upload: true, output: true }),
    }),
    MOST_MEDIA,
  ),
)

type Fields<T> = { readonly [F in keyof T]-?: Guard<T[F]> }

const base: Fields<InferenceEventBase> = {
  eventId: id,
  requestId: id,
  accountId: id,
  keyId: id,
  organizationId: nullOr(id),
  projectId: nullOr(id),
  endUserId: nullOr(id),
  conversationId: nullOr(id),
  operationName: leaves.symbolOf(OPERATIONS),
  requestModel: id,
  poolId: nullOr(id),
  serverAddress: nullOr(id),
  clientAddress: nullOr(text(256)),
  userAgent: nullOr(text(4_096)),
  traceparent: nullOr(text(256)),
  requestedAtMs: eventTimeMs,
  inputMessages: nullOr(listOf(part, MOST_PARTS)),
}

export const inferenceRequest = recordOf<InferenceRequest>({
  ...base,
  maxTokens: nullOr(leaves.tokens),
  stream: nullOr(flag),
  media,
})

export const inferenceResponse = recordOf<InferenceResponse>({
  ...base,
  responseModel: nullOr(id),
  startedAtMs: nullOr(eventTimeMs),
  completedAtMs: eventTimeMs,
  inputTokens: leaves.tokens,
  outputTokens: leaves.tokens,
  cacheReadInputTokens: nullOr(leaves.tokens),
  gpuSeconds: nullOr(seconds),
  queueTimeMs: nullOr(milliseconds),
  status: leaves.symbolOf(RESPONSE_STATUSES),
  finishReason: leaves.symbolOf(FINISH_REASONS),
  retryAfterMs: nullOr(milliseconds),
  billed: nullOr(flag),
  outputMessages: nullOr(listOf(part, MOST_PARTS)),
  media,
})
