/**
 * Reads whole topics from the beginning and on, outside any group. Ends for good when its position has left the
 * log, when it is refused, or when its reader throws; `failed` tells it once.
 */
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'
import type { FollowedBatch, Follower, PartitionBounds } from '../../engine/log.ts'
import type { SourceBatch } from '../../engine/record.ts'
import type { FetchCluster } from './cluster.ts'
import { FetchLoop } from './fetch-loop.ts'
import type { KafkaLogOptions } from './options.ts'
import type { Outage } from './outage.ts'

export class KafkaFollower implements Follower {
  /** Of its own: questions wait for each other on one connection. */
  readonly #cluster: FetchCluster
  readonly #loop: FetchLoop
  readonly #logger: Logger
  readonly #caughtUp = Promise.withResolvers<void>()
  readonly #failed = Promise.withResolvers<never>()
  readonly #clock: Clock
  /** When each partition, `topic/partition`, last had nothing more to give. */
  readonly #currentMs = new Map<string, number>()
  /** About when the bounds were asked for: what has reached them is current as of then. */
  readonly #startMs: number
  /** Ends, by `topic/partition`, that have not been reached yet. */
  readonly #ahead = new Map<string, number>()

  private constructor(
    cluster: FetchCluster,
    options: KafkaLogOptions,
    clock: Clock,
    logger: Logger,
    outage: Outage,
    onBatch: FollowedBatch,
  ) {
    this.#cluster = cluster
    this.#clock = clock
    this.#startMs = clock.now()
    this.#logger = logger
    this.#caughtUp.promise.catch(() => undefined)
    this.#failed.promise.catch(() => undefined)
    this.#loop = new FetchLoop(cluster, logger, {
      fetchWaitMs: options.followWaitMs,
      // Whoever follows wants to know at once, and what is followed is little.
      fetchLingerMs: 0,
      fetchAnswerMs: options.fetchAnswerMs,
      outage,
      onBatch: (batch) => this.#deliver(onBatch, batch),
      onCurrent: (topic, partition) => this.#currentMs.set(`${topic}/${partition}`, this.#clock.now()),
      onFailed: (error) => this.#fail(error),
    })
  }

  /** Follows the topics that `bounds` names, from the low to the high and on. */
  static start(
    cluster: FetchCluster,
    options: KafkaLogOptions,
    clock: Clock,
    logger: Logger,
    outage: Outage,
    bounds: ReadonlyMap<string, readonly PartitionBounds[]>,
    onBatch: FollowedBatch,
  ): KafkaFollower {
    const follower = new KafkaFollower(cluster, options, clock, logger, outage, onBatch)
    for (const [topic, ofTopic] of bounds) {
      for (const [partition, { low, high }] of ofTopic.entries()) {
        if (low < high) follower.#ahead.set(`${topic}/${partition}`, high)
        follower.#currentMs.set(`${topic}/${partition}`, low < high ? 0 : follower.#startMs)
        follower.#loop.seek(topic, partition, low)
        follower.#loop.resume(topic, partition)
      }
    }
    if (follower.#ahead.size === 0) follower.#caughtUp.resolve()
    return follower
  }

  currentAsOfMs(): number {
    let oldest = Infinity
    for (const currentMs of this.#currentMs.values()) oldest = Math.min(oldest, currentMs)
    return oldest
  }

  caughtUp(): Promise<void> {
    return this.#caughtUp.promise
  }

  failed(): Promise<never> {
    return this.#failed.promise
  }

  close(): Promise<void> {
    this.#loop.close()
    return this.#cluster.close()
  }

  /** A reader that throws, against its contract, must not look like trouble with a broker. */
  #deliver(onBatch: FollowedBatch, batch: SourceBatch): void {
    try {
      const taken = onBatch(batch)
      if (taken instanceof Promise) this.#holdBack(batch, taken)
    } catch (error) {
      this.#loop.close()
      return this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
    this.#reached(batch)
  }

  /** Whether the batch could be taken is for its reader to tell. */
  #holdBack({ topic, partition }: SourceBatch, taken: Promise<unknown>): void {
    this.#loop.pause(topic, partition)
    const goOn = (): void => this.#loop.resume(topic, partition)
    taken.then(goOn, goOn)
  }

  #fail(error: Error): void {
    this.#logger.error({ error: error.message }, 'following ended')
    this.#caughtUp.reject(error)
    this.#failed.reject(error)
  }

  #reached({ topic, partition, nextOffset }: SourceBatch): void {
    const name = `${topic}/${partition}`
    if (nextOffset >= (this.#ahead.get(name) ?? Infinity)) {
      this.#ahead.delete(name)
      this.#currentMs.set(name, this.#startMs)
    }
    if (this.#ahead.size === 0) this.#caughtUp.resolve()
  }
}
