/**
 * The sources of one task: fetched batches in, decoded items out in the order of event time (P6).
 *
 * F1. Only the next stretch of each source is read and decoded: a backlog stays bytes, and no step decodes one.
 * F2. Fetched batches wait undecoded while schemas cannot be had; nothing is lost or reordered by that.
 * F3. A source that is known to have more may be gone without (P6), but nothing that it may still need is over.
 * F4. What killed owners before the store was lost is not decoded again (crashed.ts).
 */
import { CRASH, type Care } from './care.ts'
import { admit, type IntakeRules } from './intake.ts'
import type { Source } from './logic.ts'
import { nextSource, waitUntil } from './merge.ts'
import { finiteOrNull, type SourceMeta } from './meta.ts'
import type { EngineOptions } from './options.ts'
import { Rebuild } from './rebuild.ts'
import type { SourceBatch, SourceRecord } from './record.ts'
import { sourcePosition } from './set-aside.ts'
import { SourceQueue, type QueueItem } from './source-queue.ts'
import type { Takeover } from './takeover.ts'

export class Feed<E> {
  readonly queues: readonly SourceQueue<E>[]
  readonly #admit: (record: SourceRecord, queue: SourceQueue<E>) => QueueItem<E>
  readonly #options: EngineOptions
  readonly #rebuild: Rebuild<E>

  constructor(
    sources: readonly Source[],
    start: Pick<Takeover, 'positions' | 'ends' | 'meta' | 'noted' | 'crashed'>,
    rules: IntakeRules<E>,
    options: EngineOptions,
  ) {
    this.queues = sources.map((source) => {
      const streamTimeMs = start.meta?.sources[source.topic]?.streamTimeMs ?? -Infinity
      const position = start.positions.get(source.topic) ?? 0
      const end = start.ends.get(source.topic) ?? position
      return new SourceQueue<E>(source, { position, end, streamTimeMs })
    })
    const { crashed } = start
    this.#admit =
      crashed.size === 0
        ? (record, queue) => admit(record, queue, rules)
        : (record, queue) =>
            crashed.has(sourcePosition(record)) ? pass(record, queue) : admit(record, queue, rules)
    this.#options = options
    this.#rebuild = new Rebuild(this.queues, start.noted)
  }

  /** Whether what is processed was processed before the store was set back or lost. */
  get rebuilding(): boolean {
    return this.#rebuild.active
  }

  /** Whether facts of the source come before their time, and so move none (rebuild.ts, B2). */
  rebuildsFacts(source: Source): boolean {
    return source.compacted && this.rebuilding
  }

  /** Whether something fetched waits to be decoded. */
  get waiting(): boolean {
    return this.queues.some((queue) => queue.waiting)
  }

  /** Where each source stands, for the checkpoint. */
  metas(): Readonly<Record<string, SourceMeta>> {
    return Object.fromEntries(
      this.queues.map(({ topic, position, streamTimeMs }) => [
        topic,
        { position, streamTimeMs: finiteOrNull(streamTimeMs) },
      ]),
    )
  }

  offer(batch: SourceBatch): void {
    this.#queue(batch.topic).offer(batch)
  }

  full(topic: string): boolean {
    const queue = this.#queue(topic)
    return queue.fetched >= this.#options.queueMaxRecords || queue.bytes >= this.#options.queueMaxBytes
  }

  /** Where fetching goes on, what is fetched and not yet decoded included. */
  nextOffset(topic: string): number {
    return this.#queue(topic).nextOffset
  }

  /**
   * Decodes what is needed next (F1); `prepare` may wait or throw, and is called again then (F2). With `onlyPassed`, of
   * a rebuild that which was processed before.
   */
  async decode(
    prepare: (records: readonly SourceRecord[]) => Promise<void>,
    onlyPassed = false,
  ): Promise<void> {
    for (const queue of this.queues) {
      const wanted = this.#options.chunkRecords - queue.length
      if (wanted <= 0 || !queue.waiting) continue
      const before = onlyPassed ? this.#rebuild.targetOf(queue) : Infinity
      const records = queue.undecoded(wanted, before)
      if (records.some(({ offset }) => offset >= before)) continue
      await prepare(records)
      queue.append(this.#admit)
    }
  }

  /** As `decode`, but the next record of each source only, and none that `care` has not taken. */
  async decodeCarefully(
    prepare: (records: readonly SourceRecord[]) => Promise<void>,
    care: Care,
  ): Promise<void> {
    for (const queue of this.queues) {
      if (queue.length > 0 || !queue.waiting) continue
      const [record] = queue.undecoded(1)
      if (record === undefined || care.condemned(record)) queue.append(condemn)
      else {
        await prepare([record])
        await care.take(record)
        queue.append(this.#admit)
      }
    }
  }

  /**
   * Adds items to `chunk` in order, up to so many, with `onlyPassed` of a rebuild alone; gives until when a source is
   * waited for, or null.
   */
  fill(chunk: QueueItem<E>[], nowMs: number, chunkRecords: number, onlyPassed = false): number | null {
    while (this.#rebuild.taking && chunk.length < chunkRecords) {
      const next = this.#rebuild.take()
      if (next === null) return null
      chunk.push(next)
    }
    while (chunk.length < chunkRecords && !onlyPassed) {
      const waitMs = waitUntil(this.queues, nowMs, this.#options.maxSourceWaitMs)
      if (waitMs !== null) return waitMs
      const item = nextSource(this.queues)?.take()
      if (item === undefined) return null
      chunk.push(item)
    }
    return null
  }

  /** Where the source stands, and how much of it is known to lie beyond. */
  at(topic: string): Pick<SourceQueue<E>, 'position' | 'lag'> {
    return this.#queue(topic)
  }

  /** How far all sources have come (F3), compacted ones left out: facts are in no window. */
  frontierMs(progressMs: number): number {
    let frontierMs = progressMs
    for (const queue of this.queues) {
      if (queue.source.compacted || queue.lag === 0) continue
      frontierMs = Math.min(frontierMs, queue.streamTimeMs)
    }
    return frontierMs
  }

  #queue(topic: string): SourceQueue<E> {
    const found = this.queues.find(({ source }) => source.topic === topic)
    if (found === undefined) throw new Error(`No source ${topic} in this task.`)
    return found
  }
}

/** It has been set aside before. */
function pass<E>(record: SourceRecord, queue: SourceQueue<E>): QueueItem<E> {
  return { kind: 'skipped', next: record.offset + 1, queue }
}

function condemn<E>(record: SourceRecord, queue: SourceQueue<E>): QueueItem<E> {
  return { kind: 'rejected', record, rejection: CRASH, next: record.offset + 1, queue }
}
