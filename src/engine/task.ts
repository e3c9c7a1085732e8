/**
 * One task: the keyed sources of one partition, one key space of state, one atomic checkpoint.
 *
 * I1. A record affects state once: its position is committed with what it changed (P2).
 * I2. Which record comes next is decided by event time, source order and offset alone (P5, P6); stream timers
 *     fire between records, so that where a stretch of work ends changes nothing. None that time has passed is
 *     left when a commit is made: what a rebuild may withhold has been said, whatever the order was (rebuild.ts).
 * I3. Processing is synchronous; what must be waited for (schemas, missing keys) is fetched before.
 */
import { Admission } from './admission.ts'
import type { Care } from './care.ts'
import { Checkpointer, type Draft } from './checkpointer.ts'
import { Feed } from './feed.ts'
import { NO_PLACE } from './key-index.ts'
import { KeyStates } from './key-states.ts'
import { KeyedCache } from './keyed-cache.ts'
import type { Context, Former, TaskLogic, Topology } from './logic.ts'
import { formerOf } from './meta.ts'
import { NotedPositions } from './noted.ts'
import type { CommittedPosition, PartitionWorker, StepResult } from './partition-worker.ts'
import { confirmCount } from './partition-count.ts'
import { probed } from './probe.ts'
import { Origins } from './origins.ts'
import type { OutputRecord, SourceBatch, SourceRecord } from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'
import { SetAside } from './set-aside.ts'
import { Slots } from './slots.ts'
import type { EventItem, QueueItem } from './source-queue.ts'
import type { TaskId } from './state-store.ts'
import { unexplainedTail, type Takeover } from './takeover.ts'
import { taskContext } from './task-context.ts'
import { TaskTime } from './task-time.ts'
import { Timers } from './timers.ts'

export class Task<S, E> implements PartitionWorker {
  readonly partition: number
  readonly keptFor: number
  readonly #id: TaskId
  readonly #services: EngineServices
  readonly #topology: Topology<S, E>
  readonly #logic: TaskLogic<S, E>
  readonly #takeover: Takeover
  readonly #feed: Feed<E>
  readonly #cache: KeyedCache<S>
  readonly #keys: KeyStates<S>
  readonly #timers: Timers
  readonly #origins: Origins
  readonly #slots: Slots
  readonly #admission: Admission
  readonly #checkpointer: Checkpointer
  readonly #context: Context
  /** Taken from the queues and not yet processed; kept when a load has to be tried again. */
  #chunk: QueueItem<E>[] = []
  #outputs: OutputRecord[] = []
  readonly #aside: SetAside
  readonly #time: TaskTime<S>
  /** When what has changed must be committed; null where nothing has. */
  #commitDueMs: number | null = null
  #changedBytes = 0
  readonly #noted: NotedPositions
  #careful = false
  #abandoned = false
  #stopped = false
  #stepping: Promise<unknown> = Promise.resolve()

