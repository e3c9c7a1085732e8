/**
 * Follows topics one batch after another, for those who need time for each.
 *
 * O1. Batches are taken in the order in which the log gives them, each when the one before has been taken.
 * O2. Resolves when all that was there at the beginning has been taken; who cannot take it is closed, and it throws.
 * O3. What ends the following, at any time, is told to `failed` once.
 * O4. Who lets go before all has been taken waits for nothing: the follower is closed, and it throws.
 */
import type { Follower, Log } from '../engine/log.ts'
import type { SourceBatch } from '../engine/record.ts'

export interface InOrder {
  readonly log: Pick<Log, 'follow'>
  readonly topics: readonly string[]
  readonly take: (batch: SourceBatch) => Promise<void>
  readonly failed: (error: unknown) => void
  /** Aborted by who lets go (O4). */
  readonly letGo?: AbortSignal
}

/** The follower, current as of what has been taken. */
export async function followInOrder({ log, topics, take, failed, letGo }: InOrder): Promise<Follower> {
  const ended = Promise.withResolvers<never>()
  ended.promise.catch(failed)
  const abandon = (): void => ended.reject(letGo?.reason)
  letGo?.addEventListener('abort', abandon)
  let taken: Promise<void> = Promise.resolve()
  let waiting = 0
  const follower = await log.follow(topics, (batch) => {
    waiting++
    taken = taken.then(() => take(batch)).then(() => void waiting--)
    taken.catch(ended.reject)
    return taken
  })
  follower.failed().catch(ended.reject)
  try {
    letGo?.throwIfAborted()
    await Promise.race([follower.caughtUp().then(() => taken), ended.promise])
  } catch (error) {
    await follower.close()
    throw error
  }
  // From here on it is closed, and has not failed.
  letGo?.removeEventListener('abort', abandon)
  let currentAsOfMs = follower.currentAsOfMs()
  return {
    currentAsOfMs: () => (waiting > 0 ? currentAsOfMs : (currentAsOfMs = follower.currentAsOfMs())),
    caughtUp: () => follower.caughtUp(),
    failed: () => follower.failed(),
    close: () => follower.close(),
  }
}
