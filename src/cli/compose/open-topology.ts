/**
 * One topology opened on real services: clients made, servers verified, schemas resolved, wired, ready to run.
 * What is away is waited for and told; what is refused (settings, an unfit Redis, missing topics) throws.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { KnownMediaSnapshot } from '../../classify/media/known-media.ts'
import { createCodec, type Codec } from '../../codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../codec/registry.ts'
import { loadFlows, type Flows } from '../../codec/schema-files.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { Topic } from '../../codec/topic-types.ts'
import { isTopic } from '../../codec/topics.ts'
import { withCosts } from '../../detect/detector-cost.ts'
import { weeklyHash } from '../../detect/jitter.ts'
import { PoolBoard } from '../../detect/pool-board.ts'
import { keyedDelay } from '../../enforce/delay.ts'
import { Switches } from '../../enforce/switches.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'
import type { Stage } from '../../engine/logic.ts'
import type { Observer } from '../../engine/observer.ts'
import { defaultEngineOptions, type EngineOptions } from '../../engine/options.ts'
import type { Probe } from '../../engine/probe.ts'
import { untilAvailable } from '../../engine/retry.ts'
import { Runner, type RunnerPlan } from '../../engine/runner.ts'
import type { EngineServices } from '../../engine/services.ts'
import type { Turns } from '../../engine/turns.ts'
import { KafkaLog } from '../../log/kafka/kafka-log.ts'
import { partitionOf } from '../../log/murmur2.ts'
import { Meter } from '../../meter/meter.ts'
import { EnforcementGaps } from '../../service/enforcement-gaps.ts'
import type { Metrics } from '../../service/metrics.ts'
import type { Settings } from '../../service/settings.ts'
import { pause } from '../pause.ts'
import { RedisStateStore } from '../../state/redis/redis-state-store.ts'
import type { TopologyName } from '../run/thread-protocol.ts'
import { KeySource } from '../../sign/key-source.ts'
import { KeySketch } from '../../windows/key-sketch.ts'
import { followBroadcast, type Broadcast } from './broadcast.ts'
import { loadBundle, topologyOf, type Bundle } from './bundle.ts'
import { capacityTopology } from './capacity.ts'
import { controlBroadcast } from './control.ts'
import { enforcementTopology } from './enforcement.ts'
import { followModels } from './follow-models.ts'
import { hashKeyOf } from './hash-key.ts'
import { kafkaOptions } from './kafka-options.ts'
import { mediaListsBroadcast } from './media-lists.ts'
import { openClassifier } from './open-classifier.ts'
import { stagePlan, taskPlan } from './plans.ts'
import { requireTopics } from './require-topics.ts'
import { scoringObserver } from './scoring-observer.ts'
import { signedWords, type Words } from './signed-words.ts'
import { classifyStage, meterStage } from './stages.ts'
import { pressureBroadcast, usageTopology } from './usage.ts'

export interface OpenOptions {
  readonly topology: TopologyName
  readonly settings: Settings
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly observer: Observer
  /** `noProbe` but where somebody stops or kills on purpose. */
  readonly probe: Probe
  /** Shared by all topologies of the process. */
  readonly turns: Turns
  /** Ends all waiting at start: the process is being stopped. */
  readonly stopped: () => boolean
}

export interface OpenTopology {
  readonly runner: Runner
  /** Rejects when something beside the runner ends for good that it cannot be without. */
  readonly failed: Promise<never>
  close(): Promise<void>
}

const COMMAND_TIMEOUT_MS = 5_000
const SKETCH_WINDOW_MS = 60_000

export async function openTopology(options: OpenOptions): Promise<OpenTopology> {
  const opener = new Opener(options)
  try {
    return await opener.open()
  } catch (error) {
    await opener.close()
    throw error
  }
}

class Opener {
  readonly #options: OpenOptions
  readonly #flows: Flows
  readonly #bundle: Bundle
  readonly #log: KafkaLog
  readonly #store: RedisStateStore
  readonly #codec: Codec
  readonly #closing: (() => Promise<void>)[] = []
  readonly #failed = Promise.withResolvers<never>()

