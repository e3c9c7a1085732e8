/**
 * CloudEvents 1.0 in Kafka's binary mode: the Avro value stays as it is, the context travels in headers.
 * `ce_source` and `ce_id` together name a record for ever, so that a consumer can drop repeats by them.
 */
import { headerText, type Headers } from '../engine/record.ts'
import type { Sanction } from '../domain/sanction.ts'
import { fingerprintKey } from '../domain/sighting.ts'
import type { Signal } from '../domain/signal.ts'
import type { Standing } from '../domain/standing.ts'
import type { Topic, TopicTypes } from './topic-types.ts'
import { keyOf } from './topics.ts'

/** What of an event the headers tell. */
export interface EventContext {
  readonly id: string
  /** Record name, such as `bailiff.v1.Sanction`. */
  readonly type: string
  /** When it happened, epoch milliseconds. */
  readonly timeMs: number
}

/** Topics whose records Bailiff writes. */
export type OutputTopic = Extract<
  Topic,
  | 'inference.usage.v1'
  | 'inference.verdicts.v1'
  | `abuse.${'pool-pressure' | 'sightings' | 'reviews' | 'preservation' | 'referrals'}.v1`
  | `abuse.${'signals' | 'sanctions' | 'standing'}${'' | '.shadow'}.v1`
>

type ContextOf<V> = (value: V) => EventContext

const signal: ContextOf<Signal> = (value) => context('Signal', value.id, value.occurredAtMs)
const sanction: ContextOf<Sanction> = (value) => context('Sanction', value.id, value.issuedAtMs)
const standing: ContextOf<Standing> = (value) =>
  context('Standing', `${value.accountId}@${value.updatedAtMs}`, value.updatedAtMs)

const CONTEXTS: { readonly [T in OutputTopic]: ContextOf<TopicTypes[T]> } = {
  'inference.usage.v1': (value) => context('UsageRecord', value.eventId, value.occurredAtMs),
  'inference.verdicts.v1': (value) =>
    context('Verdict', `${value.eventId}/${value.side}/${value.segment}`, value.occurredAtMs),
  'abuse.pool-pressure.v1': (value) =>
    context('PoolPressure', `${value.poolId}@${value.startMs}`, value.endMs),
  'abuse.sightings.v1': (value) =>
    context(
      'Sighting',
      `${fingerprintKey(value)}/${value.accountId}@${value.hourStartMs}/${value.count}`,
      value.hourStartMs,
    ),
  'abuse.signals.v1': signal,
  'abuse.signals.shadow.v1': signal,
  'abuse.sanctions.v1': sanction,
  'abuse.sanctions.shadow.v1': sanction,
  'abuse.standing.v1': standing,
  'abuse.standing.shadow.v1': standing,
  'abuse.reviews.v1': (value) => context('ReviewCase', `${value.id}/${value.status}`, value.openedAtMs),
  'abuse.preservation.v1': (value) => context('Preservation', value.id, value.askedAtMs),
  'abuse.referrals.v1': (value) => context('Referral', value.id, value.requestedAtMs),
}

/**
 * Headers of a record that Bailiff writes. `source` is the topology, `cause` the headers of the record that led
 * to it: its trace is passed on, where it is one. What else stands there may be anything, of any length (P7, P9).
 */
export function cloudEventHeaders<T extends OutputTopic>(
  topic: T,
  value: TopicTypes[T],
  source: string,
  cause: Headers = {},
): Headers {
  const { id, type, timeMs } = CONTEXTS[topic](value)
  const traceparent = traceOf(cause)
  return {
    'content-type': 'application/avro',
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: `urn:bailiff:${source}`,
    ce_type: type,
    ce_time: new Date(timeMs).toISOString(),
    ce_subject: keyOf<T>(topic, value),
    ...(traceparent === null ? {} : { traceparent }),
  }
}

/** Version, trace, span and flags (W3C Trace Context). */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const TRACEPARENT_BYTES = 55

function traceOf(cause: Headers): string | null {
  if (cause['traceparent']?.length !== TRACEPARENT_BYTES) return null
  const text = headerText(cause, 'traceparent')
  return text !== null && TRACEPARENT.test(text) ? text : null
}

function context(record: string, id: string, timeMs: number): EventContext {
  return { id, type: `bailiff.v1.${record}`, timeMs }
}
