/** Traps of kafkajs that our own use of it walks around, each shown on a kafkajs that falls into it. */
import {
  type Admin,
  type Cluster,
  type Consumer,
  type ConsumerConfig,
  type Producer,
  type ProducerBatch,
  type RecordMetadata,
  type Transaction,
} from 'kafkajs'
import KafkajsCluster from 'kafkajs/src/cluster/index.js'
import createSendMessages from 'kafkajs/src/producer/sendMessages.js'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { ProducerLostError } from '../../src/engine/errors.ts'
import { kafkaTopicAdmin } from '../../src/log/kafka/admin.ts'
import { KafkaClient } from '../../src/log/kafka/client.ts'
import { FetchCluster } from '../../src/log/kafka/cluster.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { javaPartitioner } from '../../src/log/kafka/partitioner.ts'
import { KafkaTaskProducer } from '../../src/log/kafka/task-producer.ts'

const OPTIONS = { ...defaultKafkaLogOptions, brokers: ['127.0.0.1:1'] }

/** A client whose producer's transactions and consumer's cluster are the given ones. */
class TrappedKafka extends KafkaClient {
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

/** kafkajs' own way of sending, to a broker that leads all of so many partitions; `sent` is what it was sent. */
function kafkajsSendBatch(
  partitions: number,
  sent: number[],
): (batch: ProducerBatch) => Promise<RecordMetadata[]> {
  const metadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }))
  const broker = {
    nodeId: 1,
    produce: ({ topicData }: KafkajsProduce) => {
      sent.push(...topicData.flatMap((topic) => topic.partitions.map(({ partition }) => partition)))
      const answer = (partition: number) => ({ partition, errorCode: 0, baseOffset: '40' })
      return Promise.resolve({
        topics: topicData.map((one) => ({
          topicName: one.topic,
          partitions: one.partitions.map(({ partition }) => answer(partition)),
        })),
      })
    },
  }
  const cluster = {
    targetTopics: new Set<string>(),
    addMultipleTargetTopics: () => Promise.resolve(),
    refreshMetadataIfNecessary: () => Promise.resolve(),
    isConnected: () => true,
    findTopicPartitionMetadata: () => metadata,
    findLeaderForPartitions: KafkajsCluster.prototype.findLeaderForPartitions,
    findBroker: () => Promise.resolve(broker),
  }
  const eosManager = {
    isTransactional: () => false,
    acquireBrokerLock: () => Promise.resolve(),
    releaseBrokerLock: () => Promise.resolve(),
    getSequence: () => 0,
    updateSequence: () => undefined,
    getProducerId: () => 7,
    getProducerEpoch: () => 0,
  }
  const logger = { debug: () => undefined, error: () => undefined }
  const retrier = <T>(send: (bail: (error: Error) => void, count: number, time: number) => Promise<T>) =>
    send(
      (error) => {
        throw error
      },
      0,
      0,
    )
  return createSendMessages({ logger, cluster, partitioner: javaPartitioner(), eosManager, retrier })
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

describe('a fenced producer that has failed once', () => {
  it('sends nothing more: its next batch would be taken for a repeat of the lost one (traps 4, 8)', async () => {
    let batches = 0
    const kafka = new TrappedKafka(({ topicMessages = [] }) => {
      if (batches++ === 0) return Promise.reject(new Error('no answer'))
      const answer = { partition: 3, errorCode: 0, baseOffset: '40' }
      return Promise.resolve(topicMessages.map(({ topic }) => ({ topicName: topic, ...answer })))
    })
    const producer = new KafkaTaskProducer(kafka, OPTIONS, systemClock, 'enforcement-3')
    await producer.fence()
    const record = { topic: 'abuse.sanctions.v1', key: 'account', value: Buffer.from('value'), headers: {} }
    for (const attempt of ['lost', 'next']) {
      await expect(producer.publish(3, [record]), attempt).rejects.toThrow(ProducerLostError)
    }
    expect(batches).toBe(1)
  })
})

describe('a fenced producer of a partition that kafkajs has not heard of', () => {
  it('fails, where kafkajs sends nothing and says that all went well (trap 31)', async () => {
    const sent: number[] = []
    const kafka = new TrappedKafka(kafkajsSendBatch(6, sent))
    const record = { topic: 'inference.usage.v1', key: 'account', value: Buffer.from('value'), headers: {} }
    for (const partition of [5, 6]) {
      const producer = new KafkaTaskProducer(kafka, OPTIONS, systemClock, `meter-${partition}`)
      await producer.fence()
      const published = producer.publish(partition, [record])
      if (partition === 5) expect([...(await published)]).toEqual([['inference.usage.v1', 41]])
      else await expect(published).rejects.toThrow(/inference\.usage\.v1 took nothing: no partition 6/)
    }
    expect(sent).toEqual([5])
  })
})

describe('metadata of a topic that was asked for', () => {
  it('is never taken as no partitions where an older answer came last (trap 28)', () => {
    const cluster = new FetchCluster(new TrappedKafka(() => Promise.resolve([])), OPTIONS)
    expect(() => cluster.partitionsOf('inference.usage.v1')).toThrow(/overtaken by an older answer/)
  })

  it('tells whom to ask for a partition: any broker, also that with the number 0, and nobody while it has none', () => {
    const led = (partitionId: number, leader: number) => ({
      partitionId,
      leader,
      partitionErrorCode: 0,
      replicas: [],
      isr: [],
    })
    const kafka = new TrappedKafka(
      () => Promise.resolve([]),
      () => [led(2, -1), led(0, 0), led(1, 3)],
    )
    const cluster = new FetchCluster(kafka, OPTIONS)
    expect([0, 1, 2, 3].map((partition) => cluster.leaderOf('inference.usage.v1', partition))).toEqual([
      '0',
      '3',
      null,
      null,
    ])
    expect(cluster.partitionsOf('inference.usage.v1')).toEqual([0, 1, 2])
  })
})

/** A cluster of which one broker hears of a new topic later than the one that was asked first. */
class LaggingKafka extends KafkaClient {
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
  it('are waited for where a broker has not heard of them yet (trap 32)', async () => {
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
