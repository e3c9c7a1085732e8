/**
 * One task: the keyed sources of one partition, one key space of state, one atomic checkpoint.
 *
 * I1. A record affects state once: its position is committed with what it changed (P2).
 * I2. Which record comes next is decided by event time, source order and offset alone (P5, P6); stream timers
 *     fire between records, so that where a stretch of work ends changes nothing.
 * I3. Processing is synchronous; what must be waited for (schemas, missing keys) is fetched before.
 */
import { Checkpointer, type Draft } from './checkpointer.ts'
import { Feed, type FeedItem } from './feed.ts'
import { KeyedCache, type CacheEntry } from './keyed-cache.ts'
import type { Context, Event, Source, TaskLogic, Timer, TimerKind, Topology } from './logic.ts'
import { encodeMeta } from './meta.ts'
import type { CommitName } from './outbox.ts'
import type { CommittedPosition, PartitionWorker, StepResult } from './partition-worker.ts'
import { probed } from './probe.ts'
import { Origins } from './origins.ts'
import type { OutputRecord, SourceBatch } from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'
import { deadLetter, lateRecord } from './set-aside.ts'
import { Slots, takeCellChanges } from './slots.ts'
import type { QueueItem, SourceQueue } from './source-queue.ts'
import type { StateCell, TaskId } from './state-store.ts'
import { takeOver, type Takeover } from './takeover.ts'
import { Timers } from './timers.ts'

/** Acquires the task and gives it ready to be fed from `nextOffset` of each source. */
export async function acquireTask<S, E>(
  services: EngineServices,
  topology: Topology<S, E>,
  partition: number,
  noted: CommitName | null,
): Promise<Task<S, E>> {
  const startMs = services.clock.now()
  const takeover = await takeOver(services, {
    task: { topology: topology.name, partition },
    stateVersion: topology.stateVersion,
    sources: topology.sources.map((source) => source.topic),
    outputs: topology.outputs,
    noted,
  })
  const task = new Task(services, topology, partition, takeover)
  await task.foldUnexplained(takeover)
  services.observer.acquired(partition, takeover.found, services.clock.now() - startMs)
  return task
}

export class Task<S, E> implements PartitionWorker {
  readonly partition: number
  readonly #id: TaskId
  readonly #services: EngineServices
  readonly #topology: Topology<S, E>
  readonly #logic: TaskLogic<S, E>
  readonly #takeover: Takeover
  readonly #feed: Feed<E>
  readonly #cache: KeyedCache<S>
  readonly #timers = new Timers()
  readonly #origins: Origins
  readonly #slots: Slots
  readonly #checkpointer: Checkpointer
  readonly #context: Context
  /** Taken from the queues and not yet processed; kept when a load has to be tried again. */
  #chunk: FeedItem<E>[] = []
  #outputs: OutputRecord[] = []
  #setAside: OutputRecord[] = []
  #progressMs: number
  #nowMs: number
  #changedSinceMs: number | null = null
  #changedBytes = 0
  #draftedPositions: readonly { readonly topic: string; readonly offset: number }[] = []
  #committedPositions: readonly CommittedPosition[] = []
  #stopped = false
  #stepping: Promise<unknown> = Promise.resolve()

