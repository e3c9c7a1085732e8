/** Reads whole topics from the beginning and on, outside any group. */
import type { Logger } from '../../domain/logger.ts'
import type { Follower, PartitionBounds } from '../../engine/log.ts'
import type { SourceBatch } from '../../engine/record.ts'
import type { FetchCluster } from './cluster.ts'
import { FetchLoop } from './fetch-loop.ts'
import type { KafkaLogOptions } from './options.ts'

export class KafkaFollower implements Follower {
  /** Of its own: questions wait for each other on one connection. */
  readonly #cluster: FetchCluster
  readonly #loop: FetchLoop
  readonly #caughtUp = Promise.withResolvers<void>()
  /** Ends, by `topic/partition`, that have not been reached yet. */
  readonly #ahead = new Map<string, number>()

  private constructor(
    cluster: FetchCluster,
    options: KafkaLogOptions,
    logger: Logger,
    onBatch: (batch: SourceBatch) => void,
  ) {
    this.#cluster = cluster
    this.#caughtUp.promise.catch(() => undefined)
    this.#loop = new FetchLoop(cluster, logger, {
      fetchWaitMs: options.fetchWaitMs,
      onBatch: (batch) => {
        onBatch(batch)
        this.#reached(batch)
      },
      onFailed: (error) => {
        logger.error({ error: error.message }, 'following ended')
        this.#caughtUp.reject(error)
      },
    })
  }

  /** Follows the topics that `bounds` names, from the low to the high and on. */
  static start(
    cluster: FetchCluster,
    options: KafkaLogOptions,
    logger: Logger,
    bounds: ReadonlyMap<string, readonly PartitionBounds[]>,
    onBatch: (batch: SourceBatch) => void,
  ): KafkaFollower {
    const follower = new KafkaFollower(cluster, options, logger, onBatch)
    for (const [topic, ofTopic] of bounds) {
      for (const [partition, { low, high }] of ofTopic.entries()) {
        if (low < high) follower.#ahead.set(`${topic}/${partition}`, high)
        follower.#loop.seek(topic, partition, low)
        follower.#loop.resume(topic, partition)
      }
    }
    if (follower.#ahead.size === 0) follower.#caughtUp.resolve()
    return follower
  }

  caughtUp(): Promise<void> {
    return this.#caughtUp.promise
  }

  async close(): Promise<void> {
    this.#loop.close()
    await this.#cluster.close()
  }

  #reached({ topic, partition, nextOffset }: SourceBatch): void {
    const name = `${topic}/${partition}`
    if (nextOffset >= (this.#ahead.get(name) ?? Infinity)) this.#ahead.delete(name)
    if (this.#ahead.size === 0) this.#caughtUp.resolve()
  }
}
