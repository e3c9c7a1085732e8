/** The workers of a run, and what they and the load have told: who holds what, how much is done, how far behind. */
import { join } from 'node:path'
import type { Peer } from './options.ts'
import { PARTITIONS } from './appender.ts'
import { Child } from './child.ts'
import { workerMessage, type JobPlace, type Order, type PeerPlace, type WorkerMessage } from './messages.ts'

/** Who works: ours, or a peer, of which the same is told. */
const PROGRAMS: Readonly<Record<Peer, string>> = {
  bailiff: 'worker.ts',
  'kafka-streams': 'peer.ts',
  'kafkajs-memory': 'peer.ts',
}

export class Worker {
  readonly child: Child<WorkerMessage>
  readonly held = new Set<number>()
  records = 0
  late = 0
  /** Newest append time of what was taken up, by partition. */
  taken: ReadonlyMap<number, number> = new Map()

  #pid: number | null = null

  constructor(
    name: string,
    peer: Peer,
    place: JobPlace | PeerPlace,
    onMessage: (worker: Worker, message: WorkerMessage) => void,
  ) {
    const program = join(import.meta.dirname, PROGRAMS[peer])
    this.child = new Child(name, program, place, workerMessage, (message) => {
      this.#note(message)
      onMessage(this, message)
    })
  }

  /** Of the process that does the work. */
  get pid(): number {
    return this.#pid ?? this.child.pid
  }

  #note(message: WorkerMessage): void {
    if (message.kind === 'runs') this.#pid = message.pid
    if (message.kind === 'acquired') this.held.add(message.partition)
    if (message.kind === 'released') this.held.delete(message.partition)
    if (message.kind !== 'progress') return
    this.records = message.records
    this.late = message.late
    this.taken = new Map(message.taken)
  }
}

/** Told of every message of a worker; of nothing but the fact when the load has told. */
export type Listener = (worker: Worker | null, message: WorkerMessage | null) => void

export class Fleet {
  readonly workers: readonly Worker[]
  #listeners: readonly Listener[] = []
  #appended: ReadonlyMap<number, number> = new Map()
  /** What was last known of each partition; a dead worker's stay as it left them. */
  readonly #taken = new Map<number, number>()

  constructor(processes: number, place: JobPlace | PeerPlace, peer: Peer = 'bailiff') {
    this.workers = Array.from(
      { length: processes },
      (_, at) =>
        new Worker(`worker ${at + 1}`, peer, place, (worker, message) => {
          for (const [partition, atMs] of worker.taken) {
            if (worker.held.has(partition)) this.#taken.set(partition, atMs)
          }
          this.#tell(worker, message)
        }),
    )
  }

  /** Records that were processed, late ones included, by all who ever were. */
  get records(): number {
    return this.workers.reduce((sum, { records }) => sum + records, 0)
  }

  /** Every worker holds partitions, and together they hold all of them. */
  get settled(): boolean {
    const held = this.workers.map((worker) => worker.held.size)
    return Math.min(...held) > 0 && held.reduce((sum, one) => sum + one, 0) === PARTITIONS
  }

  /** By how much the newest record that was taken up is older than the newest that was appended. */
  lagMs(partitions: Iterable<number>): number {
    let most = 0
    for (const partition of partitions) {
      const appendedMs = this.#appended.get(partition)
      if (appendedMs === undefined) continue
      most = Math.max(most, appendedMs - (this.#taken.get(partition) ?? appendedMs))
    }
    return most
  }

  /** What the load says to have appended. */
  appended(newest: readonly (readonly [number, number])[]): void {
    this.#appended = new Map(newest)
    this.#tell(null, null)
  }

  /** Resolves once the condition holds, which is looked at with every message; rejects past the time. */
  async until(what: string, withinMs: number, holds: () => boolean): Promise<void> {
    const reached = Promise.withResolvers<undefined>()
    const overdue = setTimeout(
      () => reached.reject(new Error(`not within ${withinMs / 1_000} s: ${what}`)),
      withinMs,
    )
    const look = (): void => {
      if (holds()) reached.resolve(undefined)
    }
    const forget = this.listen(look)
    look()
    try {
      await Promise.race([reached.promise, this.failed()])
    } finally {
      clearTimeout(overdue)
      forget()
    }
  }

  /** Gives what ends the listening. */
  listen(listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  failed(): Promise<never> {
    return Promise.race(this.workers.map(({ child }) => child.failed()))
  }

  order(one: Order): void {
    for (const { child } of this.workers) child.order(one)
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map(({ child }) => child.stop()))
  }

  #tell(worker: Worker | null, message: WorkerMessage | null): void {
    for (const listener of this.#listeners) listener(worker, message)
  }
}
