/**
 * The Log in memory: what the embedded platform and most tests run on. The same laws as the one on Kafka, held
 * by the same suite.
 *
 * D1. Nothing is delivered but by `deliver`, in the order of groups, topics and partitions: whoever drives it
 *     decides when, and the same calls give the same order (P5). `autoDeliver` calls it on a microtask. Members
 *     are told what they hold, and followers what is there already, without it.
 */
import type { Clock } from '../../domain/clock.ts'
import type {
  FollowedBatch,
  Follower,
  Log,
  Membership,
  PartitionBounds,
  Publisher,
  Subscription,
  TaskProducer,
} from '../../engine/log.ts'
import type { OutputRecord, SourceBatch, SourceRecord } from '../../engine/record.ts'
import { partitionOf } from '../murmur2.ts'
import { MemoryGroup } from './memory-group.ts'
import { MemoryTaskProducer } from './memory-task-producer.ts'
import { batchFrom, MemoryTopic, type RawRecord } from './memory-topic.ts'

export interface MemoryLogOptions {
  readonly clock: Clock
  readonly autoDeliver: boolean
  /** Records handed over at once, per partition. */
  readonly batchRecords: number
}

interface Following {
  readonly topic: MemoryTopic
  readonly positions: number[]
  readonly onBatch: (batch: SourceBatch) => void
}

export class MemoryLog implements Log {
  readonly #options: MemoryLogOptions
  readonly #topics = new Map<string, MemoryTopic>()
  readonly #groups = new Map<string, MemoryGroup>()
  readonly #epochs = new Map<string, number>()
  readonly #followings = new Set<Following>()
  #scheduled = false

  constructor(options: MemoryLogOptions) {
    this.#options = options
  }

  createTopic(name: string, partitions: number): void {
    if (!this.#topics.has(name)) this.#topics.set(name, new MemoryTopic(name, partitions))
  }

  /** Writes one record to its key's partition; a record without a key to partition 0. Gives its offset. */
  append(topicName: string, record: RawRecord, appendTimeMs: number): number {
    const topic = this.topic(topicName)
    const partition = record.key === null ? 0 : partitionOf(record.key, topic.partitions)
    return this.appendTo(topicName, partition, record, appendTimeMs)
  }

  /** Writes to the given partition, wherever the key belongs. */
  appendTo(topicName: string, partition: number, record: RawRecord, appendTimeMs: number): number {
    const offset = this.topic(topicName).append(partition, record, appendTimeMs)
    this.#schedule()
    return offset
  }

  topic(name: string): MemoryTopic {
    const topic = this.#topics.get(name)
    if (topic === undefined) throw new Error(`no topic ${name}`)
    return topic
  }

  /** Hands out what there is to followers and resumed members (D1); false when there was nothing. */
  deliver(): boolean {
    let delivered = false
    for (const following of this.#followings) delivered = this.#deliverTo(following) || delivered
    for (const group of this.#groups.values()) delivered = group.deliver() || delivered
    return delivered
  }

  async join(subscription: Subscription): Promise<Membership> {
    const topics = subscription.topics.map((name) => this.topic(name))
    const group = this.#groups.get(subscription.group) ?? this.#createGroup(subscription.group)
    return group.join(subscription, topics)
  }

  async taskProducer(transactionalId: string): Promise<TaskProducer> {
    return new MemoryTaskProducer(transactionalId, this.#epochs, (partition, records) =>
      this.#publishTo(partition, records),
    )
  }

  publisher(): Promise<Publisher> {
    return Promise.resolve({
      publish: (records) => {
        for (const record of records) {
          const key = Buffer.from(record.key)
          this.append(record.topic, { ...record, key }, this.#options.clock.now())
        }
        return Promise.resolve()
      },
      close: () => Promise.resolve(),
    })
  }

  async *readToEnd(topicName: string, partition: number, fromOffset: number): AsyncIterable<SourceRecord> {
    const topic = this.topic(topicName)
    yield* topic.read(partition, fromOffset, topic.high(partition))
  }

  follow(topics: readonly string[], onBatch: FollowedBatch): Promise<Follower> {
    const followings = topics.map((name) => {
      const topic = this.topic(name)
      return { topic, positions: Array.from({ length: topic.partitions }, (_, at) => topic.low(at)), onBatch }
    })
    for (const following of followings) {
      this.#followings.add(following)
      while (this.#deliverTo(following));
    }
    return Promise.resolve({
      currentAsOfMs: () => this.#options.clock.now(),
      caughtUp: () => Promise.resolve(),
      failed: () => new Promise<never>(() => undefined),
      close: () => {
        for (const following of followings) this.#followings.delete(following)
        return Promise.resolve()
      },
    })
  }

  bounds(topicName: string): Promise<readonly PartitionBounds[]> {
    const topic = this.topic(topicName)
    const partitions = Array.from({ length: topic.partitions }, (_, partition) => partition)
    return Promise.resolve(partitions.map((at) => ({ low: topic.low(at), high: topic.high(at) })))
  }

  close(): Promise<void> {
    this.#groups.clear()
    this.#followings.clear()
    return Promise.resolve()
  }

  #createGroup(name: string): MemoryGroup {
    const group = new MemoryGroup(this.#options.batchRecords, this.#options.clock, () => this.#schedule())
    this.#groups.set(name, group)
    return group
  }

  #publishTo(partition: number, records: readonly OutputRecord[]): ReadonlyMap<string, number> {
    for (const { topic } of records) this.topic(topic).high(partition)
    const ends = new Map<string, number>()
    for (const record of records) {
      const offset = this.topic(record.topic).append(partition, record, this.#options.clock.now())
      ends.set(record.topic, offset + 1)
    }
    this.#schedule()
    return ends
  }

  #deliverTo(following: Following): boolean {
    let delivered = false
    for (const [partition, position] of following.positions.entries()) {
      const batch = batchFrom(following.topic, partition, position, this.#options.batchRecords)
      if (batch === null) continue
      following.positions[partition] = batch.nextOffset
      following.onBatch(batch)
      delivered = true
    }
    return delivered
  }

  #schedule(): void {
    if (!this.#options.autoDeliver || this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      if (this.deliver()) this.#schedule()
    })
  }
}
