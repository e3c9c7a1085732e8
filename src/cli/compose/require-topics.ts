/** Topics that must be there before a command begins: what lacks shows as a refusal that says what to do. */
import type { TopicTable } from '../../codec/topic-table.ts'
import { RefusedError } from '../../engine/errors.ts'
import type { KafkaLog } from '../../log/kafka/kafka-log.ts'
import type { TopologyName } from '../run/thread-protocol.ts'

/** A missing topic would otherwise show as a client that tries again and again. */
export async function requireTopics(log: KafkaLog, topics: readonly string[]): Promise<void> {
  const missing = await log.missingTopics(topics)
  if (missing.length === 0) return
  throw new RefusedError(
    `Kafka lacks these topics, or this user may not describe them: ${missing.join(', ')}. ` +
      'Run `bailiff topics` first.',
  )
}

/** What the topology reads and writes, side topics included. */
export function topicsOf(table: TopicTable, topology: TopologyName): readonly string[] {
  const { topics, sideTopics } = table
  const read = topics.filter(({ readers }) => readers.includes(topology)).map(({ name }) => name)
  const written = topics.filter(({ soleWriter }) => soleWriter === topology).map(({ name }) => name)
  const aside = read.flatMap((name) => [table.deadLetterTopic(name), table.lateTopic(name)])
  const side = sideTopics.map(({ name }) => name).filter((name) => aside.includes(name))
  return [...read, ...written, ...side]
}
