/**
 * `bailiff simulate`: the demo's platform into a real cluster, at a steady rate. Its hour is moved to begin now, so
 * that event times fit the log's own; it ends by itself after the duration, or when the hour is over.
 */
import type { Codec } from '../../codec/codec.ts'
import { systemClock } from '../../domain/clock.ts'
import { parseDuration } from '../../domain/duration.ts'
import { silentLogger } from '../../domain/logger.ts'
import type { Publisher } from '../../engine/log.ts'
import type { OutputRecord } from '../../engine/record.ts'
import { KafkaLog } from '../../log/kafka/kafka-log.ts'
import { createPlatform } from '../../simulate/platform.ts'
import type { SimulatedEvent } from '../../simulate/simulated-event.ts'
import { kafkaOptions } from '../compose/kafka-options.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { readyCodec } from './send.ts'

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

export async function simulate(context: CommandContext, options: SimulateOptions): Promise<number> {
  const durationMs = parseDuration(options.duration)
  if (durationMs === null) {
    throw new CommandError(`--duration: "${options.duration}" is no duration; write 90s, 10m, 1h`, EXIT.usage)
  }
  const codec = await readyCodec(context.settings, TOPICS)
  const log = new KafkaLog(kafkaOptions(context.settings, 'simulate'), systemClock, silentLogger)
  try {
    const feed = new Feed(context, codec, await log.publisher(), options.rate)
    await feed.run(createPlatform({ seed: options.seed, startMs: systemClock.now() }).events(), durationMs)
    return EXIT.ok
  } finally {
    await log.close()
  }
}

class Feed {
  readonly #context: CommandContext
  readonly #codec: Codec
  readonly #publisher: Publisher
  readonly #rate: number
  #sent = 0
  #interrupted = false

  constructor(context: CommandContext, codec: Codec, publisher: Publisher, rate: number) {
    this.#context = context
    this.#codec = codec
    this.#publisher = publisher
    this.#rate = rate
    void context.interrupted.then(() => (this.#interrupted = true))
  }

  async run(events: Iterable<SimulatedEvent>, durationMs: number): Promise<void> {
    const startMs = performance.now()
    let batch: OutputRecord[] = []
    for (const event of events) {
      // Event time may not run ahead of the log: a fast rate sends the hour's events with the times of now.
      batch.push(this.#encoded(event))
      const elapsedMs = performance.now() - startMs
      if (this.#sent + batch.length < (this.#rate * elapsedMs) / 1000) continue
      await this.#publish(batch)
      batch = []
      if (this.#interrupted || elapsedMs >= durationMs) break
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
    await this.#publish(batch)
    this.#context.stderr.line(
      `${this.#sent} events sent in ${Math.round((performance.now() - startMs) / 1000)} s`,
    )
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
