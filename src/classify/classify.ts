/**
 * One segment and its scores to one verdict. Pure: the same event, scores and key give the same verdict.
 *
 * A1. A verdict holds no text, only hashes under the key, counts and scores (P9).
 * A2. Scores are the model's, calibrated and quantised; `null` scores give an unscored verdict, never an invented one.
 * A3. An exchange is at least as bad as what was asked; its outcome says whether that was given.
 * A4. Facts and fingerprints are of the canonical text, so that a disguise changes none; scores are of the text as it came,
 *     because what was disguised is judged otherwise than what was not.
 */
import type { Verdict, VerdictOutcome, VerdictTask } from '../domain/verdict.ts'
import { canonicalSteps, canonicalText } from './canonical-text.ts'
import { NO_TEMPLATE, shortDigest, type Fingerprinter, type TemplateHashes } from './fingerprint.ts'
import type { Steps } from './in-slices.ts'
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
import { codeSteps, opaqueSteps } from './text-facts.ts'
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
  /** The beginning of what a response answers, canonical; null for a request, and where the response does not say. */
  readonly asked: string | null
}

/** Several times what a template is made of, whatever disguise is undone. */
const ASKED_CHARACTERS = 4_000

/** Task and outcome of an event, from its own content only. */
export function factsOf(event: InferenceEvent): EventFacts {
  const input = event.inputMessages ?? []
  const system = joinTexts(input, (part) => part.role === 'system')
  const turn = askedTurn(input)
  const task = taskOf(`${system}\n${turn}`)
  if (!isResponse(event)) return { task, outcome: 'asked', asked: null }
  const answer = joinTexts(event.outputMessages ?? [])
  const asked = turn === '' ? null : canonicalText(turn.slice(0, ASKED_CHARACTERS))
  return { task, outcome: outcomeOf(event, answer), asked }
}

/** A segment's text as a reader sees it, of which facts and fingerprints are; null where none travelled. */
export interface Seen {
  readonly text: string
  /** Of an exchange its answer, whose code and likeness it has: the two then count once. */
  readonly said: string
}

function* seenIn({ text, exchange }: Segment): Steps<Seen | null> {
  if (text === null) return null
  const seen = yield* canonicalSteps(text)
  return { text: seen, said: exchange === null ? seen : yield* canonicalSteps(exchange.answer) }
}

/** A segment, and what is known of it beside its scores. */
export interface LookedAt {
  readonly segment: Segment
  /** Of the text as it came. */
  readonly digest: string
  readonly seen: Seen | null
  readonly opaque: boolean
  readonly containsCode: boolean
}

/** What is said of a segment's text without a model. What is not here is opaque. */
export function* lookAt(segment: Segment): Steps<Pick<LookedAt, 'seen' | 'opaque' | 'containsCode'>> {
  const seen = yield* seenIn(segment)
  if (seen === null) return { seen, opaque: true, containsCode: false }
  return { seen, opaque: yield* opaqueSteps(seen.text), containsCode: yield* codeSteps(seen.said) }
}

/** The verdict on one segment; `scores` is null where nothing could score it. */
export function* verdictSteps(
  judge: Judge,
  event: InferenceEvent,
  facts: EventFacts,
  { segment, digest, seen, opaque, containsCode }: LookedAt,
  scores: TextScores | null,
): Steps<Verdict> {
  const fingerprints = yield* fingerprintSteps(judge.fingerprinter, segment, seen)
  const contentDigest = yield* contentDigestSteps(judge.fingerprinter, segment, seen)
  return {
    ...identityOf(event),
    side: segment.side,
    role: segment.role,
    task: facts.task,
    outcome: outcomeFor(segment, facts),
    segment: segment.index,
    ...scoreFacts(scores),
    opaque,
    containsCode,
    characters: charactersOf(segment),
    ...fingerprints,
    askedTemplateHash: facts.asked === null ? null : judge.fingerprinter.templateHash(facts.asked),
    contentDigest: shortDigest(contentDigest ?? digest),
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
    askedTemplateHash: null,
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

function charactersOf({ text, references }: Segment): number {
  const sizeBytes = references.reduce((sum, reference) => sum + reference.sizeBytes, 0)
  return text?.length ?? Math.min(sizeBytes, MOST_CHARACTERS)
}

/** Templates are of what customers ask. */
function* fingerprintSteps(
  fingerprinter: Fingerprinter,
  { side, role }: Segment,
  seen: Seen | null,
): Steps<TemplateHashes & Pick<Verdict, 'simHash'>> {
  if (seen === null) return { ...NO_TEMPLATE, simHash: null }
  const hasTemplate = side === 'prompt' && role === 'user'
  return {
    ...(hasTemplate ? yield* fingerprinter.templateSteps(seen.text) : NO_TEMPLATE),
    simHash: yield* likenessSteps(fingerprinter, seen.said),
  }
}

/** As long as a run of letters and digits that is no word of any language (text-facts.ts). */
const LEAST_WORDLESS = 80

/**
 * A long text without words, as an encoded answer is, is like itself alone: else whoever asks for answers in hexadecimal digits
 * would have none that counts. A short one without words is like nothing.
 */
function* likenessSteps(fingerprinter: Fingerprinter, text: string): Steps<string | null> {
  const simHash = fingerprinter.simHash(text)
  if (simHash !== null || text.length < LEAST_WORDLESS) return simHash
  return shortDigest(yield* fingerprinter.digestSteps(text))
}

/** Null where it is that of the segment as it came. */
function* contentDigestSteps(
  fingerprinter: Fingerprinter,
  { text }: Segment,
  seen: Seen | null,
): Steps<string | null> {
  return seen === null || seen.text === text ? null : yield* fingerprinter.digestSteps(seen.text)
}
