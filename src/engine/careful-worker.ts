/**
 * A worker after a death: the same worker, given one record at a time, each noted before it is worked on and
 * committed after it, so that a record that kills its owner is found, and set aside at the third death (P8).
 *
 * V1. Nothing is worked on before the group's note names it.
 * V2. A record at which three owners died is set aside with reason `crash`, its bytes unchanged, and passed over.
 * V3. After `CAREFUL_RECORDS` records without a death the worker is itself again.
 *
 * Over several sources the record that was appended first comes first: near to the order of event time, and for a
 * few records only.
 */
import type { PartitionWorker, CommittedPosition, StepResult } from './partition-worker.ts'
import { MOST_DEATHS, type Suspicion } from './deaths.ts'
import type { Rejection, SourceBatch, SourceRecord } from './record.ts'

const CAREFUL_RECORDS = 500

const CRASH: Rejection = {
  stage: 'process',
  reason: 'crash',
  detail: `${MOST_DEATHS} owners died over this record; try it against a build that survives it`,
}

export interface Caretaker {
  /** Resolves when the group's note names the record as under work. */
  note(record: SourceRecord, deaths: number): Promise<void>
  /** Resolves when the record stands on its dead-letter topic. */
  setAside(record: SourceRecord, rejection: Rejection): Promise<void>
}

export class CarefulWorker implements PartitionWorker {
  readonly #worker: PartitionWorker
  readonly #suspicions: ReadonlyMap<string, Suspicion>
  readonly #caretaker: Caretaker
  #waiting: SourceBatch[] = []
  /** Where fetching goes on, by topic: past what is still waiting here. */
  readonly #fetched = new Map<string, number>()
  #under: { readonly topic: string; readonly nextOffset: number } | null = null
  #left = CAREFUL_RECORDS
  #stopped = false

  constructor(worker: PartitionWorker, suspicions: ReadonlyMap<string, Suspicion>, caretaker: Caretaker) {
    this.#worker = worker
    this.#suspicions = suspicions
    this.#caretaker = caretaker
  }

  get partition(): number {
    return this.#worker.partition
  }

  /** Still on its guard: its notes must not be overwritten. */
  get careful(): boolean {
    return this.#left > 0
  }

  get stopped(): boolean {
    return this.#stopped
  }

  offer(batch: SourceBatch): void {
    if (!this.careful) return this.#worker.offer(batch)
    const from = this.nextOffset(batch.topic)
    if (batch.nextOffset <= from) return
    this.#fetched.set(batch.topic, batch.nextOffset)
    this.#waiting.push(...singles(batch, from))
  }

  full(topic: string): boolean {
    return this.#waiting.length >= CAREFUL_RECORDS || this.#worker.full(topic)
  }

  nextOffset(topic: string): number {
    return Math.max(this.#worker.nextOffset(topic), this.#fetched.get(topic) ?? 0)
  }

  positions(): readonly CommittedPosition[] {
    return this.#worker.positions()
  }

  async step(): Promise<StepResult> {
    if (!this.careful) return this.#worker.step()
    if (this.#under === null) await this.#offerNext()
    if (this.#stopped) return { worked: false, wakeAtMs: null }
    const result = await this.#worker.step(false)
    await this.#worker.flush()
    const { worked, wakeAtMs } = result
    return { worked: this.#passed() || worked, wakeAtMs }
  }

  flush(): Promise<void> {
    return this.#worker.flush()
  }

  stop(): Promise<void> {
    this.#stopped = true
    return this.#worker.stop()
  }

  async #offerNext(): Promise<void> {
    const next = first(this.#waiting)
    if (next === null) return
    const [record] = next.records
    if (record !== undefined) {
      const suspicion = this.#suspicions.get(record.topic)?.under
      const deaths = suspicion?.offset === record.offset ? suspicion.deaths : 0
      await this.#caretaker.note(record, deaths)
      if (deaths >= MOST_DEATHS) await this.#caretaker.setAside(record, CRASH)
      if (this.#stopped) return
      this.#worker.offer(deaths >= MOST_DEATHS ? stretch(next, [], next.nextOffset) : next)
    } else this.#worker.offer(next)
    this.#waiting.splice(this.#waiting.indexOf(next), 1)
    this.#under = next
  }

  /** Whether the record under work is behind us; the last careful one lets all others go. */
  #passed(): boolean {
    const under = this.#under
    if (under === null) return false
    const position = this.positions().find(({ topic }) => topic === under.topic)
    if ((position?.offset ?? 0) < under.nextOffset) return false
    this.#under = null
    if (--this.#left === 0) for (const batch of this.#waiting.splice(0)) this.#worker.offer(batch)
    return true
  }
}

/** The batch as batches of one record; the last takes what lies behind its record with it. */
function singles(batch: SourceBatch, from: number): SourceBatch[] {
  const records = [...batch.records].filter((record) => record.offset >= from)
  if (records.length === 0) return [stretch(batch, [], batch.nextOffset)]
  return records.map((record, index) =>
    stretch(batch, [record], index === records.length - 1 ? batch.nextOffset : record.offset + 1),
  )
}

/** A part of a batch that is all there is for now: nobody waits for the rest of its source meanwhile. */
function stretch(batch: SourceBatch, records: readonly SourceRecord[], nextOffset: number): SourceBatch {
  const { topic, partition } = batch
  const bytes = records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0)
  return { topic, partition, records, count: records.length, bytes, nextOffset, highWatermark: nextOffset }
}

/** Of the next ones of each source what was appended first; what holds no record comes at once. */
function first(waiting: readonly SourceBatch[]): SourceBatch | null {
  const seen = new Set<string>()
  let earliest: SourceBatch | null = null
  for (const batch of waiting) {
    if (seen.has(batch.topic)) continue
    seen.add(batch.topic)
    if (appendedMs(batch) < appendedMs(earliest)) earliest = batch
  }
  return earliest
}

function appendedMs(batch: SourceBatch | null): number {
  if (batch === null) return Infinity
  const [record] = batch.records
  return record?.appendTimeMs ?? -Infinity
}
