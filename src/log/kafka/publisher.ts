/**
 * For records that need no fence: dead letters and late ones. At least once; a failed producer is thrown away,
 * because its sequence numbers can no longer be trusted (trap 4), and the next call makes another.
 */
import type { Kafka, Producer } from 'kafkajs'
import { TransientError } from '../../engine/errors.ts'
import type { Publisher } from '../../engine/log.ts'
import type { OutputRecord } from '../../engine/record.ts'
import type { Clock } from '../../domain/clock.ts'
import { inBatches } from './batches.ts'
import { untilEnding, within } from './deadline.ts'
import { classified } from './failure.ts'
import type { KafkaLogOptions } from './options.ts'
import { javaPartitioner } from './partitioner.ts'
import { producerWithCluster } from './producer-cluster.ts'

export class KafkaPublisher implements Publisher {
  readonly #kafka: Kafka
  readonly #options: KafkaLogOptions
  readonly #clock: Clock
  #producer: Promise<Producer> | null = null
  #closed = false

  constructor(kafka: Kafka, options: KafkaLogOptions, clock: Clock) {
    this.#kafka = kafka
    this.#options = options
    this.#clock = clock
  }

  async publish(records: readonly OutputRecord[]): Promise<void> {
    if (records.length === 0) return
    if (this.#closed) throw new TransientError('kafka', 'the publisher is closed')
    this.#producer ??= this.#connect()
    const mine = this.#producer
    try {
      const { publishTimeoutMs } = this.#options
      await untilEnding(this.#options, publishTimeoutMs, 'publishing', this.#send(mine, records))
    } catch (error) {
      if (this.#producer === mine) this.#producer = null
      void this.#discard(mine)
      throw classified(error, 'publishing')
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const mine = this.#producer
    this.#producer = null
    if (mine !== null) await this.#discard(mine)
  }

  async #connect(): Promise<Producer> {
    const { producer } = producerWithCluster(this.#kafka, {
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: javaPartitioner,
    })
    await producer.connect()
    return producer
  }

  async #send(producer: Promise<Producer>, records: readonly OutputRecord[]): Promise<void> {
    const timestamp = String(this.#clock.now())
    const timeout = this.#options.requestTimeoutMs
    for (const [topic, ofTopic] of Map.groupBy(records, (record) => record.topic)) {
      for (const { records: taken, compression } of inBatches(ofTopic)) {
        const messages = taken.map(({ key, value, headers }) => ({ key, value, headers, timestamp }))
        await (
          await producer
        ).sendBatch({ acks: -1, timeout, compression, topicMessages: [{ topic, messages }] })
      }
    }
  }

  async #discard(producer: Promise<Producer>): Promise<void> {
    try {
      const goodbye = producer.then((connected) => connected.disconnect())
      await within(this.#options.goodbyeTimeoutMs, 'disconnecting', goodbye)
    } catch {
      // It never connected, or will not say goodbye: gone either way.
    }
  }
}
