/**
 * For records that need no fence: dead letters and late ones. At least once; a failed producer is thrown away,
 * because its sequence numbers can no longer be trusted (trap 4), and the next call makes another.
 */
import type { Producer } from 'kafkajs'
import { TransientError } from '../../engine/errors.ts'
import type { Publisher } from '../../engine/log.ts'
import type { OutputRecord } from '../../engine/record.ts'
import type { Clock } from '../../domain/clock.ts'
import { inBatches } from './batches.ts'
import type { KafkaClient } from './client.ts'
import { untilEnding } from './deadline.ts'
import { classified } from './failure.ts'
import type { KafkaLogOptions } from './options.ts'
import { OwnClient } from './own-client.ts'
import { javaPartitioner } from './partitioner.ts'
import { producerWithCluster } from './producer-cluster.ts'

export class KafkaPublisher implements Publisher {
  readonly #newKafka: () => KafkaClient
  readonly #options: KafkaLogOptions
  readonly #clock: Clock
  #producer: OwnClient<Producer> | null = null
  #closed = false

  constructor(newKafka: () => KafkaClient, options: KafkaLogOptions, clock: Clock) {
    this.#newKafka = newKafka
    this.#options = options
    this.#clock = clock
  }

  async publish(records: readonly OutputRecord[]): Promise<void> {
    if (records.length === 0) return
    if (this.#closed) throw new TransientError('kafka', 'the publisher is closed')
    this.#producer ??= new OwnClient(this.#newKafka(), connected)
    const mine = this.#producer
    try {
      const { publishTimeoutMs } = this.#options
      await untilEnding(this.#options, publishTimeoutMs, 'publishing', this.#send(mine.connected, records))
    } catch (error) {
      if (this.#producer === mine) this.#producer = null
      void mine.close(this.#options.goodbyeTimeoutMs)
      throw classified(error, 'publishing')
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const mine = this.#producer
    this.#producer = null
    await mine?.close(this.#options.goodbyeTimeoutMs)
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
}

async function connected(kafka: KafkaClient): Promise<Producer> {
  const { producer } = producerWithCluster(kafka, {
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: javaPartitioner,
  })
  await producer.connect()
  return producer
}
