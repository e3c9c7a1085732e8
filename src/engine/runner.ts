/**
 * One topology in one process: joins the group, acquires workers for its partitions, feeds them, lets them go.
 *
 * R1. The first thing that happens to a newly assigned partition is its pause; it is fed only after its worker
 *     has been acquired and the sources sought to the worker's own positions.
 * R2. A kept partition keeps its worker, and its state, over a rebalance.
 * R3. A worker that is fenced is dropped; it comes back by joining the group only (P4).
 * R4. A full worker pauses its sources; the group stays alive meanwhile (P8).
 */
import { FencedError, ProducerLostError, TransientError } from './errors.ts'
import type { GroupPosition, Membership, Subscription } from './log.ts'
import type { NotedCommit } from './noted.ts'
import type { PartitionWorker, StepResult } from './partition-worker.ts'
import { probed } from './probe.ts'
import type { SourceBatch } from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'

/** How a runner makes workers; `committed` are the group's own notes for the partition. */
export interface RunnerPlan {
  readonly name: string
  readonly group: string
  readonly topics: readonly string[]
  acquire(partition: number, committed: readonly GroupPosition[]): Promise<PartitionWorker>
}

/** A partition of ours: `worker` is null while it is being acquired. */
interface Slot {
  worker: PartitionWorker | null
  paused: Set<string>
  /** Set when the partition was taken from us: whoever still works on it stops. */
  revoked: boolean
}

export class Runner {
  readonly #services: EngineServices
  readonly #plan: RunnerPlan
  readonly #slots = new Map<number, Slot>()
  #membership: Membership | null = null
  #pending: Promise<void>[] = []
  #failure: Error | null = null
  #wake: () => void = () => undefined
  #noticed = false
  #rejoining = false
  #stopping = false
  #lastOffsetsMs = 0

  constructor(services: EngineServices, plan: RunnerPlan) {
    this.#services = services
    this.#plan = plan
  }

  async start(): Promise<void> {
    const { log, probe } = this.#services
    const subscription: Subscription = {
      group: this.#plan.group,
      topics: this.#plan.topics,
      onAssigned: (partitions) => this.#assigned(partitions),
      onBatch: (batch) => this.#deliver(batch),
      onStopped: (error) => this.#fail(error),
    }
    await probed(probe, 'group.join', async () => {
      this.#membership = await log.join(subscription)
    })
  }

