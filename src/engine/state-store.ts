/**
 * The StateStore port: state, source positions, timers and pending outputs of one task, changed together by
 * fenced compare-and-set (P2, P4). Redis in production, memory when embedded; both pass the suite in
 * test/conformance/state-store.ts.
 *
 * T1. `acquire` raises the epoch for ever: an older epoch can never commit again.
 * T2. `commit` applies all of its parts or none; it applies only on the sequence that it names, once.
 *     A store that may come back with a part of one gives the task up when it is acquired: nothing is found of it then.
 * T3. A commit whose reply was lost and that is tried again with its nonce is `committed`, not a conflict.
 */
export interface TaskId {
  readonly topology: string
  readonly partition: number
}

export interface StateStore {
  acquire(task: TaskId): Promise<Acquired>
  /** The meta of the newest commit, for whoever does not want to own the task; null where there is none. */
  meta(task: TaskId): Promise<Buffer | null>
  /** The cells of the keys in the slots, missing ones left out. One round trip. */
  load(task: TaskId, slots: readonly string[], keys: readonly string[]): Promise<readonly StateCell[]>
  /** The next timers in order of (dueMs, id), after the given one; at most `limit`. */
  timers(task: TaskId, after: StoredTimer | null, limit: number): Promise<readonly StoredTimer[]>
  /** How much the store holds of the task in these slots, timers and outbox: cells exactly, bytes about. */
  size(task: TaskId, slots: readonly string[]): Promise<StoreSize>
  /**
   * All cells of the task in the slot, page by page, each at least once; complete and in no order. For moving a
   * task's state: nobody may write meanwhile.
   */
  scan(task: TaskId, slot: string): AsyncIterable<readonly StateCell[]>
  commit(task: TaskId, commit: Commit): Promise<'committed' | 'fenced'>
  /** Throws RefusedError when the server could lose or evict acknowledged state, TransientError when away. */
  verify(): Promise<void>
  close(): Promise<void>
}

export interface StoreSize {
  readonly cells: number
  readonly bytes: number
}

export interface Acquired {
  readonly epoch: number
  /** Number of commits so far; 0 for a task that the store has never seen. */
  readonly sequence: number
  /** The engine's own record of positions and times; null at sequence 0. */
  readonly meta: Buffer | null
  /** Outputs that were committed and not yet acknowledged, oldest first. */
  readonly outbox: readonly OutboxEntry[]
}

export interface OutboxEntry {
  readonly sequence: number
  readonly payload: Buffer
}

/** One key's part of one slice, or of its undated facts. The slot names which. */
export interface StateCell {
  readonly slot: string
  readonly key: string
  readonly value: Buffer
}

export interface StoredTimer {
  readonly dueMs: number
  readonly id: string
}

export interface Commit {
  readonly epoch: number
  /** The sequence that must stand in the store; the commit raises it by one. */
  readonly previousSequence: number
  readonly nonce: string
  readonly meta: Buffer
  readonly puts: readonly StateCell[]
  readonly deletes: readonly { readonly slot: string; readonly key: string }[]
  /** Whole slices whose time is over. */
  readonly dropSlots: readonly string[]
  readonly setTimers: readonly StoredTimer[]
  readonly clearTimers: readonly string[]
  /** Outputs of this commit; they stay until a later commit acknowledges them. */
  readonly outbox: Buffer | null
  readonly acknowledged: readonly number[]
}
