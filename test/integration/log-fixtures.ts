/** The Log on real Kafka for the suite, with strangers who write beside it. */
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, Partitioners, type Admin, type Producer } from 'kafkajs'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions, type KafkaLogOptions } from '../../src/log/kafka/options.ts'
import type { LogFixture, WrittenRecord } from '../conformance/log-fixture.ts'
import { services } from '../support/integration.ts'
import { until } from '../support/until.ts'

/** A client that is not ours. */
export function stranger(brokers: readonly string[] = services().kafkaBrokers): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, retries: 12 },
  })
}

export function kafkaLogOptions(): KafkaLogOptions {
  return {
    ...defaultKafkaLogOptions,
    brokers: services().kafkaBrokers,
    sessionTimeoutMs: 6_000,
    fetchWaitMs: 50,
    followWaitMs: 50,
    fetchLingerMs: 5,
    publishTimeoutMs: 4_000,
    // Small, so that a topic of some thousand records takes several fetches.
    fetchMaxBytesPerPartition: 16 * 1024,
  }
}

/** One set of strangers for a whole file: connecting anew for each test would be most of its time. */
export class KafkaStrangers {
  readonly kafka: Kafka
  readonly admin: Admin
  readonly #producer: Producer

  constructor(brokers?: readonly string[]) {
    this.kafka = stranger(brokers)
    this.admin = this.kafka.admin()
    this.#producer = this.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    })
  }

  async connect(): Promise<void> {
    await Promise.all([this.admin.connect(), this.#producer.connect()])
  }

  async disconnect(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.#producer.disconnect()])
  }

  async createTopic(name: string, numPartitions: number): Promise<string> {
    const topic = `${name}-${randomUUID()}`
    await this.admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true })
    return topic
  }

  async write(topic: string, partition: number, records: readonly WrittenRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += 100) {
      const messages = records.slice(from, from + 100).map((record) => ({ ...record, partition }))
      await this.#producer.send({ topic, messages })
    }
  }

  async writeAborted(topic: string, partition: number, values: readonly string[]): Promise<void> {
    const producer = this.kafka.producer({
      transactionalId: `aborts-${randomUUID()}`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    const before = await this.#endOf(topic, partition)
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: values.map((value) => ({ key: 'aborted', value, partition })) })
    await transaction.abort()
    await producer.disconnect()
    // A coordinator answers an abort before its marker is in the log; bounds asked in between would end before it.
    const end = before + values.length + 1
    await until(`the abort's marker`, async () => (await this.#endOf(topic, partition)) === end, 60_000)
  }

  async #endOf(topic: string, partition: number): Promise<number> {
    const ofTopic = await this.admin.fetchTopicOffsets(topic)
    return Number(ofTopic.find((offsets) => offsets.partition === partition)?.high)
  }

  async trim(topic: string, partition: number, offset: number): Promise<void> {
    // kafkajs deletes only in topics that it has been asked about before.
    await this.admin.fetchTopicOffsets(topic)
    await this.admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
  }
}

export async function openKafkaFixture(strangers: KafkaStrangers): Promise<LogFixture> {
  const log = new KafkaLog(kafkaLogOptions(), systemClock, silentLogger)
  return {
    log,
    createTopic: (name, partitions) => strangers.createTopic(name, partitions),
    addPartitions: async (topic, count) => {
      await strangers.admin.createPartitions({ topicPartitions: [{ topic, count }] })
    },
    write: (topic, partition, records) => strangers.write(topic, partition, records),
    writeAborted: (topic, partition, values) => strangers.writeAborted(topic, partition, values),
    trim: (topic, partition, offset) => strangers.trim(topic, partition, offset),
    close: () => log.close(),
  }
}
