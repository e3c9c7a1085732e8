/**
 * One topology in one process: joins the group, acquires workers for its partitions, feeds them, lets them go.
 *
 * R1. The first thing that happens to a newly assigned partition is its pause; it is fed only after its worker
 *     has been acquired and the sources sought to the worker's own positions.
 * R2. A kept partition keeps its worker, and its state, over a rebalance.
 * R3. A worker that is fenced is dropped; it comes back by joining the group only (P4).
 * R4. A full worker pauses its sources; the group stays alive meanwhile (P8).
 * R5. A renewal lets go of every worker in order, at a commit, and acquires the same partitions anew, without the group:
 *     what the plan acquires from then on may be something else.
 * R6. All that workers do is done in turns with what else works in this process (turns.ts): a partition over which
 *     owners died works alone (death-watch.ts).
 * R7. Partitions that are added to a source end a topology with state as soon as the group has heard of them.
 * R8. Whoever is to end waits for no server that is away: what it has not committed is the next owner's. Who is let go
 *     while it is acquired asks nothing more (let-go.ts). At the end none of its turns is open, which others would wait for.
 */
import { DeathWatch, settledNotes } from './death-watch.ts'
import { FencedError, ProducerLostError, TransientError } from './errors.ts'
import { unlessLetGo, untilLetGo } from './let-go.ts'
import type { GroupPosition, Membership, Subscription } from './log.ts'
import type { PartitionWorker, StepResult } from './partition-worker.ts'
import { outgrown } from './partition-count.ts'
import { probed } from './probe.ts'
import type { SourceBatch } from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'
import { vacantSlot, type Slot } from './runner-slot.ts'
import { Sleep } from './sleep.ts'
import { ToldPositions } from './told-positions.ts'
import type { Turns } from './turns.ts'

/** How a runner makes workers; `committed` are the group's own notes for the partition, `letGo` ends it. */
export interface RunnerPlan {
  readonly name: string
  readonly group: string
  readonly topics: readonly string[]
  acquire(
    partition: number,
    committed: readonly GroupPosition[],
    letGo: AbortSignal,
  ): Promise<PartitionWorker>
}

export class Runner {
  readonly #services: EngineServices
  readonly #plan: RunnerPlan
  readonly #slots = new Map<number, Slot>()
  readonly #sleep = new Sleep()
  #membership: Membership | null = null
  #pending: Promise<void>[] = []
  #failure: Error | null = null
  #rejoining: Promise<void> | null = null
  #renewalAsked = false
  #stopping = false
  readonly #told: ToldPositions
  /** Of the sources, as the group knew it last. */
  #partitionCount = 0

  constructor(services: EngineServices, plan: RunnerPlan) {
    this.#services = services
    this.#plan = plan
    this.#told = new ToldPositions(services)
  }

