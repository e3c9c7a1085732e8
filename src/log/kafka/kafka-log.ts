/**
 * The Log on Kafka. Clients are few, because each kafkajs connection costs a timer (trap 21): two a membership
 * and one a follower, since questions on one connection wait for each other; one for reads to the end, one for
 * the rest, and one producer a task, which is its fence.
 */
import type { Admin } from 'kafkajs'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'
import { RefusedError } from '../../engine/errors.ts'
import type {
  FollowedBatch,
  Follower,
  GroupPosition,
  Log,
  Membership,
  PartitionBounds,
  Publisher,
  Subscription,
  TaskProducer,
} from '../../engine/log.ts'
import type { SourceRecord } from '../../engine/record.ts'
import { commonCount } from '../colocate.ts'
import { configsOf, fetchPositions } from './admin.ts'
import { createKafka, producerRetry, READER_RETRY, type KafkaClient } from './client.ts'
import { FetchCluster } from './cluster.ts'
import { registerCodecs } from './codecs.ts'
import { untilEnding } from './deadline.ts'
import { classified } from './failure.ts'
import { KafkaFollower } from './follower.ts'
import { KafkaMembership } from './membership.ts'
import { connectOnce } from './one-connection.ts'
import type { KafkaLogOptions } from './options.ts'
import { Outage } from './outage.ts'
import { OwnClient } from './own-client.ts'
import { KafkaPublisher } from './publisher.ts'
import { quietRequestQueues } from './quiet-queues.ts'
import { readToEnd } from './read-to-end.ts'
import { KafkaTaskProducer } from './task-producer.ts'

export class KafkaLog implements Log {
  readonly #options: KafkaLogOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #outage: Outage
  readonly #readCluster: FetchCluster
  readonly #closing: (() => Promise<void>)[] = []
  #admin: OwnClient<Admin> | null = null

  constructor(options: KafkaLogOptions, clock: Clock, logger: Logger) {
    registerCodecs()
    quietRequestQueues()
    connectOnce()
    this.#options = options
    this.#clock = clock
    this.#logger = logger
    this.#outage = new Outage(clock, logger)
    this.#readCluster = new FetchCluster(this.#reader(), options)
  }

