/**
 * What a stage has been handed and has not worked on: fetched batches of each source.
 *
 * I1. Over several sources comes first what the log took in first, the earlier source where that is the same: a backlog is
 *     worked on in the order in which it would have been without one. Else the outputs of one source's backlog would make
 *     those of the other's late for whoever reads them.
 * I2. A source that is known to have more is waited for before others go on, so long at most each time (P6).
 */
import { BatchReader } from './batch-reader.ts'
import { waitUntil } from './merge.ts'
import type { SourceBatch, SourceRecord } from './record.ts'

/** What one step works on, and where it leaves the positions. */
export interface Portion {
  readonly records: readonly SourceRecord[]
  readonly positions: ReadonlyMap<string, number>
  /** Topics of the batches that are through with it, one for each batch. */
  readonly topicsDone: readonly string[]
}

/** Where a source begins, and where it is known to end. */
interface SourceStart {
  readonly topic: string
  readonly position: number
  readonly end: number
}

/** In bytes of values: a record of references can become twenty times as much. */
const MOST_PORTION_BYTES = 4 * 1024 * 1024

export class StageInbox {
  readonly #lanes: readonly Lane[]
  readonly #maxSourceWaitMs: number

  /** `starts`: of each source, in their order. */
  constructor(starts: readonly SourceStart[], maxSourceWaitMs: number) {
    this.#lanes = starts.map((start) => new Lane(start))
    this.#maxSourceWaitMs = maxSourceWaitMs
  }

  get empty(): boolean {
    return this.#lanes.every(({ readers }) => readers.length === 0)
  }

  /** Records and bytes that wait: of one topic, or of all. */
  size(topic: string | null = null): { readonly records: number; readonly bytes: number } {
    let [records, bytes] = [0, 0]
    for (const { readers } of topic === null ? this.#lanes : [this.#lane(topic)]) {
      for (const { left, batch } of readers) {
        records += left
        bytes += batch.bytes
      }
    }
    return { records, bytes }
  }

  /** The offset from which fetching goes on. */
  nextOffset(topic: string): number {
    return this.#lane(topic).nextOffset
  }

  /** The end of the partition as far as it is known. */
  end(topic: string): number {
    return this.#lane(topic).end
  }

  offer(batch: SourceBatch): void {
    this.#lane(batch.topic).offer(batch)
  }

  /** Until when a source is waited for (I2); null where there is no reason to. */
  waitUntil(nowMs: number): number | null {
    return waitUntil(this.#lanes, nowMs, this.#maxSourceWaitMs)
  }

  /**
   * Takes what comes next, at most so many records and `MOST_PORTION_BYTES`; fewer where a source that has more runs out
   * before (I2).
   */
  take(maxRecords: number, nowMs: number): Portion {
    const records: SourceRecord[] = []
    const positions = new Map<string, number>()
    const topicsDone = this.#passRead(positions)
    let bytes = 0
    while (records.length < maxRecords && bytes < MOST_PORTION_BYTES && this.waitUntil(nowMs) === null) {
      const record = this.#first()?.shift() ?? null
      if (record === null) break
      records.push(record)
      bytes += record.value?.length ?? 0
      positions.set(record.topic, record.offset + 1)
      topicsDone.push(...this.#passRead(positions))
    }
    return { records, positions, topicsDone }
  }

  /** Lets batches go of which nothing is left, moves the positions behind them, and gives their topics. */
  #passRead(positions: Map<string, number>): string[] {
    const done: string[] = []
    for (const { topic, readers } of this.#lanes) {
      for (let first = readers[0]; first !== undefined && first.peek() === null; first = readers[0]) {
        positions.set(topic, Math.max(positions.get(topic) ?? 0, first.batch.nextOffset))
        done.push(topic)
        readers.shift()
      }
    }
    return done
  }

  /** Whose next record the log took in first (I1); null where none waits. */
  #first(): BatchReader | null {
    let [best, bestMs]: [BatchReader | null, number] = [null, Infinity]
    for (const { readers } of this.#lanes) {
      const reader = readers[0] ?? null
      const nextMs = reader?.peek()?.appendTimeMs ?? Infinity
      if (best !== null && nextMs >= bestMs) continue
      best = reader
      bestMs = nextMs
    }
    return best
  }

  #lane(topic: string): Lane {
    const found = this.#lanes.find((candidate) => candidate.topic === topic)
    if (found === undefined) throw new Error(`No source ${topic} in this stage.`)
    return found
  }
}

class Lane {
  readonly topic: string
  readonly readers: BatchReader[] = []
  /** When the stage began to wait for this source; null while it does not. */
  waitingSinceMs: number | null = null
  /** Offset behind all that has been handed over. */
  nextOffset: number
  /** End of the partition as far as it is known. */
  end: number

  constructor({ topic, position, end }: SourceStart) {
    this.topic = topic
    this.nextOffset = position
    this.end = end
  }

  /** Nothing waits, though the log is known to hold more. */
  get awaited(): boolean {
    return this.readers.length === 0 && this.nextOffset < this.end
  }

  offer(batch: SourceBatch): void {
    this.end = Math.max(this.end, batch.highWatermark)
    this.readers.push(new BatchReader(batch, this.nextOffset))
    this.nextOffset = Math.max(this.nextOffset, batch.nextOffset)
  }
}
