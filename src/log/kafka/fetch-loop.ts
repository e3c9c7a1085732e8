/**
 * Keeps reading partitions that flow, each from its own position, and hands batches over in order.
 *
 * F1. A position moves by what was handed over or by `seek`, never by itself; an answer to an older position
 *     is dropped.
 * F2. A partition that does not flow is not asked for, and nothing of it is handed over.
 * F3. A position before the first record moves to it (the reader sees the gap); one behind the end fails.
 * F4. A batch that is larger than what is asked for is asked for by its own size. (A broker gives one that is too large
 *     to the partition alone that is asked for first.)
 * F5. Trouble with a broker is waited out; what waiting cannot help fails the loop.
 *     Trouble lasts until its broker answers or nothing is asked of it any more, over a rebalance too.
 * F6. While a partition that has more does not flow, its broker is not let wait on the others' behalf: it answers one question at
 *     a time, and whoever flows again would wait for it (a lone backlog came at 20,000 records a second that way).
 * F7. A broker that gave all that it had is asked again after `fetchLingerMs`, so that what comes at a rate comes in few answers, each of
 *     several partitions. What comes after a pause, and what lies waiting, does not wait.
 * F8. A question that has no answer `fetchAnswerMs` after the broker had to give one is asked again, and the next waits twice as long: an
 *     answer that a network has lost is not waited for as a slow broker's is (a kill switch was heard of 12 s late).
 */
import kafkajs from 'kafkajs'
import type { Logger } from '../../domain/logger.ts'
import { RefusedError, RetentionGapError } from '../../engine/errors.ts'
import type { SourceBatch } from '../../engine/record.ts'
import type { FetchCluster } from './cluster.ts'
import { DeadlineError, within } from './deadline.ts'
import { classified } from './failure.ts'
import type { Outage } from './outage.ts'
import type { FetchedPartition } from './fetch-answer.ts'
import { sourceBatch } from './source-batch.ts'

/** One partition that is read. Replaced, not changed, by a seek (F1). */
interface Flow {
  readonly topic: string
  readonly partition: number
  position: number
  flowing: boolean
  /** Of the batch at the position, where an answer's limit cut it off (F4); else 0. */
  batchBytes: number
  /** Its broker has more to give from the position on. */
  hasMore: boolean
}

/** Who is asked. */
export type FetchSite = Pick<FetchCluster, 'target' | 'refresh' | 'leaderOf' | 'fetch' | 'offsets'>

export interface FetchLoopPlan {
  readonly fetchWaitMs: number
  readonly fetchLingerMs: number
  readonly fetchAnswerMs: number
  /** Hears how the loop fares with its brokers. */
  readonly outage: Outage
  onBatch(batch: SourceBatch): void
  /** The partition had nothing more to give when its broker answered, just now. */
  onCurrent?(topic: string, partition: number): void
  onFailed(error: Error): void
}

const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 1_000
/** Between two questions that may not wait (F6); twice as long after each that brings nothing. */
const FIRST_LOOK_MS = 5

/** What a loop may be in trouble with, beside its brokers by their ids. */
const METADATA = 'metadata'

type Asked = 'something' | 'nothing' | 'failed' | 'unanswered'

export class FetchLoop {
  readonly #cluster: FetchSite
  readonly #logger: Logger
  readonly #plan: FetchLoopPlan
  readonly #flows = new Map<string, Flow>()
  /** Brokers with a question under way. */
  readonly #asking = new Set<string>()
  #routing = false
  #routeAgain = false
  #closed = false
  /** Resolves when a partition flows again, then is another. */
  #flowsAgain = Promise.withResolvers<void>()

  constructor(cluster: FetchSite, logger: Logger, plan: FetchLoopPlan) {
    this.#cluster = cluster
    this.#logger = logger
    this.#plan = plan
  }

