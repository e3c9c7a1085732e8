/**
 * What goes in and out of a task. The engine sees bytes, keys, times and positions; it knows nothing of abuse.
 */
export type Headers = Readonly<Record<string, Buffer | string>>

/** One record of a source, as a log delivers it. Times are epoch milliseconds. */
export interface SourceRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** When the log appended it (LogAppendTime), or the producer's time where the topic keeps that. */
  readonly appendTimeMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
  /** Why the log could not hand it over, where it could not: it has no key, value or headers then. */
  readonly unreadable?: Rejection
}

/** One fetched stretch of one source partition. `nextOffset` passes control and compacted records too. */
export interface SourceBatch {
  readonly topic: string
  readonly partition: number
  /** In order. They may be read from bytes anew in each pass, as it comes to them. */
  readonly records: Iterable<SourceRecord>
  /** How many these are. */
  readonly count: number
  /** What they take in memory while the batch is kept. */
  readonly bytes: number
  readonly nextOffset: number
  /** End of the partition when this was fetched: what lies between is known lag. */
  readonly highWatermark: number
}

/** One record to be written. A task gives no partition: it writes its own (P3). */
export interface OutputRecord {
  readonly topic: string
  readonly key: string
  /** Null is a tombstone on compacted topics. */
  readonly value: Buffer | null
  readonly headers: Headers
}

/** Why a record was set aside: the `stage` that refused it and a reason code that says what to look for. */
export interface Rejection {
  readonly stage: 'deserialize' | 'validate' | 'process'
  readonly reason:
    | 'tooLarge'
    | 'notWireFormat'
    | 'unknownSchema'
    | 'undecodable'
    | 'invalid'
    | 'nullValue'
    | 'nullKey'
    | 'keyMismatch'
    | 'wrongPartition'
    | 'future'
    | 'crash'
    | 'unsigned'
    | 'badSignature'
    | 'unknownSigner'
    | 'notItsSigner'
    | 'expiredSignature'
  /** Names the field or limit, never the content (P9). */
  readonly detail: string
}

/** Names an output for ever, whatever commit it left by (CloudEvents). */
export const HEADER_ID = 'ce_id'
/** The headers that the engine itself writes; readers find repeats and origins by them. */
export const HEADER_TASK = 'bailiff-task'
export const HEADER_EPOCH = 'bailiff-epoch'
export const HEADER_SEQUENCE = 'bailiff-sequence'
/** `<stage>/<topic>/<partition>` and `<offset>.<index>`: stateless stages' outputs are dropped when not newer. */
export const HEADER_ORIGIN = 'bailiff-origin'
export const HEADER_ORIGIN_POSITION = 'bailiff-origin-position'

/** A header as text; null where it is missing. */
export function headerText(headers: Headers, name: string): string | null {
  const value = headers[name]
  return value === undefined ? null : value.toString()
}
