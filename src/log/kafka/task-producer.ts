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
 *     What is too large for one batch goes as several, one after the other (batches.ts).
 * N5. Nothing is committed before every topic has answered for the partition: kafkajs leaves out a partition that it has
 *     not heard of, sends nothing and says that all went well (trap 31).
 */
import type { Message, Producer, Transaction } from 'kafkajs'
import type { Clock } from '../../domain/clock.ts'
import { FencedError, ProducerLostError } from '../../engine/errors.ts'
import type { TaskProducer } from '../../engine/log.ts'
import type { OutputRecord } from '../../engine/record.ts'
import { inBatches, type OutputBatch } from './batches.ts'
import type { KafkaClient } from './client.ts'
import { untilEnding, within } from './deadline.ts'
import { classified, isFenced, producerFailure } from './failure.ts'
import type { KafkaLogOptions } from './options.ts'
import { javaPartitioner } from './partitioner.ts'
import { coordinatedProducer, type TransactionCoordinator } from './transaction-coordinator.ts'

export class KafkaTaskProducer implements TaskProducer {
  readonly #id: string
  readonly #kafka: KafkaClient
  readonly #producer: Producer
  readonly #coordinator: TransactionCoordinator
  readonly #options: KafkaLogOptions
  readonly #clock: Clock
  #state: 'new' | 'fenced' | 'closed' = 'new'
  #failure: Error | null = null

  /** The client is its own, and ends with it. */
  constructor(kafka: KafkaClient, options: KafkaLogOptions, clock: Clock, transactionalId: string) {
    this.#id = transactionalId
    this.#kafka = kafka
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
      await within(this.#options.goodbyeTimeoutMs, 'disconnecting', this.#producer.disconnect())
    } catch {
      // Nothing that was promised hangs on it.
    }
    this.#kafka.end()
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
    const byTopic = [...Map.groupBy(records, ({ topic }) => topic)]
    this.#coordinator.begin(
      byTopic.map(([topic]) => topic),
      partition,
    )
    const sent = await Promise.allSettled(
      byTopic.map(([topic, ofTopic]) => this.#send(transaction, topic, partition, ofTopic)),
    )
    const ends = await this.#taken(transaction, () => new Map(answersOf(sent)))
    await transaction.commit()
    return ends
  }

  /** Gives the topic, and where its partition ends then; throws where it has not answered (N5). */
  async #send(
    transaction: Transaction,
    topic: string,
    partition: number,
    records: readonly OutputRecord[],
  ): Promise<readonly [string, number]> {
    const timestamp = String(this.#clock.now())
    const timeout = this.#options.requestTimeoutMs
    let end = 0
    for (const batch of inBatches(records)) {
      const messages = messagesOf(batch, partition, timestamp)
      const { compression } = batch
      const topicMessages = [{ topic, messages }]
      const answers = await transaction.sendBatch({ acks: -1, timeout, compression, topicMessages })
      const answer = answers.find((one) => one.topicName === topic && one.partition === partition)
      if (answer === undefined) throw new Error(`${topic} took nothing: no partition ${partition} is known`)
      end = Number(answer.baseOffset ?? 0) + messages.length
    }
    return [topic, end]
  }

  /** What other topics took of a transaction that failed would hold their readers up until the next owner fences us. */
  async #taken<T>(transaction: Transaction, answers: () => T): Promise<T> {
    try {
      return answers()
    } catch (error) {
      await transaction.abort().catch(() => undefined)
      throw error
    }
  }

  #within<T>(what: string, call: Promise<T>): Promise<T> {
    return untilEnding(this.#options, this.#options.publishTimeoutMs, `${what} ${this.#id}`, call)
  }
}

function messagesOf({ records }: OutputBatch, partition: number, timestamp: string): Message[] {
  return records.map(({ key, value, headers }) => ({ partition, key, value, headers, timestamp }))
}

/** What all topics answered; throws the first failure where there is one. */
function answersOf<A>(sent: readonly PromiseSettledResult<A>[]): readonly A[] {
  const failed = sent.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return sent.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}
