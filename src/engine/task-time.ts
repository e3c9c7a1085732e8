/**
 * How far the time of a task has come, and the timers that fire by it: stream timers between records, once time has
 * passed them, wall timers by the clock, but not while a store is rebuilt (rebuild.ts, B3).
 */
import type { KeyStates } from './key-states.ts'
import type { KeyedCache } from './keyed-cache.ts'
import type { Context, Former, TaskLogic, Timer, TimerKind } from './logic.ts'
import { finiteOrNull, type Meta } from './meta.ts'
import { probed } from './probe.ts'
import type { EngineServices } from './services.ts'
import type { StoredTimer, TaskId } from './state-store.ts'
import type { Timers } from './timers.ts'

/** What of a task its timers work on. */
export interface TimedTask<S> {
  readonly id: TaskId
  readonly timers: Timers
  readonly cache: KeyedCache<S>
  readonly keys: KeyStates<S>
  readonly logic: Pick<TaskLogic<S, never>, 'onTimer'>
  readonly context: Context
  rebuilding(): boolean
  /** A timer has changed something. */
  touched(): void
  available<T>(operation: () => Promise<T>): Promise<T>
}

export class TaskTime<S> {
  readonly #services: Pick<EngineServices, 'store' | 'probe' | 'options' | 'clock'>
  readonly #task: TimedTask<S>
  /** The wall time by which is decided: never that of before a wait. */
  nowMs: number
  #progressMs: number
  #newestEventMs: number

  constructor(
    services: Pick<EngineServices, 'store' | 'probe' | 'options' | 'clock'>,
    task: TimedTask<S>,
    former: Former | null,
  ) {
    this.#services = services
    this.#task = task
    this.nowMs = services.clock.now()
    this.#progressMs = former?.streamTimeMs ?? -Infinity
    this.#newestEventMs = former?.newestEventMs ?? -Infinity
  }

  get progressMs(): number {
    return this.#progressMs
  }

  /** As checkpoints tell it. */
  get meta(): Pick<Meta, 'frontierMs' | 'newestEventMs'> {
    return {
      frontierMs: finiteOrNull(this.#progressMs),
      newestEventMs: finiteOrNull(this.#newestEventMs),
    }
  }

  /** An event of that time is taken into the state. */
  observe(timeMs: number): void {
    if (timeMs > this.#newestEventMs) this.#newestEventMs = timeMs
  }

  advance(timeMs: number): void {
    this.#progressMs = Math.max(this.#progressMs, timeMs)
  }

  /** Whether a stream timer that time has passed waits to be fired: one that was set for the past (task.ts, I2). */
  get owing(): boolean {
    return this.#due('stream', this.#progressMs)
  }

  /** Whether a timer is due by the clock, or by the time that stream time comes to next. */
  dueBefore(streamMs: number): boolean {
    return this.wallDue || this.#due('stream', streamMs)
  }

  get wallDue(): boolean {
    return this.#due('wall', this.#wallMs)
  }

  /** Fires stream timers up to then; false where a state must be loaded for one first. */
  fireStream(untilMs: number): boolean {
    return this.#fire('stream', untilMs)
  }

  fireWall(): void {
    this.#fire('wall', this.#wallMs)
  }

  /** Fires all that is due by the clock or before that stream time. */
  async settle(streamMs: number): Promise<void> {
    while (this.dueBefore(streamMs)) {
      await this.load([], streamMs)
      this.fireWall()
      this.fireStream(streamMs)
    }
  }

  /** The timers that are due by then, and their states and those of the keys. What follows is decided by the time that it is then. */
  async load(keys: readonly string[], streamMs: number): Promise<void> {
    const { id, timers, cache } = this.#task
    const { probe, store, options, clock } = this.#services
    const { complete } = cache
    const timerKeys: string[] = []
    const page = (after: StoredTimer | null, most: number): Promise<readonly StoredTimer[]> =>
      this.#task.available(() => probed(probe, 'load.timers', () => store.timers(id, after, most)))
    for (const [kind, timeMs] of [['stream', streamMs] as const, ['wall', this.#wallMs] as const]) {
      await timers.loadDue(kind, timeMs, page)
      if (!complete) timerKeys.push(...timers.dueKeys(kind, timeMs, options.chunkRecords))
    }
    if (!complete) await this.#task.available(() => this.#task.keys.load(keys, timerKeys))
    this.nowMs = clock.now()
  }

  get #wallMs(): number {
    return this.#task.rebuilding() ? -Infinity : this.nowMs
  }

  #due(kind: TimerKind, timeMs: number): boolean {
    return (this.#task.timers.nextDueMs(kind) ?? Infinity) <= timeMs
  }

  #fire(kind: TimerKind, untilMs: number): boolean {
    const { timers, cache } = this.#task
    for (;;) {
      if (!this.#due(kind, untilMs)) return true
      const next = timers.peekDue(kind, untilMs)
      if (next === null) return !timers.lacks(kind, untilMs)
      if (!cache.complete && !cache.has(next.key)) return false
      timers.takeDue(kind, untilMs)
      this.#fireOne(next)
    }
  }

  #fireOne(timer: Timer): void {
    const { keys, cache, logic, context } = this.#task
    if (timer.kind === 'stream') this.advance(timer.dueMs)
    const place = keys.place(timer.key)
    logic.onTimer(timer, cache.state(place), context)
    cache.markDirty(place, timer.key)
    this.#task.touched()
  }
}
