/**
 * One topology opened on real services: clients made, servers verified, schemas resolved, wired, ready to run.
 * What is away is waited for and told; what is refused (settings, an unfit Redis, missing topics) throws.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { KnownMediaSnapshot } from '../../classify/media/known-media.ts'
import { createCodec, type Codec } from '../../codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../codec/registry.ts'
import { loadFlows, type Flows } from '../../codec/schema-files.ts'
import type { Topic } from '../../codec/topic-types.ts'
import { isTopic } from '../../codec/topics.ts'
import { withCosts } from '../../detect/detector-cost.ts'
import { weeklyHash } from '../../detect/jitter.ts'
import { signalIds } from '../../detect/signal-ids.ts'
import { ListBoard } from '../../detect/list-board.ts'
import { PoolBoard } from '../../detect/pool-board.ts'
import { keyedDelay } from '../../enforce/delay.ts'
import { Switches } from '../../enforce/switches.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Control } from '../../domain/control.ts'
import type { Logger } from '../../domain/logger.ts'
import type { Stage, Topology } from '../../engine/logic.ts'
import type { Observer } from '../../engine/observer.ts'
import type { SourceRecord } from '../../engine/record.ts'
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
import { loadBundle, topologyOf } from './bundle.ts'
import { capacityTopology } from './capacity.ts'
import { controlBroadcast, govern, type Governed } from './control.ts'
import { enforcementTopology } from './enforcement.ts'
import { engineOptions } from './engine-options.ts'
import { followModels } from './follow-models.ts'
import { hashKeyOf, sanctionIdsOf } from './hash-key.ts'
import { tellWindowsNotKept } from './kept-windows.ts'
import { kafkaOptions } from './kafka-options.ts'
import { mediaListsBroadcast } from './media-lists.ts'
import { openClassifier } from './open-classifier.ts'
import { renewablePlan, stagePlan } from './plans.ts'
import { Policies, type ActiveBundle } from './policies.ts'
import { requireTopics, topicsOf } from './require-topics.ts'
import { scoringObserver } from './scoring-observer.ts'
import { signedWords, type Words } from './signed-words.ts'
import { classifyStage, meterStage } from './stages.ts'
import { pressureBroadcast, usageTopology } from './usage.ts'
import { watchLists } from './watch-lists.ts'
import { watchStore } from './watch-store.ts'

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
  /** Aborted when the process is told to end: ends all waiting at start, and what Kafka does not answer. */
  readonly ending: AbortSignal
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
  readonly #policies: Policies
  readonly #log: KafkaLog
  readonly #store: RedisStateStore
  readonly #codec: Codec
  readonly #closing: (() => Promise<void>)[] = []
  readonly #failed = Promise.withResolvers<never>()
  #runner: Runner | null = null

  constructor(options: OpenOptions) {
    const { settings, clock, logger } = options
    this.#options = options
    this.#failed.promise.catch(() => undefined)
    this.#flows = loadFlows({}, settings.schemasFolder)
    this.#policies = new Policies(loadBundle(settings.topologiesFolder), {
      switched: (active) => this.#switched(active),
      refused: (version, reasons) => this.#refused(version, reasons),
    })
    this.#log = new KafkaLog(kafkaOptions(settings, options.topology, options.ending), clock, logger)
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
    const runner = (this.#runner = new Runner(services, plan))
    if (this.#keepsState())
      await this.#available(() => tellWindowsNotKept(this.#log, this.#policies.active, this.#options))
    await this.#available(() => runner.start())
    tellPolicy(this.#options.metrics, this.#options.topology, this.#policies.active)
    return { runner, failed: this.#failed.promise, close: () => this.close() }
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
    await this.#log.close()
    await this.#store.close()
  }

  async #services(): Promise<EngineServices> {
    const { clock, observer, probe, settings, turns } = this.#options
    if (this.#keepsState()) await this.#openStore(observer)
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

  async #openStore(observer: Observer): Promise<void> {
    await this.#available(() => this.#store.verify())
    this.#closing.push(watchStore({ ping: () => this.#store.ping(), observer, failed: this.#failed.reject }))
  }

  #keepsState(): boolean {
    return this.#options.topology !== 'meter' && this.#options.topology !== 'classify'
  }

  async #wire(services: EngineServices): Promise<Wired> {
    const wiring = { table: this.#flows.table, codec: this.#codec }
    switch (this.#options.topology) {
      case 'meter':
        return wiredStage(
          services,
          meterStage(wiring, new Meter({ hashKey: hashKeyOf(this.#options.settings) })),
        )
      case 'classify':
        return wiredStage(services, await this.#classifyStage(services))
      case 'capacity':
        return this.#wireCapacity(services)
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

  async #wireCapacity(services: EngineServices): Promise<Wired> {
    await this.#followPolicies(services, 'capacity', null)
    const wiring = { table: this.#flows.table, codec: this.#codec }
    return wiredTask(services, () => {
      const { bundle, version } = this.#policies.active
      return capacityTopology({ ...wiring, edition: version, compiled: topologyOf(bundle, 'capacity') })
    })
  }

  async #wireUsage(services: EngineServices): Promise<Wired> {
    const { metrics, logger, settings, clock } = this.#options
    const board = new PoolBoard()
    const lists = new ListBoard()
    // Of the process, not of a task: who has been named stays named.
    const gaps = new EnforcementGaps(settings.enforcementAllowanceMs, metrics.enforcementGap, logger, clock)
    await this.#followPolicies(services, 'usage', lists)
    const declared = () => Object.keys(topologyOf(this.#policies.active.bundle, 'usage').lists)
    this.#closing.push(watchLists({ lists, declared, metrics, logger, clock }))
    await this.#follow(services, pressureBroadcast(this.#flows.table, this.#codec, board))
    return wiredTask(services, () => this.#usageTopology(board, lists, gaps))
  }

  #usageTopology(
    board: PoolBoard,
    lists: ListBoard,
    gaps: EnforcementGaps,
  ): ReturnType<typeof usageTopology> {
    const { metrics, logger } = this.#options
    const { bundle, version } = this.#policies.active
    return usageTopology({
      table: this.#flows.table,
      codec: this.#codec,
      edition: version,
      compiled: withCosts(topologyOf(bundle, 'usage'), {
        nowMs: () => performance.now(),
        spent: (detector, seconds) => metrics.detectorSeconds.inc({ detector }, seconds),
      }),
      policyVersion: bundle.policy.version,
      bundleSha256: bundle.sha256,
      board,
      lists,
      weeklyHash: weeklyHash(hashKeyOf(this.#options.settings)),
      signalId: signalIds(hashKeyOf(this.#options.settings)),
      onSignal: ({ detectorId, clause, mode }) => metrics.signals.inc({ detector: detectorId, clause, mode }),
      onDetectorOff: (detector, error) => {
        metrics.detectorsOff.set({ detector }, 1)
        logger.error({ detector, error }, 'detector threw and was switched off')
      },
      gaps,
    })
  }

  /** Caught up before the first record is judged. */
  async #follow({ log, publisher, observer }: EngineServices, broadcast: Broadcast): Promise<void> {
    const available = <T>(operation: () => Promise<T>): Promise<T> => this.#available(operation)
    const failed = this.#failed.reject
    const parts = { log, codec: this.#codec, publisher, observer, available, failed }
    const follower = await followBroadcast(parts, broadcast)
    this.#closing.push(() => follower.close())
  }

  async #wireEnforcement(services: EngineServices): Promise<Wired> {
    const words = await this.#words()
    const switches = new Switches()
    await this.#follow(services, this.#control(words, 'enforcement', { switches, lists: null }))
    return wiredTask(services, () => this.#enforcementTopology(words, switches))
  }

  #enforcementTopology(words: Words, switches: Switches): ReturnType<typeof enforcementTopology> {
    const { metrics, settings } = this.#options
    const { bundle, version } = this.#policies.active
    return enforcementTopology({
      table: this.#flows.table,
      codec: this.#codec,
      edition: version,
      policy: bundle.policy,
      words,
      switches,
      sanctionIds: sanctionIdsOf(settings),
      delayShare: keyedDelay(hashKeyOf(settings)),
      observer: {
        counted: (reason) => metrics.sanctionsHeld.inc({ reason }),
        issued: ({ topic, value }) => {
          if (!topic.startsWith('abuse.sanctions') || value === null || !('act' in value)) return
          const { act, clause, shadow } = value
          metrics.sanctions.inc({ act, clause, mode: shadow ? 'shadow' : 'live' })
        },
      },
    })
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

  /** Where no signers are set nobody's bundle counts, and the own files are what runs. */
  async #followPolicies(
    services: EngineServices,
    reader: TopologyName,
    lists: ListBoard | null,
  ): Promise<void> {
    if (this.#options.settings.signers === '') return
    await this.#follow(services, this.#control(await this.#words(), reader, { switches: null, lists }))
  }

  /** Bundles of policy to all, kill switches to those whom they stop, lists to those who ask for them. */
  #control(words: Words, reader: TopologyName, governed: Governed): Broadcast {
    const { table } = this.#flows
    const apply = (control: Control, record: SourceRecord): void => {
      govern(governed, control, record)
      this.#policies.hear(control)
    }
    const settled = (): void => {
      this.#policies.settle()
      if (governed.switches !== null) this.#tellSwitches(governed.switches)
    }
    return controlBroadcast({ table, codec: this.#codec, words, reader, apply, settled })
  }

  #tellSwitches(switches: Switches): void {
    const { metrics, clock, logger } = this.#options
    const engaged = switches.engaged(clock.now())
    metrics.killSwitches.set(engaged.length)
    logger.warn({ engaged }, 'control changed: what is stopped now')
  }

  /** Every task goes on with the new bundle from its next commit. */
  #switched({ bundle, version }: ActiveBundle): void {
    const { metrics, logger, topology } = this.#options
    tellPolicy(metrics, topology, { bundle, version })
    logger.info({ version, sha256: bundle.sha256 }, 'policy published: tasks go on with it')
    this.#runner?.renew()
  }

  #refused(version: number, reasons: readonly string[]): void {
    const { metrics, logger, topology } = this.#options
    metrics.policiesRefused.inc({ topology })
    logger.error({ version, reasons }, 'published policy must not run here: nothing changed')
  }

  #available<T>(operation: () => Promise<T>): Promise<T> {
    const { observer, ending } = this.#options
    return untilAvailable({ observer, pause }, -1, () => ending.aborted, operation)
  }
}

/** A topology as a plan, and what must be ready to be written. */
interface Wired {
  readonly plan: RunnerPlan
  readonly outputs: readonly Topic[]
}

/** What runs is asked for whenever a task is acquired. */
function wiredTask<S, E>(services: EngineServices, current: () => Topology<S, E>): Wired {
  return { plan: renewablePlan(services, current), outputs: current().outputs.filter(isTopic) }
}

function tellPolicy(metrics: Metrics, topology: TopologyName, { bundle, version }: ActiveBundle): void {
  metrics.policyInfo.reset()
  metrics.policyInfo.set({ topology, version: String(version), sha256: bundle.sha256 }, 1)
}

function wiredStage(services: EngineServices, stage: Stage): Wired {
  return { plan: stagePlan(services, stage), outputs: stage.outputs.filter(isTopic) }
}
