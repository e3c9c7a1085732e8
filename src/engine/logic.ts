/**
 * What a topology brings to the engine: how records become events, how events change one key's state, and
 * what that emits. Pure and synchronous: all waiting (loading, committing, publishing) is the engine's.
 *
 * G1. `process` and `onTimer` see one key's state, the task's own, and nothing else that can change.
 * G2. Whatever they do is committed together with the position of the record that made them do it (P2).
 */
import type { OutputRecord, Rejection, SourceRecord } from './record.ts'
import type { Shelf } from './shelf.ts'

/** A record that has become an event: its key, its time, and the decoded body. */
export interface Event<E> {
  readonly key: string
  readonly timeMs: number
  readonly body: E
  readonly record: SourceRecord
}

export type Decoded<E> =
  | { readonly outcome: 'event'; readonly key: string; readonly timeMs: number; readonly body: E }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  /** Processed by having been read: nothing to do (a filter); offsets move all the same. */
  | { readonly outcome: 'skipped' }

/** A slice of time in the store; `expiresAtMs` (stream time) null for undated facts. */
export interface Slot {
  readonly name: string
  readonly expiresAtMs: number | null
}

/** How one key's state lies in memory and in the store: undated facts in one cell, each slice in its own. */
export interface StateCodec<S> {
  /** An empty one, for the states of one cache. */
  shelf(): Shelf<S>
  create(key: string): S
  /** From all cells that the store holds for the key, of slots that are still live. */
  decode(key: string, cells: ReadonlyMap<string, Buffer>): S
  /** Gives every part that changed since the last call, and takes them as saved. Null deletes the cell. */
  changes(state: S, write: (slot: Slot, value: Buffer | null) => void): void
  /** A rough size in memory, for the cache's bound. */
  sizeBytes(state: S): number
  /** The state leaves memory and will not be used again. */
  release(state: S): void
}

/** A timer on the wall clock, or one that waits until the sources have passed its time. */
export type TimerKind = 'wall' | 'stream'

export interface Timer {
  readonly key: string
  readonly name: string
  readonly kind: TimerKind
  readonly dueMs: number
}

/** What logic may do besides changing the state that it was given. */
export interface Context {
  readonly partition: number
  /** Wall time of this step. */
  readonly nowMs: number
  /** How far all sources of the task have come (P6). */
  readonly streamTimeMs: number
  /**
   * True for what was processed before the store was set back or lost: what it emits is counted and goes nowhere,
   * because what it once led to stands in the log and has been folded.
   */
  readonly rebuilding: boolean
  /** Leaves after the commit that holds it, in one transaction with its siblings. */
  emit(output: OutputRecord): void
  /** Sets or moves the timer of that key and name. */
  setTimer(timer: Timer): void
  clearTimer(key: string, name: string): void
}

/** What the store holds of a logic's keys, in the logic's own words: it stands in every checkpoint. */
export interface Layout {
  /** Pieces of state by name, each with the event time from which on it misses nothing; null where it never has. */
  readonly parts: Readonly<Record<string, number | null>>
  /** How cells of slots are to be read, by a name that the slots carry. */
  readonly forms: Readonly<Record<string, string>>
}

/** Of logic whose cells are always to be read in one way, and miss nothing. */
export const UNDIVIDED: Layout = { parts: {}, forms: {} }

/** What the checkpoint that a task begins with says of the state that it finds. */
export interface Former {
  readonly layout: Layout
  /** No event later than this is in the state; -Infinity where none is. */
  readonly newestEventMs: number
  /** How far the sources had come. */
  readonly streamTimeMs: number
  /** The task's own state, as its logic told it; null where none was told. */
  readonly taskState: string | null
}

export interface TaskLogic<S, E> {
  readonly state: StateCodec<S>
  readonly layout: Layout
  /**
   * Fetches what `decode` needs for these records (schemas). Throws TransientError while it cannot be had;
   * what can never be had is told by `decode`.
   */
  prepare(records: readonly SourceRecord[]): Promise<void>
  decode(record: SourceRecord): Decoded<E>
  process(event: Event<E>, state: S, context: Context): void
  onTimer(timer: Timer, state: S, context: Context): void
  /**
   * Takes an output that stands in the log but not in the store (the store was set back): the state becomes
   * one that has already sent it. Called before any record is processed.
   */
  fold(record: SourceRecord): { readonly key: string; apply(state: S, context: Context): void } | null
  /** What the task remembers beside its keys' states: small, for it stands in every checkpoint. */
  readonly taskState?: () => string
  /** A state changed by `process` or `onTimer` can be told from an untouched one by `changes` alone. */
}

/** One topology as the engine runs it. `logic` is called once per task. */
export interface Topology<S, E> {
  readonly name: string
  /** Rises when the meaning of stored state changes; a checkpoint of a newer one is not acquired. */
  readonly stateVersion: number
  /**
   * Rises with each change of what the logic does, made while processes run: a checkpoint of a newer one is acquired
   * once this process has heard of it too.
   */
  readonly edition: number
  /** Keyed sources, co-partitioned; the order decides between equal event times. */
  readonly sources: readonly Source[]
  /** Topics that its tasks write, each at the task's own partition. */
  readonly outputs: readonly string[]
  /** @param former null where the task begins with an empty store */
  logic(partition: number, former: Former | null): TaskLogic<S, E>
}

export interface Source {
  readonly topic: string
  readonly latenessMs: number
  /** Event times further than this ahead of the append time are refused (`future`). */
  readonly maxFutureMs: number
  /** Late records go to this topic; null counts them only. */
  readonly lateTopic: string | null
  readonly deadLetterTopic: string
  /** The log keeps the newest record of each key only: facts that a rebuild must know first. */
  readonly compacted: boolean
}

/** A stage without state: one record in, some records out, in order. May wait (classifiers do). */
export interface Stage {
  readonly name: string
  readonly sources: readonly Source[]
  readonly outputs: readonly string[]
  /** False where another stage reads the same topics and sets their damaged records aside: once is enough. */
  readonly setsAside: boolean
  transform(records: readonly SourceRecord[]): Promise<readonly StageOutcome[]>
}

/** One per input record, in order (P1). */
export type StageOutcome =
  | { readonly outcome: 'outputs'; readonly outputs: readonly OutputRecord[] }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
