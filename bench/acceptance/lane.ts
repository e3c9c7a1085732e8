/**
 * One topology's logic over events in order of time, without the engine: no log, no bytes, no checkpoints. All keys are
 * in one task, whose stream time is that of its newest event; timers on it come due as it passes them.
 */
import type { Context, Event, TaskLogic, Timer } from '../../src/engine/logic.ts'
import { Agenda } from '../../src/simulate/agenda.ts'

export class Lane<S, E> {
  readonly #logic: TaskLogic<S, E>
  readonly #context: Context
  readonly #states = new Map<string, S>()
  readonly #timers = new Map<string, Timer>()
  /** Timers as they were set; those that were moved or cleared since are passed over. */
  readonly #agenda = new Agenda<Timer>()
  #nextDueMs = Infinity
  #streamTimeMs = -Infinity

  constructor(logic: TaskLogic<S, E>) {
    this.#logic = logic
    const streamTimeMs = (): number => this.#streamTimeMs
    this.#context = {
      partition: 0,
      get nowMs() {
        return streamTimeMs()
      },
      get streamTimeMs() {
        return streamTimeMs()
      },
      rebuilding: false,
      emit: () => undefined,
      setTimer: (timer) => this.#set(timer),
      clearTimer: (key, name) => void this.#timers.delete(timerId(key, name)),
    }
  }

  process(key: string, timeMs: number, body: E, record: Event<E>['record']): void {
    if (timeMs > this.#streamTimeMs) this.#streamTimeMs = timeMs
    if (this.#nextDueMs <= this.#streamTimeMs) this.#fireDue()
    this.#logic.process({ key, timeMs, body, record }, this.#stateOf(key), this.#context)
  }

  #set(timer: Timer): void {
    const id = timerId(timer.key, timer.name)
    if (this.#timers.get(id)?.dueMs === timer.dueMs) return
    this.#timers.set(id, timer)
    this.#agenda.add(timer.dueMs, timer)
    this.#nextDueMs = Math.min(this.#nextDueMs, timer.dueMs)
  }

  #fireDue(): void {
    for (let due = this.#agenda.take(); ; due = this.#agenda.take()) {
      this.#nextDueMs = due?.atMs ?? Infinity
      if (due === null) return
      if (due.atMs > this.#streamTimeMs) return this.#agenda.add(due.atMs, due.item)
      const id = timerId(due.item.key, due.item.name)
      if (this.#timers.get(id) !== due.item) continue
      this.#timers.delete(id)
      this.#logic.onTimer(due.item, this.#stateOf(due.item.key), this.#context)
    }
  }

  #stateOf(key: string): S {
    const known = this.#states.get(key)
    if (known !== undefined) return known
    const created = this.#logic.state.create(key)
    this.#states.set(key, created)
    return created
  }
}

function timerId(key: string, name: string): string {
  return `${key}\u001f${name}`
}
