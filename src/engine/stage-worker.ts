/**
 * A stage without state on one set of partitions: transform, publish, then move the position (section 5).
 *
 * W1. What a record became is published before its position moves; a crash between repeats it, and readers
 *     drop the repeat by its origin (see `origins.ts`).
 * W2. Published through a fenced producer, so that a stopped and continued owner cannot interleave.
 * W3. Outputs of one source partition leave in the order of their records.
 */
import { placement, type PlacementRules } from './intake.ts'
import type { GroupPosition, TaskProducer } from './log.ts'
import type { Source, Stage, StageOutcome } from './logic.ts'
import type { CommittedPosition, PartitionWorker, StepResult } from './partition-worker.ts'
import { probed } from './probe.ts'
import {
  bytesOf,
  HEADER_ORIGIN,
  HEADER_ORIGIN_POSITION,
  type OutputRecord,
  type SourceBatch,
  type SourceRecord,
} from './record.ts'
import { untilAvailable } from './retry.ts'
import { RetentionGapError } from './errors.ts'
import type { EngineServices } from './services.ts'
import { deadLetter } from './set-aside.ts'
import { retentionGap } from './takeover.ts'

export async function acquireStage(
  services: EngineServices,
  stage: Stage,
  partition: number,
  committed: readonly GroupPosition[],
): Promise<StageWorker> {
  const startMs = services.clock.now()
  const producer = await services.log.taskProducer(`${stage.name}-${partition}`)
  try {
    await probed(services.probe, 'acquire.fence', () => producer.fence())
    const positions = await startPositions(services, stage, partition, committed)
    const partitionCount = (await services.log.bounds(stage.sources[0]?.topic ?? '')).length
    const found = committed.length === 0 ? 'first' : 'resumed'
    services.observer.acquired(partition, found, services.clock.now() - startMs)
    const rules = { partition, partitionCount, partitionOf: services.partitionOf }
    return new StageWorker(services, stage, rules, producer, positions)
  } catch (error) {
    await producer.close()
    throw error
  }
}

async function startPositions(
  services: EngineServices,
  stage: Stage,
  partition: number,
  committed: readonly GroupPosition[],
): Promise<Map<string, number>> {
  const positions = new Map<string, number>()
  for (const { topic } of stage.sources) {
    const low = (await services.log.bounds(topic))[partition]?.low ?? 0
    const wanted = committed.find((position) => position.topic === topic)?.offset ?? low
    if (wanted < low && services.options.onRetentionGap === 'fail') {
      throw new RetentionGapError(retentionGap(`${stage.name}/${partition}`, topic, wanted, low))
    }
    positions.set(topic, Math.max(low, wanted))
  }
  return positions
}

const NO_OUTPUTS: StageOutcome = { outcome: 'outputs', outputs: [] }

export class StageWorker implements PartitionWorker {
  readonly partition: number
  readonly #services: EngineServices
  readonly #stage: Stage
  readonly #rules: PlacementRules
  readonly #producer: TaskProducer
  /** Next offset to be transformed, by topic. */
  readonly #positions: Map<string, number>
  #inbox: SourceBatch[] = []
  #stopped = false

  constructor(
    services: EngineServices,
    stage: Stage,
    rules: PlacementRules,
    producer: TaskProducer,
    positions: Map<string, number>,
  ) {
    this.#services = services
    this.#stage = stage
    this.partition = rules.partition
    this.#rules = rules
    this.#producer = producer
    this.#positions = positions
  }

  offer(batch: SourceBatch): void {
    this.#inbox.push(batch)
  }

  full(topic: string): boolean {
    const waiting = this.#inbox.filter((batch) => batch.topic === topic)
    const records = waiting.reduce((sum, batch) => sum + batch.records.length, 0)
    const bytes = waiting.reduce((sum, batch) => sum + bytesOf(batch.records), 0)
    const { queueMaxRecords, queueMaxBytes } = this.#services.options
    return records >= queueMaxRecords || bytes >= queueMaxBytes
  }

  nextOffset(topic: string): number {
    const last = this.#inbox.findLast((batch) => batch.topic === topic)
    return Math.max(this.#positions.get(topic) ?? 0, last?.nextOffset ?? 0)
  }

  positions(): readonly CommittedPosition[] {
    return [...this.#positions].map(([topic, offset]) => ({ topic, offset, epoch: 0, sequence: 0 }))
  }

  async step(): Promise<StepResult> {
    const batch = this.#inbox[0]
    if (batch === undefined) return { worked: false, wakeAtMs: null }
    const position = this.#positions.get(batch.topic) ?? 0
    const waiting = batch.records.filter((record) => record.offset >= position)
    const records = waiting.slice(0, this.#services.options.chunkRecords)
    if (records.length > 0) await this.#work(batch.topic, records)
    const last = records.at(-1)
    const done = records.length === waiting.length
    this.#positions.set(
      batch.topic,
      done ? Math.max(position, batch.nextOffset) : (last?.offset ?? position) + 1,
    )
    if (done) this.#inbox.shift()
    this.#services.observer.lag(
      batch.topic,
      this.partition,
      batch.highWatermark - (this.#positions.get(batch.topic) ?? 0),
    )
    return { worked: true, wakeAtMs: null }
  }

  /** Every step publishes what it made: nothing is pending between steps. */
  async flush(): Promise<void> {
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    await this.#producer.close()
    this.#services.observer.released(this.partition)
  }

  async #work(topic: string, records: readonly SourceRecord[]): Promise<void> {
    const outcomes = await this.#outcomes(records)
    await this.#setAside(topic, records, outcomes)
    const outputs = records.flatMap((record, index) => this.#outputs(record, outcomes[index]))
    this.#services.observer.processed(topic, records.length)
    if (outputs.length === 0) return
    const startMs = this.#services.clock.now()
    await probed(this.#services.probe, 'stage.publish', () => this.#producer.publish(this.partition, outputs))
    this.#services.observer.published(outputs.length, this.#services.clock.now() - startMs)
  }

  /** One outcome per record, in order; a record that lies where it does not belong is not transformed. */
  async #outcomes(records: readonly SourceRecord[]): Promise<readonly StageOutcome[]> {
    const misplaced = records.map((record) => placement(record, this.#rules))
    const placed = records.filter((_, index) => misplaced[index] === null)
    const transformed = await this.#available(() => this.#stage.transform(placed))
    let next = 0
    return misplaced.map((rejection) =>
      rejection === null ? (transformed[next++] ?? NO_OUTPUTS) : { outcome: 'rejected', rejection },
    )
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

  async #setAside(
    topic: string,
    records: readonly SourceRecord[],
    outcomes: readonly StageOutcome[],
  ): Promise<void> {
    if (!this.#stage.setsAside) return
    const source = this.#source(topic)
    const letters: OutputRecord[] = []
    for (const [index, record] of records.entries()) {
      const outcome = outcomes[index]
      if (outcome?.outcome !== 'rejected') continue
      this.#services.observer.rejected(record, outcome.rejection)
      letters.push(deadLetter(record, outcome.rejection, source.deadLetterTopic, this.#stage.name))
    }
    if (letters.length === 0) return
    await this.#available(() =>
      probed(this.#services.probe, 'setAside', () => this.#services.publisher.publish(letters)),
    )
  }

  #source(topic: string): Source {
    const source = this.#stage.sources.find((candidate) => candidate.topic === topic)
    if (source === undefined) throw new Error(`${this.#stage.name} has no source ${topic}`)
    return source
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    return untilAvailable(this.#services, this.partition, () => this.#stopped, operation)
  }
}