  /** Partitions whose worker is ready, and those still being acquired. */
  get assignment(): { readonly ready: readonly number[]; readonly acquiring: readonly number[] } {
    const all = [...this.#slots]
    return {
      ready: all.filter(([, slot]) => slot.worker !== null).map(([partition]) => partition),
      acquiring: all.filter(([, slot]) => slot.worker === null).map(([partition]) => partition),
    }
  }

  lastContactMs(): number {
    return this.#membership?.lastContactMs() ?? 0
  }

  /** One step of every worker; what to do next. Throws what must end the process. */
  async pump(): Promise<StepResult> {
    this.#check()
    const slots = [...this.#slots].sort(([a], [b]) => a - b)
    const results = await Promise.all(slots.map(([partition, slot]) => this.#stepSlot(partition, slot)))
    await this.#commitOffsets(false)
    const wakes = results.map((result) => result.wakeAtMs).filter((wakeAtMs) => wakeAtMs !== null)
    return {
      worked: results.some((result) => result.worked),
      wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes),
    }
  }

  /** Runs until `until` resolves; yields to the event loop between steps so that heartbeats go out. */
  async run(until: Promise<void>): Promise<void> {
    let ended = false
    void until.then(() => {
      ended = true
      this.#notice()
    })
    while (!ended) {
      const { worked, wakeAtMs } = await this.pump()
      if (worked || ended) await new Promise((resolve) => setImmediate(resolve))
      else await this.#idle(wakeAtMs)
    }
  }

  /** Waits for takeovers under way; the embedded driver and tests use it. */
  async acquired(): Promise<void> {
    while (this.#pending.length > 0) {
      const pending = this.#pending
      this.#pending = []
      await Promise.all(pending)
    }
    this.#check()
  }

  async flush(): Promise<void> {
    for (const [partition, slot] of [...this.#slots]) {
      const { worker } = slot
      await worker?.flush().catch((error: unknown) => this.#drop(partition, slot, worker, error))
    }
    await this.#commitOffsets(true)
  }

  /** Commits what has been processed, leaves the group, lets go of everything. */
  async stop(): Promise<void> {
    this.#stopping = true
    const workers = [...this.#slots.values()]
    for (const slot of workers) {
      slot.revoked = true
      if (slot.worker !== null) await this.#release(slot.worker)
    }
    await this.#commitOffsets(true).catch(() => undefined)
    this.#slots.clear()
    await probed(this.#services.probe, 'group.leave', async () => this.#membership?.leave())
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
    this.#notice()
  }

  #assigned(partitions: readonly number[]): void {
    const wanted = new Set(partitions)
    for (const [partition, slot] of this.#slots) {
      if (!wanted.has(partition)) this.#revoke(partition, slot)
    }
    for (const partition of partitions) {
      const slot = this.#slots.get(partition)
      if (slot === undefined) this.#acquire(partition)
      else if (slot.worker !== null) this.#feed(partition, slot, slot.worker)
    }
  }

  #revoke(partition: number, slot: Slot): void {
    slot.revoked = true
    this.#slots.delete(partition)
    if (slot.worker !== null) this.#track(this.#release(slot.worker))
  }

  #acquire(partition: number): void {
    const slot: Slot = { worker: null, paused: new Set(), revoked: false }
    this.#slots.set(partition, slot)
    this.#track(
      this.#acquireWorker(partition, slot).catch((error: unknown) => {
        if (slot.revoked) return
        this.#slots.delete(partition)
        if (error instanceof FencedError || error instanceof ProducerLostError) this.#rejoin()
        else this.#fail(error)
      }),
    )
  }

  async #acquireWorker(partition: number, slot: Slot): Promise<void> {
    const worker = await untilAvailable(
      this.#services,
      partition,
      () => slot.revoked,
      async () => {
        const committed = await probed(this.#services.probe, 'group.notes', async () =>
          this.#membership?.committed(partition),
        )
        return this.#plan.acquire(partition, committed ?? [])
      },
    )
    if (slot.revoked) return this.#release(worker)
    slot.worker = worker
    this.#feed(partition, slot, worker)
    this.#notice()
  }

