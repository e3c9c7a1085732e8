/** What a store holds of one task, read through the port alone: cells of live slots, timers, times, positions. */
import { decodeMeta, type Meta } from '../../src/engine/meta.ts'
import type { StateStore, StoredTimer, TaskId } from '../../src/engine/state-store.ts'

export interface TaskView {
  /** `<slot> <key> <value>`, sorted. */
  readonly cells: readonly string[]
  readonly timers: readonly StoredTimer[]
  readonly meta: Pick<Meta, 'sources' | 'frontierMs' | 'origins' | 'slots' | 'acknowledged'> | null
  /** Outputs that nobody has acknowledged. */
  readonly outbox: number
}

/** Raises the task's epoch: to be asked when nobody works any more. `keys`: all that may have state. */
export async function viewTask(
  store: StateStore,
  task: TaskId,
  stateVersion: number,
  keys: readonly string[],
): Promise<TaskView> {
  const acquired = await store.acquire(task)
  const timers = await store.timers(task, null, 1_000_000)
  const outbox = acquired.outbox.length
  if (acquired.meta === null) return { cells: [], timers, meta: null, outbox }
  const meta = decodeMeta(acquired.meta, task.topology, stateVersion)
  const { sources, frontierMs, origins, slots, acknowledged } = meta
  const cells = await store.load(task, Object.keys(slots), keys)
  const lines = cells.map(({ slot, key, value }) => `${slot} ${key} ${value.toString()}`)
  return { cells: lines.sort(), timers, meta: { sources, frontierMs, origins, slots, acknowledged }, outbox }
}
