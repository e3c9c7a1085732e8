/**
 * Which records a rebuild must not touch: those that killed their owners when they were processed first, as the
 * dead-letter topics tell. A store that is gone would otherwise meet each of them again, and it would kill again.
 *
 * D1. Only what was set aside as `crash` by the same topology counts: what kills one may be food to another.
 * D2. What the dead-letter topics have forgotten is met as if for the first time.
 */
import { CRASH } from './care.ts'
import type { Log } from './log.ts'
import { headerText } from './record.ts'
import { HEADER_GROUP, HEADER_REASON } from './set-aside.ts'
import type { TaskId } from './state-store.ts'

/** Source positions as text (`sourcePosition`) of the task's partition, as the topics hold them now. */
export async function crashedBefore(
  log: Log,
  task: TaskId,
  deadLetterTopics: readonly string[],
): Promise<ReadonlySet<string>> {
  const crashed = new Set<string>()
  for (const topic of new Set(deadLetterTopics)) {
    for (const [partition, { low, high }] of (await log.bounds(topic)).entries()) {
      if (low >= high) continue
      for await (const { key, headers } of log.readToEnd(topic, partition, low)) {
        const ours = headerText(headers, HEADER_GROUP) === task.topology
        if (ours && headerText(headers, HEADER_REASON) === CRASH.reason) crashed.add(String(key))
      }
    }
  }
  return crashed
}
