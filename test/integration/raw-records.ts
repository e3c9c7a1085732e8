/** Records as bytes, written and read by a client that is not ours. */
import { randomUUID } from 'node:crypto'
import { Partitioners, type Consumer, type Producer } from 'kafkajs'
import { stranger } from './log-fixtures.ts'
import { until } from '../support/until.ts'

export interface RawRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

export interface Written {
  readonly key: string | null
  readonly value: Buffer | null
}

/** Everything that some topics hold, read-committed, as it comes. */
export class RawReader {
  readonly records: RawRecord[] = []
  readonly #consumer: Consumer = stranger().consumer({
    groupId: `reader-${randomUUID()}`,
    maxWaitTimeInMs: 50,
  })

  static async on(topics: readonly string[]): Promise<RawReader> {
    const reader = new RawReader()
    await reader.#consumer.connect()
    await reader.#consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await reader.#consumer.run({
      eachMessage: ({ topic, partition, message }) => {
        const { key, value, offset } = message
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, header]) => [name, String(header)]),
        )
        reader.records.push({ topic, partition, offset: Number(offset), key, value, headers })
        return Promise.resolve()
      },
    })
    return reader
  }

  of(topic: string): readonly RawRecord[] {
    return this.records.filter((record) => record.topic === topic)
  }

  /** The first record that is meant; waits for it. */
  async first(what: string, meant: (record: RawRecord) => boolean, withinMs = 30_000): Promise<RawRecord> {
    let found: RawRecord | undefined
    await until(what, () => (found = this.records.find(meant)) !== undefined, withinMs)
    if (found === undefined) throw new Error(what)
    return found
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect()
  }
}

/** Writes records where they are told to lie, whatever their key says. */
export class RawWriter {
  readonly #producer: Producer = stranger().producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  })

  connect(): Promise<void> {
    return this.#producer.connect()
  }

  /** Gives the offset of the first; the others follow it. */
  async write(topic: string, partition: number, records: readonly Written[]): Promise<number> {
    const messages = records.map((record) => ({ ...record, partition }))
    const [at] = await this.#producer.send({ topic, messages })
    return Number(at?.baseOffset)
  }

  close(): Promise<void> {
    return this.#producer.disconnect()
  }
}
