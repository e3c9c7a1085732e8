/**
 * Sends the plan's events when their time has come, as a platform would: in order, each once, keyed and placed as
 * the Java client places them. Brokers that are away delay it and change nothing: one idempotent producer tries
 * until it is done.
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
  readonly #producer: Producer
  readonly #codec: Codec
  readonly #partitions: number
  sent = 0
  /** How far the sender is behind its plan. */
  behindMs = 0

  constructor(brokers: readonly string[], codec: Codec, partitions: number) {
    const kafka = new Kafka({ clientId: 'chaos-load', brokers: [...brokers], logLevel: logLevel.NOTHING })
    this.#producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 100_000 },
      createPartitioner: () => (one) => one.message.partition ?? 0,
    })
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
    const topicMessages = [...Map.groupBy(events, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      messages: ofTopic.map((event) => ({
        key: event.key,
        value: this.#encoded(event),
        partition: partitionOf(Buffer.from(event.key), this.#partitions),
        timestamp,
      })),
    }))
    await this.#producer.sendBatch({ acks: -1, topicMessages })
    this.sent += events.length
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