  async start(): Promise<void> {
    const { log, probe } = this.#services
    const subscription: Subscription = {
      group: this.#plan.group,
      topics: this.#plan.topics,
      onAssigned: (partitions, count) => this.#assigned(partitions, count),
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

  /** Every worker is replaced by one that the plan acquires now, before the next step (R5). */
  renew(): void {
    this.#renewalAsked = true
    this.#sleep.notice()
  }

  /** One step of every worker; what to do next. Throws what must end the process. */
  async pump(): Promise<StepResult> {
    this.#check()
    if (this.#renewalAsked && !this.#stopping) await this.#renew()
    const slots = [...this.#slots].sort(([a], [b]) => a - b)
    const [alone, together] = partitioned(slots, ([, { watch }]) => watch?.alone === true)
    const results = await this.#turns.together(() =>
      Promise.all(together.map(([partition, slot]) => this.#stepSlot(partition, slot))),
    )
    for (const [partition, slot] of alone) {
      if (slot.watch?.waits() === true) continue
      results.push(await this.#turns.alone(() => this.#stepSlot(partition, slot)))
    }
    if (this.#told.due && !this.#stopping) await this.#tellPositions()
    const wakes = results.map((result) => result.wakeAtMs).filter((wakeAtMs) => wakeAtMs !== null)
    const wakeAtMs = wakes.length === 0 ? null : Math.min(...wakes)
    return { worked: results.some(({ worked }) => worked), wakeAtMs }
  }

  /** Runs until `until` resolves; yields to the event loop between steps so that heartbeats go out. */
  async run(until: Promise<void>): Promise<void> {
    let ended = false
    void until.then(() => {
      ended = true
      this.#hurry()
    })
    while (!ended) {
      const { worked, wakeAtMs } = await this.pump()
      if (worked || ended) await new Promise((resolve) => setImmediate(resolve))
      else await this.#idle(wakeAtMs)
    }
  }

  /** Waits for takeovers under way; the embedded driver and tests use it. */
  async acquired(): Promise<void> {
    do {
      await this.#rejoining
      await this.#settled()
    } while (this.#rejoining !== null)
    this.#check()
  }

  /** Nothing is acquired or let go any more: none of its turns is left open. */
  async #settled(): Promise<void> {
    while (this.#pending.length > 0) await Promise.all(this.#pending)
  }

  async flush(): Promise<void> {
    for (const [partition, slot] of [...this.#slots]) {
      const { worker } = slot
      if (worker === null) continue
      await this.#turns.together(() =>
        worker.flush().catch((error: unknown) => this.#drop(partition, slot, worker, error)),
      )
    }
    await this.#tellPositions()
  }

  /** Commits what has been processed, leaves the group, lets go of everything. */
  async stop(): Promise<void> {
    this.#hurry()
    await Promise.all(
      [...this.#slots.values()].map(async (slot) => {
        slot.revoked = true
        if (slot.worker !== null) slot.letGo = await this.#letGo(slot, slot.worker)
      }),
    )
    await this.#settled()
    await this.#tellPositions().catch(() => undefined)
    this.#slots.clear()
    await probed(this.#services.probe, 'group.leave', async () => this.#membership?.leave())
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
    this.#sleep.notice()
  }

  #assigned(partitions: readonly number[], count: number): void {
    if (this.#stopping) return
    this.#partitionCount = count
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

  /** What a step waits for now may not come before the process is killed (R8). */
  #hurry(): void {
    this.#stopping = true
    for (const { watch, ending } of this.#slots.values()) {
      ending.abort()
      watch?.abandon()
    }
    this.#sleep.notice()
  }

  get #turns(): Turns {
    return this.#services.turns
  }

  #revoke(partition: number, slot: Slot): void {
    slot.revoked = true
    slot.ending.abort()
    this.#slots.delete(partition)
    if (slot.worker !== null) this.#track(this.#letGo(slot, slot.worker).then(() => undefined))
  }

  async #renew(): Promise<void> {
    this.#renewalAsked = false
    const [acquiring, held] = partitioned([...this.#slots], ([, { worker }]) => worker === null)
    for (const [, slot] of acquiring) slot.outdated = true
    await Promise.all(held.map(([partition, slot]) => this.#end(partition, slot)))
    await this.#tellPositions()
    for (const [partition, slot] of held) {
      if (slot.revoked || this.#stopping) continue
      slot.revoked = true
      this.#slots.delete(partition)
      if (slot.letGo) this.#acquire(partition)
      else this.#rejoin()
    }
  }

  /** Its partition stays ours. */
  async #end(partition: number, slot: Slot): Promise<void> {
    const { worker } = slot
    if (worker === null) return
    for (const topic of this.#plan.topics) this.#membership?.pause(topic, partition)
    slot.letGo = await this.#letGo(slot, worker)
  }

  #acquire(partition: number): void {
    const slot = vacantSlot()
    this.#slots.set(partition, slot)
    this.#track(
      this.#acquireWorker(partition, slot).catch((error: unknown) => {
        if (slot.ending.signal.aborted) return
        this.#slots.delete(partition)
        if (error instanceof FencedError || error instanceof ProducerLostError) this.#rejoin()
        else this.#fail(error)
      }),
    )
  }

  async #acquireWorker(partition: number, slot: Slot): Promise<void> {
    const watch = await untilAvailable(
      this.#services,
      partition,
      () => slot.ending.signal.aborted,
      () => this.#watched(partition, slot.ending.signal),
    )
    if (slot.ending.signal.aborted) return void (await this.#letGo(slot, watch.worker))
    slot.watch = watch
    slot.worker = watch.worker
    if (slot.outdated) this.#renewalAsked = true
    this.#feed(partition, slot, watch.worker)
    this.#sleep.notice()
  }

  /** Who is let go does not keep the turn that it may have. */
  async #watched(partition: number, letGo: AbortSignal): Promise<DeathWatch> {
    const probe = untilLetGo(letGo, this.#services.probe)
    const notes = settledNotes(this.#services, () =>
      probed(probe, 'group.notes', async () => this.#membership?.committed(partition) ?? []),
    )
    const committed = await unlessLetGo(letGo, notes)
    const worker = await this.#turns.together(() =>
      unlessLetGo(letGo, this.#plan.acquire(partition, committed, letGo), (late) => this.#release(late)),
    )
    const membership = this.#membership
    if (membership === null) throw new Error('a partition was assigned before the group was joined')
    const heard = (): void => this.#sleep.notice()
    return new DeathWatch(this.#services, membership, worker, this.#plan.topics, committed, heard)
  }

  /** Seeks every source to the worker's own position and lets it flow (R1), if they are still what it was made for (R7). */
  #feed(partition: number, slot: Slot, worker: PartitionWorker): void {
    const refusal = outgrown(this.#plan.name, worker.keptFor, this.#partitionCount)
    if (refusal !== null) return this.#fail(refusal)
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
    this.#sleep.notice()
  }

  #pauseSource(partition: number, slot: Slot, topic: string): void {
    slot.paused.add(topic)
    this.#membership?.pause(topic, partition)
  }

  async #stepSlot(partition: number, slot: Slot): Promise<StepResult> {
    const { worker, watch } = slot
    if (worker === null || watch === null || slot.revoked || this.#stopping)
      return { worked: false, wakeAtMs: null }
    try {
      const result = await watch.step()
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
    if (slot.revoked || (this.#stopping && error instanceof TransientError)) return
    if (!(error instanceof FencedError || error instanceof ProducerLostError)) throw error
    slot.revoked = true
    this.#slots.delete(partition)
    this.#services.observer.stalled(partition, 'kafka', error.message)
    await this.#release(worker)
    this.#rejoin()
  }

  #rejoin(): void {
    if (this.#rejoining !== null || this.#stopping) return
    this.#rejoining = untilAvailable(
      this.#services,
      -1,
      () => this.#stopping,
      () => probed(this.#services.probe, 'group.rejoin', async () => this.#membership?.rejoin()),
    )
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#rejoining = null
      })
  }

  /** Outside of all turns. True where the worker ended in order. */
  #letGo(slot: Slot, worker: PartitionWorker): Promise<boolean> {
    if (slot.watch === null) worker.abandon()
    else slot.watch.abandon()
    return this.#turns.together(() => this.#release(worker))
  }

  async #release(worker: PartitionWorker): Promise<boolean> {
    try {
      await worker.stop()
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#services.observer.stalled(worker.partition, null, message)
      return false
    }
  }

  async #tellPositions(): Promise<void> {
    const positions = [...this.#slots.values()].flatMap(({ watch, letGo }) => watch?.positions(letGo) ?? [])
    await this.#told.tell(this.#membership, positions)
  }

  #track(work: Promise<void>): void {
    this.#pending.push(work)
    void work.finally(() => {
      this.#pending = this.#pending.filter((other) => other !== work)
    })
  }

  /** Sleeps until something is noticed or `wakeAtMs` has come. */
  #idle(wakeAtMs: number | null): Promise<void> {
    const waitMs = (wakeAtMs ?? Infinity) - this.#services.clock.now()
    const longestMs = this.#services.options.groupOffsetIntervalMs
    return this.#sleep.atMost(Math.max(1, Math.min(longestMs, waitMs)))
  }
}

/** Those that are so, and those that are not. */
function partitioned<T>(all: readonly T[], isSo: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isSo), all.filter((one) => !isSo(one))]
}
