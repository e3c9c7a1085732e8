/**
 * One life of a client of Kafka through the port: it joins, takes a partition over, publishes, tells the group where it
 * stands, follows a topic, joins again and leaves. It demands of every call that it ends within its deadline, by what
 * it gives or by an error of the engine's kinds; then it calls again as the engine does.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { FencedError, ProducerLostError, TransientError } from '../../src/engine/errors.ts'
import type { Log, Membership, Publisher, Subscription, TaskProducer } from '../../src/engine/log.ts'
import type { OutputRecord, SourceBatch, SourceRecord } from '../../src/engine/record.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import type { KafkaLogOptions } from '../../src/log/kafka/options.ts'
import { collect, valueOf } from '../conformance/log-fixture.ts'
import type { BreakingSockets } from '../support/breaking-sockets.ts'
import { until } from '../support/until.ts'
import { kafkaLogOptions } from './log-fixtures.ts'

/** Where a life takes place. Lives that are lived at a time have outputs of their own, each its partition. */
export interface Place {
  readonly source: string
  readonly outputs: readonly [string, string]
  readonly partition: number
  /** Of one partition, for records without a fence. */
  readonly news: string
  /** Undisturbed, for setting the stage and looking at what came of it. */
  readonly judge: Log
  /** One more record in each partition of the source. */
  feed(): Promise<void>
}

/** In which a client must have got over whatever broke: a session, and a few joins that are never answered. */
const RECOVERY_MS = 40_000
/** Of a busy machine, beyond a deadline. */
const SLACK_MS = 2_000
const CLOSED_WITHIN_MS = 5_000

export function shortDeadlines(sockets: BreakingSockets): KafkaLogOptions {
  return {
    ...kafkaLogOptions(),
    openSocket: sockets.openSocket,
    rebalanceTimeoutMs: 2_000,
    fetchAnswerMs: 500,
    connectTimeoutMs: 1_000,
    requestTimeoutMs: 1_500,
    publishTimeoutMs: 2_000,
    transactionTimeoutMs: 4_000,
    offsetCommitTimeoutMs: 1_000,
    leaveTimeoutMs: 1_000,
    readTimeoutMs: 2_000,
  }
}

/** A member of a group that reads all that it is given, from where it stands. */
class Reader {
  readonly group = `life-${randomUUID()}`
  readonly topics: readonly string[]
  readonly positions = new Map<number, number>()
  membership: Membership | null = null
  holds: readonly number[] = []
  problem: Error | null = null

  constructor(topic: string) {
    this.topics = [topic]
  }

  get member(): Membership {
    if (this.problem !== null) throw this.problem
    if (this.membership === null) throw new Error('has not joined')
    return this.membership
  }

  subscription(): Subscription {
    return {
      group: this.group,
      topics: this.topics,
      onAssigned: (partitions) => this.#assigned(partitions),
      onBatch: (batch) => this.#take(batch),
      onStopped: (error) => {
        this.problem = new Error('the membership ended', { cause: error })
      },
    }
  }

  #assigned(partitions: readonly number[]): void {
    this.holds = partitions
    for (const topic of this.topics) {
      for (const partition of partitions) {
        this.member.seek(topic, partition, this.positions.get(partition) ?? 0)
        this.member.resume(topic, partition)
      }
    }
  }

  #take({ partition, records, nextOffset }: SourceBatch): void {
    const position = this.positions.get(partition) ?? 0
    const came = [...records].map(({ offset }) => offset)
    const expected = came.map((_, index) => position + index)
    if (String(came) !== String(expected))
      this.problem = new Error(`${partition} gave ${String(came)} and not ${String(expected)}`)
    if (!this.holds.includes(partition)) this.problem = new Error(`${partition} is not held`)
    this.positions.set(partition, nextOffset)
  }
}

export class Life {
  readonly #place: Place
  readonly #sockets: BreakingSockets
  readonly #options: KafkaLogOptions
  readonly #log: KafkaLog
  readonly #id = `life-${randomUUID()}`
  readonly #reader: Reader
  readonly #published: string[] = []
  readonly #news: string[] = []
  readonly #heard = new Set<string>()
  #from: readonly number[] = []
  #producer: TaskProducer | null = null
  #numbers = 0

  constructor(place: Place, sockets: BreakingSockets) {
    this.#place = place
    this.#sockets = sockets
    this.#options = shortDeadlines(sockets)
    this.#log = new KafkaLog(this.#options, systemClock, silentLogger)
    this.#reader = new Reader(place.source)
  }

