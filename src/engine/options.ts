/** How a task is bounded and paced. No optionals: `defaultEngineOptions` is complete, callers override. */
export interface EngineOptions {
  /** A commit follows the first change by at most this much wall time ... */
  readonly commitIntervalMs: number
  /** ... and the first output by this much: readers wait for it ... */
  readonly outputIntervalMs: number
  /** ... or when this many keys are dirty ... */
  readonly commitMaxDirtyKeys: number
  /** ... or when events, outputs and what was set aside since the last commit pass this many bytes. */
  readonly commitMaxBytes: number
  /** Bound of the state kept in memory over the store, per task. */
  readonly cacheMaxBytes: number
  /** Timers held in memory per task; the rest waits in the store. */
  readonly timersMaxHeld: number
  /**
   * Bounds of what the store holds per task. Past half of either, new keys meet a sketch and get state only once they
   * have come `sketchThreshold` times within a minute or two; past them no new key does (admission.ts).
   */
  readonly storeMaxCells: number
  readonly storeMaxBytes: number
  readonly sketchThreshold: number
  /**
   * Bounds of what is fetched and not processed, per source of a task; past them the source is paused. Little waits: bytes
   * that outlive two collections of the young generation are freed by large ones only, which they bring about.
   */
  readonly queueMaxRecords: number
  readonly queueMaxBytes: number
  /**
   * How long a stage waits for more after the first record that it has not worked on, so that one transaction
   * carries what came meanwhile. `chunkRecords` or `commitMaxBytes` waiting end the wait.
   */
  readonly stageLingerMs: number
  /** Records processed between two looks at the event loop. */
  readonly chunkRecords: number
  /** How long a task waits for a source that is known to have more, before it goes on without (P6). */
  readonly maxSourceWaitMs: number
  /** Group offsets (for lag tools) are written at most this often. */
  readonly groupOffsetIntervalMs: number
  /** What to do when the start position has left the log. */
  readonly onRetentionGap: 'fail' | 'earliest'
}

export const defaultEngineOptions: EngineOptions = {
  commitIntervalMs: 100,
  outputIntervalMs: 10,
  commitMaxDirtyKeys: 1_000,
  commitMaxBytes: 512 * 1024,
  cacheMaxBytes: 128 * 1024 * 1024,
  timersMaxHeld: 10_000,
  storeMaxCells: 10_000_000,
  storeMaxBytes: 1024 * 1024 * 1024,
  sketchThreshold: 8,
  queueMaxRecords: 1_000,
  queueMaxBytes: 16 * 1024 * 1024,
  stageLingerMs: 20,
  chunkRecords: 256,
  maxSourceWaitMs: 2_000,
  groupOffsetIntervalMs: 1_000,
  onRetentionGap: 'fail',
}
