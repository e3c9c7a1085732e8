/**
 * The Log port: partitioned, append-only, with consumer groups and fenced transactional producers. Kafka in
 * production, memory when embedded; both pass the suite in test/conformance/log.ts.
 *
 * L1. Partition p of all topics of a subscription is assigned to the same member (co-located), and stays with
 *     it while the membership allows (sticky).
 * L2. Nothing of an assigned partition is delivered before `resume`; delivery starts at the offset of `seek`.
 * L3. Records of a partition are delivered in order, once per seek, without aborted ones.
 * L4. A producer that was fenced can neither send nor commit, whatever it had begun.
 * L5. All records of one `publish` become visible together or not at all.
 */
import type { OutputRecord, SourceBatch, SourceRecord } from './record.ts'

export interface Log {
  join(subscription: Subscription): Promise<Membership>
  /** A producer whose `transactionalId` is its fence. It fences predecessors in `fence`, not on creation. */
  taskProducer(transactionalId: string): Promise<TaskProducer>
  /** For records that need no fence: dead letters and late records. At least once. */
  publisher(): Promise<Publisher>
  /** Committed records of one partition from `fromOffset` to the end as it is now. */
  readToEnd(topic: string, partition: number, fromOffset: number): AsyncIterable<SourceRecord>
  /** Every partition of the topics from the beginning and on, outside any group; commits nothing. */
  follow(topics: readonly string[], onBatch: FollowedBatch): Promise<Follower>
  /** First and end offset of each partition, by partition number, as they are now: ones that were just added too. */
  bounds(topic: string): Promise<readonly PartitionBounds[]>
  close(): Promise<void>
}

export interface PartitionBounds {
  readonly low: number
  readonly high: number
}

/** What a member of a group wants, and whom to tell. The callbacks are synchronous and must not throw. */
export interface Subscription {
  readonly group: string
  readonly topics: readonly string[]
  /**
   * The member's partitions after each rebalance, kept ones included; all are paused, and all positions are
   * forgotten. Never called before `join` has given the membership to its caller. `count`: how many partitions the topics
   * have, as far as a member knows that holds any; it hears of ones that are added, and then this is called anew.
   */
  onAssigned(partitions: readonly number[], count: number): void
  onBatch(batch: SourceBatch): void
  /** The membership ended for good and will not come back by itself; the process must not look healthy. */
  onStopped(error: Error): void
}

export interface Membership {
  /** Ignored, as `pause` and `resume` are, for partitions that the member does not hold. */
  seek(topic: string, partition: number, offset: number): void
  pause(topic: string, partition: number): void
  /** Needs a `seek` since the last rebalance. */
  resume(topic: string, partition: number): void
  /** For lag tools and for telling a lost store from a first start; the metadata is ours. */
  commitOffsets(positions: readonly GroupPosition[]): Promise<void>
  committed(partition: number): Promise<readonly GroupPosition[]>
  /** Epoch milliseconds of the last sign of life of the membership: a heartbeat or a fetch. */
  lastContactMs(): number
  /**
   * Leaves and joins again as a new member: `onAssigned` follows, first with nothing, then with what is ours.
   * What a fenced task waits for (P4).
   */
  rejoin(): Promise<void>
  leave(): Promise<void>
}

export interface GroupPosition {
  readonly topic: string
  readonly partition: number
  /** The next offset to read. */
  readonly offset: number
  readonly metadata: string
}

/** One fenced writer of one partition of several topics. */
export interface TaskProducer {
  /** Shuts every earlier producer of this transactional id out; an empty transaction in Kafka. */
  fence(): Promise<void>
  /**
   * All records to `partition` of their topics, in one transaction. Gives the end offset of each written
   * partition. Throws FencedError, or ProducerLostError after any other final failure.
   */
  publish(partition: number, records: readonly OutputRecord[]): Promise<ReadonlyMap<string, number>>
  close(): Promise<void>
}

export interface Publisher {
  /** Records with keys, placed by murmur2; resolves when all are acknowledged. Throws TransientError. */
  publish(records: readonly OutputRecord[]): Promise<void>
  close(): Promise<void>
}

/**
 * Takes a batch. Where it gives a promise, a log that fetches holds the partition's next batch back until that resolves:
 * who reads a large topic whole need not hold all of it as bytes.
 */
export type FollowedBatch = (batch: SourceBatch) => unknown

export interface Follower {
  /** Epoch milliseconds as of which all that was committed in the topics has been delivered; 0 before that was so. */
  currentAsOfMs(): number
  /** Resolves once everything that was there when following began has been delivered. */
  caughtUp(): Promise<void>
  /** Rejects when following has ended and cannot go on; until then it waits. What it fed must not look fresh. */
  failed(): Promise<never>
  close(): Promise<void>
}
