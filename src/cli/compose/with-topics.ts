/** For commands that read or write topics: a codec on the registry and Kafka, open for as long as the work lasts. */
import { createCodec, type Codec } from '../../codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../codec/registry.ts'
import { loadFlows } from '../../codec/schema-files.ts'
import type { Topic, TopicTypes } from '../../codec/topic-types.ts'
import { systemClock } from '../../domain/clock.ts'
import { silentLogger } from '../../domain/logger.ts'
import type { Log, PartitionBounds } from '../../engine/log.ts'
import type { SourceRecord } from '../../engine/record.ts'
import { KafkaLog } from '../../log/kafka/kafka-log.ts'
import type { Settings } from '../../service/settings.ts'
import { kafkaOptions } from './kafka-options.ts'
import { requireTopics } from './require-topics.ts'

export interface TopicsWanted {
  /** Ends the client's id, so that brokers' logs tell who is who. */
  readonly purpose: string
  readonly reads: readonly string[]
  readonly writes: readonly Topic[]
}

/** Throws RefusedError where a topic is missing; ends the clients however the work ends. */
export async function withTopics<R>(
  settings: Settings,
  { purpose, reads, writes }: TopicsWanted,
  work: (log: KafkaLog, codec: Codec) => Promise<R>,
): Promise<R> {
  const codec = await readyCodec(settings, writes)
  const log = new KafkaLog(kafkaOptions(settings, purpose), systemClock, silentLogger)
  try {
    await requireTopics(log, [...new Set([...reads, ...writes])])
    return await work(log, codec)
  } finally {
    await log.close()
  }
}

/** A codec on the registry with these topics ready to be encoded. */
export async function readyCodec(settings: Settings, topics: readonly Topic[]): Promise<Codec> {
  const { schemas } = loadFlows({}, settings.schemasFolder)
  const source = new RegistryClient({
    baseUrl: settings.registryUrl,
    clock: systemClock,
    ...REGISTRY_DEFAULTS,
  })
  const codec = createCodec({ schemas, source })
  await codec.ready(topics)
  return codec
}

/**
 * Records of a topic, partition by partition, to the ends as they are now.
 *
 * @param from the first offset that is wanted of a partition; null passes it over
 */
export async function* topicRecords(
  log: Pick<Log, 'bounds' | 'readToEnd'>,
  topic: string,
  from: (bounds: PartitionBounds, partition: number, partitions: number) => number | null = ({ low }) => low,
): AsyncIterable<SourceRecord> {
  const all = await log.bounds(topic)
  for (const [partition, bounds] of all.entries()) {
    const first = from(bounds, partition, all.length)
    if (first !== null) yield* log.readToEnd(topic, partition, first)
  }
}

/** What a record says; null for a tombstone and for what cannot be read. */
export async function valueOf<T extends Topic>(
  codec: Codec,
  topic: T,
  record: SourceRecord,
): Promise<TopicTypes[T] | null> {
  if (record.value === null) return null
  await codec.prepare([record])
  const decoded = codec.decode(topic, record)
  return decoded.ok ? decoded.value : null
}
