/**
 * What has to be done so that the broker has the topics of the table. Pure; nothing that exists is ever changed
 * or removed: a difference is told, and a person decides.
 */
import type { KafkaTopic, TopicTable } from '../../codec/topic-table.ts'
import type { FoundTopic, NewTopic } from '../../log/kafka/admin.ts'

/** How long a deletion stays readable on a compacted topic: a gateway may be away for a week. */
const TOMBSTONES_KEPT_MS = 7 * 86_400_000

export interface Replication {
  /** -1 leaves it to the broker's default. */
  readonly factor: number
}

/** One setting of a topic that is not as the table wants it. */
export interface Difference {
  readonly topic: string
  readonly setting: string
  readonly is: string
  readonly should: string
}

export interface TopicPlan {
  readonly create: readonly NewTopic[]
  readonly kept: readonly string[]
  readonly differs: readonly Difference[]
}

/** Topics to create, topics that are right, and what is not right with others. */
export function planTopics(
  table: TopicTable,
  found: readonly FoundTopic[],
  replication: Replication,
): TopicPlan {
  const existing = new Map(found.map((topic) => [topic.name, topic]))
  const wanted = [...table.topics, ...table.sideTopics]
  const differs = wanted.flatMap((topic) => differences(topic, existing.get(topic.name)))
  const wrong = new Set(differs.map((difference) => difference.topic))
  return {
    create: wanted.filter(({ name }) => !existing.has(name)).map((topic) => newTopic(topic, replication)),
    kept: wanted.map(({ name }) => name).filter((name) => existing.has(name) && !wrong.has(name)),
    differs,
  }
}

function newTopic(topic: KafkaTopic, { factor }: Replication): NewTopic {
  const safe = factor >= 3 ? { 'min.insync.replicas': '2' } : {}
  const { name, partitions } = topic
  return { name, partitions, replicationFactor: factor, configs: { ...configsOf(topic), ...safe } }
}

/** Kafka's names and values for what the table says of a topic. */
function configsOf(topic: KafkaTopic): Readonly<Record<string, string>> {
  const compacted = { 'delete.retention.ms': String(TOMBSTONES_KEPT_MS) }
  return {
    'cleanup.policy': topic.cleanup,
    'retention.ms': String(topic.retentionMs ?? -1),
    'message.timestamp.type': topic.timestampType,
    'max.message.bytes': String(topic.maxRecordBytes),
    ...(topic.cleanup === 'compact' ? compacted : {}),
  }
}

function differences(topic: KafkaTopic, found: FoundTopic | undefined): readonly Difference[] {
  if (found === undefined) return []
  const settings = [
    { setting: 'partitions', is: String(found.partitions), should: String(topic.partitions) },
    ...Object.entries(configsOf(topic)).map(([setting, should]) => ({
      setting,
      is: found.configs.get(setting) ?? 'unknown',
      should,
    })),
  ]
  return settings.filter(({ is, should }) => is !== should).map((rest) => ({ topic: topic.name, ...rest }))
}
