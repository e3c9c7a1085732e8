/** Transient trouble stalls (P8): the same operation again, until it works or fails for another reason. */
import { TransientError } from './errors.ts'
import type { EngineServices } from './services.ts'

const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 2_000

/** Runs `operation` until it does not throw TransientError; `abandoned` ends the waiting with that error. */
export async function untilAvailable<T>(
  services: Pick<EngineServices, 'pause' | 'observer'>,
  partition: number,
  abandoned: () => boolean,
  operation: () => Promise<T>,
): Promise<T> {
  let stalled = false
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const result = await operation()
      if (stalled) services.observer.stalled(partition, null, '')
      return result
    } catch (error) {
      if (!(error instanceof TransientError) || abandoned()) throw error
      stalled = true
      services.observer.stalled(partition, error.service, error.message)
      await services.pause(waitMs)
      if (abandoned()) throw error
    }
  }
}
