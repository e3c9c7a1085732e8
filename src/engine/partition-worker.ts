/** What works on one set of co-partitioned partitions: a task with state, or a stage without. */
import type { Care } from './care.ts'
import type { SourceBatch } from './record.ts'

export interface PartitionWorker {
  readonly partition: number
  /** The number of partitions that its state is kept for; null where more of them do not matter to it. */
  readonly keptFor: number | null
  /** Takes a fetched batch in; never waits, never refuses (look at `full`). */
  offer(batch: SourceBatch): void
  /** Whether fetching of that source should pause until more has been processed. */
  full(topic: string): boolean
  /** Where fetching of that source goes on. */
  nextOffset(topic: string): number
  /** The next offset of that source to be worked on. */
  position(topic: string): number
  /** How much of it is known to lie beyond. */
  lag(topic: string): number
  /** One bounded stretch of work; with `onlyPassed`, of what was processed before the store was set back: nothing else is read. */
  step(onlyPassed?: boolean): Promise<StepResult>
  /**
   * One record at most, taken by `care` before it is read and committed and published before this resolves. In its
   * place what is called for every other step; a worker that has once stepped so flushes nothing that it has not begun.
   */
  stepCarefully(care: Care): Promise<StepResult>
  /** Commits and publishes all that has been processed. */
  flush(): Promise<void>
  /** What lag tools may be told: positions that are committed. */
  positions(): readonly CommittedPosition[]
  /** Ends all waiting for servers: it is about to be let go. */
  abandon(): void
  /** Flushes, then lets go; after an error in `step`, lets go at once. */
  stop(): Promise<void>
}

export interface StepResult {
  /** Something was processed: call again soon. */
  readonly worked: boolean
  /** When to call again even if nothing arrives; null for never. */
  readonly wakeAtMs: number | null
}

export interface CommittedPosition {
  readonly topic: string
  readonly offset: number
  /** Of the commit, with its sequence; of a stage, which has none, the number of its partitions, with 0. */
  readonly epoch: number
  readonly sequence: number
}
