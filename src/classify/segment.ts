/**
 * An event's content as segments: one for each part, plus the exchange where a response carries its prompt.
 *
 * G1. Every part with content becomes part of exactly one segment of its side; nothing is cut.
 * G2. At most MOST_TEXTS texts and MOST_REFERENCES references of a side stand apart. Where there are more, neighbours of
 *     the same kind are joined into one segment: texts to one text, references to one list. The two are never mixed.
 * G3. `fresh` marks what this event adds: all that follows the last answer, and an answer that the prompt puts into
 *     the model's mouth, of however many parts. Older turns and system texts are said again with every request.
 */
import type { ContentPart, ContentReference, ContentRole } from '../domain/content.ts'
import type { InferenceRequest, InferenceResponse } from '../domain/inference.ts'
import type { VerdictSide } from '../domain/verdict.ts'

export interface Segment {
  readonly side: VerdictSide
  readonly role: ContentRole
  /** Position in the event, from 0. */
  readonly index: number
  readonly fresh: boolean
  /** Null where only references travelled. */
  readonly text: string | null
  /** None where the text travelled; else one, or several that share a verdict (G2). */
  readonly references: readonly ContentReference[]
  /** The two halves of an exchange; null for any other segment. */
  readonly exchange: Exchange | null
}

export interface Exchange {
  /** The turn that was answered: scored by itself too, so that a long answer does not dilute it. */
  readonly asked: string
  readonly answer: string
}

const MOST_TEXTS = 256
const MOST_REFERENCES = 1_024

/** What a platform tells of a request: that it came, or that it has ended. */
export type InferenceEvent = InferenceRequest | InferenceResponse

/** When it happened, epoch milliseconds. */
export function occurredAtMs(event: InferenceEvent): number {
  return isResponse(event) ? event.completedAtMs : event.requestedAtMs
}

/** True for the event that ends a request. */
export function isResponse(event: InferenceEvent): event is InferenceResponse {
  return 'completedAtMs' in event
}

/** The event's segments, in the order of its parts; an exchange comes last. */
export function segmentsOf(event: InferenceEvent): readonly Segment[] {
  return isResponse(event) ? responseSegments(event) : promptSegments(event)
}

function promptSegments(event: InferenceRequest): Segment[] {
  const pieces = piecesOf(event.inputMessages ?? [])
  const turn = turnStart(pieces)
  return pieces.map((piece, index) => {
    const fresh = piece.role !== 'system' && (index >= turn || index === pieces.length - 1)
    return { side: 'prompt', ...piece, index, fresh, exchange: null }
  })
}

function responseSegments(event: InferenceResponse): Segment[] {
  const pieces = piecesOf(event.outputMessages ?? [])
  const segments = pieces.map((piece, index): Segment => ({
    side: 'response',
    ...piece,
    index,
    fresh: true,
    exchange: null,
  }))
  const exchange = exchangeOf(event, pieces, segments.length)
  return exchange === null ? segments : [...segments, exchange]
}

function exchangeOf(event: InferenceResponse, answers: readonly Piece[], index: number): Segment | null {
  const asked = askedTurn(event.inputMessages ?? [])
  const answer = joinTexts(answers)
  if (asked === '' || answer === '') return null
  const text = `${asked}\n\n${answer}`
  return {
    side: 'exchange',
    role: 'assistant',
    index,
    fresh: true,
    text,
    references: [],
    exchange: { asked, answer },
  }
}

/**
 * What the user says in the latest turn; empty where nothing is inline. A call of a tool and what it brought are no answer to it:
 * of an agent at work, what it was set to do is asked until somebody says something else.
 */
export function askedTurn(parts: readonly ContentPart[]): string {
  const end = parts.findLastIndex((part) => part.role === 'user') + 1
  const start = afterAnswer(parts, end)
  return joinTexts(parts, (part, at) => at >= start && at < end && part.role === 'user')
}

/** Everything inline of the parts that are wanted, in order. One array and one string, of tens of thousands of parts too. */
export function joinTexts<P extends Pick<ContentPart, 'text'>>(
  parts: readonly P[],
  isWanted: (part: P, at: number) => boolean = () => true,
): string {
  const texts: string[] = []
  parts.forEach((part, at) => {
    if (part.text !== null && part.text !== '' && isWanted(part, at)) texts.push(part.text)
  })
  return texts.join('\n\n')
}

function hasContent(part: ContentPart): boolean {
  return part.reference !== null || (part.text ?? '').trim() !== ''
}

/** The part after the last answer; answers at the very end are a prefill and open no turn of their own. */
function turnStart(parts: readonly Pick<ContentPart, 'role'>[]): number {
  const prefill = parts.findLastIndex((part) => part.role !== 'assistant') + 1
  return afterAnswer(parts, prefill)
}

/** The part behind the last answer before `end`; the first where there is none. */
function afterAnswer(parts: readonly Pick<ContentPart, 'role'>[], end: number): number {
  return parts.findLastIndex((part, at) => at < end && part.role === 'assistant') + 1
}

/** What becomes a segment: a part, or several of the same kind (G2). */
type Piece = Pick<Segment, 'role' | 'text' | 'references'>

function piecesOf(parts: readonly ContentPart[]): readonly Piece[] {
  const filled = parts.filter(hasContent)
  const references = filled.filter((part) => part.reference !== null).length
  const texts = new Groups(Math.ceil((filled.length - references) / MOST_TEXTS))
  const listed = new Groups(Math.ceil(references / MOST_REFERENCES))
  const groups = filled.flatMap((part) => (part.reference === null ? texts : listed).opened(part))
  return groups.map(joined)
}

/** Even groups of neighbours of one kind; what stands between them is of the other. */
class Groups {
  readonly #size: number
  #open: ContentPart[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** The group that `part` opens, which later ones join; empty where it joins one. */
  opened(part: ContentPart): readonly (readonly ContentPart[])[] {
    const isFull = this.#open.length === 0 || this.#open.length === this.#size
    if (isFull) this.#open = []
    this.#open.push(part)
    return isFull ? [this.#open] : []
  }
}

/** A group is the user's as soon as one of its parts is. */
function joined(group: readonly ContentPart[]): Piece {
  const role = group.some((part) => part.role === 'user') ? 'user' : (group[0]?.role ?? 'user')
  const references = group.flatMap((part) => part.reference ?? [])
  return { role, text: references.length > 0 ? null : joinTexts(group), references }
}
