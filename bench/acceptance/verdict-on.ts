/** Stands in for classify where no model is wanted. */
import { shortDigest, type Fingerprinter } from '../../src/classify/fingerprint.ts'
import type { InferenceRequest } from '../../src/domain/inference.ts'
import type { Verdict } from '../../src/domain/verdict.ts'

/** What classify would say of a prompt without having a model; null of a request without text. */
export function verdictOn(request: InferenceRequest, fingerprinter: Fingerprinter): Verdict | null {
  const text = request.inputMessages?.[0]?.text ?? null
  if (text === null) return null
  return {
    eventId: request.eventId,
    requestId: request.requestId,
    accountId: request.accountId,
    keyId: request.keyId,
    projectId: request.projectId,
    endUserId: request.endUserId,
    conversationId: request.conversationId,
    operationName: request.operationName,
    model: request.requestModel,
    poolId: request.poolId,
    occurredAtMs: request.requestedAtMs,
    side: 'prompt',
    role: 'user',
    task: 'generate',
    outcome: 'asked',
    segment: 0,
    scored: false,
    scores: [],
    disguises: [],
    opaque: false,
    containsCode: false,
    mentions: null,
    characters: text.length,
    contentDigest: shortDigest(fingerprinter.digest(text)),
    ...fingerprinter.template(text),
    askedTemplateHash: null,
    simHash: null,
    media: null,
    hashKeyId: fingerprinter.keyId,
    modelId: 'none',
    modelVersion: '0',
  }
}
