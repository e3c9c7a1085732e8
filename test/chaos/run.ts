/**
 * One run: servers and workers up, load and faults, calm, dump, verdict. Whatever happens, every process that was
 * started is stopped by its pid.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { bailiff } from '../support/bailiff-process.ts'
import { makeFaults, type FaultCounts } from './lanes.ts'
import { Load, PLATFORM_TOPICS } from './load.ts'
import type { ChaosOptions } from './options.ts'
import { People, PEOPLE_TOPICS } from './people.ts'
import { planLoad, tick, type LoadPlan, type PlannedEvent } from './plan.ts'
import { Servers } from './servers.ts'
import { untilCalm } from './settle.ts'
import { dumpTopics } from './verifier/dump.ts'
import { RUN_HASH_KEY } from './verifier/ids.ts'
import { judge, type Judgement } from './verifier/judge.ts'
import { ASIDE_TOPICS, INPUT_TOPICS, OUTPUT_TOPICS, REFUSED_TOPIC } from './verifier/lines.ts'
import { createWorkers, type Worker } from './workers.ts'

const PARTITIONS = 6
const SESSION_TIMEOUT_MS = 6_000
const MINUTE_MS = 60_000
/** Workers have this long to be there before the load begins. */
const WARM_UP_MS = 15_000
/** Longer than the longest term of the run's policy that expires. */
const QUIET_MS = 30_000
const CALM_WITHIN_MS = 240_000
const TICK_TAIL = 20

export interface Outcome {
  readonly judgement: Judgement
  readonly faults: FaultCounts
  readonly crashes: readonly string[]
  readonly calm: boolean
  readonly events: number
}

/** Nothing lost, doubled or wrong, nobody ended by himself, and all of it was read in time. */
export function isClean({ judgement, crashes, calm }: Outcome): boolean {
  const { lost, doubled, wrong } = judgement
  return lost + doubled + wrong + crashes.length === 0 && calm
}

/** Somebody asked for an end. */
export class Stopped extends Error {}

export class Run {
  readonly #options: ChaosOptions
  readonly #folder: string
  readonly #tell: (text: string) => void
  readonly #crashes: string[] = []
  #servers: Servers | null = null
  #workers: readonly Worker[] = []
  #faults: Promise<FaultCounts> | null = null
  #stopped = false
  /** What the servers left is needed to find out why. */
  #unclean = false

  constructor(options: ChaosOptions, folder: string, tell: (text: string) => void) {
    this.#options = options
    this.#folder = folder
    this.#tell = tell
  }

  /** Ends everything soon; `run` throws then. */
  stop(): void {
    this.#stopped = true
  }

