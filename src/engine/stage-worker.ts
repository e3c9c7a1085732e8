/**
 * A stage without state on one set of partitions: transform, publish, then move the position (section 5).
 *
 * W1. What a record became is published before its position moves; a crash between repeats it, and readers
 *     drop the repeat by its origin (see `origins.ts`).
 * W2. Published through a fenced producer, so that a stopped and continued owner cannot interleave.
 * W3. Outputs of one source partition leave in the order of their records.
 * W4. Records wait for company at most `stageLingerMs`, and not past a chunk's worth of records or bytes: one
 *     transaction carries what came meanwhile, of all sources. What waits has moved no position.
 * W5. Where a transaction takes long they wait longer, up to four times: the busier broker and machine are, the less
 *     of their time goes into transactions, and the more of them each carries.
 * W6. Nothing is set aside because partitions were added: the count is asked for anew before a record counts as
 *     misplaced (Q3), and what lies where it belonged by an earlier count is worked on (stage-placement.ts). The group's
 *     notes tell the count, in the place of a commit's epoch, so that who comes next knows of records of before.
 * W7. Of several sources what the log took in first comes first, a backlog too (stage-inbox.ts).
 */
import { CRASH, type Care } from './care.ts'
import type { GroupPosition, TaskProducer } from './log.ts'
import { kept, untilLetGo } from './let-go.ts'
import type { Source, Stage, StageOutcome } from './logic.ts'
import { boundsOf, isMisplaced, partitionCount, type TopicBounds } from './partition-count.ts'
import type { CommittedPosition, PartitionWorker, StepResult } from './partition-worker.ts'
import { probed } from './probe.ts'
import {
  HEADER_ORIGIN,
  HEADER_ORIGIN_POSITION,
  type OutputRecord,
  type Rejection,
  type SourceBatch,
  type SourceRecord,
} from './record.ts'
import { untilAvailable } from './retry.ts'
import type { EngineServices } from './services.ts'
import { deadLetter } from './set-aside.ts'
import { StageInbox, type Portion } from './stage-inbox.ts'
import { StagePlacement } from './stage-placement.ts'
import { startPosition } from './start-position.ts'

/** TransientError before the next question to a server once it is let go. */
export async function acquireStage(
  services: EngineServices,
  stage: Stage,
  partition: number,
  committed: readonly GroupPosition[],
  letGo: AbortSignal = kept(),
): Promise<StageWorker> {
  const startMs = services.clock.now()
  const { log } = services
  const probe = untilLetGo(letGo, services.probe)
  const producer = await probed(probe, 'acquire.producer', () =>
    log.taskProducer(`${stage.name}-${partition}`),
  )
  try {
    await probed(probe, 'acquire.fence', () => producer.fence())
    const topics = stage.sources.map(({ topic }) => topic)
    const bounds = await probed(probe, 'acquire.bounds', () =>
      boundsOf(log, new Set([...topics, ...stage.outputs])),
    )
    const count = partitionCount({ ...stage, sources: topics }, bounds)
    const { positions, ends } = startPositions(services, stage, partition, committed, bounds)
    const found = committed.length === 0 ? 'first' : 'resumed'
    services.observer.acquired(partition, found, services.clock.now() - startMs)
    const rules = { partition, partitionCount: count, partitionOf: services.partitionOf }
    const placed = new StagePlacement(rules, committed.map(notedCount))
    return new StageWorker(services, stage, placed, producer, positions, ends)
  } catch (error) {
    await probed(probe, 'release', () => producer.close())
    throw error
  }
}

function startPositions(
  services: EngineServices,
  stage: Stage,
  partition: number,
  committed: readonly GroupPosition[],
  bounds: TopicBounds,
): { positions: Map<string, number>; ends: Map<string, number> } {
  const positions = new Map<string, number>()
  const ends = new Map<string, number>()
  for (const { topic } of stage.sources) {
    const known = bounds.get(topic)?.[partition] ?? { low: 0, high: 0 }
    const source = { reader: `${stage.name}/${partition}`, topic, bounds: known }
    const noted = committed.find((position) => position.topic === topic)?.offset ?? known.low
    positions.set(topic, startPosition(source, noted, services.options))
    ends.set(topic, known.high)
  }
  return { positions, ends }
}

/** The number of partitions that a note of a stage tells (W6); 0 where it tells none. */
function notedCount({ metadata }: GroupPosition): number {
  return Number(/^\d+/.exec(metadata)?.[0] ?? 0)
}

/** Of the time between two transactions this many parts are waiting for one that is publishing, ... */
const WAITING_PARTS = 3
/** ... up to this many times the linger. */
const MOST_LINGERS = 4

const NO_OUTPUTS: StageOutcome = { outcome: 'outputs', outputs: [] }

