/**
 * Membership in a consumer group. kafkajs keeps the membership (join, heartbeat, placement) and fetches nothing:
 * all its partitions stay paused. Records come from a fetch loop of our own (see `cluster.ts` for why).
 *
 * K1. Nothing is delivered of a partition that is not ours: a new generation forgets all positions before
 *     `onAssigned` is called (L2).
 * K2. `onAssigned` is not called before `join` has given the membership to its caller.
 * K3. The end of the membership is told once, unless we left (trap 18).
 *     Partitions that are added to a topic bring about a new generation, at most `metadataMaxAgeMs` later.
 * K4. There is one member at a time. kafkajs does not run a crashed consumer again by itself: its timer is not ended by a
 *     `stop` that comes between the crash and the timer, and a consumer that is run twice is two members, of
 *     which one holds partitions that nobody reads (trap 33).
 * K5. A member of which nothing was heard for as long as its session lasts is run again, whatever kafkajs takes it for: once its
 *     coordinator does not know it, and it cannot join at once, kafkajs goes on without heartbeats, for ever (trap 37).
 */
import type {
  Assigner,
  Cluster,
  Consumer,
  ConsumerCommitOffsetsEvent,
  ConsumerCrashEvent,
  ConsumerGroupJoinEvent,
  PartitionAssigner,
} from 'kafkajs'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'
import { TransientError } from '../../engine/errors.ts'
import type { GroupPosition, Membership, Subscription } from '../../engine/log.ts'
import type { SourceBatch } from '../../engine/record.ts'
import { colocatedAssigner, partitionCount } from './assigner.ts'
import type { KafkaClient } from './client.ts'
import { afterCrash } from './crash.ts'
import { within } from './deadline.ts'
import { classified } from './failure.ts'
import type { FetchCluster } from './cluster.ts'
import { FetchLoop } from './fetch-loop.ts'
import type { KafkaLogOptions } from './options.ts'
import type { Outage } from './outage.ts'
import { Silence } from './silence.ts'

/** How often kafkajs' own loop, which reads nothing, looks whether a heartbeat is due (trap 13). */
const LOOK_MS = 200
/** From a crash to the next try. */
const RUN_AGAIN_MS = 250
/** Of one call, before the consumer crashes. */
const RETRIES = 5
/** What a membership may be in trouble with, beside the brokers that its loop asks. */
const GROUP = 'group'

export interface MembershipServices {
  /** Its own, as is its cluster. */
  readonly kafka: KafkaClient
  readonly cluster: FetchCluster
  readonly options: KafkaLogOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly outage: Outage
  /** The group's committed offsets of one partition number. */
  committed(subscription: Subscription, partition: number): Promise<readonly GroupPosition[]>
}

export class KafkaMembership implements Membership {
  readonly #services: MembershipServices
  readonly #subscription: Subscription
  readonly #consumer: Consumer
  /** Of the consumer, which knows what the group is about. */
  #groupCluster: Cluster | null = null
  readonly #cluster: FetchCluster
  readonly #loop: FetchLoop
  readonly #silence: Silence
  /** What we say that we hold when partitions are placed. */
  #held: readonly number[] = []
  /** What may be read; nothing while the membership is being restored. */
  #readable: ReadonlySet<number> = new Set()
  /** An assignment that came before the caller had this membership (K2). */
  #early: readonly number[] | null = null
  #open = false
  #ended = false
  #lastContactMs = 0
  /** The last stop and run; the next one waits for it (K4). */
  #restarting: Promise<void> = Promise.resolve()
  /** Once told: who leaves again waits for the same. */
  #left: Promise<void> | null = null
  /** Of the next try after a crash. */
  #runsAgain: NodeJS.Timeout | undefined

