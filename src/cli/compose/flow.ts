/**
 * Between bytes and what topologies take: sources with their side topics, records decoded and checked against
 * their keys, outputs encoded with their headers. Every topology is wired through these few functions.
 */
import { cloudEventHeaders, type OutputTopic } from '../../codec/cloud-events.ts'
import type { Codec } from '../../codec/codec.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { Topic, TopicTypes } from '../../codec/topic-types.ts'
import { id } from '../../codec/guards/leaves.ts'
import { keyOf } from '../../codec/topics.ts'
import type { Decoded, Source } from '../../engine/logic.ts'
import type { Headers, OutputRecord, Rejection, SourceRecord } from '../../engine/record.ts'

/** Clocks of producers may run ahead of the log's by this much. */
const MAX_FUTURE_MS = 5 * 60_000
/** For topics whose records count whenever they come: states, people's words. */
export const NEVER_LATE_MS = Number.MAX_SAFE_INTEGER

export function sourceOf(table: TopicTable, topic: Topic, latenessMs: number): Source {
  const late = table.lateTopic(topic)
  const keepsLate = table.sideTopics.some((side) => side.name === late)
  return {
    topic,
    latenessMs,
    maxFutureMs: MAX_FUTURE_MS,
    lateTopic: keepsLate ? late : null,
    deadLetterTopic: table.deadLetterTopic(topic),
    compacted: table.entry(topic).cleanup === 'compact',
  }
}

/** What a decoded value becomes: its event time and body. */
export type Read<T extends Topic, E> = (value: TopicTypes[T]) => { readonly timeMs: number; readonly body: E }

/** A record of the topic as an event under the key that its value says, which must be the record's own. */
export function decodeEvent<T extends Topic, E>(
  codec: Codec,
  topic: T,
  record: SourceRecord,
  read: Read<T, E>,
): Decoded<E> {
  const decoded = codec.decode(topic, record)
  if (!decoded.ok) return { outcome: 'rejected', rejection: decoded.rejection }
  const key = keyOf(topic, decoded.value)
  if (record.key?.toString() !== key) return { outcome: 'rejected', rejection: keyMismatch }
  return { outcome: 'event', key, ...read(decoded.value) }
}

export const NO_ID: Rejection = {
  stage: 'validate',
  reason: 'invalid',
  detail: 'the key of a record without a value is no id: 1 to 256 characters of UTF-8',
}

/** The id that a key is; null where it is none. */
export function idOf(key: Buffer | null): string | null {
  const text = key?.toString() ?? ''
  return id.accepts(text) && key?.equals(Buffer.from(text)) === true ? text : null
}

export const keyMismatch: Rejection = {
  stage: 'validate',
  reason: 'keyMismatch',
  detail: "the record's key is not the one that its value names",
}

/** One output with the headers that readers rely on. `cause`: the record that led to it, for its trace. */
export function encodeOutput<T extends OutputTopic>(
  codec: Codec,
  topic: T,
  value: TopicTypes[T],
  source: string,
  cause: Headers = {},
): OutputRecord {
  return {
    topic,
    key: keyOf<T>(topic, value),
    value: codec.encode<T>(topic, value),
    headers: cloudEventHeaders(topic, value, source, cause),
  }
}
