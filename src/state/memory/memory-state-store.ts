/**
 * The StateStore in memory: what the embedded platform and most tests run on. The same laws as the one in
 * Redis, held by the same suite; nothing outlives the process.
 */
import type {
  Acquired,
  Commit,
  StateCell,
  StateStore,
  StoredTimer,
  StoreSize,
  TaskId,
} from '../../engine/state-store.ts'

interface StoredTask {
  epoch: number
  sequence: number
  nonce: string
  meta: Buffer | null
  readonly slots: Map<string, Map<string, Buffer>>
  readonly timers: Map<string, number>
  readonly outbox: Map<number, Buffer>
}

export class MemoryStateStore implements StateStore {
  readonly #tasks = new Map<string, StoredTask>()

  acquire(task: TaskId): Promise<Acquired> {
    const stored = this.#task(task)
    stored.epoch++
    const outbox = [...stored.outbox].sort(([a], [b]) => a - b)
    return Promise.resolve({
      epoch: stored.epoch,
      sequence: stored.sequence,
      meta: stored.meta,
      outbox: outbox.map(([sequence, payload]) => ({ sequence, payload })),
    })
  }

  meta(task: TaskId): Promise<Buffer | null> {
    return Promise.resolve(this.#task(task).meta)
  }

  load(task: TaskId, slots: readonly string[], keys: readonly string[]): Promise<readonly StateCell[]> {
    const stored = this.#task(task)
    const cells: StateCell[] = []
    for (const slot of slots) {
      const cellsOfSlot = stored.slots.get(slot)
      if (cellsOfSlot === undefined) continue
      for (const key of keys) {
        const value = cellsOfSlot.get(key)
        if (value !== undefined) cells.push({ slot, key, value })
      }
    }
    return Promise.resolve(cells)
  }

  timers(task: TaskId, after: StoredTimer | null, limit: number): Promise<readonly StoredTimer[]> {
    const all = [...this.#task(task).timers].map(([id, dueMs]) => ({ id, dueMs }))
    const ordered = all.sort(byDueThenId)
    const rest = after === null ? ordered : ordered.filter((timer) => byDueThenId(timer, after) > 0)
    return Promise.resolve(rest.slice(0, limit))
  }

  size(task: TaskId, slots: readonly string[]): Promise<StoreSize> {
    const stored = this.#task(task)
    const cells = slots.flatMap((slot) => [...(stored.slots.get(slot) ?? [])])
    const timers = [...stored.timers.keys()]
    const bytes =
      cells.reduce((sum, [key, value]) => sum + key.length + value.length, 0) +
      timers.reduce((sum, id) => sum + id.length, 0) +
      [...stored.outbox.values()].reduce((sum, payload) => sum + payload.length, 0)
    return Promise.resolve({ cells: cells.length, bytes })
  }

  async *scan(task: TaskId, slot: string): AsyncIterable<readonly StateCell[]> {
    yield [...(this.#task(task).slots.get(slot) ?? [])].map(([key, value]) => ({ slot, key, value }))
  }

  commit(task: TaskId, commit: Commit): Promise<'committed' | 'fenced'> {
    const stored = this.#task(task)
    if (stored.epoch !== commit.epoch) return Promise.resolve('fenced')
    if (stored.sequence === commit.previousSequence + 1 && stored.nonce === commit.nonce) {
      return Promise.resolve('committed')
    }
    if (stored.sequence !== commit.previousSequence) return Promise.resolve('fenced')
    apply(stored, commit)
    return Promise.resolve('committed')
  }

  verify(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** The store as it is now, for whoever sets another back to it. */
  copy(): MemoryStateStore {
    const copy = new MemoryStateStore()
    for (const [name, stored] of this.#tasks) copy.#tasks.set(name, structuredCopy(stored))
    return copy
  }

  #task(task: TaskId): StoredTask {
    const name = `${task.topology}:${task.partition}`
    const found = this.#tasks.get(name)
    if (found !== undefined) return found
    const created: StoredTask = {
      epoch: 0,
      sequence: 0,
      nonce: '',
      meta: null,
      slots: new Map(),
      timers: new Map(),
      outbox: new Map(),
    }
    this.#tasks.set(name, created)
    return created
  }
}

function structuredCopy(stored: StoredTask): StoredTask {
  return {
    ...stored,
    slots: new Map([...stored.slots].map(([slot, cells]) => [slot, new Map(cells)])),
    timers: new Map(stored.timers),
    outbox: new Map(stored.outbox),
  }
}

/** All parts at once: nothing here can fail or wait between them. */
function apply(stored: StoredTask, commit: Commit): void {
  stored.sequence = commit.previousSequence + 1
  stored.nonce = commit.nonce
  stored.meta = commit.meta
  for (const { slot, key, value } of commit.puts) slotOf(stored, slot).set(key, value)
  for (const { slot, key } of commit.deletes) stored.slots.get(slot)?.delete(key)
  for (const slot of commit.dropSlots) stored.slots.delete(slot)
  for (const { id, dueMs } of commit.setTimers) stored.timers.set(id, dueMs)
  for (const id of commit.clearTimers) stored.timers.delete(id)
  if (commit.outbox !== null) stored.outbox.set(stored.sequence, commit.outbox)
  for (const sequence of commit.acknowledged) stored.outbox.delete(sequence)
}

function slotOf(stored: StoredTask, slot: string): Map<string, Buffer> {
  const found = stored.slots.get(slot) ?? new Map<string, Buffer>()
  stored.slots.set(slot, found)
  return found
}

/** Ties by bytes, as Redis orders them. */
function byDueThenId(a: StoredTimer, b: StoredTimer): number {
  if (a.dueMs !== b.dueMs) return a.dueMs - b.dueMs
  return a.id === b.id ? 0 : Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}
