/**
 * Commits and publications of one task, in order.
 *
 * C1. At most one commit and one publication are in flight; processing may go on meanwhile.
 * C2. What was set aside is published before the commit that passes it (P1).
 * C3. Outputs leave after the commit that holds them, in commit order, each commit's together (P3).
 * C4. A publication is acknowledged by a later commit; until then it stands in the store's outbox.
 * C5. The first error that is not transient ends the task: every later call throws it.
 * C6. What goes on in the background is held against those who want to be alone (turns.ts).
 */
import { FencedError } from './errors.ts'
import type { TaskProducer } from './log.ts'
import { MetaWriter, type Meta } from './meta.ts'
import { packOutbox, stamp } from './outbox.ts'
import { probed } from './probe.ts'
import type { OutputRecord } from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'
import type { Commit, TaskId } from './state-store.ts'

/** Everything of a commit that the task decides; names and acknowledgements are added here. */
export interface Draft {
  readonly change: Pick<Commit, 'puts' | 'deletes' | 'dropSlots' | 'setTimers' | 'clearTimers'>
  readonly outputs: readonly OutputRecord[]
  readonly setAside: readonly OutputRecord[]
  /** All but the output ends that are acknowledged by this commit. */
  readonly meta: Omit<Meta, 'acknowledged'>
}

interface Publication {
  readonly sequence: number
  readonly records: readonly OutputRecord[]
}

export class Checkpointer {
  readonly #task: TaskId
  readonly #name: string
  readonly #services: EngineServices
  readonly #producer: TaskProducer
  readonly #epoch: number
  readonly #acknowledgedEnds: Map<string, number>
  readonly #metas = new MetaWriter()
  #sequence: number
  #committing: Promise<void> | null = null
  #publishing: Promise<void> | null = null
  #publications: Publication[] = []
  #leaving: readonly Publication[] = []
  #published: number[]
  #failure: Error | null = null
  #abandoned = false
  /** While a publication that may outlive the turn that it began in is under way. */
  #endHold: (() => void) | null = null

  constructor(
    services: EngineServices,
    task: TaskId,
    producer: TaskProducer,
    start: {
      epoch: number
      sequence: number
      acknowledged: ReadonlyMap<string, number>
      published: readonly number[]
    },
  ) {
    this.#services = services
    this.#task = task
    this.#name = taskName(task)
    this.#producer = producer
    this.#epoch = start.epoch
    this.#sequence = start.sequence
    this.#acknowledgedEnds = new Map(start.acknowledged)
    this.#published = [...start.published]
  }

  get epoch(): number {
    return this.#epoch
  }

  get sequence(): number {
    return this.#sequence
  }

  /** The newest commit that stands, with all outputs up to it in the log. */
  get publishedSequence(): number {
    const waiting = this.#leaving[0] ?? this.#publications[0]
    return waiting === undefined ? this.#sequence : waiting.sequence - 1
  }

  get committing(): boolean {
    return this.#committing !== null
  }

  /** Publications that a commit has yet to acknowledge. */
  get unacknowledged(): boolean {
    return this.#published.length > 0
  }

  /** Own outputs of the topic before `end` are in the state that the next commit holds. */
  acknowledge(topic: string, end: number): void {
    this.#acknowledgedEnds.set(topic, end)
  }

  /** Throws what ended the task (C5). */
  check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  /** Waits for the commit in flight, then starts this one; resolves when it has been started. */
  async commit(draft: () => Draft): Promise<void> {
    // Asked again each time: two callers may have waited for the same commit (C1).
    while (this.#committing !== null) await this.#committing
    this.check()
    const taken = draft()
    const endHold = this.#services.turns.hold()
    this.#committing = this.#guard(() => this.#commit(taken)).finally(() => {
      this.#committing = null
      endHold()
    })
  }

  /** Resolves when no commit is in flight. */
  async committed(): Promise<void> {
    await this.#committing
    this.check()
  }

  /** Resolves when all that was committed has been published too. */
  async settled(): Promise<void> {
    await this.committed()
    while (this.#publishing !== null) await this.#publishing
    this.check()
  }

  /** Ends all waiting for servers: the task is being dropped. */
  abandon(): void {
    this.#abandoned = true
  }

  async #commit(draft: Draft): Promise<void> {
    await this.#setAside(draft.setAside)
    const sequence = this.#sequence + 1
    const outputs = stamp(draft.outputs, this.#name, { epoch: this.#epoch, sequence })
    const acknowledged = this.#published
    this.#published = []
    const commit: Commit = {
      ...draft.change,
      epoch: this.#epoch,
      previousSequence: this.#sequence,
      nonce: `${this.#epoch}.${sequence}`,
      meta: this.#metas.encode({
        ...draft.meta,
        acknowledged: Object.fromEntries(this.#acknowledgedEnds),
      }),
      outbox: outputs.length === 0 ? null : packOutbox(outputs),
      acknowledged,
    }
    await this.#write(commit)
    this.#sequence = sequence
    if (outputs.length > 0) this.#enqueue({ sequence, records: outputs })
  }

  async #write(commit: Commit): Promise<void> {
    const startMs = this.#services.clock.now()
    const result = await this.#available(() =>
      probed(this.#services.probe, 'commit', () => this.#services.store.commit(this.#task, commit)),
    )
    if (result === 'fenced') throw new FencedError(`${this.#name}: the store has a newer owner or state.`)
    const bytes = commit.puts.reduce((sum, cell) => sum + cell.value.length, 0)
    this.#services.observer.committed(commit.puts.length, bytes, this.#services.clock.now() - startMs)
  }

  async #setAside(records: readonly OutputRecord[]): Promise<void> {
    if (records.length === 0) return
    await this.#available(() =>
      probed(this.#services.probe, 'setAside', () => this.#services.publisher.publish(records)),
    )
  }

  #enqueue(publication: Publication): void {
    this.#publications.push(publication)
    if (this.#publishing === null) this.#startPublishing()
  }

  /** What comes in while the last publication ends, after it has looked for more, starts the next. */
  #startPublishing(): void {
    this.#endHold ??= this.#services.turns.hold()
    this.#publishing = this.#guard(() => this.#publishAll()).finally(() => {
      this.#publishing = null
      if (this.#publications.length > 0 && this.#failure === null) return this.#startPublishing()
      this.#endHold?.()
      this.#endHold = null
    })
  }

  async #publishAll(): Promise<void> {
    while (this.#publications.length > 0) {
      const batch = (this.#leaving = this.#publications)
      this.#publications = []
      const records = batch.flatMap((publication) => publication.records)
      const startMs = this.#services.clock.now()
      const ends = await probed(this.#services.probe, 'publish', () =>
        this.#producer.publish(this.#task.partition, records),
      )
      for (const [topic, end] of ends) this.#acknowledgedEnds.set(topic, end)
      this.#published.push(...batch.map((publication) => publication.sequence))
      this.#leaving = []
      this.#services.observer.published(records.length, this.#services.clock.now() - startMs)
    }
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    return untilAvailable(this.#services, this.#task.partition, () => this.#abandoned, operation)
  }

  async #guard(operation: () => Promise<void>): Promise<void> {
    try {
      this.check()
      await operation()
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error))
    }
  }
}

/** `<topology>/<partition>`: the task's name in headers and messages. */
export function taskName(task: TaskId): string {
  return `${task.topology}/${task.partition}`
}
