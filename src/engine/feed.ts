/**
 * The sources of one task: fetched batches in, decoded items out in the order of event time (P6).
 *
 * F1. A batch is decoded only when its source has little left, so that no step decodes a backlog.
 * F2. Fetched batches wait undecoded while schemas cannot be had; nothing is lost or reordered by that.
 * F3. A source that is known to have more may be gone without (P6), but nothing that it may still need is over.
 */
import { admit, type IntakeRules } from './intake.ts'
import type { Source } from './logic.ts'
import { nextSource, waitUntil } from './merge.ts'
import type { EngineOptions } from './options.ts'
import type { SourceBatch, SourceRecord } from './record.ts'
import { SourceQueue, type QueueItem } from './source-queue.ts'
import type { Takeover } from './takeover.ts'

/** One source of the task with what is fetched of it. */
export interface FeedSource<E> {
  readonly source: Source
  readonly queue: SourceQueue<E>
}

export interface FeedItem<E> {
  readonly item: QueueItem<E>
  readonly from: FeedSource<E>
}

export class Feed<E> {
  readonly #sources: readonly FeedSource<E>[]
  readonly #queues: readonly SourceQueue<E>[]
  readonly #rules: IntakeRules<E>
  readonly #options: EngineOptions
  #inbox: SourceBatch[] = []

  constructor(
    sources: readonly Source[],
    start: Pick<Takeover, 'positions' | 'ends' | 'meta'>,
    rules: IntakeRules<E>,
    options: EngineOptions,
  ) {
    this.#sources = sources.map((source) => {
      const streamTimeMs = start.meta?.sources[source.topic]?.streamTimeMs ?? -Infinity
      const position = start.positions.get(source.topic) ?? 0
      const end = start.ends.get(source.topic) ?? position
      const queue = new SourceQueue<E>(source.topic, { position, end, streamTimeMs })
      return { source, queue }
    })
    this.#queues = this.#sources.map(({ queue }) => queue)
    this.#rules = rules
    this.#options = options
  }

  get queues(): readonly SourceQueue<E>[] {
    return this.#queues
  }

  /** Batches that wait to be decoded. */
  get waiting(): boolean {
    return this.#inbox.length > 0
  }

  offer(batch: SourceBatch): void {
    this.#inbox.push(batch)
  }

  full(topic: string): boolean {
    const { queue } = this.#source(topic)
    const fetched = this.#inbox.filter((batch) => batch.topic === topic)
    const records = fetched.reduce((sum, batch) => sum + batch.records.length, queue.length)
    return records >= this.#options.queueMaxRecords || queue.bytes >= this.#options.queueMaxBytes
  }

  /** Where fetching goes on, what is fetched and not yet decoded included. */
  nextOffset(topic: string): number {
    const last = this.#inbox.findLast((batch) => batch.topic === topic)
    return Math.max(this.#source(topic).queue.nextOffset, last?.nextOffset ?? 0)
  }

  /** Decodes what is needed next (F1); `prepare` may wait or throw, and is called again then (F2). */
  async decode(prepare: (records: readonly SourceRecord[]) => Promise<void>): Promise<void> {
    for (const { source, queue } of this.#sources) {
      if (queue.length >= this.#options.chunkRecords) continue
      const batch = this.#inbox.find((candidate) => candidate.topic === source.topic)
      if (batch === undefined) continue
      const records = queue.unseen(batch)
      await prepare(records)
      const bytes = records.reduce((sum, record) => sum + (record.value?.length ?? 0), 0)
      queue.append(
        records.map((record) => admit(record, source, this.#rules)),
        batch,
        bytes,
      )
      this.#inbox.splice(this.#inbox.indexOf(batch), 1)
    }
  }

  /** Adds items to `chunk` in order, up to its bound; gives until when a source is waited for, or null. */
  fill(chunk: FeedItem<E>[], nowMs: number): number | null {
    while (chunk.length < this.#options.chunkRecords) {
      const waitMs = waitUntil(this.#queues, nowMs, this.#options.maxSourceWaitMs)
      if (waitMs !== null) return waitMs
      const index = nextSource(this.#queues)
      const from = index === null ? undefined : this.#sources[index]
      const item = from?.queue.take()
      if (from === undefined || item === undefined) return null
      chunk.push({ item, from })
    }
    return null
  }

  /** How far all sources have come (F3); `progressMs`: how far the foremost has. */
  frontierMs(progressMs: number): number {
    let frontierMs = progressMs
    for (const queue of this.#queues) {
      if (queue.lag > 0 && queue.streamTimeMs < frontierMs) frontierMs = queue.streamTimeMs
    }
    return frontierMs
  }

  #source(topic: string): FeedSource<E> {
    const found = this.#sources.find(({ source }) => source.topic === topic)
    if (found === undefined) throw new Error(`No source ${topic} in this task.`)
    return found
  }
}
