/** The fenced writer in memory: an epoch per transactional id decides who may write. */
import { FencedError, ProducerLostError } from '../../engine/errors.ts'
import type { TaskProducer } from '../../engine/log.ts'
import type { OutputRecord } from '../../engine/record.ts'

/** Appends all records or throws before the first. Gives the end offset of each written topic. */
type Append = (partition: number, records: readonly OutputRecord[]) => ReadonlyMap<string, number>

export class MemoryTaskProducer implements TaskProducer {
  readonly #id: string
  /** Newest epoch by transactional id, shared by all producers of the log. */
  readonly #epochs: Map<string, number>
  readonly #append: Append
  #epoch: number | null = null
  #failure: Error | null = null

  constructor(id: string, epochs: Map<string, number>, append: Append) {
    this.#id = id
    this.#epochs = epochs
    this.#append = append
  }

  async fence(): Promise<void> {
    if (this.#epoch !== null) throw new Error(`${this.#id} was fenced before; it takes a new producer`)
    this.#epoch = (this.#epochs.get(this.#id) ?? 0) + 1
    this.#epochs.set(this.#id, this.#epoch)
  }

  async publish(partition: number, records: readonly OutputRecord[]): Promise<ReadonlyMap<string, number>> {
    if (this.#failure !== null) throw this.#failure
    if (this.#epoch === null) throw new ProducerLostError(`${this.#id} is not fenced`)
    try {
      if (this.#epochs.get(this.#id) !== this.#epoch) {
        throw new FencedError(`${this.#id}: a newer producer holds this id`)
      }
      return this.#append(partition, records)
    } catch (error) {
      this.#failure =
        error instanceof FencedError ? error : new ProducerLostError(`${this.#id} failed`, { cause: error })
      throw this.#failure
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new ProducerLostError(`${this.#id} is closed`)
  }
}
