/**
 * A broadcast topic: read whole by every process, outside any group, into one snapshot for all of its tasks. No
 * position is committed, so each start of a process reads it from the beginning.
 *
 * B1. Batches are taken in order, each when its schemas are known, however long that takes (P8).
 * B2. A record that cannot be read goes to the topic's dead letters with its bytes and the reason, before anything
 *     after it is taken (P1). Whoever meets it publishes it: each process, at each of its starts. An owner would have
 *     to be waited for, and may die before it has published. The key is the source position, by which readers of
 *     dead letters know a repeat.
 * B3. What ends the following, or is not over by waiting, ends the process: the snapshot would only grow old.
 */
import type { Codec } from '../../codec/codec.ts'
import type { Topic } from '../../codec/topic-types.ts'
import { followInOrder } from '../../log/follow-in-order.ts'
import type { Follower, Log, Publisher } from '../../engine/log.ts'
import type { Observer } from '../../engine/observer.ts'
import type { OutputRecord, Rejection, SourceBatch, SourceRecord } from '../../engine/record.ts'
import { deadLetter } from '../../engine/set-aside.ts'

export interface Broadcast {
  readonly topic: Topic
  readonly deadLetterTopic: string
  /** Who reads it, as dead letters name their group. */
  readonly reader: string
  /** What `take` needs of these records beside their schemas; throws TransientError while it cannot be had. */
  prepare?(records: readonly SourceRecord[]): Promise<void>
  /** Takes the record into the snapshot, or says why it cannot be read. */
  take(record: SourceRecord): Rejection | null
  /** What there is to do after a batch before the next one is taken; nothing waits for it but that. */
  settled?(): Promise<void>
}

export interface BroadcastParts {
  readonly log: Log
  readonly codec: Pick<Codec, 'prepare'>
  readonly publisher: Publisher
  readonly observer: Observer
  /** Tries again while a server is away. */
  readonly available: <T>(operation: () => Promise<T>) => Promise<T>
  /** Told of what ends the following for good (B3). */
  readonly failed: (error: unknown) => void
}

/** Follows until closed; resolves when all that was there has been taken. */
export async function followBroadcast(parts: BroadcastParts, broadcast: Broadcast): Promise<Follower> {
  const { log, codec, publisher, observer, available } = parts
  const take = async (batch: SourceBatch): Promise<void> => {
    const records = [...batch.records]
    await available(() => codec.prepare(records))
    await available(async () => broadcast.prepare?.(records))
    const letters = takeBatch(broadcast, batch, observer)
    if (letters.length > 0) await available(() => publisher.publish(letters))
    await broadcast.settled?.()
  }
  const topics = [broadcast.topic]
  return available(() => followInOrder({ log, topics, take, failed: parts.failed }))
}

/** Takes a batch whose schemas are known; gives the dead letters of what could not be read. */
export function takeBatch(
  broadcast: Broadcast,
  batch: SourceBatch,
  observer: Observer,
): readonly OutputRecord[] {
  return [...batch.records].flatMap((record) => {
    const rejection = record.unreadable ?? broadcast.take(record)
    if (rejection === null) return []
    observer.rejected(record, rejection)
    return [deadLetter(record, rejection, broadcast.deadLetterTopic, broadcast.reader)]
  })
}
