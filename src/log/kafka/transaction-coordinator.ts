/**
 * Who coordinates the transactions of one producer. kafkajs asks the cluster anew before it tells a partition and before
 * it ends a transaction, and tells the partitions of each batch by themselves (trap 29): of the five round trips of a
 * transaction of one topic two, of the eleven of one of three topics six, each waited for.
 *
 * C1. The coordinator is remembered while its connection stands, and forgotten at any failure.
 * C2. Before anything is sent the coordinator has been told of its partition; of those that `begin` names at once. One
 *     that then takes nothing costs a marker.
 * C3. A failure is told as kafkajs knows it: where several partitions were refused together each is told by itself.
 * C4. A coordinator that has moved since it was told of partitions refuses to end the transaction and has not done so:
 *     the one that is found anew ends it.
 * C5. A coordinator that still ends the last transaction is asked again in place, a few times: kafkajs would ask for all
 *     metadata anew before each try.
 *
 * What it knows of kafkajs' inside: a producer finds its coordinator by its cluster's `findGroupCoordinator`, and calls
 * `initProducerId`, `addPartitionsToTxn` and `endTxn` of what it finds.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Kafka, Producer, ProducerConfig } from 'kafkajs'
import { namesOf } from './failure.ts'
import { functionOf, isObject, unknownKafkajs, withMembers, type AnyFunction } from './kafkajs-inside.ts'
import { producerWithCluster } from './producer-cluster.ts'

interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/** What a transaction takes to end after it was said to, on brokers that are not busy. */
const ENDING_MS = 3
/** Afterwards kafkajs tries on, in its own way. */
const TRIES_IN_PLACE = 8
/** kafkajs' number for coordinators of transactions. */
const OF_TRANSACTIONS = 1
const FIND = 'findGroupCoordinator'

/** A producer of kafkajs, and what it asks its coordinator through. */
export function coordinatedProducer(
  kafka: Kafka,
  config: ProducerConfig,
): { readonly producer: Producer; readonly coordinator: TransactionCoordinator } {
  const { producer, cluster } = producerWithCluster(kafka, config)
  return { producer, coordinator: new TransactionCoordinator(cluster, pause) }
}

export class TransactionCoordinator {
  readonly #find: AnyFunction
  readonly #pause: (ms: number) => Promise<unknown>
  #asked: unknown
  #found: Coordinator | null = null
  /** While it is being asked for: those who want to know meanwhile wait for the same answer. */
  #finding: Promise<Coordinator> | null = null
  #coming: readonly TopicPartitions[] = []
  /** While or after the coordinator is told of all that is coming. */
  #telling: Promise<unknown> | null = null

  /** From here on `cluster` finds coordinators of transactions through this. */
  constructor(cluster: object, pause: (ms: number) => Promise<unknown>) {
    this.#pause = pause
    this.#find = functionOf(cluster, FIND)
    Reflect.set(cluster, FIND, (asked: unknown) =>
      isOfTransactions(asked) ? this.#remembered(asked) : this.#find(asked),
    )
  }

  /** Names what the next transaction writes to, so that its coordinator is told of all of it at once (C2). */
  begin(topics: readonly string[], partition: number): void {
    this.#coming = topics.map((topic) => ({ topic, partitions: [partition] }))
    this.#telling = null
  }

  async #remembered(asked: unknown): Promise<object> {
    this.#asked = asked
    const found = this.#found?.isConnected() === true ? this.#found : await this.#foundAnew()
    return withMembers(found.broker, {
      initProducerId: (request: unknown) => this.#call(() => found.initProducerId(request)),
      addPartitionsToTxn: (request: unknown) => this.#call(() => this.#tell(found, request)),
      endTxn: (request: unknown) => this.#call(() => this.#end(found, request)),
    })
  }

  async #foundAnew(): Promise<Coordinator> {
    this.#finding ??= this.#ask().finally(() => {
      this.#finding = null
    })
    return (this.#found = await this.#finding)
  }

  async #ask(): Promise<Coordinator> {
    return coordinator(await this.#find(this.#asked))
  }

  async #call(request: () => Promise<unknown>): Promise<unknown> {
    try {
      return await request()
    } catch (error) {
      this.#found = null
      throw error
    }
  }

  async #tell(found: Coordinator, request: unknown): Promise<unknown> {
    if (!isTelling(request)) throw unknownKafkajs()
    const own = request.topics
    const tell = (topics: readonly TopicPartitions[]): Promise<unknown> =>
      this.#inPlace(() => found.addPartitionsToTxn({ ...request, topics }))
    if (!own.every((one) => isAmong(one, this.#coming))) return tell(own)
    const all = this.#coming
    this.#telling ??= tell(all)
    try {
      return await this.#telling
    } catch (error) {
      this.#coming = []
      this.#telling = null
      if (all.length === own.length || isEnding(error)) throw error
      return tell(own)
    }
  }

  /** Again and again while the last transaction is being ended (C5). */
  async #inPlace(tell: () => Promise<unknown>): Promise<unknown> {
    for (let left = TRIES_IN_PLACE; left > 0; left--) {
      try {
        return await tell()
      } catch (error) {
        if (!isEnding(error)) throw error
        await this.#pause(ENDING_MS)
      }
    }
    return tell()
  }

  async #end(found: Coordinator, request: unknown): Promise<unknown> {
    try {
      return await found.endTxn(request)
    } catch (error) {
      if (!namesOf(error).includes('NOT_COORDINATOR_FOR_GROUP')) throw error
      return (await this.#foundAnew()).endTxn(request)
    }
  }
}

interface Coordinator {
  readonly broker: object
  isConnected(): boolean
  initProducerId(request: unknown): Promise<unknown>
  addPartitionsToTxn(request: unknown): Promise<unknown>
  endTxn(request: unknown): Promise<unknown>
}

function coordinator(broker: unknown): Coordinator {
  if (!isObject(broker)) throw unknownKafkajs()
  const isConnected = functionOf(broker, 'isConnected')
  const called = (name: string): ((request: unknown) => Promise<unknown>) => {
    const call = functionOf(broker, name)
    return async (request) => call(request)
  }
  return {
    broker,
    isConnected: () => isConnected() === true,
    initProducerId: called('initProducerId'),
    addPartitionsToTxn: called('addPartitionsToTxn'),
    endTxn: called('endTxn'),
  }
}

function isEnding(error: unknown): boolean {
  return namesOf(error).includes('CONCURRENT_TRANSACTIONS')
}

function isOfTransactions(asked: unknown): boolean {
  return isObject(asked) && 'coordinatorType' in asked && asked.coordinatorType === OF_TRANSACTIONS
}

function isTelling(request: unknown): request is { readonly topics: readonly TopicPartitions[] } {
  return isObject(request) && 'topics' in request && isTopicPartitions(request.topics)
}

function isTopicPartitions(value: unknown): value is readonly TopicPartitions[] {
  return Array.isArray(value) && value.every((one) => isObject(one) && 'topic' in one && 'partitions' in one)
}

function isAmong({ topic, partitions }: TopicPartitions, all: readonly TopicPartitions[]): boolean {
  const found = all.find((one) => one.topic === topic)
  return found !== undefined && partitions.every((partition) => found.partitions.includes(Number(partition)))
}
