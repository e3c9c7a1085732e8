/**
 * One segment and its scores to one verdict. Pure: the same event, scores and key give the same verdict.
 *
 * A1. A verdict holds no text, only hashes under the key, counts and scores (P9).
 * A2. Scores are the model's, calibrated and quantised; `null` scores give an unscored verdict, never an invented one.
 * A3. An exchange is at least as bad as what was asked; its outcome says whether that was given.
 */
import type { Verdict, VerdictOutcome, VerdictTask } from '../domain/verdict.ts'
import { NO_TEMPLATE, shortDigest, type Fingerprinter } from './fingerprint.ts'
import {
  askedTurn,
  isResponse,
  joinTexts,
  occurredAtMs,
  type InferenceEvent,
  type Segment,
} from './segment.ts'
import { outcomeOf, taskOf } from './task-outcome.ts'
import type { FoundMedia } from './media/media-findings.ts'
import { containsCode, isOpaque } from './text-facts.ts'
import { labelScoresOf, type TextScores } from './text-scores.ts'

/** The largest number that a verdict's `characters` holds. */
const MOST_CHARACTERS = 2 ** 31 - 1

/** What judges: the model that sees every text, and the key under which texts are hashed. */
export interface Judge {
  readonly model: { readonly id: string; readonly version: string }
  readonly fingerprinter: Fingerprinter
}

/** What is the same for all of an event's verdicts. */
export interface EventFacts {
  readonly task: VerdictTask
  /** Of the whole answer; `asked` for a request. */
  readonly outcome: VerdictOutcome
}

/** Task and outcome of an event, from its own content only. */
export function factsOf(event: InferenceEvent): EventFacts {
  const input = event.inputMessages ?? []
  const system = joinTexts(input.filter((part) => part.role === 'system'))
  const task = taskOf(`${system}\n${askedTurn(input)}`)
  if (!isResponse(event)) return { task, outcome: 'asked' }
  const answer = joinTexts(event.outputMessages ?? [])
  return { task, outcome: outcomeOf(event, answer, containsCode(answer)) }
}

/** The verdict on one segment; `scores` is null where nothing could score it. */
export function verdictOf(
  judge: Judge,
  event: InferenceEvent,
  facts: EventFacts,
  segment: Segment,
  digest: string,
  scores: TextScores | null,
): Verdict {
  return {
    ...identityOf(event),
    side: segment.side,
    role: segment.role,
    task: facts.task,
    outcome: outcomeFor(segment, facts),
    segment: segment.index,
    ...scoreFacts(scores),
    ...textFacts(judge.fingerprinter, segment),
    contentDigest: shortDigest(digest),
    media: null,
    ...judgeOf(judge, scores?.model),
  }
}

/** The verdict on a picture or a video, `segment` of its event: facts and lists speak, no model does. */
export function mediaVerdictOf(
  judge: Judge,
  event: InferenceEvent,
  facts: EventFacts,
  segment: number,
  { fact, finding }: FoundMedia,
): Verdict {
  const made = fact.direction === 'output'
  const hash = fact.sha256 ?? fact.md5 ?? fact.pdq ?? `${event.eventId}/${segment}`
  return {
    ...identityOf(event),
    side: made ? 'response' : 'prompt',
    role: made ? 'assistant' : 'user',
    task: facts.task,
    outcome: made ? 'complied' : 'asked',
    segment,
    scored: true,
    scores: [],
    disguises: [],
    opaque: false,
    containsCode: false,
    mentions: null,
    characters: 0,
    ...NO_TEMPLATE,
    simHash: null,
    contentDigest: shortDigest(judge.fingerprinter.referenceDigest(hash)),
    media: finding,
    ...judgeOf(judge),
  }
}

/** The model that had the last word, or would have had the first. */
function judgeOf({ model, fingerprinter }: Judge, last: Judge['model'] = model) {
  return { hashKeyId: fingerprinter.keyId, modelId: last.id, modelVersion: last.version }
}

function identityOf(event: InferenceEvent) {
  return {
    eventId: event.eventId,
    requestId: event.requestId,
    accountId: event.accountId,
    keyId: event.keyId,
    projectId: event.projectId,
    endUserId: event.endUserId,
    conversationId: event.conversationId,
    operationName: event.operationName,
    model: (isResponse(event) ? event.responseModel : null) ?? event.requestModel,
    poolId: event.poolId,
    occurredAtMs: occurredAtMs(event),
  }
}

/** Tool and retrieved text is nobody's asking, and an answer in a prompt is nobody's answer yet. */
function outcomeFor(segment: Segment, facts: EventFacts): VerdictOutcome {
  if (segment.side !== 'prompt') return facts.outcome
  return segment.role === 'user' || segment.role === 'system' ? 'asked' : 'unknown'
}

function scoreFacts(scores: TextScores | null) {
  if (scores === null) return { scored: false, scores: [], disguises: [], mentions: null }
  return {
    scored: true,
    scores: labelScoresOf(scores),
    disguises: scores.disguises,
    mentions: scores.mentions,
  }
}

/** Templates are of what customers ask. An exchange has its answer's code and likeness: the two then count once. */
function textFacts(fingerprinter: Fingerprinter, { side, role, text, references, exchange }: Segment) {
  if (text === null) {
    const sizeBytes = references.reduce((sum, reference) => sum + reference.sizeBytes, 0)
    const characters = Math.min(sizeBytes, MOST_CHARACTERS)
    return { opaque: true, containsCode: false, characters, ...NO_TEMPLATE, simHash: null }
  }
  const said = exchange?.answer ?? text
  return {
    opaque: isOpaque(text),
    containsCode: containsCode(said),
    characters: text.length,
    ...(side === 'prompt' && role === 'user' ? fingerprinter.template(text) : NO_TEMPLATE),
    simHash: likenessOf(fingerprinter, said),
  }
}

/** As long as a run of letters and digits that is no word of any language (text-facts.ts). */
const LEAST_WORDLESS = 80

/**
 * A long text without words, as an encoded answer is, is like itself alone: else whoever asks for answers in hexadecimal digits
 * would have none that counts. A short one without words is like nothing.
 */
function likenessOf(fingerprinter: Fingerprinter, text: string): string | null {
  const simHash = fingerprinter.simHash(text)
  if (simHash !== null || text.length < LEAST_WORDLESS) return simHash
  return shortDigest(fingerprinter.digest(text))
}
