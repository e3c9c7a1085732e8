/** What kafkajs asks its coordinator of transactions, and what of that reaches a broker (trap 29). */
import { Kafka, type Producer, type ProducerConfig } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { javaPartitioner } from '../../src/log/kafka/partitioner.ts'
import { coordinatedProducer, TransactionCoordinator } from '../../src/log/kafka/transaction-coordinator.ts'

const ASKED = { groupId: 'meter-3', coordinatorType: 1 }
const TOPICS = ['abuse.sanctions.v1', 'abuse.standing.v1', 'abuse.preservation.v1']

interface Telling {
  readonly producerId: number
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
}

class ProtocolError extends Error {
  readonly type: string

  constructor(type: string) {
    super(type)
    this.type = type
  }
}

/** A broker that writes down what it is asked, and refuses what it is told to refuse. */
class Broker {
  readonly name: string
  readonly #heard: string[]
  refuses: (heard: string) => string | null = () => null
  connected = true

  constructor(name: string, heard: string[]) {
    this.name = name
    this.#heard = heard
  }

  isConnected(): boolean {
    return this.connected
  }

  initProducerId(): Promise<string> {
    return this.#hear('init')
  }

  addPartitionsToTxn({ topics }: Telling): Promise<string> {
    return this.#hear(
      `add ${topics.map(({ topic, partitions }) => `${topic}/${partitions.join()}`).join(' ')}`,
    )
  }

  endTxn({ producerId }: Pick<Telling, 'producerId'>): Promise<string> {
    return this.#hear(producerId === 7 ? 'end' : 'end of another')
  }

  async #hear(what: string): Promise<string> {
    await Promise.resolve()
    this.#heard.push(`${this.name} ${what}`)
    const type = this.refuses(what)
    if (type !== null) throw new ProtocolError(type)
    return what
  }
}

/** As a producer of kafkajs uses its cluster. */
class Cluster {
  readonly heard: string[] = []
  coordinator = new Broker('one', this.heard)

  async findGroupCoordinator({ coordinatorType }: typeof ASKED): Promise<Broker> {
    await Promise.resolve()
    this.heard.push(coordinatorType === 1 ? 'find' : 'find group')
    return this.coordinator
  }

  async add(topic: string): Promise<string> {
    const broker = await this.findGroupCoordinator(ASKED)
    return broker.addPartitionsToTxn({ producerId: 7, topics: [{ topic, partitions: [3] }] })
  }

  async end(): Promise<string> {
    return (await this.findGroupCoordinator(ASKED)).endTxn({ producerId: 7 })
  }

  /** What was heard since the last look. */
  news(): readonly string[] {
    return this.heard.splice(0)
  }
}

function coordinated(): { readonly cluster: Cluster; readonly coordinator: TransactionCoordinator } {
  const cluster = new Cluster()
  const pause = async (): Promise<void> => {
    await Promise.resolve()
    cluster.heard.push('pause')
  }
  return { cluster, coordinator: new TransactionCoordinator(cluster, pause) }
}

async function transact(cluster: Cluster, coordinator: TransactionCoordinator): Promise<void> {
  coordinator.begin(TOPICS, 3)
  await Promise.all(TOPICS.map((topic) => cluster.add(topic)))
  await cluster.end()
}

const ADD_ALL = `one add ${TOPICS.map((topic) => `${topic}/3`).join(' ')}`

