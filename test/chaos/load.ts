/**
 * Sends the plan's events when their time has come, as a platform would: in order, keyed and placed as the Java
 * client places them. Brokers that are away delay it and change nothing. A batch goes to one partition, and a
 * producer that failed is replaced: then a batch may stand in the log twice, which a platform's may, too.
 */
import { Kafka, logLevel, type Producer } from 'kafkajs'
import type { Codec } from '../../src/codec/codec.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import type { PlannedEvent, PlatformTopic } from './plan.ts'

export const PLATFORM_TOPICS: readonly PlatformTopic[] = [
  'inference.usage.v1',
  'inference.verdicts.v1',
  'accounts.state.v1',
  'abuse.pool-pressure.v1',
]
const TURN_MS = 100
const BATCH_RECORDS = 500

export class Load {
  readonly #kafka: Kafka
  #producer: Producer
  readonly #codec: Codec
  readonly #partitions: number
  sent = 0
  /** Producers that failed and were replaced. */
  replaced = 0
  /** How far the sender is behind its plan. */
  behindMs = 0

  constructor(brokers: readonly string[], codec: Codec, partitions: number) {
    this.#kafka = new Kafka({ clientId: 'chaos-load', brokers: [...brokers], logLevel: logLevel.NOTHING })
    this.#producer = newProducer(this.#kafka)
    this.#codec = codec
    this.#partitions = partitions
  }

  async connect(): Promise<void> {
    await this.#producer.connect()
  }

  /** Sends events in order; those whose time is to come are waited for. Ends early when `stopped`. */
  async run(events: Iterable<PlannedEvent>, stopped: () => boolean): Promise<void> {
    let batch: PlannedEvent[] = []
    for (const event of events) {
      while (event.atMs > Date.now() && !stopped()) {
        await this.#send(batch)
        batch = []
        await pause(Math.min(TURN_MS, Math.max(1, event.atMs - Date.now())))
      }
      if (stopped()) break
      this.behindMs = Date.now() - event.atMs
      batch.push(event)
      if (batch.length >= BATCH_RECORDS) {
        await this.#send(batch)
        batch = []
      }
    }
    await this.#send(batch)
  }

  async close(): Promise<void> {
    await this.#producer.disconnect()
  }

  async #send(events: readonly PlannedEvent[]): Promise<void> {
    if (events.length === 0) return
    const timestamp = String(Date.now())
    const places = Map.groupBy(events, (event) => `${event.topic}/${this.#partitionOf(event)}`)
    await Promise.all([...places.values()].map((ofPlace) => this.#sendTo(ofPlace, timestamp)))
    this.sent += events.length
  }

  /** Events of one topic and partition, until they are acknowledged. */
  async #sendTo(events: readonly PlannedEvent[], timestamp: string): Promise<void> {
    const messages = events.map((event) => ({
      key: event.key,
      value: this.#encoded(event),
      partition: this.#partitionOf(event),
      timestamp,
    }))
    const topicMessages = [{ topic: events[0]?.topic ?? '', messages }]
    for (;;) {
      const producer = this.#producer
      try {
        await producer.sendBatch({ acks: -1, topicMessages })
        return
      } catch {
        await this.#replace(producer)
      }
    }
  }

  /** Once for all that failed with it. */
  async #replace(failed: Producer): Promise<void> {
    await pause(TURN_MS)
    if (this.#producer !== failed) return
    this.#producer = newProducer(this.#kafka)
    this.replaced++
    await this.#producer.connect()
    await failed.disconnect().catch(() => undefined)
  }

  #partitionOf({ key }: PlannedEvent): number {
    return partitionOf(Buffer.from(key), this.#partitions)
  }

  #encoded(event: PlannedEvent): Buffer {
    switch (event.topic) {
      case 'inference.usage.v1':
        return this.#codec.encode(event.topic, event.value)
      case 'inference.verdicts.v1':
        return this.#codec.encode(event.topic, event.value)
      case 'accounts.state.v1':
        return this.#codec.encode(event.topic, event.value)
      case 'abuse.pool-pressure.v1':
        return this.#codec.encode(event.topic, event.value)
    }
  }
}

function newProducer(kafka: Kafka): Producer {
  return kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 1_000 },
    createPartitioner: () => (one) => one.message.partition ?? 0,
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
