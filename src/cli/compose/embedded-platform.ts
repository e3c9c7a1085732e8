/**
 * The whole of Bailiff in one process, on memory: what `demo`, `replay` and the scenario tests run on. Values go
 * in and out as domain types; in between everything is bytes, as on Kafka.
 */
import type { Classifier } from '../../classify/classifier.ts'
import type { KnownMediaSnapshot } from '../../classify/media/known-media.ts'
import type { Codec } from '../../codec/codec.ts'
import { embeddedCodec, type Flows } from '../../codec/schema-files.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { Topic, TopicTypes } from '../../codec/topic-types.ts'
import { keyOf } from '../../codec/topics.ts'
import { weeklyHash } from '../../detect/jitter.ts'
import { signalIds } from '../../detect/signal-ids.ts'
import { ListBoard } from '../../detect/list-board.ts'
import { PoolBoard } from '../../detect/pool-board.ts'
import { NO_GAP_WATCH, type GapWatch } from '../../detect/usage-logic.ts'
import { keyedDelay } from '../../enforce/delay.ts'
import { sanctionIds } from '../../enforce/sanction-ids.ts'
import { Switches } from '../../enforce/switches.ts'
import { ManualClock } from '../../domain/clock.ts'
import type { Control } from '../../domain/control.ts'
import type { HashKey } from '../../domain/hash-key.ts'
import { silentObserver, type Observer } from '../../engine/observer.ts'
import { defaultEngineOptions } from '../../engine/options.ts'
import { noProbe } from '../../engine/probe.ts'
import type { Headers, SourceRecord } from '../../engine/record.ts'
import type { RunnerPlan } from '../../engine/runner.ts'
import type { EngineServices } from '../../engine/services.ts'
import { Turns } from '../../engine/turns.ts'
import { MemoryLog } from '../../log/memory/memory-log.ts'
import { partitionOf } from '../../log/murmur2.ts'
import { Meter } from '../../meter/meter.ts'
import { MemoryStateStore } from '../../state/memory/memory-state-store.ts'
import type { TopologyName } from '../run/thread-protocol.ts'
import { takeBatch, type Broadcast } from './broadcast.ts'
import { topologyOf, type Bundle } from './bundle.ts'
import { capacityTopology } from './capacity.ts'
import { Embedded } from './embedded.ts'
import { controlBroadcast, govern, type Governed } from './control.ts'
import { enforcementTopology } from './enforcement.ts'
import { mediaListsBroadcast } from './media-lists.ts'
import { stagePlan, taskPlan } from './plans.ts'
import { trustedWords } from './signed-words.ts'
import { classifyStage, meterStage } from './stages.ts'
import { pressureBroadcast, usageTopology } from './usage.ts'

export interface EmbeddedOptions {
  readonly flows: Flows
  readonly bundle: Bundle
  readonly hashKey: HashKey
  /** Null leaves `classify` out: verdicts come as input, or not at all. */
  readonly classifier: Classifier | null
  /** What the classifier asks for known media, fed from the log; null where there are no lists. */
  readonly knownMedia?: KnownMediaSnapshot | null
  readonly startMs: number
  readonly observer?: Observer
  readonly onDetectorOff?: (detectorId: string, error: unknown) => void
  readonly gaps?: GapWatch
}

export interface AppendedBytes {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Headers
  readonly partition?: number
}

/** The order in which data meets them, in which each `advance` runs them. */
const ORDER: readonly TopologyName[] = ['meter', 'classify', 'capacity', 'usage', 'enforcement']

export class EmbeddedPlatform {
  readonly #log: MemoryLog
  readonly #codec: Codec
  readonly #embedded: Embedded
  /** Next offset to read, by `topic/partition`. */
  readonly #read = new Map<string, number>()

  private constructor(log: MemoryLog, codec: Codec, embedded: Embedded) {
    this.#log = log
    this.#codec = codec
    this.#embedded = embedded
  }

  static async start(options: EmbeddedOptions): Promise<EmbeddedPlatform> {
    const clock = new ManualClock(options.startMs)
    const log = new MemoryLog({ clock, autoDeliver: false, batchRecords: 2_000 })
    const { table } = options.flows
    for (const topic of [...table.topics, ...table.sideTopics]) log.createTopic(topic.name, topic.partitions)
    const codec = await embeddedCodec(options.flows)
    const services = await embeddedServices(log, clock, options.observer ?? silentObserver)
    const plans = embeddedPlans(options, services, codec)
    await followEmbedded(services, pressureBroadcast(table, codec, plans.board))
    await followEmbedded(services, embeddedControl(table, codec, plans))
    const { knownMedia = null } = options
    if (knownMedia !== null)
      await followEmbedded(
        services,
        mediaListsBroadcast(table, codec, knownMedia, () => undefined),
      )
    const ordered = ORDER.flatMap((name) => plans.byName.get(name) ?? [])
    const embedded = await Embedded.start(
      clock,
      log,
      ordered.map((plan) => ({ plan, services })),
    )
    return new EmbeddedPlatform(log, codec, embedded)
  }

