/**
 * `bailiff simulate`: the demo's platform into a real cluster, at the pace of the clock: what it sends happens now,
 * so that event times fit the log's own. The rate decides how many requests its customers make. The abusers begin
 * six to seventeen minutes in. It ends by itself after the duration, as a platform that is switched off: what is
 * under way then stays without an answer.
 */
import type { Codec } from '../../codec/codec.ts'
import { systemClock } from '../../domain/clock.ts'
import { parseDuration } from '../../domain/duration.ts'
import type { Publisher } from '../../engine/log.ts'
import type { OutputRecord } from '../../engine/record.ts'
import { createPlatform } from '../../simulate/platform.ts'
import type { SimulatedEvent } from '../../simulate/simulated-event.ts'
import { withTopics } from '../compose/with-topics.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { pause } from '../pause.ts'

export interface SimulateOptions {
  /** Events a second. */
  readonly rate: number
  readonly duration: string
  readonly seed: number
}

const TOPICS = [
  'inference.requests.v1',
  'inference.responses.v1',
  'gpu.telemetry.v1',
  'accounts.state.v1',
  'accounts.events.v1',
] as const
const TICK_MS = 50
const MOST_BATCH_RECORDS = 1_000
/** Events that one request brings: itself, its response, a share of telemetry and account events. */
const EVENTS_PER_REQUEST = 2.1

export async function simulate(context: CommandContext, options: SimulateOptions): Promise<number> {
  const durationMs = parseDuration(options.duration)
  if (durationMs === null) {
    throw new CommandError(`--duration: "${options.duration}" is no duration; write 90s, 10m, 1h`, EXIT.usage)
  }
  return withTopics(
    context.settings,
    { purpose: 'simulate', reads: [], writes: TOPICS },
    async (log, codec) => {
      const requestsPerHour = Math.ceil((options.rate * 3_600) / EVENTS_PER_REQUEST)
      const startMs = systemClock.now()
      const platform = createPlatform({ seed: options.seed, startMs, durationMs, requestsPerHour })
      const feed = new Feed(context, codec, await log.publisher())
      await feed.run(platform.events(), startMs + durationMs)
      return EXIT.ok
    },
  )
}

class Feed {
  readonly #context: CommandContext
  readonly #codec: Codec
  readonly #publisher: Publisher
  #sent = 0
  #interrupted = false

  constructor(context: CommandContext, codec: Codec, publisher: Publisher) {
    this.#context = context
    this.#codec = codec
    this.#publisher = publisher
    void context.interrupted.then(() => (this.#interrupted = true))
  }

  /** Sends each event when its time has come, up to the end. */
  async run(events: Iterable<SimulatedEvent>, endMs: number): Promise<void> {
    const startMs = systemClock.now()
    let batch: OutputRecord[] = []
    for (const event of events) {
      if (event.appendTimeMs > endMs) break
      if (event.appendTimeMs > systemClock.now() || batch.length >= MOST_BATCH_RECORDS) {
        await this.#publish(batch)
        batch = []
        await this.#waitFor(event.appendTimeMs)
      }
      if (this.#interrupted) break
      batch.push(this.#encoded(event))
    }
    await this.#publish(batch)
    await this.#waitFor(endMs)
    this.#context.stderr.line(
      `${this.#sent} events sent in ${Math.round((systemClock.now() - startMs) / 1000)} s`,
    )
  }

  async #waitFor(timeMs: number): Promise<void> {
    while (timeMs > systemClock.now() && !this.#interrupted) {
      await pause(TICK_MS)
    }
  }

  #encoded(event: SimulatedEvent): OutputRecord {
    return {
      topic: event.topic,
      key: event.key,
      value: this.#codec.encode(event.topic, event.value),
      headers: {},
    }
  }

  async #publish(batch: readonly OutputRecord[]): Promise<void> {
    if (batch.length > 0) await this.#publisher.publish(batch)
    this.#sent += batch.length
    this.#context.stderr.status(`${this.#sent} events sent`)
  }
}
