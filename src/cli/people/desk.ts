/** Where people's commands read and write: topics as they are now, whole or one account's part, and signed words. */
import type { Codec } from '../../codec/codec.ts'
import type { Topic, TopicTypes } from '../../codec/topic-types.ts'
import { keyOf } from '../../codec/topics.ts'
import { systemClock } from '../../domain/clock.ts'
import type { SourceRecord } from '../../engine/record.ts'
import type { KafkaLog } from '../../log/kafka/kafka-log.ts'
import { partitionOf } from '../../log/murmur2.ts'
import { KeySource } from '../../sign/key-source.ts'
import { signingWith, type Signing } from '../../sign/signature.ts'
import { signedWords, trustedWords, type Words } from '../compose/signed-words.ts'
import { topicRecords, valueOf, withTopics } from '../compose/with-topics.ts'
import type { CommandContext } from '../context.ts'
import { usageError } from '../exit.ts'

/** Topics that people write. */
type WordTopic = 'abuse.decisions.v1' | 'bailiff.control.v1'

const BATCH_RECORDS = 500

export class Desk {
  readonly #log: KafkaLog
  readonly #codec: Codec
  readonly #words: Words

  constructor(log: KafkaLog, codec: Codec, words: Words) {
    this.#log = log
    this.#codec = codec
    this.#words = words
  }

  /** Values of the topic that count, one after another, in order within each account; of one account where it is named. */
  async *each<T extends Topic>(topic: T, accountId: string | null = null): AsyncIterable<TopicTypes[T]> {
    for await (const value of this.#values(topic, accountId)) if (value !== null) yield value
  }

  /** The same as a list: for one account's part, and for what is few. */
  async read<T extends Topic>(topic: T, accountId: string | null = null): Promise<readonly TopicTypes[T][]> {
    const values: TopicTypes[T][] = []
    for await (const value of this.each(topic, accountId)) values.push(value)
    return values
  }

  /** The same desk, to which every value counts that can be read. */
  trusting(): Desk {
    return new Desk(this.#log, this.#codec, trustedWords)
  }

  /** What a compacted topic says of the account now; null for nothing. */
  async newest<T extends Topic>(topic: T, accountId: string): Promise<TopicTypes[T] | null> {
    let newest: TopicTypes[T] | null = null
    for await (const value of this.#values(topic, accountId)) newest = value
    return newest
  }

  /** Null for a tombstone; what cannot be read and words that do not count are left out. */
  async *#values<T extends Topic>(topic: T, accountId: string | null): AsyncIterable<TopicTypes[T] | null> {
    const records = topicRecords(this.#log, topic, ({ low }, partition, partitions) =>
      accountId === null || partition === partitionOf(Buffer.from(accountId), partitions) ? low : null,
    )
    for await (const record of records) {
      if (accountId !== null && record.key?.toString() !== accountId) continue
      const value = await this.#value(topic, record)
      if (value !== null || record.value === null) yield value
    }
  }

  async #value<T extends Topic>(topic: T, record: SourceRecord): Promise<TopicTypes[T] | null> {
    const value = await valueOf(this.#codec, topic, record)
    if (value === null) return null
    await this.#words.prepare([record])
    return this.#words.refusalOf(record) === null ? value : null
  }

  /** How long topics really keep records, in milliseconds; null for ever. */
  retentions(topics: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
    return this.#log.retentions(topics)
  }

  async write<T extends WordTopic>(topic: T, words: readonly TopicTypes[T][]): Promise<void> {
    const publisher = await this.#log.publisher()
    for (let from = 0; from < words.length; from += BATCH_RECORDS)
      await publisher.publish(
        words.slice(from, from + BATCH_RECORDS).map((value) => ({
          topic,
          key: keyOf<T>(topic, value),
          value: this.#codec.encode(topic, value),
          headers: {},
        })),
      )
  }
}

/** A desk for as long as the work lasts. `reads` and `writes`: topics that must be there. */
export async function atDesk<T>(
  { settings }: CommandContext,
  topics: { readonly reads: readonly Topic[]; readonly writes: readonly WordTopic[] },
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  return withTopics(settings, { purpose: 'desk', ...topics }, (log, codec) =>
    work(new Desk(log, codec, wordsOf(codec, settings.signers))),
  )
}

/** Where no signers are set, all words are shown: enforcement sets them aside, and a person sees that nothing follows. */
function wordsOf(codec: Codec, signers: string): Words {
  return signers === '' ? trustedWords : signedWords(codec, new KeySource(signers, systemClock))
}

/** Who signs. Throws a usage error where no key is set. */
export function signingOf({ settings }: CommandContext): Promise<Signing> {
  if (settings.signingKey !== '') return signingWith(settings.signingKey)
  throw usageError([
    'Decisions are signed, and no key is set.',
    'Make one with `bailiff keys new PERSON`, then set BAILIFF_SIGNING_KEY_FILE to the file of the private key.',
  ])
}
