/** The keys of one task in Redis, under one hash tag, and how a commit becomes the arguments of the script. */
import type { Commit, TaskId } from '../../engine/state-store.ts'

export interface TaskKeys {
  readonly meta: string
  readonly outbox: string
  readonly timers: string
  /** A pattern of all of them. */
  readonly all: string
  slot(name: string): string
}

export function taskKeys(prefix: string, task: TaskId): TaskKeys {
  const base = `${prefix}{${task.topology}:${task.partition}}`
  return {
    meta: `${base}:m`,
    outbox: `${base}:o`,
    timers: `${base}:t`,
    all: `${base.replaceAll(/[\\*?[\]^-]/g, '\\$&')}:*`,
    slot: (name) => `${base}:s:${name}`,
  }
}

export type RedisArgument = string | Buffer | number

export interface ScriptCall {
  readonly keys: readonly string[]
  readonly values: readonly RedisArgument[]
}

/** The commit as KEYS and ARGV, laid out as the script's head says. */
export function commitCall(keys: TaskKeys, commit: Commit): ScriptCall {
  const slots = new SlotIndex()
  const values: RedisArgument[] = [
    commit.epoch,
    commit.previousSequence,
    commit.previousSequence + 1,
    commit.nonce,
    commit.meta,
    commit.outbox ?? '',
  ]
  pushGroups(values, slots, groupBySlot(commit.puts), 2, (put) => values.push(put.key, put.value))
  pushGroups(values, slots, groupBySlot(commit.deletes), 1, (one) => values.push(one.key))
  values.push(commit.dropSlots.length, ...commit.dropSlots.map((slot) => slots.of(slot)))
  values.push(commit.setTimers.length * 2)
  for (const { dueMs, id } of commit.setTimers) values.push(dueMs, id)
  values.push(commit.clearTimers.length, ...commit.clearTimers)
  values.push(commit.acknowledged.length, ...commit.acknowledged)
  return {
    keys: [keys.meta, keys.outbox, keys.timers, ...slots.names.map((name) => keys.slot(name))],
    values,
  }
}

/** Numbers slots from 1 in the order in which they are met. */
class SlotIndex {
  readonly names: string[] = []
  readonly #index = new Map<string, number>()

  of(name: string): number {
    const known = this.#index.get(name)
    if (known !== undefined) return known
    this.names.push(name)
    this.#index.set(name, this.names.length)
    return this.names.length
  }
}

function groupBySlot<T extends { readonly slot: string }>(
  cells: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const cell of cells) {
    const group = groups.get(cell.slot)
    if (group === undefined) groups.set(cell.slot, [cell])
    else group.push(cell)
  }
  return groups
}

/** `push` adds the `parts` of one cell to the values. */
function pushGroups<T>(
  values: RedisArgument[],
  slots: SlotIndex,
  groups: ReadonlyMap<string, readonly T[]>,
  parts: number,
  push: (cell: T) => void,
): void {
  values.push(groups.size)
  for (const [slot, cells] of groups) {
    values.push(slots.of(slot), cells.length * parts)
    cells.forEach(push)
  }
}