export class StageWorker implements PartitionWorker {
  readonly partition: number
  /** It has nothing that would have to move (W6). */
  readonly keptFor = null
  readonly #services: EngineServices
  readonly #stage: Stage
  readonly #placement: StagePlacement
  readonly #producer: TaskProducer
  /** Next offset to be transformed, by topic. */
  readonly #positions: Map<string, number>
  /** Before these ends records may lie by an earlier count (W6). */
  #grownEnds: ReadonlyMap<string, number>
  readonly #inbox: StageInbox
  /** When the oldest that waits came. */
  #waitingSinceMs = 0
  /** What the last transaction took. */
  #publishedInMs = 0
  #abandoned = false
  #stopped = false

  constructor(
    services: EngineServices,
    stage: Stage,
    placement: StagePlacement,
    producer: TaskProducer,
    positions: Map<string, number>,
    ends: Map<string, number>,
  ) {
    this.#services = services
    this.#stage = stage
    this.partition = placement.partition
    this.#placement = placement
    this.#producer = producer
    this.#positions = positions
    const starts = stage.sources.map(({ topic }) => {
      return { topic, position: positions.get(topic) ?? 0, end: ends.get(topic) ?? 0 }
    })
    this.#inbox = new StageInbox(starts, services.options.maxSourceWaitMs)
    this.#grownEnds = new Map(ends)
  }

  offer(batch: SourceBatch): void {
    if (this.#inbox.empty) this.#waitingSinceMs = this.#services.clock.now()
    this.#inbox.offer(batch)
  }

  full(topic: string): boolean {
    const { queueMaxRecords, queueMaxBytes } = this.#services.options
    const { records, bytes } = this.#inbox.size(topic)
    return records >= queueMaxRecords || bytes >= queueMaxBytes
  }

  nextOffset(topic: string): number {
    return this.#inbox.nextOffset(topic)
  }

  position(topic: string): number {
    return this.#positions.get(topic) ?? 0
  }

  lag(topic: string): number {
    return Math.max(0, this.#inbox.end(topic) - this.position(topic))
  }

  positions(): readonly CommittedPosition[] {
    return [...this.#positions].map(([topic, offset]) => {
      const mixed = offset < (this.#grownEnds.get(topic) ?? 0)
      const epoch = mixed ? this.#placement.oldestCount : this.#placement.count
      return { topic, offset, epoch, sequence: 0 }
    })
  }

  async step(): Promise<StepResult> {
    if (this.#inbox.empty) return { worked: false, wakeAtMs: null }
    const dueMs = this.#waitingSinceMs + this.#lingerMs()
    if (this.#services.clock.now() < dueMs && !this.#isChunkful()) return { worked: false, wakeAtMs: dueMs }
    return this.#step(this.#services.options.chunkRecords, (records) => this.#work(records))
  }

  async stepCarefully(care: Care): Promise<StepResult> {
    return this.#step(1, async ([record]) => {
      if (record === undefined) return
      if (care.condemned(record)) return this.#condemn(record)
      await care.take(record)
      await this.#work([record])
    })
  }

  /** Takes what comes next, at most so many records, and moves the positions when they are worked on (W1). */
  async #step(
    maxRecords: number,
    work: (records: readonly SourceRecord[]) => Promise<void>,
  ): Promise<StepResult> {
    const nowMs = this.#services.clock.now()
    const portion = this.#inbox.take(maxRecords, nowMs)
    if (portion.records.length > 0) await work(portion.records)
    this.#pass(portion)
    const worked = portion.positions.size > 0
    return { worked, wakeAtMs: worked ? null : this.#inbox.waitUntil(nowMs) }
  }

  /** Also by a stage that sets nothing else aside: nobody else knows that this record kills it. */
  #condemn(record: SourceRecord): Promise<void> {
    this.#services.observer.rejected(record, CRASH)
    return this.#publishAside([this.#letter(record, CRASH)])
  }

  #pass({ positions, topicsDone }: Portion): void {
    for (const [topic, position] of positions)
      this.#positions.set(topic, Math.max(this.position(topic), position))
    for (const topic of topicsDone) this.#services.observer.lag(topic, this.partition, this.lag(topic))
  }

  #lingerMs(): number {
    const { stageLingerMs } = this.#services.options
    return Math.min(
      Math.max(stageLingerMs, WAITING_PARTS * this.#publishedInMs),
      MOST_LINGERS * stageLingerMs,
    )
  }