  async join(subscription: Subscription): Promise<Membership> {
    await this.#checkTopics(subscription.topics)
    const membership = new KafkaMembership(
      {
        kafka: this.#reader(),
        cluster: new FetchCluster(this.#reader(), this.#options),
        options: this.#options,
        clock: this.#clock,
        logger: this.#logger,
        outage: this.#outage,
        committed: (of, partition) => this.#committed(of, partition),
      },
      subscription,
    )
    await membership.join()
    this.#closing.push(() => membership.leave())
    return membership
  }

  async taskProducer(transactionalId: string): Promise<TaskProducer> {
    const producer = new KafkaTaskProducer(this.#writer(), this.#options, this.#clock, transactionalId)
    await producer.connect()
    return producer
  }

  publisher(): Promise<Publisher> {
    const publisher = new KafkaPublisher(() => this.#writer(), this.#options, this.#clock)
    this.#closing.push(() => publisher.close())
    return Promise.resolve(publisher)
  }

  async *readToEnd(topic: string, partition: number, fromOffset: number): AsyncIterable<SourceRecord> {
    const end = (await this.bounds(topic))[partition]?.high ?? 0
    yield* readToEnd(this.#readCluster, this.#options, topic, partition, { from: fromOffset, end })
  }

  async follow(topics: readonly string[], onBatch: FollowedBatch): Promise<Follower> {
    const bounds = new Map<string, readonly PartitionBounds[]>()
    for (const topic of topics) bounds.set(topic, await this.bounds(topic))
    const follower = KafkaFollower.start(
      new FetchCluster(this.#reader(), this.#options),
      this.#options,
      this.#clock,
      this.#logger,
      this.#outage,
      bounds,
      onBatch,
    )
    this.#closing.push(() => follower.close())
    return follower
  }

  async bounds(topic: string): Promise<readonly PartitionBounds[]> {
    const cluster = this.#readCluster
    const { readTimeoutMs } = this.#options
    try {
      return await untilEnding(this.#options, readTimeoutMs, `bounds of ${topic}`, boundsOf(cluster, topic))
    } catch (error) {
      void cluster.refresh().catch(() => undefined)
      throw classified(error, `bounds of ${topic}`)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.splice(0).map((close) => close()))
    const admin = this.#admin
    this.#admin = null
    await Promise.all([this.#readCluster.close(), admin?.close(this.#options.goodbyeTimeoutMs)])
  }

  /** Those of the topics that do not exist, or that this user may not describe. */
  async missingTopics(topics: readonly string[]): Promise<readonly string[]> {
    const existing = new Set(await this.#ask('listing topics', (admin) => admin.listTopics()))
    return topics.filter((topic) => !existing.has(topic))
  }

  /** How long these topics really keep records, in milliseconds; null for ever. Those that do not exist are left out. */
  async retentions(topics: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
    const missing = await this.missingTopics(topics)
    const there = topics.filter((topic) => !missing.includes(topic))
    if (there.length === 0) return new Map()
    const configs = await this.#ask('describing topics', (admin) => configsOf(admin, there))
    return new Map(there.map((topic) => [topic, retentionOf(configs.get(topic))]))
  }

  /** Refuses before joining what would only show as a crash of the whole group. */
  async #checkTopics(topics: readonly string[]): Promise<void> {
    const missing = await this.missingTopics(topics)
    if (missing.length > 0) {
      throw new RefusedError(
        `these topics do not exist, or may not be described by this user: ${missing.join(', ')}`,
      )
    }
    const metadata = await this.#ask('describing topics', (admin) =>
      admin.fetchTopicMetadata({ topics: [...topics] }),
    )
    const counts = new Map(metadata.topics.map(({ name, partitions }) => [name, partitions.length]))
    commonCount(topics, (topic) => counts.get(topic) ?? 0)
  }

  async #committed({ group, topics }: Subscription, partition: number): Promise<readonly GroupPosition[]> {
    const told = await this.#ask(`offsets of ${group}`, (admin) => fetchPositions(admin, group, topics))
    return told.filter((position) => position.partition === partition)
  }

  async #ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    this.#admin ??= new OwnClient(this.#reader(), connectedAdmin)
    const mine = this.#admin
    const answer = mine.connected.then((admin) => question(admin))
    try {
      return await untilEnding(this.#options, this.#options.readTimeoutMs, what, answer)
    } catch (error) {
      if (this.#admin === mine) this.#admin = null
      void mine.close(this.#options.goodbyeTimeoutMs)
      throw classified(error, what)
    }
  }

  #reader(): KafkaClient {
    return createKafka(this.#options, this.#logger, READER_RETRY)
  }

  #writer(): KafkaClient {
    return createKafka(this.#options, this.#logger, producerRetry(this.#options.publishTimeoutMs))
  }
}

async function connectedAdmin(kafka: KafkaClient): Promise<Admin> {
  const admin = kafka.admin()
  await admin.connect()
  return admin
}

async function boundsOf(cluster: FetchCluster, topic: string): Promise<readonly PartitionBounds[]> {
  await cluster.targetAnew([topic])
  const [lows, highs] = [await cluster.offsets(topic, 'earliest'), await cluster.offsets(topic, 'latest')]
  return cluster.partitionsOf(topic).map((partition) => ({
    low: lows.get(partition) ?? 0,
    high: highs.get(partition) ?? 0,
  }))
}

/** A compacted topic keeps the newest of each key, whatever else is set. */
function retentionOf(configs: ReadonlyMap<string, string> | undefined): number | null {
  const deletes = configs?.get('cleanup.policy')?.includes('delete') === true
  const ms = Number(configs?.get('retention.ms') ?? -1)
  return deletes && ms >= 0 ? ms : null
}
