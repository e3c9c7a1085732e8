/**
 * An event's content as segments: one for each part, plus the exchange where a response carries its prompt.
 *
 * G1. Every part with content becomes part of exactly one segment of its side; nothing is cut.
 * G2. At most MOST_SEGMENTS parts stand apart; a longer conversation's neighbours are joined into one.
 * G3. `fresh` marks what this event adds: all that follows the last answer, and an answer that the prompt puts into
 *     the model's mouth. Older turns and system texts are said again with every request.
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
  /** Null where only a reference travelled. */
  readonly text: string | null
  readonly reference: ContentReference | null
  /** The two halves of an exchange; null for any other segment. */
  readonly exchange: Exchange | null
}

export interface Exchange {
  /** The turn that was answered: scored by itself too, so that a long answer does not dilute it. */
  readonly asked: string
  readonly answer: string
}

const MOST_SEGMENTS = 256

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
  const parts = bounded((event.inputMessages ?? []).filter(hasContent))
  const turn = turnStart(parts)
  return parts.map((part, index) => {
    const fresh = part.role !== 'system' && (index >= turn || index === parts.length - 1)
    return { side: 'prompt', ...part, index, fresh, exchange: null }
  })
}

function responseSegments(event: InferenceResponse): Segment[] {
  const parts = bounded((event.outputMessages ?? []).filter(hasContent))
  const segments = parts.map((part, index): Segment => ({
    side: 'response',
    ...part,
    index,
    fresh: true,
    exchange: null,
  }))
  const exchange = exchangeOf(event, parts, segments.length)
  return exchange === null ? segments : [...segments, exchange]
}

function exchangeOf(
  event: InferenceResponse,
  answers: readonly ContentPart[],
  index: number,
): Segment | null {
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
    reference: null,
    exchange: { asked, answer },
  }
}

/** What the user says in the latest turn; empty where nothing is inline. */
export function askedTurn(parts: readonly ContentPart[]): string {
  const user = parts.slice(turnStart(parts)).filter((part) => part.role === 'user')
  return joinTexts(user)
}

/** Everything inline, in order. */
export function joinTexts(parts: readonly ContentPart[]): string {
  return parts
    .map((part) => part.text ?? '')
    .filter((text) => text !== '')
    .join('\n\n')
}

function hasContent(part: ContentPart): boolean {
  return part.reference !== null || (part.text ?? '').trim() !== ''
}

/** The part after the last answer; an answer at the very end is a prefill and opens no turn of its own. */
function turnStart(parts: readonly ContentPart[]): number {
  const answered = parts.slice(0, -1).findLastIndex((part) => part.role === 'assistant')
  return answered + 1
}

/** G2: neighbours joined in even groups; a group is the user's as soon as one of its parts is. */
function bounded(parts: readonly ContentPart[]): readonly ContentPart[] {
  if (parts.length <= MOST_SEGMENTS) return parts
  const size = Math.ceil(parts.length / MOST_SEGMENTS)
  const groups: ContentPart[] = []
  for (let start = 0; start < parts.length; start += size)
    groups.push(joined(parts.slice(start, start + size)))
  return groups
}

function joined(group: readonly ContentPart[]): ContentPart {
  const role = group.some((part) => part.role === 'user') ? 'user' : (group[0]?.role ?? 'user')
  const text = joinTexts(group)
  const reference = group.find((part) => part.reference !== null)?.reference ?? null
  return text === '' ? { role, text: null, reference } : { role, text, reference: null }
}
