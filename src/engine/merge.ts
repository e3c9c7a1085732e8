/**
 * Which buffered record comes next: the one with the smallest event time over all sources of the task, the
 * earlier source where times are equal (P6). Items without a time (rejected, skipped) come at once.
 */
import type { SourceQueue } from './source-queue.ts'

/** The source to take from; null where all are empty. */
export function nextSource<E>(queues: readonly SourceQueue<E>[]): SourceQueue<E> | null {
  let best: SourceQueue<E> | null = null
  let bestTimeMs = Infinity
  for (const queue of queues) {
    const item = queue.peek()
    if (item === undefined) continue
    if (item.kind !== 'event') return queue
    if (item.timeMs < bestTimeMs || best === null) {
      best = queue
      bestTimeMs = item.timeMs
    }
  }
  return best
}

/** A source as far as it may be waited for: `awaited` while nothing of it is here and the log is known to hold more. */
interface Awaitable {
  readonly awaited: boolean
  waitingSinceMs: number | null
}

/**
 * Whether some source that is known to have more must still be waited for. Starts, keeps and ends the waits;
 * `maxWaitMs` bounds each. Gives the time at which to go on without, or null to go on now.
 */
export function waitUntil(queues: readonly Awaitable[], nowMs: number, maxWaitMs: number): number | null {
  let until: number | null = null
  for (const queue of queues) {
    if (!queue.awaited) {
      queue.waitingSinceMs = null
      continue
    }
    queue.waitingSinceMs ??= nowMs
    const end = queue.waitingSinceMs + maxWaitMs
    if (end > nowMs && (until === null || end < until)) until = end
  }
  return until
}
