/** Reads whole topics from the beginning and on, outside any group. */
import type { Logger } from '../../domain/logger.ts'
import type { Follower } from '../../engine/log.ts'
import type { SourceBatch } from '../../engine/record.ts'
import type { FetchCluster } from './cluster.ts'
import { classified } from './failure.ts'
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

  static async start(
    cluster: FetchCluster,
    options: KafkaLogOptions,
    logger: Logger,
    topics: readonly string[],
    onBatch: (batch: SourceBatch) => void,
  ): Promise<KafkaFollower> {
    const follower = new KafkaFollower(cluster, options, logger, onBatch)
    try {
      await cluster.target(topics)
      for (const topic of topics) await follower.#begin(cluster, topic)
    } catch (error) {
      await follower.close()
      throw classified(error, `following ${topics.join(', ')}`)
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

  async #begin(cluster: FetchCluster, topic: string): Promise<void> {
    const starts = await cluster.offsets(topic, 'earliest')
    const ends = await cluster.offsets(topic, 'stable')
    for (const [partition, start] of starts) {
      const end = ends.get(partition) ?? start
      if (start < end) this.#ahead.set(`${topic}/${partition}`, end)
      this.#loop.seek(topic, partition, start)
      this.#loop.resume(topic, partition)
    }
  }

  #reached({ topic, partition, nextOffset }: SourceBatch): void {
    const name = `${topic}/${partition}`
    if (nextOffset >= (this.#ahead.get(name) ?? Infinity)) this.#ahead.delete(name)
    if (this.#ahead.size === 0) this.#caughtUp.resolve()
  }
}
