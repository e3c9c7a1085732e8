/**
 * `bailiff tail TOPIC`: records of a topic as JSON lines, from the beginning and then live. Of dead letters and
 * late records the headers and sizes are told, never the bytes: they may be text (P9).
 */
import type { Codec } from '../../codec/codec.ts'
import type { Topic } from '../../codec/topic-types.ts'
import { isTopic } from '../../codec/topics.ts'
import type { SourceBatch, SourceRecord } from '../../engine/record.ts'
import { withTopics } from '../compose/with-topics.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'
import { knownTopic } from './send.ts'

export interface TailOptions {
  /** Leave out what was there before. */
  readonly live: boolean
  /** Stop at what is the end now. */
  readonly once: boolean
  /** Stop after so many records; null for no bound. */
  readonly max: number | null
  /** Position, key and headers beside the value. */
  readonly envelope: boolean
}

export async function tail(context: CommandContext, name: string, options: TailOptions): Promise<number> {
  const side = name.startsWith('dlq.') || name.startsWith('late.')
  const topic = side ? name : knownTopic(name)
  return withTopics(context.settings, { purpose: 'tail', reads: [topic], writes: [] }, async (log, codec) => {
    const tailing = new Tailing(context, codec, options)
    const starts = options.live ? (await log.bounds(topic)).map(({ high }) => high) : []
    const follower = await log.follow([topic], (batch) => tailing.take(batch, starts[batch.partition] ?? 0))
    const ends = options.once
      ? follower.caughtUp().then(() => tailing.settled())
      : new Promise<void>(() => undefined)
    await Promise.race([context.interrupted, tailing.full, ends, follower.failed()])
    return EXIT.ok
  })
}

class Tailing {
  readonly #context: CommandContext
  readonly #codec: Codec
  readonly #options: TailOptions
  readonly #full = Promise.withResolvers<void>()
  #printed = 0
  #work: Promise<void> = Promise.resolve()

  constructor(context: CommandContext, codec: Codec, options: TailOptions) {
    this.#context = context
    this.#codec = codec
    this.#options = options
  }

  /** Resolves when `max` records have been printed. */
  get full(): Promise<void> {
    return this.#full.promise
  }

  /** Resolves when everything that was taken has been printed. */
  async settled(): Promise<void> {
    await this.#work
  }

  take(batch: SourceBatch, fromOffset: number): void {
    this.#work = this.#work
      .then(() => this.#print(batch, fromOffset))
      .catch((error: unknown) => this.#full.reject(error))
  }

  async #print(batch: SourceBatch, fromOffset: number): Promise<void> {
    await this.#codec.prepare([...batch.records])
    for (const record of batch.records) {
      if (record.offset < fromOffset || this.#isFull()) continue
      this.#context.print(JSON.stringify(this.#shown(record)))
      this.#printed++
      if (this.#isFull()) this.#full.resolve()
    }
  }

  #isFull(): boolean {
    return this.#options.max !== null && this.#printed >= this.#options.max
  }

  #shown(record: SourceRecord): unknown {
    if (!isTopic(record.topic)) return { ...position(record), bytes: record.value?.length ?? 0 }
    const value = this.#value(record.topic, record)
    return this.#options.envelope || record.value === null ? { ...position(record), value } : value
  }

  #value(topic: Topic, record: SourceRecord): unknown {
    if (record.value === null) return null
    const decoded = this.#codec.decode(topic, record)
    return decoded.ok ? decoded.value : { unreadable: decoded.rejection }
  }
}

function position(record: SourceRecord): object {
  const { topic, partition, offset, appendTimeMs } = record
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [name, value.toString()]),
  )
  return { topic, partition, offset, appendTimeMs, key: record.key?.toString() ?? null, headers }
}