  append<T extends Topic>(
    topic: T,
    value: TopicTypes[T],
    appendTimeMs: number,
    key = keyOf(topic, value),
  ): void {
    this.appendBytes(topic, { key: Buffer.from(key), value: this.#codec.encode(topic, value) }, appendTimeMs)
  }

  /** A record as any producer may write it, damaged ones included; where its key belongs, or where it says. */
  appendBytes(topic: string, record: AppendedBytes, appendTimeMs: number): void {
    const { partition, headers = {} } = record
    if (partition === undefined) this.#log.append(topic, { ...record, headers }, appendTimeMs)
    else this.#log.appendTo(topic, partition, { ...record, headers }, appendTimeMs)
  }

  /** Moves time and works off everything; see `Embedded`. */
  advance(toMs: number): Promise<void> {
    return this.#embedded.advance(toMs)
  }

  /** Values of the topic since the last call, partition by partition; tombstones left out. */
  async taken<T extends Topic>(topic: T): Promise<TopicTypes[T][]> {
    const values: TopicTypes[T][] = []
    const bounds = await this.#log.bounds(topic)
    for (const [partition, { high }] of bounds.entries()) {
      const source = `${topic}/${partition}`
      for await (const record of this.#log.readToEnd(topic, partition, this.#read.get(source) ?? 0)) {
        const decoded = record.value === null ? null : this.#codec.decode(topic, record)
        if (decoded?.ok === true) values.push(decoded.value)
      }
      this.#read.set(source, high)
    }
    return values
  }

  /** All that a topic holds, as bytes, side topics included. */
  async records(topic: string): Promise<readonly SourceRecord[]> {
    const records: SourceRecord[] = []
    for (const [partition, { low }] of (await this.#log.bounds(topic)).entries()) {
      for await (const record of this.#log.readToEnd(topic, partition, low)) records.push(record)
    }
    return records
  }

  /** How many records a topic holds, side topics included. */
  async count(topic: string): Promise<number> {
    return (await this.#log.bounds(topic)).reduce((sum, { low, high }) => sum + high - low, 0)
  }

  stop(): Promise<void> {
    return this.#embedded.stop()
  }
}

async function embeddedServices(
  log: MemoryLog,
  clock: ManualClock,
  observer: Observer,
): Promise<EngineServices> {
  return {
    log,
    store: new MemoryStateStore(),
    publisher: await log.publisher(),
    clock,
    pause: () => Promise.resolve(),
    partitionOf,
    observer,
    probe: noProbe,
    turns: Turns.inThread(),
    // Commits come with `advance`; only the bounds on what is dirty cut in before. Time stands still meanwhile.
    options: {
      ...defaultEngineOptions,
      stageLingerMs: 0,
      queueMaxRecords: 20_000,
      commitMaxBytes: 8 * 1024 * 1024,
    },
  }
}

interface EmbeddedPlans {
  readonly byName: ReadonlyMap<TopologyName, RunnerPlan>
  readonly board: PoolBoard
  readonly lists: ListBoard
  readonly switches: Switches
}

function embeddedPlans(options: EmbeddedOptions, services: EngineServices, codec: Codec): EmbeddedPlans {
  const wiring = { table: options.flows.table, codec, edition: 0 }
  const { bundle, classifier } = options
  const board = new PoolBoard()
  const lists = new ListBoard()
  const usage = usageTopology({
    ...wiring,
    compiled: topologyOf(bundle, 'usage'),
    policyVersion: bundle.policy.version,
    bundleSha256: bundle.sha256,
    board,
    lists,
    weeklyHash: weeklyHash(options.hashKey),
    signalId: signalIds(options.hashKey),
    onSignal: () => undefined,
    onDetectorOff: options.onDetectorOff ?? (() => undefined),
    gaps: options.gaps ?? NO_GAP_WATCH,
  })
  const capacity = capacityTopology({ ...wiring, compiled: topologyOf(bundle, 'capacity') })
  const observer = { counted: () => undefined, issued: () => undefined }
  const switches = new Switches()
  const { policy } = bundle
  const enforcement = enforcementTopology({
    ...wiring,
    policy,
    words: trustedWords,
    switches,
    sanctionIds: sanctionIds(options.hashKey),
    delayShare: keyedDelay(options.hashKey),
    observer,
  })
  const byName = new Map<TopologyName, RunnerPlan>([
    ['meter', stagePlan(services, meterStage(wiring, new Meter({ hashKey: options.hashKey })))],
    ['capacity', taskPlan(services, capacity)],
    ['usage', taskPlan(services, usage)],
    ['enforcement', taskPlan(services, enforcement)],
  ])
  if (classifier !== null) byName.set('classify', stagePlan(services, classifyStage(wiring, classifier)))
  return { byName, board, lists, switches }
}

function embeddedControl(table: TopicTable, codec: Codec, governed: Governed): Broadcast {
  const apply = (control: Control, record: SourceRecord): void => govern(governed, control, record)
  const settled = (): void => undefined
  return controlBroadcast({ table, codec, words: trustedWords, reader: 'enforcement', apply, settled })
}

/** In step with the log: a batch is on the board when its delivery ends. The memory log appends at once. */
async function followEmbedded(services: EngineServices, broadcast: Broadcast): Promise<void> {
  const { log, publisher, observer } = services
  await log.follow(
    [broadcast.topic],
    (batch) => void publisher.publish(takeBatch(broadcast, batch, observer)),
  )
}