  constructor(services: MembershipServices, subscription: Subscription) {
    const { kafka, cluster, options, logger, outage } = services
    this.#services = services
    this.#subscription = subscription
    this.#consumer = kafka.consumer({
      groupId: subscription.group,
      partitionAssigners: [(config) => this.#assigner(config)],
      sessionTimeout: options.sessionTimeoutMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      heartbeatInterval: Math.floor(options.sessionTimeoutMs / 10),
      maxWaitTimeInMs: LOOK_MS,
      metadataMaxAge: options.metadataMaxAgeMs,
      allowAutoTopicCreation: false,
      retry: { retries: RETRIES, restartOnFailure: () => Promise.resolve(false) },
    })
    this.#silence = new Silence(options.sessionTimeoutMs, () => this.#silent())
    this.#cluster = cluster
    this.#loop = new FetchLoop(this.#cluster, logger, {
      fetchWaitMs: options.fetchWaitMs,
      fetchLingerMs: options.fetchLingerMs,
      fetchAnswerMs: options.fetchAnswerMs,
      outage,
      onBatch: (batch) => this.#deliver(batch),
      onFailed: (error) => this.#end(error),
    })
  }

  /** Joins; assignments are told from the next turn of the event loop on (K2). */
  async join(): Promise<void> {
    const { events } = this.#consumer
    this.#consumer.on(events.GROUP_JOIN, (event) => this.#joined(event))
    this.#consumer.on(events.HEARTBEAT, () => this.#contact())
    this.#consumer.on(events.CRASH, (event) => this.#crashed(event))
    try {
      await this.#consumer.connect()
      await this.#consumer.subscribe({ topics: [...this.#subscription.topics], fromBeginning: true })
      await this.#run()
    } catch (error) {
      this.#ended = true
      await this.#disconnect()
      throw classified(error, `joining ${this.#subscription.group}`)
    }
    setImmediate(() => this.#opened())
  }

  seek(topic: string, partition: number, offset: number): void {
    if (this.#readable.has(partition)) this.#loop.seek(topic, partition, offset)
  }

  pause(topic: string, partition: number): void {
    this.#loop.pause(topic, partition)
  }

  resume(topic: string, partition: number): void {
    if (this.#readable.has(partition)) this.#loop.resume(topic, partition)
  }

  async commitOffsets(positions: readonly GroupPosition[]): Promise<void> {
    const offsets = positions.map((position) => ({ ...position, offset: String(position.offset) }))
    const { group } = this.#subscription
    const told = new Set<string>()
    const hear = ({ payload }: ConsumerCommitOffsetsEvent): void => {
      for (const { topic, partitions } of payload.topics)
        for (const { partition, offset } of partitions) told.add(`${topic}/${partition} ${String(offset)}`)
    }
    const hearNoMore = this.#consumer.on(this.#consumer.events.COMMIT_OFFSETS, hear)
    try {
      const timeoutMs = this.#services.options.offsetCommitTimeoutMs
      await within(timeoutMs, 'committing offsets', this.#consumer.commitOffsets(offsets))
    } catch (error) {
      throw classified(error, `committing offsets of ${group}`)
    } finally {
      hearNoMore()
    }
    // While it is no member it says that all went well (trap 41).
    if (offsets.some(({ topic, partition, offset }) => !told.has(`${topic}/${partition} ${offset}`)))
      throw new TransientError('kafka', `committing offsets of ${group}: it is not joined now`)
  }

  committed(partition: number): Promise<readonly GroupPosition[]> {
    return this.#services.committed(this.#subscription, partition)
  }

  lastContactMs(): number {
    return this.#lastContactMs
  }

  /** Lets everything go first: what others take over while we are away must not be held here. */
  async rejoin(): Promise<void> {
    if (this.#ended) return
    this.#assign([])
    try {
      await this.#restart()
    } catch (error) {
      throw classified(error, `joining ${this.#subscription.group} again`)
    }
  }

  leave(): Promise<void> {
    this.#close()
    return (this.#left ??= this.#disconnect())
  }

  #close(): void {
    this.#ended = true
    this.#silence.stop()
    this.#readable = new Set()
    this.#loop.close()
    this.#services.outage.forget(this)
  }

  /** Stops what runs, then runs, one such after the other (K4). */
  #restart(): Promise<void> {
    clearTimeout(this.#runsAgain)
    const restart = async (): Promise<void> => {
      if (this.#ended) return
      await within(this.#services.options.rebalanceTimeoutMs, 'leaving the group', this.#consumer.stop())
      // We may have left meanwhile: what is run then is a member that nobody ends.
      if (!this.#ended) await this.#run()
    }
    this.#restarting = this.#restarting.then(restart, restart)
    return this.#restarting
  }

  /** kafkajs reports what goes wrong from here on by its CRASH event. */
  async #run(): Promise<void> {
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: () => Promise.resolve(),
    })
  }

  #joined({ payload }: ConsumerGroupJoinEvent): void {
    const assigned = Object.entries(payload.memberAssignment)
    if (assigned.length > 0) {
      this.#consumer.pause(assigned.map(([topic, partitions]) => ({ topic, partitions })))
    }
    this.#contact()
    const partitions = [...new Set(assigned.flatMap(([, numbers]) => numbers))].sort((a, b) => a - b)
    if (this.#open) this.#assign(partitions)
    else this.#early = partitions
  }

  #opened(): void {
    this.#open = true
    if (!this.#ended) this.#silence.start()
    if (this.#early !== null) this.#assign(this.#early)
    this.#early = null
  }

  #assign(partitions: readonly number[]): void {
    if (this.#ended) return
    this.#loop.clear()
    this.#held = partitions
    this.#readable = new Set(partitions)
    const count = partitions.length === 0 ? 0 : this.#partitionCount()
    this.#call(() => this.#subscription.onAssigned(partitions, count))
  }

  /** Of the topic that has most; who holds something has heard of them. */
  #partitionCount(): number {
    const cluster = this.#groupCluster
    if (cluster === null) return 0
    return Math.max(...this.#subscription.topics.map((topic) => partitionCount(cluster, topic)))
  }

  #assigner(config: Parameters<PartitionAssigner>[0]): Assigner {
    this.#groupCluster = config.cluster
    const assigner = colocatedAssigner(() => this.#held)(config)
    // Asked for whenever it joins, for which it waits until the others have.
    const protocol: Assigner['protocol'] = (subscription) => {
      this.#silence.allow(this.#services.options.rebalanceTimeoutMs)
      return assigner.protocol(subscription)
    }
    return { ...assigner, protocol }
  }

  #deliver(batch: SourceBatch): void {
    this.#call(() => this.#subscription.onBatch(batch))
  }

  /** A callback that throws, against its contract, must not look like trouble with a broker. */
  #call(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #contact(): void {
    this.#services.outage.over(this, GROUP)
    this.#silence.allow(this.#services.options.sessionTimeoutMs)
    this.#lastContactMs = this.#services.clock.now()
  }

  #crashed({ payload }: ConsumerCrashEvent): void {
    const outcome = afterCrash(payload)
    if (outcome instanceof Error) this.#end(outcome)
    else this.#lost(payload.error.message)
  }

  /** It hears nothing, and so nobody there counts on it (K5). */
  #silent(): void {
    this.#lost('the group was not heard of any more')
  }

  /** Nothing is ours until it has been run again. */
  #lost(error: string): void {
    this.#silence.allow(Infinity)
    this.#loop.clear()
    this.#readable = new Set()
    this.#services.outage.met(this, GROUP, error)
    this.#runAgainLater()
  }

  #runAgainLater(): void {
    clearTimeout(this.#runsAgain)
    this.#runsAgain = setTimeout(() => void this.#runAgain(), RUN_AGAIN_MS)
  }

  /** After a crash; should there be another, that is told as this was. */
  async #runAgain(): Promise<void> {
    try {
      await this.#restart()
    } catch (error) {
      const failure = classified(error, `joining ${this.#subscription.group} again`)
      if (!(failure instanceof TransientError)) return this.#end(failure)
      this.#services.outage.met(this, GROUP, failure.message)
      if (!this.#ended) this.#runAgainLater()
    }
  }

  #end(error: Error): void {
    if (this.#ended) return
    this.#close()
    void this.#disconnect()
    this.#subscription.onStopped(error)
  }

  async #disconnect(): Promise<void> {
    const timeoutMs = this.#services.options.leaveTimeoutMs
    try {
      await Promise.all([
        within(timeoutMs, 'leaving the group', this.#consumer.disconnect()),
        this.#cluster.close(),
      ])
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#services.logger.warn({ group: this.#subscription.group, error: message }, 'left without a word')
    }
    this.#services.kafka.end()
  }
}
