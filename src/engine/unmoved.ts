/**
 * What a task's store does not tell and the group or the log does, when its state is to be moved (repartition.ts): what is
 * not there cannot move, and cannot be rebuilt later, for its records lie where their keys no longer belong.
 */
import type { GroupPosition, Log } from './log.ts'
import type { Meta } from './meta.ts'
import { notedCommit, type NotedCommit } from './noted.ts'
import { unpackOutbox, writtenBy } from './outbox.ts'
import { boundsOf } from './partition-count.ts'
import type { Acquired, TaskId } from './state-store.ts'
import { taskName } from './checkpointer.ts'
import { nameKey, nameOf, tailFor, tailStarts, type TakeoverPlan } from './takeover.ts'

type Tail = Pick<TakeoverPlan, 'task' | 'outputs'>

/** A task and what the store has of it. */
export interface Stored {
  readonly id: TaskId
  readonly acquired: Acquired
  readonly meta: Meta | null
}

/** The group's own note of the task; null where there is none. */
export function noteOf(committed: readonly GroupPosition[], { partition }: TaskId): NotedCommit | null {
  return notedCommit(committed.filter((position) => position.partition === partition))
}

/** Whether the store has lost the task, or some of its commits: `noted` is what the group tells of it. */
export async function isBehind(
  log: Log,
  outputs: readonly string[],
  { id, acquired, meta }: Stored,
  noted: NotedCommit | null,
): Promise<boolean> {
  if (noted !== null) return acquired.sequence < noted.sequence
  return meta === null && (await hasSaid(log, { task: id, outputs }))
}

async function hasSaid(log: Log, plan: Tail): Promise<boolean> {
  for (const [topic, from] of tailStarts(plan, null, await boundsOf(log, plan.outputs))) {
    for await (const record of log.readToEnd(topic, plan.task.partition, from)) {
      if (writtenBy(record, taskName(plan.task)) !== null) return true
    }
  }
  return false
}

/** How many commits of the outbox are not in the log: nobody but the next owner would publish them. */
export async function unpublished(
  log: Log,
  plan: Tail,
  { acquired: { outbox }, meta }: Stored,
): Promise<number> {
  const names = new Set(outbox.map((entry) => nameKey(nameOf(unpackOutbox(entry.payload)))))
  const starts = tailStarts(plan, meta, await boundsOf(log, plan.outputs))
  const { standing } = await tailFor(log, plan, starts, names)
  return names.size - standing.size
}
