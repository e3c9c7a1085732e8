/**
 * One fenced, transactional writer (P3, P4).
 *
 * N1. Fences by an empty transaction: kafkajs asks for the producer's epoch at its first transaction only
 *     (trap 3).
 * N2. After any failure it sends nothing more: kafkajs rolls sequence numbers back on errors, so that a later
 *     batch could be taken for a repeat and lost (trap 4), and cannot leave a failed commit (trap 8).
 * N3. Every call ends within its deadline; kafkajs alone might try for ever (trap 6).
 * N4. One batch holds one topic, and so goes to one broker. kafkajs tries a batch again as soon as one broker has
 *     failed, also with a broker whose answer is still to come: what that one then takes stands in the log twice,
 *     under sequence numbers that differ (trap 27).
 */
import type { Kafka, Producer, TopicMessages } from 'kafkajs'
import type { Clock } from '../../domain/clock.ts'
import { FencedError, ProducerLostError } from '../../engine/errors.ts'
import type { TaskProducer } from '../../engine/log.ts'
import type { OutputRecord } from '../../engine/record.ts'
import { within } from './deadline.ts'
import { classified, isFenced, producerFailure } from './failure.ts'
import type { KafkaLogOptions } from './options.ts'
import { javaPartitioner } from './partitioner.ts'
import { coordinatedProducer, type TransactionCoordinator } from './transaction-coordinator.ts'

export class KafkaTaskProducer implements TaskProducer {
  readonly #id: string
  readonly #producer: Producer
  readonly #coordinator: TransactionCoordinator
  readonly #options: KafkaLogOptions
  readonly #clock: Clock
  #state: 'new' | 'fenced' | 'closed' = 'new'
  #failure: Error | null = null

  constructor(kafka: Kafka, options: KafkaLogOptions, clock: Clock, transactionalId: string) {
    this.#id = transactionalId
    this.#options = options
    this.#clock = clock
    const { producer, coordinator } = coordinatedProducer(kafka, {
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: options.transactionTimeoutMs,
      allowAutoTopicCreation: false,
      createPartitioner: javaPartitioner,
    })
    this.#producer = producer
    this.#coordinator = coordinator
  }

  async connect(): Promise<void> {
    try {
      await this.#within('connecting', this.#producer.connect())
    } catch (error) {
      await this.close()
      throw classified(error, `producer ${this.#id}`)
    }
  }

  async fence(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`${this.#id} was fenced before; it takes a new producer`)
    this.#state = 'fenced'
    try {
      await this.#within('fencing', this.#emptyTransaction())
    } catch (error) {
      this.#failure = new ProducerLostError(`${this.#id} could not be fenced`, { cause: error })
      if (isFenced(error)) throw new FencedError(`${this.#id}: fenced while fencing`, { cause: error })
      throw classified(error, `fencing ${this.#id}`)
    }
  }

  async publish(partition: number, records: readonly OutputRecord[]): Promise<ReadonlyMap<string, number>> {
    if (this.#failure !== null) throw this.#failure
    if (this.#state !== 'fenced') throw new ProducerLostError(`${this.#id} is not fenced, or closed`)
    if (records.length === 0) return new Map()
    try {
      return await this.#within('publishing', this.#transaction(partition, records))
    } catch (error) {
      this.#failure = producerFailure(error, `publishing as ${this.#id}`)
      throw this.#failure
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    try {
      await within(this.#options.requestTimeoutMs, 'disconnecting', this.#producer.disconnect())
    } catch {
      // The connection goes with the process; nothing that was promised hangs on it.
    }
  }

  async #emptyTransaction(): Promise<void> {
    const transaction = await this.#producer.transaction()
    await transaction.abort()
  }

  async #transaction(
    partition: number,
    records: readonly OutputRecord[],
  ): Promise<ReadonlyMap<string, number>> {
    const transaction = await this.#producer.transaction()
    const topicMessages = messagesByTopic(partition, records, this.#clock.now())
    const timeout = this.#options.requestTimeoutMs
    this.#coordinator.begin(
      topicMessages.map(({ topic }) => topic),
      partition,
    )
    const sent = await Promise.allSettled(
      topicMessages.map((one) => transaction.sendBatch({ acks: -1, timeout, topicMessages: [one] })),
    )
    const failed = sent.find((one) => one.status === 'rejected')
    if (failed !== undefined) {
      // What other topics took would hold their readers up until the next owner fences us.
      await transaction.abort().catch(() => undefined)
      throw failed.reason
    }
    const written = sent.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    await transaction.commit()
    const counts = new Map(topicMessages.map(({ topic, messages }) => [topic, messages.length]))
    return new Map(
      written.map(({ topicName, baseOffset }) => [
        topicName,
        Number(baseOffset ?? 0) + (counts.get(topicName) ?? 0),
      ]),
    )
  }

  #within<T>(what: string, call: Promise<T>): Promise<T> {
    return within(this.#options.publishTimeoutMs, `${what} ${this.#id}`, call)
  }
}

function messagesByTopic(
  partition: number,
  records: readonly OutputRecord[],
  nowMs: number,
): TopicMessages[] {
  const timestamp = String(nowMs)
  return [...Map.groupBy(records, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    messages: ofTopic.map(({ key, value, headers }) => ({ partition, key, value, headers, timestamp })),
  }))
}