  constructor(services: EngineServices, topology: Topology<S, E>, partition: number, takeover: Takeover) {
    const { acquired, meta, partitionCount } = takeover
    const former = formerOf(meta)
    this.partition = partition
    this.keptFor = partitionCount
    this.#id = { topology: topology.name, partition }
    this.#services = services
    this.#topology = topology
    this.#takeover = takeover
    this.#logic = topology.logic(partition, former)
    const decode = this.#logic.decode.bind(this.#logic)
    const rules = { partition, partitionCount, partitionOf: services.partitionOf, decode }
    this.#feed = new Feed(topology.sources, takeover, rules, services.options)
    this.#cache = new KeyedCache(this.#logic.state, services.options.cacheMaxBytes, acquired.sequence === 0)
    this.#timers = new Timers(services.options.timersMaxHeld)
    this.#timers.load(takeover.timers)
    this.#aside = new SetAside(topology.name, services.observer)
    this.#origins = new Origins(meta?.origins ?? {})
    this.#slots = new Slots(meta?.slots ?? {})
    this.#admission = new Admission(services, this.#id)
    const { state } = this.#logic
    this.#keys = new KeyStates(services, this.#id, state, this.#cache, this.#slots, this.#admission)
    this.#checkpointer = new Checkpointer(services, this.#id, takeover.producer, {
      epoch: acquired.epoch,
      sequence: acquired.sequence,
      acknowledged: takeover.acknowledged,
      published: takeover.published,
    })
    this.#context = this.#makeContext()
    this.#time = this.#makeTime(former)
    this.#noted = new NotedPositions(this.#feed, acquired.sequence)
  }

  /** Brings state up to outputs that only the log still knows of (A3), in bounded stretches; gives how many. */
  async foldTail(): Promise<number> {
    await this.#available(() => this.#keys.measure(this.#time.nowMs))
    let folded = 0
    const tail = unexplainedTail(this.#services.log, this.#id, this.#takeover)
    for await (const { topic, end, records } of tail) {
      await this.#fold(records)
      folded += records.length
      this.#checkpointer.acknowledge(topic, end)
      if (this.#cache.dirtyKeys < this.#services.options.commitMaxDirtyKeys) continue
      await this.#commit()
      await this.#checkpointer.committed()
    }
    return folded
  }

  async #fold(records: readonly SourceRecord[]): Promise<void> {
    if (records.length === 0) return
    await this.#logic.prepare(records)
    const folds = records.map((record) => this.#logic.fold(record)).filter((fold) => fold !== null)
    const keys = folds.map((fold) => fold.key)
    await this.#available(() => this.#keys.load([], keys))
    for (const fold of folds) {
      const place = this.#keys.place(fold.key)
      fold.apply(this.#cache.state(place), this.#context)
      this.#cache.markDirty(place, fold.key)
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

  position(topic: string): number {
    return this.#feed.at(topic).position
  }

  lag(topic: string): number {
    return this.#feed.at(topic).lag
  }

  positions(): readonly CommittedPosition[] {
    return this.#noted.upTo(this.#checkpointer.epoch, this.#checkpointer.publishedSequence)
  }

  step(onlyPassed = false): Promise<StepResult> {
    this.#careful = false
    return this.#noting(this.#step(onlyPassed))
  }

  stepCarefully(care: Care): Promise<StepResult> {
    this.#careful = true
    return this.#noting(this.#stepCarefully(care))
  }

  #noting(step: Promise<StepResult>): Promise<StepResult> {
    this.#stepping = step.catch(() => undefined)
    return step
  }

  async #step(onlyPassed: boolean): Promise<StepResult> {
    this.#checkpointer.check()
    await this.#feed.decode((records) => this.#prepare(records), onlyPassed)
    // What comes next is chosen by the time that it is now, however long schemas were waited for.
    this.#time.nowMs = this.#services.clock.now()
    const { chunkRecords } = this.#services.options
    const waitMs = this.#feed.fill(this.#chunk, this.#time.nowMs, chunkRecords, onlyPassed)
    const worked = this.#chunk.length > 0 || this.#time.owing
    await this.#loadNeeded()
    this.#processChunk()
    this.#time.fireWall()
    if (!this.#time.owing) await this.#commitIfDue()
    return { worked: worked || (waitMs === null && this.#feed.waiting), wakeAtMs: this.#wakeAtMs(waitMs) }
  }

  /** What is not the record's own doing, timers above all, is done while `care` holds none. */
  async #stepCarefully(care: Care): Promise<StepResult> {
    this.#checkpointer.check()
    await this.#feed.decodeCarefully((records) => this.#prepare(records), care)
    this.#time.nowMs = this.#services.clock.now()
    const waitMs = this.#feed.fill(this.#chunk, this.#time.nowMs, 1)
    const [item] = this.#chunk
    const worked = item !== undefined || this.#time.owing
    const beforeMs = this.#timeBefore(item)
    if (this.#time.dueBefore(beforeMs) || this.#commitDueMs !== null) await care.release()
    await this.#time.settle(beforeMs)
    await this.#commitPending()
    if (item?.kind === 'event') await care.take(item.record)
    await this.#workOff()
    return { worked: worked || (waitMs === null && this.#feed.waiting), wakeAtMs: this.#wakeAtMs(waitMs) }
  }

  async flush(): Promise<void> {
    // Of a careful step all is committed, or it has failed and is left to the next owner.
    if (!this.#careful) await this.#workOff()
  }

  async #workOff(): Promise<void> {
    while (this.#chunk.length > 0 || this.#time.owing || this.#time.wallDue) {
      await this.#loadNeeded()
      this.#processChunk()
      this.#time.fireWall()
    }
    await this.#commitPending()
  }

  async #commitPending(): Promise<void> {
    if (this.#commitDueMs !== null) await this.#commit()
    await this.#checkpointer.settled()
  }

  abandon(): void {
    this.#abandoned = true
    this.#checkpointer.abandon()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.abandon()
    await this.#stepping
    try {
      await this.flush()
    } finally {
      await probed(this.#services.probe, 'release', () => this.#takeover.producer.close())
      this.#services.observer.released(this.partition)
    }
  }

  /** The timers and states that the chunk and the clock ask for next, and whether what is misplaced really is. */
  async #loadNeeded(): Promise<void> {
    await this.#available(() => confirmCount(this.#services, this.#id, this.#takeover, this.#chunk))
    const keys: string[] = []
    let untilMs = this.#time.progressMs
    for (const item of this.#chunk) {
      if (item.kind !== 'event') continue
      if (!this.#cache.complete) keys.push(item.key)
      if (item.timeMs > untilMs) untilMs = item.timeMs
    }
    await this.#time.load(keys, untilMs)
  }

  /** Processes from the front; stops where a due timer's key must be loaded first. */
  #processChunk(): void {
    let done = 0
    for (const item of this.#chunk) {
      if (item.kind === 'event' && !this.#fireStreamTimers(item)) break
      this.#processItem(item)
      done++
    }
    this.#chunk = done === this.#chunk.length ? [] : this.#chunk.slice(done)
    if (this.#chunk.length === 0) this.#time.fireStream(this.#time.progressMs)
    for (const queue of this.#feed.queues) {
      const records = queue.takeProcessed()
      if (records > 0) this.#services.observer.processed(queue.topic, records)
    }
  }

  #processItem(item: QueueItem<E>): void {
    if (item.kind === 'rejected') this.#aside.reject(item, item.queue.source)
    else if (item.kind === 'event') this.#processEvent(item)
    item.queue.position = item.next
    this.#touch(item.kind === 'event' ? (item.record.value?.length ?? 0) : 0)
  }

  #processEvent(event: EventItem<E>): void {
    const { queue } = event
    const { source } = queue
    if (!this.#origins.isNew(event.record)) return this.#services.observer.repeated(source.topic)
    if (queue.observe(event)) return this.#aside.late(event, source, queue.streamTimeMs)
    if (!this.#feed.rebuildsFacts(source)) {
      this.#time.advance(Math.min(event.timeMs, event.record.appendTimeMs))
    }
    const known = this.#cache.find(event.key)
    if (known === NO_PLACE && !this.#admission.admits(event, source)) return
    const place = known === NO_PLACE ? this.#keys.create(event.key) : known
    this.#time.observe(event.timeMs)
    this.#logic.process(event, this.#cache.state(place), this.#context)
    this.#cache.markDirty(place, event.key)
    queue.processed++
  }

  /** Fires what is due before the event (I2); false where a state must be loaded for it first. */
  #fireStreamTimers(event: EventItem<E>): boolean {
    return this.#feed.rebuildsFacts(event.queue.source) || this.#time.fireStream(this.#timeBefore(event))
  }

  /** How far time comes before the item is processed. */
  #timeBefore(item: QueueItem<E> | undefined): number {
    if (item?.kind !== 'event' || this.#feed.rebuildsFacts(item.queue.source)) return this.#time.progressMs
    return Math.max(Math.min(item.timeMs, item.record.appendTimeMs), this.#time.progressMs)
  }

  #touch(bytes: number): void {
    this.#commitDueMs ??= this.#time.nowMs + this.#services.options.commitIntervalMs
    this.#changedBytes += bytes
  }

  async #commitIfDue(): Promise<void> {
    const { options } = this.#services
    if (this.#checkpointer.unacknowledged) this.#touch(0)
    if (this.#commitDueMs === null) return
    const bytes = this.#changedBytes + this.#aside.bytes
    const full = this.#cache.dirtyKeys >= options.commitMaxDirtyKeys || bytes >= options.commitMaxBytes
    const old = this.#time.nowMs >= this.#commitDueMs
    if (full || (old && !this.#checkpointer.committing)) await this.#commit()
  }

  async #commit(): Promise<void> {
    await this.#checkpointer.committed()
    this.#cache.shrink()
    this.#timers.shrink()
    await this.#available(() => this.#keys.measure(this.#time.nowMs))
    const { observer } = this.#services
    observer.cached(this.partition, this.#cache.keys, this.#cache.bytes)
    for (const { topic, lag } of this.#feed.queues) observer.lag(topic, this.partition, lag)
    await this.#checkpointer.commit(() => this.#draft())
  }

  #draft(): Draft {
    const { set: setTimers, cleared: clearTimers } = this.#timers.takeChanges()
    const change = { ...this.#keys.takeChanges(this.#context.streamTimeMs), setTimers, clearTimers }
    const draft: Draft = { change, outputs: this.#outputs, setAside: this.#aside.take(), meta: this.#meta() }
    this.#outputs = []
    this.#commitDueMs = null
    this.#changedBytes = 0
    this.#noted.drafted(this.#checkpointer.sequence + 1)
    return draft
  }

  #meta(): Draft['meta'] {
    return {
      stateVersion: this.#topology.stateVersion,
      edition: this.#topology.edition,
      partitionCount: this.keptFor,
      ...this.#time.meta,
      layout: this.#logic.layout,
      taskState: this.#logic.taskState?.() ?? null,
      sources: this.#feed.metas(),
      origins: this.#origins.marks(),
      slots: this.#slots.stored(),
    }
  }

  #wakeAtMs(waitMs: number | null): number | null {
    const wallMs = this.#feed.rebuilding ? null : this.#timers.nextDueMs('wall')
    const times = [waitMs, this.#commitDueMs, wallMs].filter((time) => time !== null)
    return times.length === 0 ? null : Math.min(...times)
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    return untilAvailable(this.#services, this.partition, () => this.#abandoned, operation)
  }

  #prepare(records: readonly SourceRecord[]): Promise<void> {
    return this.#available(() => this.#logic.prepare(records))
  }

  #emit(output: OutputRecord): void {
    if (this.#feed.rebuilding) return this.#services.observer.withheld(output.topic)
    this.#outputs.push(output)
    const dueMs = this.#time.nowMs + this.#services.options.outputIntervalMs
    this.#commitDueMs = Math.min(this.#commitDueMs ?? dueMs, dueMs)
  }

  #makeContext(): Context {
    const moment = {
      nowMs: () => this.#time.nowMs,
      progressMs: () => this.#feed.frontierMs(this.#time.progressMs),
      rebuilding: () => this.#feed.rebuilding,
    }
    return taskContext(this.partition, moment, this.#timers, (output) => this.#emit(output))
  }

  #makeTime(former: Former | null): TaskTime<S> {
    const timed = {
      id: this.#id,
      timers: this.#timers,
      cache: this.#cache,
      keys: this.#keys,
      logic: this.#logic,
      context: this.#context,
      rebuilding: () => this.#feed.rebuilding,
      touched: () => this.#touch(0),
      available: <T>(operation: () => Promise<T>) => this.#available(operation),
    }
    return new TaskTime(this.#services, timed, former)
  }
}
