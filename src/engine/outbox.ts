/**
 * Outputs between commit and log: packed into the checkpoint, published after it, acknowledged by a later one.
 *
 * O1. What is published carries task, epoch and sequence of its commit, so that a takeover can tell what of a
 *     half-finished publication stands in the log.
 */
import {
  HEADER_EPOCH,
  HEADER_SEQUENCE,
  HEADER_TASK,
  type Headers,
  type OutputRecord,
  type SourceRecord,
  headerText,
} from './record.ts'

/** The name of one commit of one task, as its outputs carry it. */
export interface CommitName {
  readonly epoch: number
  readonly sequence: number
}

/** The records with the engine's headers (O1). */
export function stamp(outputs: readonly OutputRecord[], task: string, name: CommitName): OutputRecord[] {
  const marks = {
    [HEADER_TASK]: task,
    [HEADER_EPOCH]: String(name.epoch),
    [HEADER_SEQUENCE]: String(name.sequence),
  }
  return outputs.map((output) => ({ ...output, headers: { ...output.headers, ...marks } }))
}

/** Which commit of `task` wrote a record; null where another writer did. */
export function writtenBy(record: SourceRecord, task: string): CommitName | null {
  if (headerText(record.headers, HEADER_TASK) !== task) return null
  const epoch = Number(headerText(record.headers, HEADER_EPOCH))
  const sequence = Number(headerText(record.headers, HEADER_SEQUENCE))
  return Number.isSafeInteger(epoch) && Number.isSafeInteger(sequence) ? { epoch, sequence } : null
}

interface PackedRecord {
  readonly topic: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  /** Byte length of the value; -1 for a tombstone. */
  readonly length: number
}

/** One JSON line that describes the records, then their values one after another. */
export function packOutbox(records: readonly OutputRecord[]): Buffer {
  const head: PackedRecord[] = records.map((record) => ({
    topic: record.topic,
    key: record.key,
    headers: textHeaders(record.headers),
    length: record.value === null ? -1 : record.value.length,
  }))
  const values = records.map((record) => record.value).filter((value) => value !== null)
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...values])
}

export function unpackOutbox(payload: Buffer): OutputRecord[] {
  const end = payload.indexOf(0x0a)
  const head: unknown = JSON.parse(payload.toString('utf8', 0, end))
  let at = end + 1
  return packedRecords(head).map((packed) => {
    const value = packed.length < 0 ? null : payload.subarray(at, at + packed.length)
    at += Math.max(0, packed.length)
    return { topic: packed.topic, key: packed.key, headers: packed.headers, value }
  })
}

function textHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]))
}

function packedRecords(head: unknown): readonly PackedRecord[] {
  if (!Array.isArray(head) || !head.every(isPackedRecord)) throw new Error('Outbox entry is damaged.')
  return head
}

function isPackedRecord(value: unknown): value is PackedRecord {
  return (
    typeof value === 'object' && value !== null && 'topic' in value && 'key' in value && 'length' in value
  )
}
