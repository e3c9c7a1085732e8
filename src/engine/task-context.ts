/** What logic may see and do (logic.ts), as the task that runs it has it at that moment. */
import type { Context } from './logic.ts'
import type { Timers } from './timers.ts'

/** What changes from one call of the logic to the next. */
export interface Moment {
  nowMs(): number
  progressMs(): number
  rebuilding(): boolean
}

export function taskContext(
  partition: number,
  moment: Moment,
  timers: Timers,
  emit: Context['emit'],
): Context {
  return {
    partition,
    get nowMs() {
      return moment.nowMs()
    },
    get streamTimeMs() {
      return moment.progressMs()
    },
    get rebuilding() {
      return moment.rebuilding()
    },
    emit,
    setTimer: (timer) => timers.set(timer),
    clearTimer: (key, name) => timers.clear(key, name),
  }
}