  constructor(options: OpenOptions) {
    const { settings, clock, logger } = options
    this.#options = options
    this.#failed.promise.catch(() => undefined)
    this.#flows = loadFlows({}, settings.schemasFolder)
    this.#bundle = loadBundle(settings.topologiesFolder)
    this.#log = new KafkaLog(kafkaOptions(settings, options.topology), clock, logger)
    this.#store = new RedisStateStore({
      url: settings.redisUrl,
      prefix: settings.redisPrefix,
      commandTimeoutMs: COMMAND_TIMEOUT_MS,
    })
    const source = new RegistryClient({ baseUrl: settings.registryUrl, clock, ...REGISTRY_DEFAULTS })
    this.#codec = createCodec({ schemas: this.#flows.schemas, source })
  }

  async open(): Promise<OpenTopology> {
    const topics = topicsOf(this.#flows.table, this.#options.topology)
    await this.#available(() => requireTopics(this.#log, topics))
    const services = await this.#services()
    const { plan, outputs } = await this.#wire(services)
    await this.#available(() => this.#codec.ready(outputs))
    const runner = new Runner(services, plan)
    await this.#available(() => runner.start())
    return { runner, failed: this.#failed.promise, close: () => this.close() }
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
    await this.#log.close()
    await this.#store.close()
  }

  async #services(): Promise<EngineServices> {
    const { clock, observer, probe, settings, turns } = this.#options
    if (this.#keepsState()) await this.#available(() => this.#store.verify())
    return {
      log: this.#log,
      store: this.#store,
      publisher: await this.#log.publisher(),
      clock,
      pause,
      partitionOf,
      keyCounter: () => new KeySketch(SKETCH_WINDOW_MS),
      observer,
      probe,
      options: engineOptions(settings),
      turns,
    }
  }

  #keepsState(): boolean {
    return this.#options.topology !== 'meter' && this.#options.topology !== 'classify'
  }

  async #wire(services: EngineServices): Promise<{ plan: RunnerPlan; outputs: readonly Topic[] }> {
    const wiring = { table: this.#flows.table, codec: this.#codec }
    switch (this.#options.topology) {
      case 'meter':
        return wiredStage(
          services,
          meterStage(wiring, new Meter({ hashKey: hashKeyOf(this.#options.settings) })),
        )
      case 'classify':
        return wiredStage(services, await this.#classifyStage(services))
      case 'capacity': {
        const topology = capacityTopology({ ...wiring, compiled: topologyOf(this.#bundle, 'capacity') })
        return { plan: taskPlan(services, topology), outputs: topology.outputs.filter(isTopic) }
      }
      case 'usage':
        return this.#wireUsage(services)
      case 'enforcement':
        return this.#wireEnforcement(services)
    }
  }

  async #classifyStage(services: EngineServices): Promise<Stage> {
    const { settings, metrics, logger } = this.#options
    const lists = this.#knownMedia()
    const classifier = await openClassifier({
      bundleFolder: settings.modelFolder,
      hashKey: hashKeyOf(settings),
      lists,
      scoring: { ...settings.scoring, observer: scoringObserver(metrics, logger) },
    })
    this.#closing.push(() => classifier.close())
    const models = followModels(classifier, settings.modelFolder, logger)
    this.#closing.push(() => models.close())
    const changed = (entries: number): void => metrics.mediaEntries.set(entries)
    await this.#follow(services, mediaListsBroadcast(this.#flows.table, this.#codec, lists, changed))
    return classifyStage({ table: this.#flows.table, codec: this.#codec }, classifier)
  }

  #knownMedia(): KnownMediaSnapshot {
    const { metrics, logger, settings } = this.#options
    return new KnownMediaSnapshot({
      quarantineAccounts: settings.mediaQuarantineAccounts,
      onQuarantine: (entry, list) => {
        metrics.mediaQuarantined.inc({ list })
        logger.error(
          { entry, list },
          'entry hit too many accounts and is quarantined: look at it, then write it anew',
        )
      },
      breathe: nextTurn,
    })
  }

  async #wireUsage(services: EngineServices): Promise<{ plan: RunnerPlan; outputs: readonly Topic[] }> {
    const { metrics, logger, settings, clock } = this.#options
    const board = new PoolBoard()
    const compiled = withCosts(topologyOf(this.#bundle, 'usage'), {
      nowMs: () => performance.now(),
      spent: (detector, seconds) => metrics.detectorSeconds.inc({ detector }, seconds),
    })
    const topology = usageTopology({
      table: this.#flows.table,
      codec: this.#codec,
      compiled,
      policyVersion: this.#bundle.policy.version,
      board,
      weeklyHash: weeklyHash(hashKeyOf(this.#options.settings)),
      onSignal: ({ detectorId, clause, mode }) => metrics.signals.inc({ detector: detectorId, clause, mode }),
      onDetectorOff: (detector, error) => {
        metrics.detectorsOff.set({ detector }, 1)
        logger.error({ detector, error }, 'detector threw and was switched off')
      },
      gaps: new EnforcementGaps(settings.enforcementAllowanceMs, metrics.enforcementGap, logger, clock),
    })
    await this.#follow(services, pressureBroadcast(this.#flows.table, this.#codec, board))
    return { plan: taskPlan(services, topology), outputs: topology.outputs.filter(isTopic) }
  }

  /** Caught up before the first record is judged. */
  async #follow({ log, publisher, observer }: EngineServices, broadcast: Broadcast): Promise<void> {
    const available = <T>(operation: () => Promise<T>): Promise<T> => this.#available(operation)
    const failed = this.#failed.reject
    const parts = { log, codec: this.#codec, publisher, observer, available, failed }
    const follower = await followBroadcast(parts, broadcast)
    this.#closing.push(() => follower.close())
  }

  async #wireEnforcement(services: EngineServices): Promise<{ plan: RunnerPlan; outputs: readonly Topic[] }> {
    const { metrics } = this.#options
    const words = await this.#words()
    const switches = await this.#switches(services, words)
    const topology = enforcementTopology({
      table: this.#flows.table,
      codec: this.#codec,
      policy: this.#bundle.policy,
      words,
      switches,
      delayShare: keyedDelay(hashKeyOf(this.#options.settings)),
      observer: {
        counted: (reason) => metrics.sanctionsHeld.inc({ reason }),
        issued: (output) => {
          if (
            !output.topic.startsWith('abuse.sanctions') ||
            output.value === null ||
            !('act' in output.value)
          )
            return
          const { act, clause, shadow } = output.value
          metrics.sanctions.inc({ act, clause, mode: shadow ? 'shadow' : 'live' })
        },
      },
    })
    return { plan: taskPlan(services, topology), outputs: topology.outputs.filter(isTopic) }
  }

  async #words(): Promise<Words> {
    const { settings, clock, logger } = this.#options
    if (settings.signers === '') {
      logger.warn(
        {},
        "no signers' keys are set (BAILIFF_SIGNERS): decisions and kill switches of people are set aside",
      )
      return signedWords(this.#codec, null)
    }
    const keys = new KeySource(settings.signers, clock)
    await this.#available(() => keys.read())
    return signedWords(this.#codec, keys)
  }

  async #switches(services: EngineServices, words: Words): Promise<Switches> {
    const { metrics, clock, logger } = this.#options
    const switches = new Switches()
    const changed = (): void => {
      const engaged = switches.engaged(clock.now())
      metrics.killSwitches.set(engaged.length)
      logger.warn({ engaged }, 'control changed: what is stopped now')
    }
    const { table } = this.#flows
    await this.#follow(services, controlBroadcast({ table, codec: this.#codec, words, switches, changed }))
    return switches
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    const services = {
      observer: this.#options.observer,
      pause,
    }
    return untilAvailable(services, -1, this.#options.stopped, operation)
  }
}

/** What the topology reads and writes, side topics included. */
function topicsOf(table: TopicTable, topology: TopologyName): readonly string[] {
  const { topics, sideTopics } = table
  const read = topics.filter(({ readers }) => readers.includes(topology)).map(({ name }) => name)
  const written = topics.filter(({ soleWriter }) => soleWriter === topology).map(({ name }) => name)
  const aside = read.flatMap((name) => [table.deadLetterTopic(name), table.lateTopic(name)])
  const side = sideTopics.map(({ name }) => name).filter((name) => aside.includes(name))
  return [...read, ...written, ...side]
}

function wiredStage(services: EngineServices, stage: Stage): { plan: RunnerPlan; outputs: readonly Topic[] } {
  return { plan: stagePlan(services, stage), outputs: stage.outputs.filter(isTopic) }
}

function engineOptions(settings: Settings): EngineOptions {
  return {
    ...defaultEngineOptions,
    commitIntervalMs: settings.commitIntervalMs,
    outputIntervalMs: settings.outputIntervalMs,
    stageLingerMs: settings.stageLingerMs,
    cacheMaxBytes: settings.cacheMaxMiB * 1024 * 1024,
    storeMaxBytes: settings.storeMaxMiB * 1024 * 1024,
    onRetentionGap: settings.onRetentionGap,
  }
}