  /** Throws what a client of Kafka must not meet. */
  async live(): Promise<void> {
    const { judge, outputs, partition } = this.#place
    this.#from = await Promise.all(
      outputs.map(async (topic) => {
        const bounds = await this.#recovers('bounds', () => judge.bounds(topic))
        return bounds[partition]?.high ?? 0
      }),
    )
    try {
      await this.#joins()
      await this.#takesOver()
      await this.#works()
      await this.#joinsAgain()
      await this.#isWell()
    } finally {
      await this.#ends()
    }
    await this.#isJudged()
  }

  async #joins(): Promise<void> {
    const reader = this.#reader
    reader.membership = await this.#available('join', RECOVERY_MS, () =>
      this.#log.join(reader.subscription()),
    )
    await this.#holdsAll()
  }

  async #takesOver(): Promise<void> {
    await Promise.all([this.#committed(0), this.#committed(1)])
    await this.#acquire()
    await this.#tails()
  }

  async #works(): Promise<void> {
    const { outputs, news } = this.#place
    await this.#hasRead()
    await this.#publish([outputs[0]])
    await this.#publish(outputs)
    await this.#tellsWhereItStands()
    const publisher = await this.#log.publisher()
    await this.#publishNews(publisher)
    const follower = await this.#available('follow', this.#options.readTimeoutMs, () =>
      this.#log.follow([news], ({ records }) => {
        for (const record of records) this.#heard.add(valueOf(record))
      }),
    )
    await this.#within('following', RECOVERY_MS, follower.caughtUp())
    await this.#publishNews(publisher)
    await this.#hearsNews()
  }

  async #joinsAgain(): Promise<void> {
    const heardMs = this.#reader.member.lastContactMs()
    await until('a heartbeat', () => this.#reader.member.lastContactMs() > heardMs, RECOVERY_MS)
    await this.#available('rejoin', RECOVERY_MS, () => this.#reader.member.rejoin())
    await this.#holdsAll()
  }

  /** Whatever broke is over, and all works. */
  async #isWell(): Promise<void> {
    await this.#place.feed()
    await this.#hasRead()
    await this.#tellsWhereItStands()
    await this.#publish(this.#place.outputs)
    await this.#publishNews(await this.#log.publisher())
    await this.#hearsNews()
    await this.#tails()
  }

  async #ends(): Promise<void> {
    const { leaveTimeoutMs, requestTimeoutMs } = this.#options
    const { membership } = this.#reader
    if (membership !== null) await this.#within('leave', leaveTimeoutMs, membership.leave())
    if (this.#producer !== null) await this.#within('close', requestTimeoutMs, this.#producer.close())
    await this.#within('close', leaveTimeoutMs + requestTimeoutMs, this.#log.close())
    await until('no connection is left', () => this.#sockets.open === 0, CLOSED_WITHIN_MS)
  }

  async #isJudged(): Promise<void> {
    const { judge, outputs, partition, news } = this.#place
    for (const [at, topic] of outputs.entries()) {
      const from = this.#from[at] ?? 0
      const stands = await this.#recovers('judging', () => collect(judge.readToEnd(topic, partition, from)))
      const expected = this.#published.filter((value) => value.startsWith(`${topic} `))
      if (String(stands.map(valueOf)) !== String(expected))
        throw new Error(`${topic} has ${String(stands.map(valueOf))} and not ${String(expected)}`)
    }
    const told = new Set(
      (await this.#recovers('judging', () => collect(judge.readToEnd(news, 0, 0)))).map(valueOf),
    )
    for (const value of this.#news) if (!told.has(value)) throw new Error(`${news} lacks ${value}`)
  }

  async #holdsAll(): Promise<void> {
    await until('all partitions are held', () => this.#reader.holds.length === 2, RECOVERY_MS)
  }

  async #hasRead(): Promise<void> {
    const { source } = this.#place
    const bounds = await this.#available('bounds', this.#options.readTimeoutMs, () =>
      this.#log.bounds(source),
    )
    const isRead = (): boolean =>
      this.#reader.member !== null &&
      bounds.every(({ high }, partition) => (this.#reader.positions.get(partition) ?? 0) >= high)
    await until('all of the source is read', isRead, RECOVERY_MS)
  }

  #committed(partition: number) {
    const { readTimeoutMs } = this.#options
    return this.#available('committed', readTimeoutMs, () => this.#reader.member.committed(partition))
  }

  async #tellsWhereItStands(): Promise<void> {
    const { source } = this.#place
    const positions = [...this.#reader.positions].map(([partition, offset]) => {
      return { topic: source, partition, offset, metadata: '' }
    })
    await this.#available('commitOffsets', this.#options.offsetCommitTimeoutMs, () =>
      this.#reader.member.commitOffsets(positions),
    )
    const told = (await Promise.all([this.#committed(0), this.#committed(1)])).flat()
    for (const { partition, offset } of positions) {
      const found = told.find((one) => one.partition === partition)
      if (found?.offset !== offset) throw new Error(`the group has ${found?.offset} and not ${offset}`)
    }
  }

  async #acquire(): Promise<void> {
    const { publishTimeoutMs, requestTimeoutMs } = this.#options
    await this.#recovers('acquire', async () => {
      if (this.#producer !== null) await this.#within('close', requestTimeoutMs, this.#producer.close())
      this.#producer = null
      const connecting = this.#log.taskProducer(this.#id)
      this.#producer = await this.#within('taskProducer', publishTimeoutMs + requestTimeoutMs, connecting)
      await this.#within('fence', publishTimeoutMs, this.#producer.fence())
    })
  }

  /** Once: after a loss the next owner looks first at what its outputs have. */
  async #publish(topics: readonly string[]): Promise<void> {
    const records = topics.map((topic) => this.#record(topic))
    const values = records.map(({ value }) => String(value))
    let lost = false
    await this.#recovers('publishing', async () => {
      if (lost) {
        await this.#acquire()
        const tails = (await this.#tails()).map(valueOf)
        const there = values.filter((value) => tails.includes(value)).length
        if (there === values.length) return
        if (there > 0) throw new Error(`${there} of ${values.length} records stand in the outputs`)
      }
      lost = true
      const { publishTimeoutMs } = this.#options
      const publishing = this.#producer?.publish(this.#place.partition, records)
      await this.#within('publish', publishTimeoutMs, publishing ?? Promise.reject(new Error('no producer')))
    })
    this.#published.push(...values)
  }

  async #publishNews(publisher: Publisher): Promise<void> {
    const record = this.#record(this.#place.news)
    const { publishTimeoutMs } = this.#options
    await this.#available('publish', publishTimeoutMs, () => publisher.publish([record]))
    this.#news.push(String(record.value))
  }

  async #hearsNews(): Promise<void> {
    await until('the news', () => this.#news.every((value) => this.#heard.has(value)), RECOVERY_MS)
  }

  #record(topic: string): OutputRecord {
    const value = Buffer.from(`${topic} ${this.#id} ${this.#numbers++}`)
    return { topic, key: this.#id, value, headers: {} }
  }

  /** What the outputs have, asked for at the same time. */
  async #tails(): Promise<readonly SourceRecord[]> {
    const { outputs, partition } = this.#place
    // Bounds, learning where the topic lies, and the one batch that there is.
    const deadlineMs = 3 * this.#options.readTimeoutMs
    const read = (topic: string, at: number): Promise<readonly SourceRecord[]> =>
      this.#available('readToEnd', deadlineMs, () =>
        collect(this.#log.readToEnd(topic, partition, this.#from[at] ?? 0)),
      )
    return (await Promise.all(outputs.map(read))).flat()
  }

  /** As the engine does: again while it is transient. */
  #available<T>(what: string, deadlineMs: number, call: () => Promise<T>): Promise<T> {
    return this.#recovers(what, () => this.#within(what, deadlineMs, call()))
  }

  async #recovers<T>(what: string, call: () => Promise<T>): Promise<T> {
    const endMs = performance.now() + RECOVERY_MS
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (!isExpected(error)) throw error
        if (performance.now() > endMs) throw new Error(`${what} never worked again`, { cause: error })
        await pause(50)
      }
    }
  }

  async #within<T>(what: string, deadlineMs: number, call: Promise<T>): Promise<T> {
    const given = new AbortController()
    const late = pause(deadlineMs + SLACK_MS, 'late' as const, { signal: given.signal })
    late.catch(() => undefined)
    try {
      const result = await Promise.race([call.then((value) => ({ value })), late])
      if (result === 'late') throw new Error(`${what} took longer than its deadline of ${deadlineMs} ms`)
      return result.value
    } catch (error) {
      if (isExpected(error) || (error instanceof Error && error.message.startsWith(what))) throw error
      throw new Error(`${what} failed otherwise than the port says`, { cause: error })
    } finally {
      given.abort()
    }
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof TransientError || error instanceof ProducerLostError || error instanceof FencedError
}
