/**
 * Topics to JSON lines, as a reader of committed records gets them. Once nobody writes any more, a mark is put at
 * the end of each partition and everything before it is read: so that the end is the end, and an open transaction
 * shows as a reader that never gets there.
 */
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import avro, { type Type } from 'avsc'
import { Kafka, logLevel, type EachBatchPayload, type KafkaMessage } from 'kafkajs'
import { fileOf, isFields, type Fields, type Line } from './lines.ts'

const SCHEMAS = join(import.meta.dirname, '..', '..', '..', 'schemas')
const SCHEMA_OF: Readonly<Record<string, string>> = {
  'inference.usage.v1': 'usage-record',
  'inference.verdicts.v1': 'verdict',
  'accounts.state.v1': 'account-state',
  'abuse.pool-pressure.v1': 'pool-pressure',
  'abuse.decisions.v1': 'decision',
  'bailiff.control.v1': 'control',
  'abuse.signals.v1': 'signal',
  'abuse.signals.shadow.v1': 'signal',
  'abuse.sanctions.v1': 'sanction',
  'abuse.sanctions.shadow.v1': 'sanction',
  'abuse.standing.v1': 'standing',
  'abuse.standing.shadow.v1': 'standing',
  'abuse.preservation.v1': 'preservation',
  'abuse.reviews.v1': 'review-case',
  'abuse.referrals.v1': 'referral',
}
/** Magic byte and schema id. */
const WIRE_HEADER_BYTES = 5
const MARK = 'chaos-end'
const WITHIN_MS = 120_000

/** Writes one file a topic into `folder`; fails where an end is not reached in time. */
export async function dumpTopics(
  brokers: readonly string[],
  topics: readonly string[],
  folder: string,
): Promise<void> {
  const kafka = new Kafka({ clientId: 'chaos-dump', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const ends = await markEnds(kafka, topics)
  const consumer = kafka.consumer({ groupId: `chaos-dump-${Date.now()}`, maxWaitTimeInMs: 200 })
  const files = new Map(topics.map((topic) => [topic, new TopicFile(folder, topic)]))
  const done = Promise.withResolvers<void>()
  const timer = setTimeout(() => done.reject(new Error(`no end of ${[...ends].join(', ')}`)), WITHIN_MS)
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        take(payload, files, ends)
        if (ends.size === 0) done.resolve()
      },
    })
    await done.promise
  } finally {
    clearTimeout(timer)
    await consumer.disconnect()
    await Promise.all([...files.values()].map((file) => file.close()))
  }
}

/** Gives the partitions, as `topic/partition`, whose mark has yet to be read. */
async function markEnds(kafka: Kafka, topics: readonly string[]): Promise<Set<string>> {
  const admin = kafka.admin()
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await admin.connect()
  await producer.connect()
  try {
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] })
    const places = metadata.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionId }) => ({ topic: name, partition: partitionId })),
    )
    const topicMessages = places.map(({ topic, partition }) => ({
      topic,
      messages: [{ key: MARK, value: null, partition, headers: { [MARK]: '1' } }],
    }))
    await producer.sendBatch({ acks: -1, topicMessages })
    return new Set(places.map(({ topic, partition }) => `${topic}/${partition}`))
  } finally {
    await producer.disconnect()
    await admin.disconnect()
  }
}

function take({ batch }: EachBatchPayload, files: ReadonlyMap<string, TopicFile>, ends: Set<string>): void {
  for (const message of batch.messages) {
    const end = `${batch.topic}/${batch.partition}`
    if (message.headers?.[MARK] !== undefined) ends.delete(end)
    else if (ends.has(end)) files.get(batch.topic)?.write(batch.partition, message)
  }
}

class TopicFile {
  readonly #topic: string
  readonly #type: Type | null
  readonly #stream
  /** By partition: a batch that the client hands over again is not written again. */
  readonly #written = new Map<number, number>()

  constructor(folder: string, topic: string) {
    const file = fileOf(folder, topic)
    mkdirSync(dirname(file), { recursive: true })
    const schema = SCHEMA_OF[topic]
    this.#topic = topic
    this.#type = schema === undefined ? null : typeOf(schema)
    this.#stream = createWriteStream(file)
  }

  write(partition: number, message: KafkaMessage): void {
    const offset = Number(message.offset)
    if (offset <= (this.#written.get(partition) ?? -1)) return
    this.#written.set(partition, offset)
    const headers = Object.entries(message.headers ?? {})
    const line: Line = {
      topic: this.#topic,
      partition,
      offset,
      timestampMs: Number(message.timestamp),
      key: message.key?.toString() ?? '',
      headers: Object.fromEntries(headers.map(([name, value]) => [name, value?.toString() ?? ''])),
      value: this.#value(message.value),
    }
    this.#stream.write(`${JSON.stringify(line)}\n`)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(() => resolve()))
  }

  #value(bytes: Buffer | null): Fields | null {
    if (bytes === null || this.#type === null) return null
    const value: unknown = JSON.parse(
      JSON.stringify(this.#type.fromBuffer(bytes.subarray(WIRE_HEADER_BYTES))),
    )
    return isFields(value) ? value : null
  }
}

function typeOf(schema: string): Type {
  const parsed: unknown = JSON.parse(readFileSync(join(SCHEMAS, `${schema}.avsc`), 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${schema}.avsc is no schema`)
  return avro.Type.forSchema(parsed as Parameters<typeof avro.Type.forSchema>[0], { wrapUnions: false })
}
