/**
 * The sources of one task: fetched batches in, decoded items out in the order of event time (P6).
 *
 * F1. A batch is decoded only when its source has little left, so that no step decodes a backlog.
 * F2. Fetched batches wait undecoded while schemas cannot be had; nothing is lost or reordered by that.
 */
import { admit, type IntakeRules } from './intake.ts'
import type { Source } from './logic.ts'
import { nextSource, waitUntil } from './merge.ts'
import { finiteOrNull, type SourceMeta } from './meta.ts'
import type { EngineOptions } from './options.ts'
import { Rebuild } from './rebuild.ts'
import { bytesOf, type SourceBatch, type SourceRecord } from './record.ts'
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
  readonly #rebuild: Rebuild<E>
  #inbox: SourceBatch[] = []

  constructor(
    sources: readonly Source[],
    start: Pick<Takeover, 'positions' | 'ends' | 'meta' | 'noted'>,
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
    this.#rebuild = new Rebuild(this.#sources, start.noted)
  }

  get queues(): readonly SourceQueue<E>[] {
    return this.#queues
  }

  /** Whether what is processed was processed before the store was set back or lost. */
  get rebuilding(): boolean {
    return this.#rebuild.active
  }

  /** Batches that wait to be decoded. */
  get waiting(): boolean {
    return this.#inbox.length > 0
  }

  /** Where each source stands, for the checkpoint. */
  metas(): Readonly<Record<string, SourceMeta>> {
    return Object.fromEntries(
      this.#queues.map(({ topic, position, streamTimeMs }) => [
        topic,
        { position, streamTimeMs: finiteOrNull(streamTimeMs) },
      ]),
    )
  }

  offer(batch: SourceBatch): void {
    this.#inbox.push(batch)
  }

  full(topic: string): boolean {
    const { queue } = this.#source(topic)
    const fetched = this.#inbox.filter((batch) => batch.topic === topic)
    const records = fetched.reduce((sum, batch) => sum + batch.records.length, queue.length)
    const bytes = fetched.reduce((sum, batch) => sum + bytesOf(batch.records), queue.bytes)
    return records >= this.#options.queueMaxRecords || bytes >= this.#options.queueMaxBytes
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
      queue.append(
        records.map((record) => admit(record, source, this.#rules)),
        batch,
        bytesOf(records),
      )
      this.#inbox.splice(this.#inbox.indexOf(batch), 1)
    }
  }

  /** Adds items to `chunk` in order, up to its bound; gives until when a source is waited for, or null. */
  fill(chunk: FeedItem<E>[], nowMs: number): number | null {
    while (this.#rebuild.taking && chunk.length < this.#options.chunkRecords) {
      const next = this.#rebuild.take()
      if (next === null) return null
      chunk.push(next)
    }
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

  #source(topic: string): FeedSource<E> {
    const found = this.#sources.find(({ source }) => source.topic === topic)
    if (found === undefined) throw new Error(`No source ${topic} in this task.`)
    return found
  }
}
