/** When a value happened, by its own word; null for topics whose values say no such thing. Epoch milliseconds. */
import type { Topic, TopicTypes } from '../codec/topic-types.ts'

type TimeOf = { readonly [T in Topic]?: (value: TopicTypes[T]) => number }

const TIME_OF: TimeOf = {
  'inference.requests.v1': (value) => value.requestedAtMs,
  'inference.responses.v1': (value) => value.completedAtMs,
  'inference.usage.v1': (value) => value.occurredAtMs,
  'inference.verdicts.v1': (value) => value.occurredAtMs,
  'accounts.state.v1': (value) => value.updatedAtMs,
  'accounts.events.v1': (value) => value.occurredAtMs,
  'gpu.telemetry.v1': (value) => value.sampledAtMs,
  'abuse.decisions.v1': (value) => value.decidedAtMs,
  'abuse.appeals.v1': (value) => value.submittedAtMs,
  'abuse.complaints.v1': (value) => value.receivedAtMs,
}

export function eventTimeMs<T extends Topic>(topic: T, value: TopicTypes[T]): number | null {
  const timeOf: ((value: TopicTypes[T]) => number) | undefined = TIME_OF[topic]
  return timeOf === undefined ? null : timeOf(value)
}
