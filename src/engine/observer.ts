/**
 * What the engine tells about itself. The service turns it into metrics and logs; tests count with it. No
 * method may throw or wait.
 */
import type { Suspicion } from './death-notes.ts'
import type { Rejection, SourceRecord } from './record.ts'

export interface Observer {
  processed(topic: string, records: number): void
  late(topic: string): void
  repeated(topic: string): void
  rejected(record: SourceRecord, rejection: Rejection): void
  committed(keys: number, bytes: number, tookMs: number): void
  published(records: number, tookMs: number): void
  /** A task was taken over: how it found its store. */
  acquired(partition: number, found: StoreFinding, tookMs: number): void
  released(partition: number): void
  /** A task was taken over, and its last owner died over this record, or was killed while it worked on it. */
  suspected(topic: string, partition: number, suspicion: Suspicion): void
  /** An output of a rebuild, which goes nowhere: the record that led to it had been processed before. */
  withheld(topic: string): void
  /** Trouble that stalls a partition until it is over, by service; `null` when it is over. */
  stalled(partition: number, service: string | null, reason: string): void
  /** The group was told how far we are, after so many tries in vain; or was not, for the `inVain`th time in a row. */
  told(inVain: number, failure: string | null): void
  lag(topic: string, partition: number, records: number): void
  cached(partition: number, keys: number, bytes: number): void
  /** What the store holds of the task, and whether a sketch stands before it. */
  stored(partition: number, size: { readonly cells: number; readonly bytes: number }, guarded: boolean): void
  /** An event of a key without state, counted in the sketch and nowhere else. */
  sketched(topic: string): void
}

/** `first`: never seen. `resumed`: as left. `rolledBack`: older than the group's own note. `lost`: gone. */
export type StoreFinding = 'first' | 'resumed' | 'rolledBack' | 'lost'

export const silentObserver: Observer = {
  processed: () => undefined,
  late: () => undefined,
  repeated: () => undefined,
  rejected: () => undefined,
  committed: () => undefined,
  published: () => undefined,
  acquired: () => undefined,
  released: () => undefined,
  suspected: () => undefined,
  withheld: () => undefined,
  stalled: () => undefined,
  told: () => undefined,
  lag: () => undefined,
  cached: () => undefined,
  stored: () => undefined,
  sketched: () => undefined,
}
