/**
 * One fetched batch, read from the front as its records are needed: what nobody has come to yet is bytes, not
 * objects.
 */
import type { SourceBatch, SourceRecord } from './record.ts'

export class BatchReader {
  readonly batch: SourceBatch
  readonly #records: Iterator<SourceRecord>
  /** Records before it are passed over. */
  readonly #from: number
  #left: number
  /** Read, and not taken yet. */
  #next: SourceRecord | null = null

  constructor(batch: SourceBatch, from: number) {
    this.batch = batch
    this.#records = batch.records[Symbol.iterator]()
    this.#from = from
    this.#left = batch.count
  }

  /** Records of the batch that have not been read. */
  get left(): number {
    return this.#left
  }

  /** The next records, `limit` at most, and none from offset `before` on; fewer only there and at the end. */
  take(limit: number, before = Infinity): readonly SourceRecord[] {
    const taken: SourceRecord[] = []
    while (taken.length < limit) {
      const next = this.peek()
      if (next === null || next.offset >= before) break
      this.#drop()
      taken.push(next)
    }
    return taken
  }

  /** The next record, which stays; null at the end. */
  peek(): SourceRecord | null {
    while (this.#left > 0) {
      this.#next ??= this.#read()
      if (this.#next.offset >= this.#from) return this.#next
      this.#drop()
    }
    return null
  }

  /** Takes the next record; null at the end. */
  shift(): SourceRecord | null {
    const next = this.peek()
    if (next !== null) this.#drop()
    return next
  }

  #drop(): void {
    this.#next = null
    this.#left--
  }

  #read(): SourceRecord {
    const next = this.#records.next()
    if (next.done === true) throw new Error(`a batch of ${this.batch.topic} has fewer records than it says`)
    return next.value
  }
}