  /** Sets the position; the partition does not flow until `resume`. */
  seek(topic: string, partition: number, position: number): void {
    const flowing = this.#flows.get(nameOf(topic, partition))?.flowing ?? false
    this.#flows.set(nameOf(topic, partition), {
      topic,
      partition,
      position,
      flowing,
      batchBytes: 0,
      hasMore: false,
    })
  }

  resume(topic: string, partition: number): void {
    if (this.#closed) return
    const flow = this.#flows.get(nameOf(topic, partition))
    if (flow === undefined) throw new Error(`${topic}/${partition} was resumed before it was sought`)
    flow.flowing = true
    this.#tellFlows()
    void this.#route()
  }

  pause(topic: string, partition: number): void {
    const flow = this.#flows.get(nameOf(topic, partition))
    if (flow !== undefined) flow.flowing = false
  }

  /** Forgets all positions. */
  clear(): void {
    this.#flows.clear()
  }

  close(): void {
    this.#closed = true
    this.clear()
    this.#plan.outage.forget(this)
    this.#tellFlows()
  }

  #tellFlows(): void {
    this.#flowsAgain.resolve()
    this.#flowsAgain = Promise.withResolvers()
  }

  /** Starts a conversation with every broker that leads a flowing partition and has none (F2). */
  async #route(): Promise<void> {
    this.#routeAgain = true
    if (this.#routing) return
    this.#routing = true
    let waitMs = FIRST_WAIT_MS
    while (this.#routeAgain && !this.#closed) {
      this.#routeAgain = false
      if (await this.#known()) {
        this.#startConversations()
        continue
      }
      this.#routeAgain = true
      await pause(waitMs)
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    }
    this.#routing = false
  }

  #startConversations(): void {
    for (const nodeId of this.#leaders()) {
      if (this.#asking.has(nodeId)) continue
      this.#asking.add(nodeId)
      void this.#converse(nodeId)
    }
  }

  /** Whether every flowing partition has a leader that we know; asks the cluster where not. */
  async #known(): Promise<boolean> {
    const flowing = this.#flowing()
    try {
      await this.#cluster.target([...new Set(flowing.map((flow) => flow.topic))])
      this.#plan.outage.over(this, METADATA)
      if (flowing.every((flow) => this.#cluster.leaderOf(flow.topic, flow.partition) !== null)) return true
      await this.#cluster.refresh()
      return false
    } catch (error) {
      this.#trouble(METADATA, error)
      return false
    }
  }

  #flowing(): readonly Flow[] {
    return [...this.#flows.values()].filter((flow) => flow.flowing)
  }

  #leaders(): ReadonlySet<string> {
    const leaders = this.#flowing().map((flow) => this.#cluster.leaderOf(flow.topic, flow.partition))
    return new Set(leaders.filter((leader) => leader !== null))
  }

  /** Asks one broker as long as it leads something that flows. */
  async #converse(nodeId: string): Promise<void> {
    let waitMs = 0
    let lookMs = FIRST_LOOK_MS
    let answerMs = this.#plan.fetchAnswerMs
    while (!this.#closed) {
      if (waitMs > 0) await pause(waitMs)
      const flows = this.#flowing().filter((flow) => this.#leads(nodeId, flow))
      if (flows.length === 0) break
      const holdsBack = this.#holdsBack(nodeId)
      // Taken before the question: what flows again meanwhile is not waited for.
      const flowsAgain = this.#flowsAgain.promise
      const asked = await this.#ask(nodeId, flows, holdsBack ? 0 : this.#plan.fetchWaitMs, answerMs)
      answerMs = asked === 'unanswered' ? answerMs * 2 : this.#plan.fetchAnswerMs
      const isTrouble = asked === 'failed' || asked === 'unanswered'
      waitMs = isTrouble ? Math.min(Math.max(FIRST_WAIT_MS, waitMs * 2), LONGEST_WAIT_MS) : 0
      if (holdsBack && asked === 'nothing') {
        await pauseUnless(lookMs, flowsAgain)
        lookMs = Math.min(lookMs * 2, this.#plan.fetchWaitMs)
        continue
      }
      lookMs = FIRST_LOOK_MS
      const gaveAll = asked === 'something' && flows.every((flow) => !flow.hasMore)
      if (gaveAll) await pauseUnless(this.#plan.fetchLingerMs, flowsAgain)
    }
    this.#asking.delete(nodeId)
    if (this.#closed) return
    if (this.#flowing().length > 0) {
      this.#plan.outage.over(this, nodeId)
      void this.#route()
      return
    }
    this.#plan.outage.unasked(this, nodeId)
    if (this.#asking.size === 0 && !this.#routing) this.#plan.outage.unasked(this, METADATA)
  }

  #leads(nodeId: string, { topic, partition }: Flow): boolean {
    return this.#cluster.leaderOf(topic, partition) === nodeId
  }

  /** Whether one of the broker's partitions has more and does not flow (F6). */
  #holdsBack(nodeId: string): boolean {
    for (const flow of this.#flows.values()) {
      if (!flow.flowing && flow.hasMore && this.#leads(nodeId, flow)) return true
    }
    return false
  }

  async #ask(nodeId: string, flows: readonly Flow[], waitMs: number, answerMs: number): Promise<Asked> {
    const asked = flows.map((flow) => ({ flow, offset: flow.position }))
    try {
      const positions = asked.map(({ flow, offset }) => ({ ...flow, offset }))
      const fetching = this.#cluster.fetch(nodeId, positions, waitMs)
      const answer = await within(waitMs + answerMs, 'an answer', fetching)
      this.#answered(nodeId)
      let tookSome = false
      for (const fetched of answer) if (this.#take(fetched, asked)) tookSome = true
      return tookSome ? 'something' : 'nothing'
    } catch (error) {
      if (error instanceof kafkajs.KafkaJSOffsetOutOfRange) await this.#align(error.topic, error.partition)
      else await this.#recover(nodeId, error)
      return error instanceof DeadlineError ? 'unanswered' : 'failed'
    }
  }

  /** Whether the partition has moved. */
  #take(
    fetched: FetchedPartition,
    asked: readonly { readonly flow: Flow; readonly offset: number }[],
  ): boolean {
    const found = asked.find(
      ({ flow }) => flow.topic === fetched.topic && flow.partition === fetched.partition,
    )
    if (found === undefined || !this.#current(found.flow) || found.flow.position !== found.offset)
      return false
    const batch = sourceBatch(fetched, found.offset)
    found.flow.batchBytes = fetched.cutOffBytes
    if (batch !== null) {
      found.flow.position = batch.nextOffset
      this.#plan.onBatch(batch)
    }
    const gaveAll = isWhole(fetched, batch)
    found.flow.hasMore = !gaveAll
    this.#tellIfCurrent(found.flow, gaveAll)
    return batch !== null
  }

  /** What its reader holds back is not current. */
  #tellIfCurrent(flow: Flow, gaveAll: boolean): void {
    if (gaveAll && this.#current(flow)) this.#plan.onCurrent?.(flow.topic, flow.partition)
  }

  #current(flow: Flow): boolean {
    return flow.flowing && !this.#closed && this.#flows.get(nameOf(flow.topic, flow.partition)) === flow
  }

  /** A position that is not in the log: either retention took it, or it was never there (F3). */
  async #align(topic: string, partition: number): Promise<void> {
    const flow = this.#flows.get(nameOf(topic, partition))
    if (flow === undefined) return
    try {
      const low = (await this.#cluster.offsets(topic, 'earliest')).get(partition) ?? 0
      const end = (await this.#cluster.offsets(topic, 'latest')).get(partition) ?? Infinity
      if (this.#current(flow)) this.#alignTo(flow, low, end)
    } catch (error) {
      this.#trouble(METADATA, error)
    }
  }

  #alignTo(flow: Flow, low: number, end: number): void {
    const { topic, partition, position } = flow
    if (position < low) {
      this.#logger.warn({ topic, partition, position, low }, 'position has left the log')
      flow.position = low
    } else if (position > end) {
      this.#fail(
        new RetentionGapError(
          `${topic}/${partition} ends at ${end}, before the position ${position} that was read up to: ` +
            'the topic was made anew or its brokers lost records',
        ),
      )
    }
  }

  #answered(nodeId: string): void {
    this.#plan.outage.over(this, nodeId)
    this.#plan.outage.over(this, METADATA)
  }

  async #recover(nodeId: string, error: unknown): Promise<void> {
    this.#trouble(nodeId, error)
    if (this.#closed) return
    try {
      await this.#cluster.refresh()
    } catch (again) {
      this.#trouble(METADATA, again)
    }
  }

  /** Waits trouble out, or fails where waiting cannot help (F5). */
  #trouble(of: string, error: unknown): void {
    if (this.#closed) return
    const failure = classified(error, 'fetching')
    if (failure instanceof RefusedError) this.#fail(failure)
    else this.#plan.outage.met(this, of, failure.message)
  }

  #fail(error: Error): void {
    this.close()
    this.#plan.onFailed(error)
  }
}

/** Whether the broker gave all that it had: a batch that is cut off is there, though nothing of it came. */
function isWhole({ highWatermark, cutOffBytes }: FetchedPartition, batch: SourceBatch | null): boolean {
  return cutOffBytes === 0 && (batch === null || batch.nextOffset >= highWatermark)
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** At most so long. */
async function pauseUnless(ms: number, ended: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timeout = setTimeout(resolve, ms)
  await Promise.race([promise, ended])
  clearTimeout(timeout)
}
