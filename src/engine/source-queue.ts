/**
 * The fetched and not yet processed records of one source partition, in order, with the position that each of
 * them leads to.
 *
 * Q1. Records before the expected offset are dropped on arrival: a batch that is handed over twice, or one of
 *     an earlier assignment, changes nothing.
 * Q2. The position moves over filtered, rejected and control records too (P1).
 * Q3. Stream time never goes back, and never runs ahead of the log's own time (P6).
 */
import type { Event } from './logic.ts'
import type { Rejection, SourceBatch, SourceRecord } from './record.ts'

export type QueueItem<E> =
  | { readonly kind: 'event'; readonly event: Event<E>; readonly next: number }
  | {
      readonly kind: 'rejected'
      readonly record: SourceRecord
      readonly rejection: Rejection
      readonly next: number
    }
  | { readonly kind: 'skipped'; readonly next: number }

export class SourceQueue<E> {
  readonly topic: string
  /** Offset of the next record to be processed: what a checkpoint stores. */
  position: number
  /** Largest event time seen, bounded by append time; -Infinity before the first event. */
  streamTimeMs: number
  /** When the task began to wait for this source; null while it does not. */
  waitingSinceMs: number | null = null
  /** Events processed since this was last told: counted here, told once a chunk. */
  processed = 0
  #items: QueueItem<E>[] = []
  #head = 0
  #bytes = 0
  #nextOffset: number
  #highWatermark: number

  /** `end`: the end of the partition as it is known at the start. */
  constructor(
    topic: string,
    start: { readonly position: number; readonly end: number; readonly streamTimeMs: number },
  ) {
    this.topic = topic
    this.position = start.position
    this.streamTimeMs = start.streamTimeMs
    this.#nextOffset = start.position
    this.#highWatermark = Math.max(start.position, start.end)
  }

  /** The offset from which fetching goes on. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Records that the log is known to hold beyond what has been processed. */
  get lag(): number {
    return Math.max(0, this.#highWatermark - this.position)
  }

  /** Nothing buffered, though the log is known to hold more. */
  get awaited(): boolean {
    return this.length === 0 && this.#nextOffset < this.#highWatermark
  }

  /** The batch's records that are new to this queue (Q1). */
  unseen(batch: SourceBatch): readonly SourceRecord[] {
    const expected = this.#nextOffset
    const first = batch.records[0]
    if (first === undefined || first.offset >= expected) return batch.records
    return batch.records.filter((record) => record.offset >= expected)
  }

  /** Appends decoded records, then moves the fetch position past the whole batch (Q2). */
  append(items: readonly QueueItem<E>[], batch: SourceBatch, bytes: number): void {
    for (const item of items) this.#items.push(item)
    this.#bytes += bytes
    this.#highWatermark = Math.max(this.#highWatermark, batch.highWatermark)
    if (batch.nextOffset <= this.#nextOffset) return
    const last = this.#items.at(-1)
    if (last === undefined || last.next < batch.nextOffset) {
      this.#items.push({ kind: 'skipped', next: batch.nextOffset })
    }
    this.#nextOffset = batch.nextOffset
  }

  peek(): QueueItem<E> | undefined {
    return this.#items[this.#head]
  }

  take(): QueueItem<E> | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head++
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
      this.#bytes = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#bytes = Math.round((this.#bytes * (this.#items.length - this.#head)) / this.#items.length)
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
  observe(event: Event<E>, latenessMs: number): boolean {
    const bounded = Math.min(event.timeMs, event.record.appendTimeMs)
    if (bounded > this.streamTimeMs) this.streamTimeMs = bounded
    return event.timeMs < this.streamTimeMs - latenessMs
  }
}