  /** Seeks every source to the worker's own position and lets it flow (R1). */
  #feed(partition: number, slot: Slot, worker: PartitionWorker): void {
    for (const topic of this.#plan.topics) {
      this.#membership?.seek(topic, partition, worker.nextOffset(topic))
      if (worker.full(topic)) slot.paused.add(topic)
      else {
        slot.paused.delete(topic)
        this.#membership?.resume(topic, partition)
      }
    }
  }

  #deliver(batch: SourceBatch): void {
    const slot = this.#slots.get(batch.partition)
    if (slot?.worker === undefined || slot.worker === null) return
    slot.worker.offer(batch)
    if (slot.worker.full(batch.topic)) this.#pauseSource(batch.partition, slot, batch.topic)
    this.#notice()
  }

  #pauseSource(partition: number, slot: Slot, topic: string): void {
    slot.paused.add(topic)
    this.#membership?.pause(topic, partition)
  }

  async #stepSlot(partition: number, slot: Slot): Promise<StepResult> {
    const { worker } = slot
    if (worker === null || slot.revoked) return { worked: false, wakeAtMs: null }
    try {
      const result = await worker.step()
      if (!slot.revoked) this.#resumeSources(partition, slot, worker)
      return result
    } catch (error) {
      await this.#drop(partition, slot, worker, error)
      return { worked: true, wakeAtMs: null }
    }
  }

  #resumeSources(partition: number, slot: Slot, worker: PartitionWorker): void {
    for (const topic of slot.paused) {
      if (worker.full(topic)) continue
      slot.paused.delete(topic)
      this.#membership?.resume(topic, partition)
    }
  }

  /** A worker that lost its fence or its producer goes, and rejoining brings the next (R3); all else is fatal. */
  async #drop(partition: number, slot: Slot, worker: PartitionWorker, error: unknown): Promise<void> {
    if (slot.revoked) return
    if (!(error instanceof FencedError || error instanceof ProducerLostError)) throw error
    slot.revoked = true
    this.#slots.delete(partition)
    this.#services.observer.stalled(partition, 'kafka', error.message)
    await this.#release(worker)
    this.#rejoin()
  }

  #rejoin(): void {
    if (this.#rejoining) return
    this.#rejoining = true
    const rejoined = untilAvailable(
      this.#services,
      -1,
      () => this.#stopping,
      () => probed(this.#services.probe, 'group.rejoin', async () => this.#membership?.rejoin()),
    )
    this.#track(
      rejoined
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#rejoining = false
        }),
    )
  }

  async #release(worker: PartitionWorker): Promise<void> {
    try {
      await worker.stop()
    } catch (error) {
      this.#services.observer.stalled(
        worker.partition,
        null,
        error instanceof Error ? error.message : String(error),
      )
    }
  }

  async #commitOffsets(now: boolean): Promise<void> {
    const nowMs = this.#services.clock.now()
    if (!now && nowMs - this.#lastOffsetsMs < this.#services.options.groupOffsetIntervalMs) return
    this.#lastOffsetsMs = nowMs
    const positions = [...this.#slots].flatMap(([partition, slot]) => groupPositions(partition, slot.worker))
    if (positions.length === 0) return
    try {
      await probed(this.#services.probe, 'group.positions', async () =>
        this.#membership?.commitOffsets(positions),
      )
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
    }
  }

  #track(work: Promise<void>): void {
    this.#pending.push(work)
    void work.finally(() => {
      this.#pending = this.#pending.filter((other) => other !== work)
    })
  }

  #notice(): void {
    this.#noticed = true
    this.#wake()
  }

  /** Sleeps until something is noticed or `wakeAtMs` has come. */
  async #idle(wakeAtMs: number | null): Promise<void> {
    const nowMs = this.#services.clock.now()
    const longestMs = this.#services.options.groupOffsetIntervalMs
    const waitMs = Math.max(1, Math.min(longestMs, (wakeAtMs ?? Infinity) - nowMs))
    await new Promise<void>((resolve) => {
      const timeout = setTimeout(resolve, waitMs)
      this.#wake = () => {
        clearTimeout(timeout)
        resolve()
      }
      if (this.#noticed) this.#wake()
    })
    this.#noticed = false
    this.#wake = () => undefined
  }
}

function groupPositions(partition: number, worker: PartitionWorker | null): GroupPosition[] {
  return (worker?.positions() ?? []).map(({ topic, offset, epoch, sequence }) => ({
    topic,
    partition,
    offset,
    metadata: `${epoch}.${sequence}`,
  }))
}

/** The group's note; null where there is none, and for positions that another tool has set. */
export function notedCommit(committed: readonly GroupPosition[]): NotedCommit | null {
  const ours = committed.flatMap(({ topic, offset, metadata }) => {
    const [epoch = 0, sequence = 0] = metadata.split('.').map(Number)
    return sequence > 0 ? [{ topic, offset, epoch, sequence }] : []
  })
  const newest = ours.reduce<(typeof ours)[number] | null>(
    (best, one) => (best === null || one.sequence > best.sequence ? one : best),
    null,
  )
  if (newest === null) return null
  const offsets = new Map(ours.map(({ topic, offset }) => [topic, offset]))
  return { epoch: newest.epoch, sequence: newest.sequence, offsets }
}
