/** Appends responses to the run's topic and knows from the broker when it appended each. One batch at a time. */
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { javaPartitioner } from '../../src/log/kafka/partitioner.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { writeResponse, type Response } from '../yardstick/response.ts'

export const PARTITIONS = 6

export class Appender {
  /** Newest append time of each partition. */
  readonly newest = new Map<number, number>()
  readonly #producer: Producer
  readonly #topic: string

  private constructor(producer: Producer, topic: string) {
    this.#producer = producer
    this.#topic = topic
  }

  static async connect(broker: string, topic: string): Promise<Appender> {
    const kafka = new Kafka({ brokers: [broker], clientId: 'steady-load', logLevel: logLevel.ERROR })
    const producer = kafka.producer({
      createPartitioner: javaPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    return new Appender(producer, topic)
  }

  /** Gives the append time of each response, in their order. */
  async append(responses: readonly Response[]): Promise<readonly number[]> {
    const messages = responses.map((response) => {
      const key = Buffer.from(response.accountId)
      return { key, value: writeResponse(response), partition: partitionOf(key, PARTITIONS) }
    })
    const appended = await this.#producer.send({ topic: this.#topic, messages, acks: -1 })
    for (const { partition, logAppendTime } of appended) this.newest.set(partition, Number(logAppendTime))
    return messages.map(({ partition }) => this.newest.get(partition) ?? NaN)
  }

  close(): Promise<void> {
    return this.#producer.disconnect()
  }
}
