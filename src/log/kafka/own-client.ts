/** A part of kafkajs, such as a producer, that has a client of its own: whoever throws it away ends all that it has. */
import type { KafkaClient } from './client.ts'
import { within } from './deadline.ts'

export class OwnClient<Part extends { disconnect(): Promise<void> }> {
  /** Rejects where it could not be connected. */
  readonly connected: Promise<Part>
  readonly #kafka: KafkaClient

  constructor(kafka: KafkaClient, connect: (kafka: KafkaClient) => Promise<Part>) {
    this.#kafka = kafka
    this.connected = connect(kafka)
    this.connected.catch(() => undefined)
  }

  /** Never fails: who will not say goodbye is gone either way. */
  async close(timeoutMs: number): Promise<void> {
    const disconnected = this.connected.then((part) => part.disconnect())
    await within(timeoutMs, 'disconnecting', disconnected).catch(() => undefined)
    this.#kafka.end()
  }
}
