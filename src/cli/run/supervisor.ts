/**
 * The main thread of `bailiff run`: one worker thread per topology, so that a busy one cannot starve the
 * others' heartbeats; health and metrics over all of them; an orderly end.
 *
 * U1. A thread that fails ends the process, with the code that says whether settings or work were wrong (P8).
 * U2. After `stop` every thread drains and commits; past the drain timeout the process ends with an error.
 *     A thread that has said that it is done is ended, whatever its clients still wait for.
 * U3. A thread that failed keeps no other from ending in order: turns that it may have held count no more.
 */
import { AggregatorRegistry, type Registry } from 'prom-client'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'
import { Turns } from '../../engine/turns.ts'
import { startHealthServer, type HealthServer, type HealthSource } from '../../service/health.ts'
import type { Settings } from '../../service/settings.ts'
import { CommandError, EXIT } from '../exit.ts'
import { pause } from '../pause.ts'
import {
  missingOf,
  type FromThread,
  type ThreadStart,
  type TopologyName,
  type TopologyStatus,
  type ToThread,
} from './thread-protocol.ts'

const METRICS_TIMEOUT_MS = 2_000
/** After a failure the other topologies get this long to commit what they have. */
const FAILURE_DRAIN_MS = 5_000
/**
 * Of each thread, which uses two thirds of it, in halves of 16 MiB. Where there is much memory Node allows 192, and a
 * busy thread fills that with what is dead already, to no gain in CPU (docs/performance.md).
 */
const YOUNG_GENERATION_MIB = 48
/**
 * For all threads. V8 would take what a chunk of records is made of for objects that live long, since a chunk happens to be
 * alive at the first collections, and would make all later ones in the old generation from the start: that keeps alive
 * what they point at, and takes a tenth of the CPU (docs/performance.md).
 */
const ALL_BEGIN_YOUNG = '--no-allocation-site-pretenuring'

interface Thread {
  readonly topology: TopologyName
  readonly worker: Worker
  status: TopologyStatus | null
  stopped: boolean
}

export class Supervisor {
  readonly #settings: Settings
  readonly #logger: Logger
  readonly #prettyLogs: boolean
  readonly #clock: Clock
  readonly #ownMetrics: Registry
  #threads: readonly Thread[] = []
  #health: HealthServer | null = null
  readonly #turns = Turns.memory()
  readonly #ended = Promise.withResolvers<void>()
  readonly #allStopped = Promise.withResolvers<void>()
  #stopping = false
  #metricsRequests = new Map<string, (json: readonly object[]) => void>()
  #nextMetricsId = 1

  constructor(settings: Settings, logger: Logger, prettyLogs: boolean, clock: Clock, ownMetrics: Registry) {
    this.#settings = settings
    this.#logger = logger
    this.#prettyLogs = prettyLogs
    this.#clock = clock
    this.#ownMetrics = ownMetrics
  }

  /** Port of the health server; 0 before `start`. */
  get httpPort(): number {
    return this.#health?.port ?? 0
  }

  async start(topologies: readonly TopologyName[]): Promise<void> {
    this.#health = await this.#serve()
    setFlagsFromString(ALL_BEGIN_YOUNG)
    this.#threads = topologies.map((topology) => this.#spawn(topology))
  }

  /** Resolves after `stop`; rejects when a thread fails (U1), after the others were asked to drain. */
  async ended(): Promise<void> {
    try {
      await this.#ended.promise
    } catch (error) {
      this.stop()
      await Promise.race([this.#allStopped.promise, pause(FAILURE_DRAIN_MS)])
      throw error
    } finally {
      await this.#health?.close()
    }
  }

  /** Asks every thread to drain (U2). */
  stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#logger.info({ timeoutMs: this.#settings.drainTimeoutMs }, 'draining')
    for (const thread of this.#threads) post(thread, { kind: 'stop' })
    const late = new CommandError('Draining took too long; what was not committed will be processed again.')
    setTimeout(() => this.#ended.reject(late), this.#settings.drainTimeoutMs).unref()
  }

  async #serve(): Promise<HealthServer> {
    const { httpHost, httpPort } = this.#settings
    try {
      return await startHealthServer(httpHost, httpPort, this.#source())
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const hint = 'BAILIFF_HTTP_HOST and BAILIFF_HTTP_PORT say where; 0 takes a free port.'
      throw new CommandError(`Health and metrics cannot be served: ${reason}. ${hint}`, EXIT.usage)
    }
  }

  #spawn(topology: TopologyName): Thread {
    const worker = new Worker(new URL('./topology-thread.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
      workerData: {
        topology,
        settings: this.#settings,
        prettyLogs: this.#prettyLogs,
        turns: this.#turns,
      } satisfies ThreadStart,
    })
    const thread: Thread = { topology, worker, status: null, stopped: false }
    worker.on('message', (message: FromThread) => this.#hear(thread, message))
    worker.on('error', (error: Error) => this.#fail(topology, error.stack ?? error.message, EXIT.failed))
    worker.on('exit', () => this.#gone(thread))
    return thread
  }

  #hear(thread: Thread, message: FromThread): void {
    if (message.kind === 'status') thread.status = message.status
    else if (message.kind === 'metrics')
      this.#metricsRequests.get(requestKey(thread, message.id))?.(message.json)
    else {
      thread.stopped = true
      // It has let everything go; a client's timer or socket must not keep it, and so the process, alive.
      void thread.worker.terminate()
      if (message.kind === 'failed') this.#fail(thread.topology, message.message, message.exitCode)
    }
  }

  #gone(thread: Thread): void {
    if (!thread.stopped) this.#fail(thread.topology, 'its thread ended without a word', EXIT.failed)
    thread.stopped = true
    if (!this.#threads.every((other) => other.stopped)) return
    this.#allStopped.resolve()
    this.#ended.resolve()
  }

  #fail(topology: TopologyName, message: string, exitCode: number): void {
    Turns.over(this.#turns).break()
    this.#ended.reject(new CommandError(`${topology}: ${message}`, exitCode))
  }

  #source(): HealthSource {
    return {
      live: () => null,
      missing: () => this.#missing(),
      metrics: async () => {
        const text = await this.#metricsText()
        return { contentType: this.#ownMetrics.contentType, text }
      },
    }
  }

  #missing(): readonly string[] {
    if (this.#stopping) return ['draining']
    const limitMs = this.#settings.sessionTimeoutMs
    return this.#threads.flatMap(({ topology, status }) =>
      status === null ? [`${topology}: starting`] : missingOf(status, this.#clock.now(), limitMs),
    )
  }

  async #metricsText(): Promise<string> {
    const own = await this.#ownMetrics.getMetricsAsJSON()
    const others = await Promise.all(this.#threads.map((thread) => this.#metricsOf(thread)))
    return AggregatorRegistry.aggregate([own, ...others]).metrics()
  }

  /** A thread's metrics; none where it does not answer in time. */
  #metricsOf(thread: Thread): Promise<readonly object[]> {
    const id = this.#nextMetricsId++
    const key = requestKey(thread, id)
    return new Promise((resolve) => {
      const answer = (json: readonly object[]): void => {
        clearTimeout(timeout)
        this.#metricsRequests.delete(key)
        resolve(json)
      }
      const timeout = setTimeout(() => answer([]), METRICS_TIMEOUT_MS)
      this.#metricsRequests.set(key, answer)
      post(thread, { kind: 'metrics', id })
    })
  }
}

function requestKey(thread: Thread, id: number): string {
  return `${thread.topology}#${id}`
}

function post(thread: Thread, message: ToThread): void {
  thread.worker.postMessage(message)
}