describe('the coordinator of a producer', () => {
  it('is found once, and told of all topics of a transaction at once (trap 29)', async () => {
    const { cluster, coordinator } = coordinated()
    await (await cluster.findGroupCoordinator(ASKED)).initProducerId()
    expect(cluster.news()).toEqual(['find', 'one init'])
    await transact(cluster, coordinator)
    await transact(cluster, coordinator)
    expect(cluster.news()).toEqual([ADD_ALL, 'one end', ADD_ALL, 'one end'])
  })

  it('is told of a topic that was not named, before that is written to', async () => {
    const { cluster, coordinator } = coordinated()
    coordinator.begin(['abuse.sanctions.v1'], 3)
    await cluster.add('abuse.sanctions.v1')
    await cluster.add('abuse.standing.v1')
    expect(cluster.news()).toEqual(['find', 'one add abuse.sanctions.v1/3', 'one add abuse.standing.v1/3'])
  })

  it('is found anew once its connection is gone, or once it has failed', async () => {
    const { cluster, coordinator } = coordinated()
    await transact(cluster, coordinator)
    cluster.coordinator.connected = false
    cluster.coordinator = new Broker('two', cluster.heard)
    cluster.news()
    await transact(cluster, coordinator)
    expect(cluster.news().filter((one) => !one.startsWith('two'))).toEqual(['find'])

    cluster.coordinator.refuses = () => 'NOT_COORDINATOR_FOR_GROUP'
    cluster.coordinator = new Broker('three', cluster.heard)
    coordinator.begin(['abuse.sanctions.v1'], 3)
    await expect(cluster.add('abuse.sanctions.v1')).rejects.toThrow('NOT_COORDINATOR_FOR_GROUP')
    cluster.news()
    await cluster.add('abuse.sanctions.v1')
    expect(cluster.news()).toEqual(['find', 'three add abuse.sanctions.v1/3'])
  })

  it('that moved in the middle of a transaction is found anew to end it; one that failed to end it is not asked again', async () => {
    const { cluster } = coordinated()
    await cluster.add('abuse.sanctions.v1')
    cluster.coordinator.refuses = (heard) => (heard === 'end' ? 'NOT_COORDINATOR_FOR_GROUP' : null)
    cluster.coordinator = new Broker('two', cluster.heard)
    await cluster.end()
    expect(cluster.news().slice(-3)).toEqual(['one end', 'find', 'two end'])

    cluster.coordinator.refuses = () => 'INVALID_PRODUCER_EPOCH'
    await cluster.add('abuse.sanctions.v1').catch(() => undefined)
    cluster.news()
    await expect(cluster.end()).rejects.toThrow('INVALID_PRODUCER_EPOCH')
    expect(cluster.news()).toEqual(['find', 'two end'])
  })

  it('that still ends the last transaction is asked again in place, and not for ever', async () => {
    const { cluster, coordinator } = coordinated()
    let refusals = 2
    cluster.coordinator.refuses = () => (refusals-- > 0 ? 'CONCURRENT_TRANSACTIONS' : null)
    await transact(cluster, coordinator)
    expect(cluster.news()).toEqual(['find', ADD_ALL, 'pause', ADD_ALL, 'pause', ADD_ALL, 'one end'])
    refusals = Infinity
    coordinator.begin(TOPICS, 3)
    await expect(cluster.add('abuse.standing.v1')).rejects.toThrow('CONCURRENT_TRANSACTIONS')
    const asked = cluster.news().filter((one) => one.startsWith('one add'))
    expect(asked.length).toBeLessThan(20)
    // Whether one of them or all: it is the transaction before that is being ended.
    expect(new Set(asked)).toEqual(new Set([ADD_ALL]))
  })

  it('that refuses for good is asked once', async () => {
    const { cluster } = coordinated()
    cluster.coordinator.refuses = () => 'INVALID_PRODUCER_EPOCH'
    await expect(cluster.add('abuse.sanctions.v1')).rejects.toThrow('INVALID_PRODUCER_EPOCH')
    expect(cluster.news()).toEqual(['find', 'one add abuse.sanctions.v1/3'])
  })

  it('says of each topic by itself what is wrong with it', async () => {
    const { cluster, coordinator } = coordinated()
    cluster.coordinator.refuses = (heard) => {
      if (heard.split(' ').length > 2) return 'OPERATION_NOT_ATTEMPTED'
      return heard.includes('standing') ? 'TOPIC_AUTHORIZATION_FAILED' : null
    }
    coordinator.begin(TOPICS, 3)
    const told = await Promise.allSettled(TOPICS.map((topic) => cluster.add(topic)))
    expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await expect(cluster.add('abuse.standing.v1')).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED')
    // All together are asked for once.
    expect(cluster.news().filter((one) => one === ADD_ALL)).toHaveLength(1)
  })

  it('of a consumer group is none of its business', async () => {
    const { cluster } = coordinated()
    await cluster.findGroupCoordinator({ groupId: 'g', coordinatorType: 0 })
    await cluster.findGroupCoordinator({ groupId: 'g', coordinatorType: 0 })
    expect(cluster.news()).toEqual(['find group', 'find group'])
  })
})

it('a kafkajs that makes no cluster of its own for a producer is refused', () => {
  class OtherKafka extends Kafka {
    override producer(config: ProducerConfig): Producer {
      return new Kafka({ brokers: ['127.0.0.1:1'] }).producer(config)
    }
  }
  const config = { createPartitioner: javaPartitioner }
  expect(() => coordinatedProducer(new OtherKafka({ brokers: ['127.0.0.1:1'] }), config)).toThrow(/2\.2\.4/)
})
