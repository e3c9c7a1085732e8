/** From what a broker answered to what the engine reads. */
import type { Headers, SourceBatch, SourceRecord } from '../../engine/record.ts'
import { committedMessages, type AbortedTransaction, type FetchedMessage } from './committed.ts'

/** One partition's part of the answer to a fetch. */
export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly highWatermark: number
  readonly abortedTransactions: readonly AbortedTransaction[]
  readonly messages: readonly FetchedMessage[]
}

/** The committed records from `position` on; null where the answer holds nothing that moves the position. */
export function sourceBatch(fetched: FetchedPartition, position: number): SourceBatch | null {
  const last = fetched.messages.at(-1)
  if (last === undefined || Number(last.offset) < position) return null
  const { topic, partition, highWatermark } = fetched
  const records = committedMessages(fetched.messages, fetched.abortedTransactions)
    .filter((message) => Number(message.offset) >= position)
    .map((message) => sourceRecord(topic, partition, message))
  return { topic, partition, records, nextOffset: Number(last.offset) + 1, highWatermark }
}

function sourceRecord(topic: string, partition: number, message: FetchedMessage): SourceRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    appendTimeMs: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: headersOf(message.headers),
  }
}

const NO_HEADERS: Headers = Object.freeze({})

/** The first value of each header; headers without a value are left out. */
function headersOf(headers: FetchedMessage['headers']): Headers {
  if (headers === undefined) return NO_HEADERS
  const names = Object.keys(headers)
  if (names.length === 0) return NO_HEADERS
  const values = names.map((name) => [name, firstOf(headers[name])] as const)
  return Object.fromEntries(values.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}

function firstOf(value: Buffer | string | (Buffer | string)[] | null | undefined): Buffer | string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null
}
