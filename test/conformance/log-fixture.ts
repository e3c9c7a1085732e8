/** What the suite for logs needs of a log besides the port: topics, strangers who write, retention. */
import type { Log, Membership, Subscription } from '../../src/engine/log.ts'
import type { Headers, SourceBatch, SourceRecord } from '../../src/engine/record.ts'

export interface LogFixture {
  readonly log: Log
  /** A new topic; the name begins with `name`. */
  createTopic(name: string, partitions: number): Promise<string>
  /** Adds partitions up to so many. */
  addPartitions(topic: string, partitions: number): Promise<void>
  /** Records of somebody without transactions. */
  write(topic: string, partition: number, records: readonly WrittenRecord[]): Promise<void>
  /** Records of a transaction that was given up: they take offsets and nobody sees them. */
  writeAborted(topic: string, partition: number, values: readonly string[]): Promise<void>
  /** Forgets records before the offset, as retention does. */
  trim(topic: string, partition: number, offset: number): Promise<void>
  close(): Promise<void>
}

export interface WrittenRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

export function numbered(from: number, to: number): readonly WrittenRecord[] {
  return Array.from({ length: to - from }, (_, index) => ({
    key: Buffer.from(`k${from + index}`),
    value: Buffer.from(`v${from + index}`),
    headers: {},
  }))
}

export function valueOf(record: SourceRecord): string {
  return record.value?.toString() ?? 'null'
}

export async function collect(records: AsyncIterable<SourceRecord>): Promise<readonly SourceRecord[]> {
  const collected: SourceRecord[] = []
  for await (const record of records) collected.push(record)
  return collected
}

/** A member of a group that writes down what it is told, and can be waited for. */
export class Witness {
  readonly assignments: (readonly number[])[] = []
  /** With each assignment, of how many partitions. */
  readonly counts: number[] = []
  readonly batches: SourceBatch[] = []
  readonly stops: Error[] = []
  membership: Membership | null = null
  /** Whether an assignment came before the membership did. */
  toldEarly = false
  /** Called with each batch after it was written down. */
  whenBatch: (batch: SourceBatch) => void = () => undefined
  #waiting: (() => void)[] = []

  static async join(log: Log, group: string, topics: readonly string[]): Promise<Witness> {
    const witness = new Witness()
    witness.membership = await log.join(witness.#subscription(group, topics))
    return witness
  }

  get member(): Membership {
    if (this.membership === null) throw new Error('has not joined')
    return this.membership
  }

  get holds(): readonly number[] {
    return this.assignments.at(-1) ?? []
  }

  records(topic: string, partition: number): readonly SourceRecord[] {
    return this.batches
      .filter((batch) => batch.topic === topic && batch.partition === partition)
      .flatMap((batch) => [...batch.records])
  }

  nextOffset(topic: string, partition: number): number {
    const last = this.batches.findLast((batch) => batch.topic === topic && batch.partition === partition)
    return last?.nextOffset ?? 0
  }

  /** Seeks and resumes. */
  flow(topic: string, partition: number, offset: number): void {
    this.member.seek(topic, partition, offset)
    this.member.resume(topic, partition)
  }

  /** Resolves as soon as the condition holds after something was told. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }

  #subscription(group: string, topics: readonly string[]): Subscription {
    return {
      group,
      topics,
      onAssigned: (partitions, count) => {
        this.assignments.push(partitions)
        this.counts.push(count)
        this.toldEarly ||= this.membership === null
        this.#tell()
      },
      onBatch: (batch) => {
        this.batches.push(batch)
        this.whenBatch(batch)
        this.#tell()
      },
      onStopped: (error) => {
        this.stops.push(error)
        this.#tell()
      },
    }
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** Resolves when the condition holds for any of what the witnesses are told. */
export async function untilAll(witnesses: readonly Witness[], condition: () => boolean): Promise<void> {
  while (!condition()) {
    await Promise.race(witnesses.map((witness) => witness.until(changed(witness))))
  }
}

function changed(witness: Witness): () => boolean {
  const seen = witness.assignments.length + witness.batches.length + witness.stops.length
  return () => witness.assignments.length + witness.batches.length + witness.stops.length > seen
}