  constructor(services: EngineServices, topology: Topology<S, E>, partition: number, takeover: Takeover) {
    const { acquired, meta } = takeover
    this.partition = partition
    this.#id = { topology: topology.name, partition }
    this.#services = services
    this.#topology = topology
    this.#takeover = takeover
    this.#logic = topology.logic(partition)
    this.#feed = new Feed(
      topology.sources,
      takeover,
      {
        partition,
        partitionCount: takeover.partitionCount,
        partitionOf: services.partitionOf,
        decode: (record) => this.#logic.decode(record),
      },
      services.options,
    )
    this.#cache = new KeyedCache(this.#logic.state, services.options.cacheMaxBytes, acquired.sequence === 0)
    this.#timers.load(takeover.timers)
    this.#origins = new Origins(meta?.origins ?? {})
    this.#slots = new Slots(meta?.slots ?? {})
    this.#progressMs = meta?.frontierMs ?? -Infinity
    this.#nowMs = services.clock.now()
    this.#checkpointer = new Checkpointer(services, this.#id, takeover.producer, {
      epoch: acquired.epoch,
      sequence: acquired.sequence,
      acknowledged: takeover.acknowledged,
      published: takeover.published,
    })
    this.#context = this.#makeContext()
  }

  /** Brings state up to outputs that only the log still knows of (A3). */
  async foldUnexplained(takeover: Takeover): Promise<void> {
    if (takeover.unexplained.length === 0) return
    await this.#logic.prepare(takeover.unexplained)
    const folds = takeover.unexplained
      .map((record) => this.#logic.fold(record))
      .filter((fold) => fold !== null)
    await this.#loadMissing(folds.map((fold) => fold.key))
    for (const fold of folds) {
      const entry = this.#entry(fold.key)
      fold.apply(entry.state, this.#context)
      this.#cache.markDirty(entry)
    }
    this.#outputs = []
    this.#touch(0)
  }

  offer(batch: SourceBatch): void {
    this.#feed.offer(batch)
  }

  full(topic: string): boolean {
    return this.#feed.full(topic)
  }

  nextOffset(topic: string): number {
    return this.#feed.nextOffset(topic)
  }

  positions(): readonly CommittedPosition[] {
    if (!this.#checkpointer.committing) this.#noteCommitted()
    return this.#committedPositions
  }

  async step(): Promise<StepResult> {
    const step = this.#step()
    this.#stepping = step.catch(() => undefined)
    return step
  }

  async #step(): Promise<StepResult> {
    this.#checkpointer.check()
    this.#nowMs = this.#services.clock.now()
    await this.#feed.decode((records) => this.#available(() => this.#logic.prepare(records)))
    const waitMs = this.#feed.fill(this.#chunk, this.#nowMs)
    const worked = this.#chunk.length > 0
    await this.#loadMissing(this.#neededKeys())
    this.#processChunk()
    this.#fireWallTimers()
    await this.#commitIfDue()
    return { worked: worked || (waitMs === null && this.#feed.waiting), wakeAtMs: this.#wakeAtMs(waitMs) }
  }

  async flush(): Promise<void> {
    while (this.#chunk.length > 0 || this.#timerDue('wall', this.#nowMs)) {
      await this.#loadMissing(this.#neededKeys())
      this.#processChunk()
      this.#fireWallTimers()
    }
    if (this.#changedSinceMs !== null) await this.#commit()
    await this.#checkpointer.settled()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#checkpointer.abandon()
    await this.#stepping
    try {
      await this.flush()
    } finally {
      await this.#takeover.producer.close()
      this.#services.observer.released(this.partition)
    }
  }

  #neededKeys(): readonly string[] {
    const keys: string[] = []
    let untilMs = this.#progressMs
    for (const { item } of this.#chunk) {
      if (item.kind !== 'event') continue
      keys.push(item.event.key)
      untilMs = Math.max(untilMs, item.event.timeMs)
    }
    const limit = this.#services.options.chunkRecords
    if (this.#timerDue('stream', untilMs)) keys.push(...this.#timers.dueKeys('stream', untilMs, limit))
    if (this.#timerDue('wall', this.#nowMs)) keys.push(...this.#timers.dueKeys('wall', this.#nowMs, limit))
    return keys
  }

  async #loadMissing(keys: readonly string[]): Promise<void> {
    const missing = [...new Set(keys)].filter((key) => !this.#cache.has(key))
    if (missing.length === 0 || this.#cache.complete) return
    const slots = this.#slots.names()
    const cells = await this.#available(() =>
      probed(this.#services.probe, 'load', () => this.#services.store.load(this.#id, slots, missing)),
    )
    for (const [key, ofKey] of groupByKey(missing, cells)) {
      this.#cache.put(
        key,
        ofKey.size === 0 ? this.#logic.state.create(key) : this.#logic.state.decode(key, ofKey),
      )
    }
  }

  /** Processes from the front; stops where a due timer's key must be loaded first. */
  #processChunk(): void {
    let done = 0
    for (const next of this.#chunk) {
      if (next.item.kind === 'event' && !this.#fireStreamTimers(next.item.event)) break
      this.#processItem(next)
      done++
    }
    this.#chunk = done === this.#chunk.length ? [] : this.#chunk.slice(done)
    for (const queue of this.#feed.queues) {
      const records = queue.takeProcessed()
      if (records > 0) this.#services.observer.processed(queue.topic, records)
    }
  }

  #processItem({ item, from }: FeedItem<E>): void {
    if (item.kind === 'rejected') this.#reject(item, from.source)
    else if (item.kind === 'event') this.#processEvent(item.event, from.source, from.queue)
    from.queue.position = item.next
    this.#touch(item.kind === 'event' ? (item.event.record.value?.length ?? 0) : 0)
  }

  #reject(item: Extract<QueueItem<E>, { kind: 'rejected' }>, source: Source): void {
    this.#services.observer.rejected(item.record, item.rejection)
    this.#setAside.push(deadLetter(item.record, item.rejection, source.deadLetterTopic, this.#topology.name))
  }

  #processEvent(event: Event<E>, source: Source, queue: SourceQueue<E>): void {
    if (!this.#origins.isNew(event.record)) return this.#services.observer.repeated(source.topic)
    if (queue.observe(event, source.latenessMs)) return this.#late(event, source, queue)
    this.#progressMs = Math.max(this.#progressMs, Math.min(event.timeMs, event.record.appendTimeMs))
    const entry = this.#entry(event.key)
    this.#logic.process(event, entry.state, this.#context)
    this.#cache.markDirty(entry)
    queue.processed++
  }

  #late(event: Event<E>, source: Source, queue: SourceQueue<E>): void {
    this.#services.observer.late(source.topic)
    if (source.lateTopic === null) return
    const byMs = queue.streamTimeMs - event.timeMs
    this.#setAside.push(lateRecord(event.record, source.lateTopic, this.#topology.name, byMs))
  }

  #entry(key: string): CacheEntry<S> {
    return this.#cache.get(key) ?? this.#cache.put(key, this.#logic.state.create(key))
  }

  /** Fires what is due before the event (I2); false where a state must be loaded for it first. */
  #fireStreamTimers(event: Event<E>): boolean {
    const untilMs = Math.min(event.timeMs, event.record.appendTimeMs)
    return !this.#timerDue('stream', untilMs) || this.#fire('stream', untilMs)
  }

  #fireWallTimers(): void {
    if (this.#timerDue('wall', this.#nowMs)) this.#fire('wall', this.#nowMs)
  }

  #timerDue(kind: TimerKind, timeMs: number): boolean {
    const dueMs = this.#timers.nextDueMs(kind)
    return dueMs !== null && dueMs <= timeMs
  }

  #fire(kind: TimerKind, untilMs: number): boolean {
    for (;;) {
      const next = this.#timers.peekDue(kind, untilMs)
      if (next === null) return true
      if (!this.#cache.complete && !this.#cache.has(next.key)) return false
      this.#timers.takeDue(kind, untilMs)
      this.#fireOne(next)
    }
  }

  #fireOne(timer: Timer): void {
    if (timer.kind === 'stream') this.#progressMs = Math.max(this.#progressMs, timer.dueMs)
    const entry = this.#entry(timer.key)
    this.#logic.onTimer(timer, entry.state, this.#context)
    this.#cache.markDirty(entry)
    this.#touch(0)
  }

  #touch(bytes: number): void {
    this.#changedSinceMs ??= this.#nowMs
    this.#changedBytes += bytes
  }

  async #commitIfDue(): Promise<void> {
    const { options } = this.#services
    if (this.#changedSinceMs === null && this.#checkpointer.unacknowledged) this.#changedSinceMs = this.#nowMs
    if (this.#changedSinceMs === null) return
    const full =
      this.#cache.dirtyKeys >= options.commitMaxDirtyKeys || this.#changedBytes >= options.commitMaxBytes
    const old = this.#nowMs - this.#changedSinceMs >= options.commitIntervalMs
    if (full || (old && !this.#checkpointer.committing)) await this.#commit()
  }

  async #commit(): Promise<void> {
    await this.#checkpointer.committed()
    this.#noteCommitted()
    this.#cache.shrink()
    this.#services.observer.cached(this.partition, this.#cache.keys, this.#cache.bytes)
    for (const queue of this.#feed.queues) this.#services.observer.lag(queue.topic, this.partition, queue.lag)
    await this.#checkpointer.commit(() => this.#draft())
  }

  /** The positions of the last commit that is known to stand. */
  #noteCommitted(): void {
    const { epoch, sequence } = this.#checkpointer
    this.#committedPositions = this.#draftedPositions.map((at) => ({ ...at, epoch, sequence }))
  }
  #draft(): Draft {
    const change = this.#stateChange()
    const meta = this.#meta()
    const draft: Draft = { change, outputs: this.#outputs, setAside: this.#setAside, meta }
    this.#outputs = []
    this.#setAside = []
    this.#changedSinceMs = null
    this.#changedBytes = 0
    this.#draftedPositions = this.#feed.queues.map(({ topic, position }) => ({ topic, offset: position }))
    return draft
  }

  #stateChange(): Draft['change'] {
    const frontierMs = this.#feed.frontierMs(this.#progressMs)
    const cells = takeCellChanges(this.#cache, this.#logic.state, this.#slots, frontierMs)
    const timers = this.#timers.takeChanges()
    return { ...cells, setTimers: timers.set, clearTimers: timers.cleared }
  }

  #meta(): Draft['meta'] {
    const finite = (timeMs: number): number | null => (Number.isFinite(timeMs) ? timeMs : null)
    const meta = {
      stateVersion: this.#topology.stateVersion,
      partitionCount: this.#takeover.partitionCount,
      frontierMs: finite(this.#progressMs),
      sources: Object.fromEntries(
        this.#feed.queues.map((queue) => [
          queue.topic,
          { position: queue.position, streamTimeMs: finite(queue.streamTimeMs) },
        ]),
      ),
      origins: this.#origins.marks(),
      slots: this.#slots.stored(),
    }
    return (acknowledged) => encodeMeta({ ...meta, acknowledged: Object.fromEntries(acknowledged) })
  }

  #wakeAtMs(waitMs: number | null): number | null {
    const flushMs =
      this.#changedSinceMs === null ? null : this.#changedSinceMs + this.#services.options.commitIntervalMs
    const times = [waitMs, flushMs, this.#timers.nextDueMs('wall')].filter((time) => time !== null)
    return times.length === 0 ? null : Math.min(...times)
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    return untilAvailable(this.#services, this.partition, () => this.#stopped, operation)
  }

  #makeContext(): Context {
    const nowMs = (): number => this.#nowMs
    const frontierMs = (): number => this.#feed.frontierMs(this.#progressMs)
    return {
      partition: this.partition,
      get nowMs() {
        return nowMs()
      },
      get streamTimeMs() {
        return frontierMs()
      },
      emit: (output) => void this.#outputs.push(output),
      setTimer: (timer) => this.#timers.set(timer),
      clearTimer: (key, name) => this.#timers.clear(key, name),
    }
  }
}

/** The loaded cells by key; a key without cells gets an empty map. */
function groupByKey(
  keys: readonly string[],
  cells: readonly StateCell[],
): ReadonlyMap<string, ReadonlyMap<string, Buffer>> {
  const grouped = new Map<string, Map<string, Buffer>>(keys.map((key) => [key, new Map<string, Buffer>()]))
  for (const cell of cells) grouped.get(cell.key)?.set(cell.slot, cell.value)
  return grouped
}
