/**
 * The StateStore in memory, with a history: it can be set back by some commits, as a server that lost the end of
 * its append-only file is. As in Redis, an epoch that was given out is never given out again.
 */
import type {
  Acquired,
  Commit,
  StateCell,
  StateStore,
  StoreSize,
  StoredTimer,
  TaskId,
} from '../../src/engine/state-store.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'

interface Change {
  readonly task: TaskId
  /** Null for an acquire. */
  readonly commit: Commit | null
}

export class RewindableStore implements StateStore {
  readonly #highestEpochs = new Map<string, number>()
  #store = new MemoryStateStore()
  #history: Change[] = []

  /** Commits that stand, of all tasks. */
  get commits(): number {
    return this.#history.filter((change) => change.commit !== null).length
  }

  async acquire(task: TaskId): Promise<Acquired> {
    const name = `${task.topology}/${task.partition}`
    const highest = this.#highestEpochs.get(name) ?? 0
    for (;;) {
      this.#history.push({ task, commit: null })
      const acquired = await this.#store.acquire(task)
      if (acquired.epoch <= highest) continue
      this.#highestEpochs.set(name, acquired.epoch)
      return acquired
    }
  }

  meta(task: TaskId): Promise<Buffer | null> {
    return this.#store.meta(task)
  }

  load(task: TaskId, slots: readonly string[], keys: readonly string[]): Promise<readonly StateCell[]> {
    return this.#store.load(task, slots, keys)
  }

  timers(task: TaskId, after: StoredTimer | null, limit: number): Promise<readonly StoredTimer[]> {
    return this.#store.timers(task, after, limit)
  }

  size(task: TaskId, slots: readonly string[]): Promise<StoreSize> {
    return this.#store.size(task, slots)
  }

  scan(task: TaskId, slot: string): AsyncIterable<readonly StateCell[]> {
    return this.#store.scan(task, slot)
  }

  async commit(task: TaskId, commit: Commit): Promise<'committed' | 'fenced'> {
    const result = this.#store.commit(task, commit)
    this.#history.push({ task, commit })
    if ((await result) === 'fenced') this.#history = this.#history.filter((one) => one.commit !== commit)
    return result
  }

  /** Forgets the last `commits` commits, and all that came after the last one that stays. */
  async setBack(commits: number): Promise<void> {
    const places = this.#history.flatMap((change, at) => (change.commit === null ? [] : [at]))
    const first = places[Math.max(0, places.length - commits)]
    if (commits === 0 || first === undefined) return
    this.#history = this.#history.slice(0, first)
    this.#store = new MemoryStateStore()
    for (const { task, commit } of this.#history) {
      await (commit === null ? this.#store.acquire(task) : this.#store.commit(task, commit))
    }
  }

  verify(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
