/** Traps of kafkajs that our own use of it walks around, each shown on a kafkajs that falls into it. */
import {
  Kafka,
  type Admin,
  type Cluster,
  type Consumer,
  type ConsumerConfig,
  type Producer,
  type ProducerBatch,
  type RecordMetadata,
  type Transaction,
} from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { kafkaTopicAdmin } from '../../src/log/kafka/admin.ts'
import { FetchCluster } from '../../src/log/kafka/cluster.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { KafkaTaskProducer } from '../../src/log/kafka/task-producer.ts'

const OPTIONS = { ...defaultKafkaLogOptions, brokers: ['127.0.0.1:1'] }

/** A client whose producer's transactions and consumer's cluster are the given ones. */
class TrappedKafka extends Kafka {
  readonly #sendBatch: (batch: ProducerBatch) => Promise<RecordMetadata[]>
  readonly #metadataOf: Cluster['findTopicPartitionMetadata']
  /** How often a consumer connected. */
  connects = 0

  constructor(
    sendBatch: (batch: ProducerBatch) => Promise<RecordMetadata[]>,
    metadataOf: Cluster['findTopicPartitionMetadata'] = () => [],
  ) {
    super({ brokers: [...OPTIONS.brokers] })
    this.#sendBatch = sendBatch
    this.#metadataOf = metadataOf
  }

  override producer(): Producer {
    const real = super.producer()
    const transaction: Transaction = {
      send: () => Promise.reject(new Error('not used')),
      sendBatch: this.#sendBatch,
      sendOffsets: () => Promise.reject(new Error('not used')),
      commit: () => Promise.resolve(),
      abort: () => Promise.resolve(),
      isActive: () => true,
    }
    return { ...real, transaction: () => Promise.resolve(transaction) }
  }

  override consumer(config: ConsumerConfig): Consumer {
    const real = super.consumer({
      ...config,
      partitionAssigners: (config.partitionAssigners ?? []).map(
        (assigner) => (given) =>
          assigner({ ...given, cluster: { ...given.cluster, findTopicPartitionMetadata: this.#metadataOf } }),
      ),
    })
    const connect = async (): Promise<void> => void this.connects++
    return { ...real, connect }
  }
}

describe('a fenced producer over several brokers', () => {
  it('never hands kafkajs a batch that goes to more than one of them (trap 27)', async () => {
    // The topics of the batch lie on different brokers, and the last one asks for another try.
    const log: string[] = []
    const kafka = new TrappedKafka(({ topicMessages = [] }) => {
      for (const { topic } of topicMessages.slice(0, -1)) log.push(topic)
      for (const { topic } of topicMessages) log.push(topic)
      return Promise.resolve(
        topicMessages.map(({ topic }) => ({
          topicName: topic,
          partition: 3,
          errorCode: 0,
          baseOffset: '40',
        })),
      )
    })
    const producer = new KafkaTaskProducer(kafka, OPTIONS, systemClock, 'enforcement-3')
    await producer.fence()
    const topics = ['abuse.sanctions.v1', 'abuse.standing.v1', 'abuse.preservation.v1']
    const record = { key: 'account', value: Buffer.from('value'), headers: {} }
    const ends = await producer.publish(
      3,
      topics.map((topic) => ({ topic, ...record })),
    )
    expect(log).toEqual(topics)
    expect([...ends]).toEqual(topics.map((topic) => [topic, 41]))
  })
})

describe('metadata of a topic that was asked for', () => {
  it('is never taken as no partitions where an older answer came last (trap 28)', () => {
    const cluster = new FetchCluster(new TrappedKafka(() => Promise.resolve([])), OPTIONS)
    expect(() => cluster.partitionsOf('inference.usage.v1')).toThrow(/overtaken by an older answer/)
  })
})

/** A cluster of which one broker hears of a new topic later than the one that was asked first. */
class LaggingKafka extends Kafka {
  looks = 0

  constructor() {
    super({ brokers: [...OPTIONS.brokers] })
  }

  override admin(): Admin {
    const unknown = new Error('This server does not host this topic-partition')
    const partitions = [{ partitionId: 0, leader: 2, replicas: [1, 2, 3], isr: [2], partitionErrorCode: 0 }]
    return {
      ...super.admin(),
      connect: () => Promise.resolve(),
      createTopics: ({ waitForLeaders = true }) =>
        waitForLeaders ? Promise.reject(unknown) : Promise.resolve(true),
      fetchTopicMetadata: () =>
        ++this.looks < 3
          ? Promise.reject(unknown)
          : Promise.resolve({ topics: [{ name: 'abuse.signals.v1', partitions }] }),
    }
  }
}

describe('topics that were just made', () => {
  it('are waited for where a broker has not heard of them yet (trap 29)', async () => {
    const kafka = new LaggingKafka()
    const admin = await kafkaTopicAdmin(kafka)
    const topic = { name: 'abuse.signals.v1', partitions: 1, replicationFactor: 3, configs: {} }
    await expect(admin.create([topic])).resolves.toBeUndefined()
    expect(kafka.looks).toBe(3)
  })
})

describe('a reader that was closed', () => {
  it('connects no more, whatever was under way: the connection would keep the process alive', async () => {
    const kafka = new TrappedKafka(() => Promise.resolve([]))
    const cluster = new FetchCluster(kafka, OPTIONS)
    await cluster.close()
    await expect(cluster.refresh()).rejects.toThrow(/closed/)
    await expect(cluster.target(['inference.usage.v1'])).rejects.toThrow(/closed/)
    expect(kafka.connects).toBe(0)
  })
})
