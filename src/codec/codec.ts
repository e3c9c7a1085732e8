/**
 * Bytes of a topic to its domain values and back.
 *
 * C1. `decode` never throws for what a record holds: bytes that nobody can read become a rejection with a reason.
 * C2. A decoded value has passed its guard: it is what its type says, and within sane bounds.
 * C3. What can be had later is waited for in `prepare`; what can never be had is told by `decode` (P8).
 * C4. A schema is parsed and resolved once per writer id and topic, never per record.
 * C5. Rejections and errors name fields and limits, never content (P9).
 */
import { RefusedError } from '../engine/errors.ts'
import type { Rejection } from '../engine/record.ts'
import { AvroSchema, UndecodableError, type AvroReader } from './avro.ts'
import { valueSubject, type SchemaSource } from './schema-source.ts'
import type { Topic, TopicTypes } from './topic-types.ts'
import { isTopic, TOPIC_GUARDS } from './topics.ts'
import { WIRE_HEADER_BYTES, wireSchemaId, writeWireHeader } from './wire.ts'

/** What the codec needs of a record; a `SourceRecord` is one. */
export interface EncodedRecord {
  readonly topic: string
  readonly value: Buffer | null
}

export type DecodeResult<V> =
  { readonly ok: true; readonly value: V } | { readonly ok: false; readonly rejection: Rejection }

export interface Codec {
  /** Resolves the ids of these topics, so that they can be encoded. Throws RefusedError where one is missing. */
  ready(topics: readonly Topic[]): Promise<void>
  /** In the registry's wire format. Throws where the topic is not ready or the value is none of the topic's. */
  encode<T extends Topic>(topic: T, value: TopicTypes[T]): Buffer
  /** Fetches the writer schemas of these records. Throws TransientError while the registry is away. */
  prepare(records: readonly EncodedRecord[]): Promise<void>
  /** Reads a record that was prepared. */
  decode<T extends Topic>(topic: T, record: Pick<EncodedRecord, 'value'>): DecodeResult<TopicTypes[T]>
}

export interface CodecOptions {
  /** Topic to schema as JSON text, see `loadSchemas`. */
  readonly schemas: ReadonlyMap<Topic, string>
  readonly source: SchemaSource
}

export function createCodec(options: CodecOptions): Codec {
  return new AvroCodec(options)
}

/** How one topic is read and written. `writerId` is null until the topic is ready. */
interface TopicCodec {
  readonly topic: Topic
  readonly text: string
  readonly schema: AvroSchema
  readonly readers: Map<number, AvroReader | Rejection>
  writerId: number | null
}

class AvroCodec implements Codec {
  readonly #source: SchemaSource
  readonly #topics: ReadonlyMap<Topic, TopicCodec>
  #scratch = Buffer.allocUnsafe(64 * 1024)

  constructor(options: CodecOptions) {
    this.#source = options.source
    this.#topics = new Map([...options.schemas].map(([topic, text]) => [topic, topicCodec(topic, text)]))
  }

  async ready(topics: readonly Topic[]): Promise<void> {
    const missing: string[] = []
    for (const topic of topics) {
      const codec = this.#codec(topic)
      codec.writerId ??= await this.#source.idFor(valueSubject(topic), codec.text)
      if (codec.writerId === null) missing.push(valueSubject(topic))
      // Our own schema is known without asking.
      else codec.readers.set(codec.writerId, readerOf(codec, codec.writerId, codec.text))
    }
    if (missing.length > 0) throw new RefusedError(notRegistered(missing))
  }