  #isChunkful(): boolean {
    const { chunkRecords, commitMaxBytes } = this.#services.options
    const { records, bytes } = this.#inbox.size()
    return records >= chunkRecords || bytes >= commitMaxBytes
  }

  /** Every step publishes what it made: nothing is pending between steps. */
  async flush(): Promise<void> {
    return Promise.resolve()
  }

  abandon(): void {
    this.#abandoned = true
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.abandon()
    await probed(this.#services.probe, 'release', () => this.#producer.close())
    this.#services.observer.released(this.partition)
  }

  async #work(records: readonly SourceRecord[]): Promise<void> {
    const outcomes = await this.#outcomes(records)
    await this.#setAside(records, outcomes)
    for (const [topic, ofTopic] of Map.groupBy(records, (record) => record.topic))
      this.#services.observer.processed(topic, ofTopic.length)
    const all = records.map((record, index) => ({ record, outcome: outcomes[index] }))
    for (const [home, ofHome] of Map.groupBy(all, ({ record }) => this.#placement.home(record))) {
      await this.#publish(
        home,
        ofHome.flatMap(({ record, outcome }) => this.#outputs(record, outcome)),
      )
    }
  }

  async #publish(partition: number, outputs: readonly OutputRecord[]): Promise<void> {
    if (outputs.length === 0) return
    const startMs = this.#services.clock.now()
    await probed(this.#services.probe, 'stage.publish', () => this.#producer.publish(partition, outputs))
    this.#publishedInMs = this.#services.clock.now() - startMs
    this.#services.observer.published(outputs.length, this.#publishedInMs)
  }

  /** One outcome per record, in order; a record that lies where it does not belong is not transformed. */
  async #outcomes(records: readonly SourceRecord[]): Promise<readonly StageOutcome[]> {
    const misplaced = await this.#misplaced(records)
    const placed = records.filter((_, index) => misplaced[index] === null)
    const transformed = await this.#available(() => this.#stage.transform(placed))
    let next = 0
    return misplaced.map((rejection) =>
      rejection === null ? (transformed[next++] ?? NO_OUTPUTS) : { outcome: 'rejected', rejection },
    )
  }

  /** Why each does not belong here, or null; by the number of partitions as it is now where any does not (W6). */
  async #misplaced(records: readonly SourceRecord[]): Promise<readonly (Rejection | null)[]> {
    const rejections = records.map((record) => this.#placement.rejection(record))
    if (!rejections.some((rejection) => rejection !== null && isMisplaced(rejection))) return rejections
    await this.#available(() => this.#countAnew())
    return records.map((record) => this.#placement.rejection(record))
  }

  async #countAnew(): Promise<void> {
    const { log, probe } = this.#services
    const sources = this.#stage.sources.map(({ topic }) => topic)
    const topics = new Set([...sources, ...this.#stage.outputs])
    const bounds = await probed(probe, 'aside.bounds', () => boundsOf(log, topics))
    const count = partitionCount({ ...this.#stage, sources }, bounds)
    if (count <= this.#placement.count) return
    this.#placement.grow(count)
    this.#grownEnds = new Map(sources.map((topic) => [topic, bounds.get(topic)?.[this.partition]?.high ?? 0]))
  }

  #outputs(record: SourceRecord, outcome: StageOutcome | undefined): OutputRecord[] {
    if (outcome?.outcome !== 'outputs') return []
    const origin = `${this.#stage.name}/${record.topic}/${record.partition}`
    return outcome.outputs.map((output, index) => ({
      ...output,
      headers: {
        ...output.headers,
        [HEADER_ORIGIN]: origin,
        [HEADER_ORIGIN_POSITION]: `${record.offset}.${index}`,
      },
    }))
  }

  async #setAside(records: readonly SourceRecord[], outcomes: readonly StageOutcome[]): Promise<void> {
    if (!this.#stage.setsAside) return
    const letters: OutputRecord[] = []
    for (const [index, record] of records.entries()) {
      const outcome = outcomes[index]
      if (outcome?.outcome !== 'rejected') continue
      this.#services.observer.rejected(record, outcome.rejection)
      letters.push(this.#letter(record, outcome.rejection))
    }
    if (letters.length > 0) await this.#publishAside(letters)
  }

  #letter(record: SourceRecord, rejection: Rejection): OutputRecord {
    return deadLetter(record, rejection, this.#source(record.topic).deadLetterTopic, this.#stage.name)
  }

  #publishAside(letters: readonly OutputRecord[]): Promise<void> {
    return this.#available(() =>
      probed(this.#services.probe, 'setAside', () => this.#services.publisher.publish(letters)),
    )
  }

  #source(topic: string): Source {
    const source = this.#stage.sources.find((candidate) => candidate.topic === topic)
    if (source === undefined) throw new Error(`${this.#stage.name} has no source ${topic}`)
    return source
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    return untilAvailable(this.#services, this.partition, () => this.#abandoned, operation)
  }
}
