/**
 * Keeps the group's notes of one partition while it is ours, see `deaths.ts`: what is noted when work begins, what
 * lag tools are told, and what the next owner would find if we died.
 */
import { CarefulWorker } from './careful-worker.ts'
import { commitPart, isSuspected, noteOf, suspicionOf, UNSUSPECTED, type Suspicion } from './deaths.ts'
import { TransientError } from './errors.ts'
import type { GroupPosition, Membership } from './log.ts'
import type { PartitionWorker } from './partition-worker.ts'
import { probed } from './probe.ts'
import type { Rejection, SourceRecord } from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'
import { deadLetter } from './set-aside.ts'

/** What of a runner's plan is needed to set a record aside. */
export interface WatchPlan {
  readonly name: string
  readonly topics: readonly string[]
  deadLetterTopic(topic: string): string
}

interface Watched {
  readonly suspicion: Suspicion
  /** Where the source stood at the acquire, and what the group's note told then. */
  readonly start: number
  readonly noted: number
  readonly commit: string
}

export class DeathWatch {
  /** The acquired worker, on its guard where somebody died before. */
  readonly worker: PartitionWorker
  readonly #services: EngineServices
  readonly #plan: WatchPlan
  readonly #membership: Membership
  readonly #watched: ReadonlyMap<string, Watched>
  readonly #careful: CarefulWorker | null
  #begun = false

  constructor(
    services: EngineServices,
    plan: WatchPlan,
    membership: Membership,
    acquired: PartitionWorker,
    committed: readonly GroupPosition[],
  ) {
    this.#services = services
    this.#plan = plan
    this.#membership = membership
    this.#watched = new Map(plan.topics.map((topic) => [topic, watched(topic, acquired, committed)]))
    const suspicions = new Map([...this.#watched].map(([topic, { suspicion }]) => [topic, suspicion]))
    // Behind its note a store is rebuilt, see `noted.ts`: nothing of that is new to anybody.
    const rebuilds = [...this.#watched.values()].some(({ start, noted }) => start < noted)
    this.#careful =
      !rebuilds && [...suspicions.values()].some(isSuspected)
        ? new CarefulWorker(acquired, suspicions, {
            note: (record, deaths) => this.#noteRecord(record, deaths),
            setAside: (record, rejection) => this.#setAside(record, rejection),
          })
        : null
    this.worker = this.#careful ?? acquired
  }

  /** Notes, once and before the first record, that somebody works here. Best effort: without it we learn later. */
  async begin(): Promise<void> {
    if (this.#begun || this.#careful !== null) return
    this.#begun = true
    const positions = [...this.#watched].map(([topic, { start, noted, commit, suspicion }]) => {
      const note = noteOf(commit, { begun: suspicion.begun + 1, under: null })
      return this.#position(topic, Math.max(start, noted), note)
    })
    try {
      await this.#write(positions)
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
    }
  }

  /** What the group may be told now; `letGo`: in order, so that nobody is suspected any more. */
  positions(letGo: boolean): readonly GroupPosition[] {
    if (this.#careful?.careful === true && !letGo) return []
    return this.worker
      .positions()
      .filter(({ topic, offset }) => letGo || !this.#begun || offset > (this.#watched.get(topic)?.start ?? 0))
      .map(({ topic, offset, epoch, sequence }) => this.#position(topic, offset, `${epoch}.${sequence}`))
  }

  /** Names the record as under work; what stood there of an earlier one has been passed. */
  async #noteRecord({ topic, offset }: SourceRecord, deaths: number): Promise<void> {
    const { commit, suspicion } = this.#watched.get(topic) ?? { commit: '0.0', suspicion: UNSUSPECTED }
    const at = this.worker.positions().find((position) => position.topic === topic)
    const name = at === undefined ? commit : `${at.epoch}.${at.sequence}`
    const note = noteOf(name, { begun: suspicion.begun + 1, under: { offset, deaths } })
    await this.#available(() => this.#write([this.#position(topic, offset, note)]))
  }

  async #setAside(record: SourceRecord, rejection: Rejection): Promise<void> {
    const { publisher, probe, observer } = this.#services
    const letter = deadLetter(record, rejection, this.#plan.deadLetterTopic(record.topic), this.#plan.name)
    await this.#available(() => probed(probe, 'setAside', () => publisher.publish([letter])))
    observer.rejected(record, rejection)
  }

  #write(positions: readonly GroupPosition[]): Promise<void> {
    return probed(this.#services.probe, 'group.positions', () => this.#membership.commitOffsets(positions))
  }

  #position(topic: string, offset: number, metadata: string): GroupPosition {
    return { topic, partition: this.worker.partition, offset, metadata }
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    return untilAvailable(
      this.#services,
      this.worker.partition,
      () => this.#careful?.stopped === true,
      operation,
    )
  }
}

function watched(topic: string, worker: PartitionWorker, committed: readonly GroupPosition[]): Watched {
  const noted = committed.find((position) => position.topic === topic)
  const start = worker.nextOffset(topic)
  const commit = commitPart(noted?.metadata ?? '')
  return { suspicion: suspicionOf(noted, start), start, noted: noted?.offset ?? start, commit }
}
