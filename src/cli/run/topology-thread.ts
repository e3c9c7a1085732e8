/**
 * One topology in a thread of its own, with clients of its own. Waits for services that are away, says so, and
 * goes on when they are back; drains when it is told to stop.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { systemClock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'
import { RefusedError, TransientError } from '../../engine/errors.ts'
import { noProbe } from '../../engine/probe.ts'
import type { Runner } from '../../engine/runner.ts'
import { Turns } from '../../engine/turns.ts'
import { createEngineObserver, type Stalls } from '../../service/engine-observer.ts'
import { createLogger } from '../../service/log.ts'
import { createMetrics, type Metrics } from '../../service/metrics.ts'
import { openTopology, type OpenTopology } from '../compose/open-topology.ts'
import { EXIT } from '../exit.ts'
import { quietKnownWarnings } from '../warnings.ts'
import type { FromThread, ThreadStart, TopologyStatus, ToThread } from './thread-protocol.ts'

const STATUS_INTERVAL_MS = 500
/** How often the delay of the event loop is looked at: each look wakes a thread that has nothing to do. */
const DELAY_LOOK_MS = 50

class TopologyThread {
  readonly #start: ThreadStart
  readonly #port: MessagePort
  readonly #metrics: Metrics = createMetrics()
  readonly #logger: Logger
  readonly #stalls: Stalls = new Map()
  readonly #stop = Promise.withResolvers<void>()
  readonly #ending = new AbortController()
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_LOOK_MS })
  #open: OpenTopology | null = null

  constructor(start: ThreadStart, port: MessagePort) {
    this.#start = start
    this.#port = port
    const { topology, settings, prettyLogs } = start
    this.#logger = createLogger(settings.logLevel, prettyLogs, { topology })
  }

  async run(): Promise<void> {
    this.#port.on('message', (message: ToThread) => this.#hear(message))
    const status = setInterval(
      () => this.#say({ kind: 'status', status: this.#status() }),
      STATUS_INTERVAL_MS,
    )
    this.#delay.enable()
    try {
      await this.#work()
      this.#say({ kind: 'stopped' })
    } catch (error) {
      // Stopped while it waited for a server at its start: it held nothing.
      const heldNothing =
        this.#ending.signal.aborted && this.#open === null && error instanceof TransientError
      this.#say(heldNothing ? { kind: 'stopped' } : failure(error))
    } finally {
      clearInterval(status)
      this.#port.close()
    }
  }

  async #work(): Promise<void> {
    const { topology, settings, turns } = this.#start
    const observer = createEngineObserver(topology, this.#metrics, this.#logger, this.#stalls, systemClock)
    const opening = openTopology({
      topology,
      settings,
      clock: systemClock,
      logger: this.#logger,
      metrics: this.#metrics,
      observer,
      probe: noProbe,
      turns: Turns.over(turns),
      ending: this.#ending.signal,
    })
    this.#open = await openedBefore(this.#stop.promise, opening)
    if (this.#open === null) return
    try {
      await Promise.race([this.#open.runner.run(this.#stop.promise), this.#open.failed])
      await this.#open.runner.stop()
    } finally {
      await this.#open.close()
    }
  }

  #hear(message: ToThread): void {
    if (message.kind === 'metrics') void this.#sendMetrics(message.id)
    else {
      this.#ending.abort()
      this.#stop.resolve()
    }
  }

  async #sendMetrics(id: number): Promise<void> {
    const { topology } = this.#start
    // What it tells is how far apart its looks were.
    const delayMs = Math.max(0, this.#delay.percentile(99) / 1e6 - DELAY_LOOK_MS)
    this.#metrics.eventLoopDelay.set({ topology }, delayMs / 1000)
    this.#delay.reset()
    this.#say({ kind: 'metrics', id, json: await this.#metrics.registry.getMetricsAsJSON() })
  }

  #status(): TopologyStatus {
    const runner: Runner | undefined = this.#open?.runner
    const waitingFor: Record<string, number> = {}
    for (const service of this.#stalls.values()) waitingFor[service] = (waitingFor[service] ?? 0) + 1
    return {
      topology: this.#start.topology,
      joined: (runner?.lastContactMs() ?? 0) > 0,
      ready: runner?.assignment.ready ?? [],
      acquiring: runner?.assignment.acquiring ?? [],
      waitingFor,
      lastContactMs: runner?.lastContactMs() ?? 0,
    }
  }

  #say(message: FromThread): void {
    this.#port.postMessage(message)
  }
}

/**
 * Null where the stop came first: joining a group that is being placed anew may take longer than a drain, and what
 * has not begun has nothing to drain.
 */
async function openedBefore(
  stop: Promise<void>,
  opening: Promise<OpenTopology>,
): Promise<OpenTopology | null> {
  const open = await Promise.race([opening, stop.then(() => null)])
  if (open === null) opening.then((late) => late.close()).catch(() => undefined)
  return open
}

function failure(error: unknown): FromThread {
  const refused = error instanceof RefusedError
  const message =
    error instanceof Error ? (refused ? error.message : (error.stack ?? error.message)) : String(error)
  return { kind: 'failed', message, exitCode: refused ? EXIT.usage : EXIT.failed }
}

function isThreadStart(value: unknown): value is ThreadStart {
  return (
    typeof value === 'object' &&
    value !== null &&
    'topology' in value &&
    'settings' in value &&
    'prettyLogs' in value &&
    'turns' in value
  )
}

if (parentPort !== null) {
  const start: unknown = workerData
  if (!isThreadStart(start)) throw new Error('A topology thread is started by the supervisor only.')
  quietKnownWarnings()
  await new TopologyThread(start, parentPort).run()
}
