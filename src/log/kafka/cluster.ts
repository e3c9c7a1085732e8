/**
 * Fetching without a consumer group. kafkajs gives its cluster, brokers included, to partition assigners only,
 * so a consumer that never joins anything is asked for it.
 *
 * Why not its consumer: that one commits and jumps when an offset is out of range, hands batches over that were
 * fetched before a seek, hides control records that end a partition, and leaks aborted records (traps 1, 12, 14,
 * 15, 24). Here a fetch is a question with an answer, and positions are ours.
 */
import type { Cluster, Consumer, Kafka } from 'kafkajs'
import type { KafkaClient } from './client.ts'
import { within } from './deadline.ts'
import type { FetchedPartition } from './fetch-answer.ts'
import type { KafkaLogOptions } from './options.ts'
import { rawFetch, type FetchRequest } from './raw-fetch.ts'

const READ_COMMITTED = 1

export interface FetchPosition {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** What lies there is known to be a batch of so many bytes; 0 where nothing is known. */
  readonly batchBytes: number
}

export class FetchCluster {
  readonly #kafka: KafkaClient
  readonly #cluster: Cluster
  readonly #consumer: Consumer
  readonly #options: KafkaLogOptions
  #connecting: Promise<void> | null = null
  #closed = false

  /** The client is its own, and ends with it. */
  constructor(kafka: KafkaClient, options: KafkaLogOptions) {
    this.#kafka = kafka
    this.#options = options
    const { consumer, cluster } = consumerWithCluster(kafka)
    this.#consumer = consumer
    this.#cluster = cluster
  }

  /** Connects where needed and learns where the topics lie. */
  async target(topics: readonly string[]): Promise<void> {
    await this.#connect()
    await this.#cluster.addMultipleTargetTopics([...topics])
    await this.#cluster.refreshMetadataIfNecessary()
  }

  /** As `target`, and learns how they are now: what is known may be minutes old, from before partitions were added. */
  async targetAnew(topics: readonly string[]): Promise<void> {
    await this.#connect()
    await this.#cluster.addMultipleTargetTopics([...topics])
    await this.#cluster.refreshMetadata()
  }

  async refresh(): Promise<void> {
    await this.#connect()
    await this.#cluster.refreshMetadata()
  }

  /** The broker to read the partition from; null while there is none. */
  leaderOf(topic: string, partition: number): string | null {
    const metadata = this.#cluster.findTopicPartitionMetadata(topic)
    const leader = metadata.find(({ partitionId }) => partitionId === partition)?.leader ?? -1
    return leader < 0 ? null : String(leader)
  }

  /**
   * Throws where the topic is not known, though it was asked for: of two questions for metadata kafkajs keeps the
   * answer that comes last, which may be that to the older question, about fewer topics (trap 28).
   */
  partitionsOf(topic: string): readonly number[] {
    const metadata = this.#cluster.findTopicPartitionMetadata(topic)
    if (metadata.length === 0) throw new Error(`metadata of ${topic} was overtaken by an older answer`)
    return metadata.map(({ partitionId }) => partitionId).sort((a, b) => a - b)
  }

  /** One question to one broker. The answer may leave partitions out. */
  async fetch(
    nodeId: string,
    positions: readonly FetchPosition[],
    waitMs: number,
  ): Promise<readonly FetchedPartition[]> {
    const broker = await this.#cluster.findBroker({ nodeId })
    return rawFetch(broker, fetchRequest(positions, waitMs, this.#options))
  }

  /** The first offset of each partition, or its end, what is not committed yet included. */
  async offsets(topic: string, which: 'earliest' | 'latest'): Promise<ReadonlyMap<number, number>> {
    const partitions = this.partitionsOf(topic).map((partition) => ({ partition }))
    const found = await this.#cluster.fetchTopicsOffset([
      { topic, partitions, fromBeginning: which === 'earliest' },
    ])
    return new Map(
      found.flatMap((one) =>
        one.partitions.map(({ partition, offset }) => [partition, Number(offset)] as const),
      ),
    )
  }

  /**
   * For good: what is under way must not open connections again, which would keep the process alive. Never fails, and ends
   * within `goodbyeTimeoutMs`.
   */
  async close(): Promise<void> {
    this.#closed = true
    const disconnected = this.#disconnect()
    // Who does not answer any more is gone either way.
    await within(this.#options.goodbyeTimeoutMs, 'disconnecting', disconnected).catch(() => undefined)
    this.#kafka.end()
  }

  async #disconnect(): Promise<void> {
    await this.#connecting?.catch(() => undefined)
    await this.#consumer.disconnect()
  }

  async #connect(): Promise<void> {
    if (this.#closed) throw new Error('the cluster was closed')
    this.#connecting ??= this.#consumer.connect().finally(() => {
      this.#connecting = null
    })
    await this.#connecting
  }
}

function consumerWithCluster(kafka: Kafka): { readonly consumer: Consumer; readonly cluster: Cluster } {
  const caught: Cluster[] = []
  const consumer = kafka.consumer({
    groupId: 'bailiff-reads-without-a-group',
    allowAutoTopicCreation: false,
    // Decides what an end is; fetches say by themselves that they want committed records only.
    readUncommitted: true,
    partitionAssigners: [
      ({ cluster }) => {
        caught.push(cluster)
        return neverJoins
      },
    ],
  })
  const [cluster] = caught
  if (cluster === undefined) throw new Error('this kafkajs does not hand its cluster to assigners')
  return { consumer, cluster }
}

const neverJoins = {
  name: 'never-joins',
  version: 0,
  assign: () => Promise.resolve([]),
  protocol: () => ({ name: 'never-joins', metadata: Buffer.alloc(0) }),
}

function fetchRequest(
  positions: readonly FetchPosition[],
  maxWaitTime: number,
  options: KafkaLogOptions,
): FetchRequest {
  const byTopic = Map.groupBy(positions, ({ topic }) => topic)
  return {
    isolationLevel: READ_COMMITTED,
    maxWaitTime,
    minBytes: 1,
    maxBytes: options.fetchMaxBytes,
    topics: [...byTopic].map(([topic, ofTopic]) => ({
      topic,
      partitions: ofTopic.map(({ partition, offset, batchBytes }) => ({
        partition,
        fetchOffset: String(offset),
        maxBytes: Math.max(options.fetchMaxBytesPerPartition, batchBytes),
      })),
    })),
  }
}
