/**
 * The fetched and not yet processed records of one source partition, in order, with the position that each of
 * them leads to: first items that are decoded, then batches that are not.
 *
 * Q1. Records before the expected offset are dropped: a batch that is handed over twice, or one of an earlier
 *     assignment, changes nothing.
 * Q2. The position moves over filtered, rejected and control records too (P1).
 * Q3. Stream time never goes back, and never runs ahead of the log's own time (P6).
 * Q4. A batch counts as held, with all of its bytes, until its last item is taken.
 */
import { BatchReader } from './batch-reader.ts'
import type { Event, Source } from './logic.ts'
import type { Rejection, SourceBatch, SourceRecord } from './record.ts'

/** What became of one record: `next` is the position behind it, `queue` where it comes from. */
export type QueueItem<E> = EventItem<E> | RejectedItem<E> | SkippedItem<E>

export interface EventItem<E> extends Event<E> {
  readonly kind: 'event'
  readonly next: number
  readonly queue: SourceQueue<E>
}

export interface RejectedItem<E> {
  readonly kind: 'rejected'
  readonly record: SourceRecord
  readonly rejection: Rejection
  readonly next: number
  readonly queue: SourceQueue<E>
}

export interface SkippedItem<E> {
  readonly kind: 'skipped'
  readonly next: number
  readonly queue: SourceQueue<E>
}

/** Records of one batch that are read and not decoded; `ended` when they are its last. */
interface Stretch {
  readonly records: readonly SourceRecord[]
  readonly ended: SourceBatch | null
}

/** Number of the item after which a batch is let go. */
interface Held {
  readonly until: number
  readonly bytes: number
}

export class SourceQueue<E> {
  readonly source: Source
  /** Offset of the next record to be processed: what a checkpoint stores. */
  position: number
  /** Largest event time seen, bounded by append time; -Infinity before the first event. */
  streamTimeMs: number
  /** When the task began to wait for this source; null while it does not. */
  waitingSinceMs: number | null = null
  /** Events processed since this was last told: counted here, told once a chunk. */
  processed = 0
  #batches: BatchReader[] = []
  #stretches: readonly Stretch[] = []
  #items: QueueItem<E>[] = []
  #head = 0
  /** Items ever appended, and the offset that they lead to. */
  #appended = 0
  #leadsTo: number
  #held: Held[] = []
  #bytes = 0
  #nextOffset: number
  #highWatermark: number

  /** `end`: the end of the partition as it is known at the start. */
  constructor(
    source: Source,
    start: { readonly position: number; readonly end: number; readonly streamTimeMs: number },
  ) {
    this.source = source
    this.position = start.position
    this.streamTimeMs = start.streamTimeMs
    this.#leadsTo = start.position
    this.#nextOffset = start.position
    this.#highWatermark = Math.max(start.position, start.end)
  }

  get topic(): string {
    return this.source.topic
  }

  /** The offset from which fetching goes on. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /** Decoded items. */
  get length(): number {
    return this.#items.length - this.#head
  }

  /** Fetched records that are not processed. */
  get fetched(): number {
    const read = this.#stretches.reduce((sum, { records }) => sum + records.length, 0)
    return this.#batches.reduce((sum, { left }) => sum + left, this.length + read)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether something fetched waits to be decoded. */
  get waiting(): boolean {
    return this.#batches.length > 0 || this.#stretches.length > 0
  }

  /** Records that the log is known to hold beyond what has been processed. */
  get lag(): number {
    return Math.max(0, this.#highWatermark - this.position)
  }

  /** Nothing buffered, though the log is known to hold more. */
  get awaited(): boolean {
    return this.length === 0 && !this.waiting && this.#nextOffset < this.#highWatermark
  }

  /** Takes a batch in as it is, but for what it repeats (Q1). */
  offer(batch: SourceBatch): void {
    this.#highWatermark = Math.max(this.#highWatermark, batch.highWatermark)
    if (batch.nextOffset <= this.#nextOffset) return
    this.#batches.push(new BatchReader(batch, this.#nextOffset))
    this.#bytes += batch.bytes
    this.#nextOffset = batch.nextOffset
  }

  /** The next records to be decoded, about `limit`, none from offset `before` on; the same ones again until they are appended. */
  undecoded(limit: number, before = Infinity): readonly SourceRecord[] {
    if (this.#stretches.length === 0) this.#stretches = this.#read(limit, before)
    const [only] = this.#stretches
    return this.#stretches.length === 1 && only !== undefined
      ? only.records
      : this.#stretches.flatMap(({ records }) => records)
  }

  /** Appends what `undecoded` gave, and what there is to pass behind it (Q2). */
  append(admit: (record: SourceRecord, queue: SourceQueue<E>) => QueueItem<E>): void {
    for (const { records, ended } of this.#stretches) {
      for (const record of records) this.#push(admit(record, this))
      if (ended === null) continue
      const { nextOffset, bytes } = ended
      if (this.#leadsTo < nextOffset) this.#push({ kind: 'skipped', next: nextOffset, queue: this })
      this.#held.push({ until: this.#appended, bytes })
    }
    this.#stretches = []
  }

  peek(): QueueItem<E> | undefined {
    return this.#items[this.#head]
  }

  take(): QueueItem<E> | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head++
    this.#letGo()
    if (this.#head === this.#items.length || this.#head >= 1024) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  takeProcessed(): number {
    const { processed } = this
    this.processed = 0
    return processed
  }

  /** Moves stream time by one event (Q3) and says whether that event is late. */
  observe(event: Event<E>): boolean {
    const bounded = Math.min(event.timeMs, event.record.appendTimeMs)
    if (bounded > this.streamTimeMs) this.streamTimeMs = bounded
    return event.timeMs < this.streamTimeMs - this.source.latenessMs
  }

  #read(limit: number, before: number): readonly Stretch[] {
    const stretches: Stretch[] = []
    let wanted = limit
    for (let first = this.#batches[0]; first !== undefined && wanted > 0; first = this.#batches[0]) {
      const records = first.take(wanted, before)
      wanted -= records.length
      const ended = first.left === 0 ? first.batch : null
      if (records.length > 0 || ended !== null) stretches.push({ records, ended })
      if (ended === null) break
      this.#batches.shift()
    }
    return stretches
  }

  #push(item: QueueItem<E>): void {
    this.#items.push(item)
    this.#appended++
    this.#leadsTo = item.next
  }

  /** Stops counting batches of which nothing is left (Q4); every batch ends with an item. */
  #letGo(): void {
    const taken = this.#appended - this.length
    for (let first = this.#held[0]; first !== undefined && first.until <= taken; first = this.#held[0]) {
      this.#bytes -= first.bytes
      this.#held.shift()
    }
  }
}
