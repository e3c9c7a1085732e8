/**
 * `bailiff simulate`: the demo's platform into a real cluster, at the pace of the clock: what it sends happens now,
 * so that event times fit the log's own. The rate decides how many requests its customers make. The abusers begin
 * six to seventeen minutes in. It ends by itself after the duration, as a platform that is switched off: what is
 * under way then stays without an answer. A broker that is away meanwhile is waited for, up to that end.
 */
import { systemClock } from '../../domain/clock.ts'
import { parseDuration } from '../../domain/duration.ts'
import { createPlatform } from '../../simulate/platform.ts'
import type { SimulatedEvent } from '../../simulate/simulated-event.ts'
import { withTopics } from '../compose/with-topics.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { PacedFeed } from '../paced-feed.ts'
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
      const { interrupted, stderr } = context
      const feed = new PacedFeed({
        publisher: await log.publisher(),
        encode: ({ topic, key, value }: SimulatedEvent) => {
          return { topic, key, value: codec.encode(topic, value), headers: {} }
        },
        clock: systemClock,
        pause,
        endMs: startMs + durationMs,
        interrupted,
        stderr,
      })
      await feed.run(platform.events())
      return EXIT.ok
    },
  )
}
