/**
 * Loaded into every thread of `bailiff run` before anything else: records whose ids say so kill the process at once,
 * as a crash of native code or the kernel would. Nothing is flushed, told or caught.
 */
import { KeyState } from '../../src/detect/key-state.ts'
import { Meter } from '../../src/meter/meter.ts'

/** Ids of records that kill `meter`, and of ones that kill `usage`. */
const DEADLY = { meter: 'deadly-meter-', usage: 'deadly-usage-' } as const

killing(Meter.prototype, 'completed', (response) => idOf(response).startsWith(DEADLY.meter))
killing(KeyState.prototype, 'note', (eventId) => String(eventId).startsWith(DEADLY.usage))

function killing<T extends object>(prototype: T, name: keyof T, kills: (first: unknown) => boolean): void {
  const original: unknown = Reflect.get(prototype, name)
  if (typeof original !== 'function') throw new Error(`${String(name)} is no method any more`)
  Reflect.set(prototype, name, function (this: unknown, ...parameters: unknown[]): unknown {
    if (kills(parameters[0])) die()
    const result: unknown = Reflect.apply(original, this, parameters)
    return result
  })
}

function idOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'eventId' in value ? String(value.eventId) : ''
}

/** The signal comes at once, and this thread does nothing more until it does. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