  async run(): Promise<Outcome> {
    mkdirSync(join(this.#folder, 'servers'), { recursive: true })
    cpSync(join(import.meta.dirname, 'bundle'), join(this.#folder, 'bundle'), { recursive: true })
    try {
      this.#servers = await Servers.start(join(this.#folder, 'servers'), this.#tell)
      this.#check()
      const outcome = await this.#on(this.#servers)
      this.#unclean = !isClean(outcome)
      return outcome
    } finally {
      await this.#end()
    }
  }

  async #on(servers: Servers): Promise<Outcome> {
    await this.#makeTopics(servers)
    const { kafkaBrokers, registryUrl } = servers.direct
    const codec = await readyCodec(registryUrl)
    const load = new Load(kafkaBrokers, codec, PARTITIONS)
    const people = await People.meet(kafkaBrokers, codec, PARTITIONS, this.#signersFile)
    await load.connect()
    try {
      const plan = this.#plan()
      await load.run(plan.before, () => this.#stopped)
      await people.begin()
      this.#startWorkers(servers)
      const faults = await this.#underLoad(servers, load, plan)
      const { calm, untilMs } = await this.#settle(servers, load)
      this.#tell(`${people.words} words of people sent`)
      await Promise.all(this.#workers.map((worker) => worker.giveUp()))
      return {
        ...(await this.#judged(servers, untilMs)),
        faults,
        crashes: this.#crashes,
        calm,
        events: load.sent,
      }
    } finally {
      await people.close()
      await load.close()
    }
  }

  get #signersFile(): string {
    return join(this.#folder, 'signers.json')
  }

  #check(): void {
    if (this.#stopped) throw new Stopped('stopped before its end')
  }

  async #makeTopics(servers: Servers): Promise<void> {
    const { kafkaBrokers, registryUrl } = servers.direct
    const environment = { KAFKA_BROKERS: kafkaBrokers.join(','), SCHEMA_REGISTRY_URL: registryUrl }
    const made = await bailiff(['topics', '--replication', '3'], environment)
    if (made.exitCode !== 0) throw new Error(`bailiff topics failed: ${made.stderr}`)
    this.#tell('topics are made: three copies each, two of them in sync')
  }

  #plan(): LoadPlan {
    const startMs = Math.ceil((Date.now() + WARM_UP_MS) / MINUTE_MS) * MINUTE_MS
    const { seed, minutes } = this.#options
    return planLoad(seed, startMs, minutes, tickAccounts())
  }

  #startWorkers({ proxied }: Servers): void {
    this.#workers = createWorkers({
      count: this.#options.workers,
      folder: this.#folder,
      environment: {
        KAFKA_BROKERS: proxied.kafkaBrokers.join(','),
        SCHEMA_REGISTRY_URL: proxied.registryUrl,
        REDIS_URL: proxied.redisUrl,
        BAILIFF_TOPOLOGIES: join(this.#folder, 'bundle'),
        BAILIFF_SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS),
        BAILIFF_HTTP_PORT: '0',
        BAILIFF_SIGNERS: this.#signersFile,
        BAILIFF_HASH_KEY: RUN_HASH_KEY,
        BAILIFF_LOG_LEVEL: 'info',
      },
      onCrash: (worker, how) => {
        this.#crashes.push(`${worker.name} ${how}`)
        this.#tell(`!! ${worker.name} ${how} by itself; see ${worker.name}.log`)
      },
    })
    for (const worker of this.#workers) worker.start()
    this.#tell(`${this.#workers.length} workers started`)
  }

  async #underLoad(servers: Servers, load: Load, plan: LoadPlan): Promise<FaultCounts> {
    this.#tell(`load and faults begin in ${Math.round((plan.startMs - Date.now()) / 1000)} s`)
    while (Date.now() < plan.startMs && !this.#stopped) await pause(200)
    const progress = setInterval(
      () => this.#tell(`${load.sent} events sent, ${Math.max(0, Math.round(load.behindMs / 1000))} s behind`),
      15_000,
    )
    const scene = {
      workers: this.#workers,
      servers,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      taken: new Set<string>(),
      tell: this.#tell,
      pause,
      over: () => Date.now() >= plan.endMs || this.#stopped,
    }
    try {
      this.#faults = makeFaults(this.#options.seed, this.#options.faults, scene)
      const [faults] = await Promise.all([this.#faults, load.run(plan.events, () => this.#stopped)])
      return faults
    } finally {
      clearInterval(progress)
    }
  }

  /** Time moves on until all is read and has expired, then stands still. */
  async #settle(servers: Servers, load: Load): Promise<{ calm: boolean; untilMs: number }> {
    this.#check()
    this.#tell('faults are over; waiting for calm')
    let calm: boolean | null = null
    const watching = untilCalm({
      brokers: servers.direct.kafkaBrokers,
      groups: {
        'bailiff.usage': ['inference.usage.v1', 'inference.verdicts.v1', 'accounts.state.v1'],
        'bailiff.enforcement': ['abuse.signals.v1', 'accounts.state.v1', 'abuse.decisions.v1'],
      },
      outputs: OUTPUT_TOPICS,
      lagAllowed: PARTITIONS * TICK_TAIL,
      quietMs: QUIET_MS,
      withinMs: CALM_WITHIN_MS,
      tell: this.#tell,
      stopped: () => this.#stopped,
    }).then((found) => (calm = found))
    await load.run(ticks(), () => calm !== null || this.#stopped)
    await watching
    this.#check()
    return { calm: calm ?? false, untilMs: Date.now() - QUIET_MS }
  }

  async #judged(servers: Servers, untilMs: number): Promise<{ judgement: Judgement }> {
    const run = { seed: this.#options.seed, minutes: this.#options.minutes, untilMs }
    writeFileSync(join(this.#folder, 'run.json'), `${JSON.stringify(run)}\n`)
    this.#tell('reading all topics')
    const topics = [...INPUT_TOPICS, ...OUTPUT_TOPICS, ...ASIDE_TOPICS, REFUSED_TOPIC]
    await dumpTopics(servers.direct.kafkaBrokers, topics, this.#folder)
    return { judgement: judge(this.#folder, untilMs) }
  }

  async #end(): Promise<void> {
    this.#stopped = true
    // What a fault is about to start again must be there to be stopped.
    await this.#faults?.catch(() => undefined)
    await Promise.all(this.#workers.map((worker) => worker.giveUp()))
    await this.#servers?.stop()
    if (!this.#options.keep && !this.#unclean)
      rmSync(join(this.#folder, 'servers'), { recursive: true, force: true })
  }
}

async function readyCodec(registryUrl: string): Promise<Codec> {
  const source = new RegistryClient({ baseUrl: registryUrl, clock: systemClock, ...REGISTRY_DEFAULTS })
  const codec = createCodec({ schemas: loadFlows().schemas, source })
  await codec.ready([...PLATFORM_TOPICS, ...PEOPLE_TOPICS])
  return codec
}

/** One account in each partition. */
function tickAccounts(): readonly string[] {
  const byPartition = new Map<number, string>()
  for (let n = 0; byPartition.size < PARTITIONS; n++) {
    const accountId = `tick-${n}`
    const partition = partitionOf(Buffer.from(accountId), PARTITIONS)
    if (!byPartition.has(partition)) byPartition.set(partition, accountId)
  }
  return [...byPartition.values()]
}

/** A record a second and partition, for ever. */
function* ticks(): Generator<PlannedEvent> {
  const accounts = tickAccounts()
  for (let atMs = Math.ceil(Date.now() / 1000) * 1000; ; atMs += 1_000) {
    for (const accountId of accounts) yield tick(accountId, atMs)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
