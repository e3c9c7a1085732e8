/**
 * Asks the store from time to time whether it is there. Tasks ask it only where they have something to load or to
 * commit: to a process to which nothing comes it would be there for ever, and the first record would have to wait.
 */
import type { Observer } from '../../engine/observer.ts'
import { untilAvailable } from '../../engine/retry.ts'
import { pause } from '../pause.ts'

const ASK_MS = 5_000
/** What waits is the topology itself, none of its partitions. */
const NO_PARTITION = -1

export interface StoreWatch {
  /** Throws TransientError where the store is away. */
  readonly ping: () => Promise<void>
  readonly observer: Observer
  /** Told of trouble that does not pass by itself, such as a password that is no longer taken. */
  readonly failed: (error: unknown) => void
}

/** Until what it returns is called. While the store is away the observer is told that the topology waits for it. */
export function watchStore({ ping, observer, failed }: StoreWatch): () => Promise<void> {
  let closed = false
  let asking = false
  const ask = async (): Promise<void> => {
    if (asking) return
    asking = true
    try {
      await untilAvailable({ pause, observer }, NO_PARTITION, () => closed, ping)
    } catch (error) {
      if (!closed) failed(error)
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => void ask(), ASK_MS).unref()
  return () => {
    closed = true
    return Promise.resolve(clearInterval(timer))
  }
}