  encode<T extends Topic>(topic: T, value: TopicTypes[T]): Buffer {
    const codec = this.#codec(topic)
    if (codec.writerId === null) throw new Error(`${topic} is not ready to be encoded: await ready first`)
    const end = this.#write(codec, value)
    writeWireHeader(this.#scratch, codec.writerId)
    return Buffer.from(this.#scratch.subarray(0, end))
  }

  async prepare(records: readonly EncodedRecord[]): Promise<void> {
    for (const record of records) {
      if (record.value === null || !isTopic(record.topic)) continue
      const codec = this.#codec(record.topic)
      const id = wireSchemaId(record.value)
      if (id >= 0 && !codec.readers.has(id)) await this.#learn(codec, id)
    }
  }

  decode<T extends Topic>(topic: T, record: Pick<EncodedRecord, 'value'>): DecodeResult<TopicTypes[T]> {
    const body = this.#body(this.#codec(topic), record.value)
    if ('rejection' in body) return { ok: false, rejection: body.rejection }
    const guard = TOPIC_GUARDS[topic]
    if (guard.accepts(body.value)) return { ok: true, value: body.value }
    return { ok: false, rejection: invalid(guard.problem(body.value)) }
  }

  #body(codec: TopicCodec, value: Buffer | null): { value: unknown } | { rejection: Rejection } {
    if (value === null) return { rejection: refusal('nullValue', 'the topic holds no null values') }
    const id = wireSchemaId(value)
    if (id < 0) return { rejection: refusal('notWireFormat', 'no zero byte and schema id before the body') }
    const reader = codec.readers.get(id)
    if (reader === undefined)
      return { rejection: refusal('unknownSchema', `schema id ${id} is not registered`) }
    if (typeof reader !== 'function') return { rejection: reader }
    return readBody(reader, value, id)
  }

  /** Writes behind room for the header; grows the scratch buffer where the value does not fit. */
  #write(codec: TopicCodec, value: unknown): number {
    try {
      const end = codec.schema.write(value, this.#scratch, WIRE_HEADER_BYTES)
      if (end >= 0) return end
      this.#scratch = Buffer.allocUnsafe(2 * (this.#scratch.length - end))
      return codec.schema.write(value, this.#scratch, WIRE_HEADER_BYTES)
    } catch {
      // Avro's own message quotes the value; the path of the field says enough. (C5)
      const field = TOPIC_GUARDS[codec.topic].problem(value)
      throw new TypeError(`a value for ${codec.topic} cannot be encoded: look at ${field ?? 'its fields'}`)
    }
  }

  /** One fetch serves every record of the id; an id that is not there is asked for again by the next batch. */
  async #learn(codec: TopicCodec, id: number): Promise<void> {
    const writer = await this.#source.schemaById(id)
    if (writer !== null) codec.readers.set(id, readerOf(codec, id, writer))
  }

  #codec(topic: Topic): TopicCodec {
    const codec = this.#topics.get(topic)
    if (codec === undefined) throw new Error(`${topic} has no schema in this codec`)
    return codec
  }
}

function topicCodec(topic: Topic, text: string): TopicCodec {
  return { topic, text, schema: new AvroSchema(text), readers: new Map(), writerId: null }
}

function readerOf(codec: TopicCodec, id: number, writer: string): AvroReader | Rejection {
  try {
    return codec.schema.reader(writer)
  } catch {
    return refusal('undecodable', `schema id ${id} cannot be read as ${codec.schema.name}`)
  }
}

function readBody(
  reader: AvroReader,
  value: Buffer,
  id: number,
): { value: unknown } | { rejection: Rejection } {
  try {
    return { value: reader(value.subarray(WIRE_HEADER_BYTES)) }
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error
    return { rejection: refusal('undecodable', `${error.message} (schema id ${id})`) }
  }
}

function refusal(reason: Rejection['reason'], detail: string): Rejection {
  return { stage: 'deserialize', reason, detail }
}

function invalid(field: string | null): Rejection {
  return {
    stage: 'validate',
    reason: 'invalid',
    detail: field === null || field === '' ? 'the record' : field,
  }
}

function notRegistered(subjects: readonly string[]): string {
  return `not registered in the schema registry: ${subjects.join(', ')}. Run \`bailiff topics\` first.`
}
