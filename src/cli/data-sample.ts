/** A sample of a platform's topics, given to a `DataSample` record by record. */
import type { Codec } from '../codec/codec.ts'
import type { Topic, TopicTypes } from '../codec/topic-types.ts'
import { TOPIC_GUARDS } from '../codec/topics.ts'
import { collectionOf, type UsageEvent } from '../detect/usage-event.ts'
import type { Log } from '../engine/log.ts'
import { ACCOUNT_SOURCE, PRESSURE_SOURCE } from '../topology/sources.ts'
import type { DataSample } from '../topology/blind-spots.ts'
import { topicRecords, valueOf } from './compose/with-topics.ts'

/** What the detectors of accounts read, in the order in which it is sampled. */
export const SAMPLED = [
  'accounts.state.v1',
  'inference.usage.v1',
  'inference.verdicts.v1',
  'accounts.events.v1',
  'abuse.pool-pressure.v1',
] as const satisfies readonly Topic[]

type Taker<T extends Topic> = (value: TopicTypes[T], sample: DataSample) => void

const TAKERS: { readonly [T in (typeof SAMPLED)[number]]: Taker<T> } = {
  'accounts.state.v1': (value, sample) => sample.takeAccount(value),
  'inference.usage.v1': (body, sample) => takeEvent({ kind: 'usage', body }, sample),
  'inference.verdicts.v1': (body, sample) => takeEvent({ kind: 'verdict', body }, sample),
  'accounts.events.v1': (body, sample) => takeEvent({ kind: 'accountEvent', body }, sample),
  [PRESSURE_SOURCE]: (_, sample) => sample.takePressure(),
}

export function takeEvent(
  event: Exclude<UsageEvent, { kind: 'account' | 'standing' }>,
  sample: DataSample,
): void {
  const collection = collectionOf(event)
  if (collection !== null) sample.takeEvent(collection, event.body.accountId, event.body)
}

/** What a sample takes of a record of that topic; nothing of one that is damaged. */
export function give<T extends (typeof SAMPLED)[number]>(topic: T, value: unknown, sample: DataSample): void {
  if (TOPIC_GUARDS[topic].accepts(value)) TAKERS[topic](value, sample)
}

/** Newest records of each topic; of the accounts' state all, since an account may have been told long ago. */
export async function sampleTopic<T extends (typeof SAMPLED)[number]>(
  log: Pick<Log, 'bounds' | 'readToEnd'>,
  codec: Codec,
  topic: T,
  mostRecords: number,
  sample: DataSample,
): Promise<void> {
  const records = topicRecords(log, topic, ({ low, high }, _, partitions) =>
    topic === ACCOUNT_SOURCE ? low : Math.max(low, high - Math.ceil(mostRecords / partitions)),
  )
  for await (const record of records) {
    const value = await valueOf(codec, topic, record)
    if (value !== null) TAKERS[topic](value, sample)
  }
}
