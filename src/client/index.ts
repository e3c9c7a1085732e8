/**
 * `bailiff/client`: what gateways import. A view of who may be served, in memory, that follows `abuse.standing.v1`.
 *
 *     const view = await standingView({ brokers: ['kafka:9092'], registryUrl: 'http://registry:8081' })
 *     const decision = view.may(accountId, { keyId, capability: model })
 *     if (!decision.allow) respond(refusalOf(decision, 'https://example.com/appeal'))
 */
import { createCodec } from '../codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../codec/registry.ts'
import { loadFlows } from '../codec/schema-files.ts'
import { systemClock, type Clock } from '../domain/clock.ts'
import { silentLogger, type Logger } from '../domain/logger.ts'
import type { Log } from '../engine/log.ts'
import { KafkaLog } from '../log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions, type KafkaLogOptions } from '../log/kafka/options.ts'
import { followStandings } from './follow-standings.ts'
import { StandingView, type StandingViewSettings } from './standing-view.ts'
import { Standings } from './standings.ts'

export type { Ask, Decision } from './decision.ts'
export { refusalOf, type Refusal, type RefusalBody } from './refusal.ts'
export { StandingView } from './standing-view.ts'

export interface StandingViewOptions {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly tls?: KafkaLogOptions['tls']
  readonly sasl?: KafkaLogOptions['sasl']
  readonly clientId?: string
  /** Past this age the view is no longer trusted; 60 seconds by default. */
  readonly staleAfterMs?: number
  /** What it says then; `allow` by default. Known sanctions hold either way. */
  readonly whenStale?: StandingViewSettings['whenStale']
  /** Told of a standing that cannot be read; the account's last one goes on. */
  readonly onUnreadable?: (position: { readonly partition: number; readonly offset: number }) => void
  /** Told once when following has ended for good: the view only grows older from then on. */
  readonly onEnded?: (error: unknown) => void
  readonly clock?: Clock
  readonly logger?: Logger
}

const STALE_AFTER_MS = 60_000

/** Resolves when the whole topic has been read. Throws TransientError or RefusedError where servers say no. */
export async function standingView(options: StandingViewOptions): Promise<StandingView> {
  const { clock = systemClock, logger = silentLogger } = options
  const log = new KafkaLog(logOptions(options), clock, logger)
  try {
    return await viewOn(log, options, clock)
  } catch (error) {
    await log.close()
    throw error
  }
}

async function viewOn(log: Log, options: StandingViewOptions, clock: Clock): Promise<StandingView> {
  const { registryUrl, onUnreadable = () => undefined, onEnded = () => undefined } = options
  const source = new RegistryClient({ baseUrl: registryUrl, clock, ...REGISTRY_DEFAULTS })
  const codec = createCodec({ schemas: loadFlows().schemas, source })
  const standings = new Standings()
  const feed = await followStandings({ log, codec, clock, standings, onUnreadable, onEnded })
  const { staleAfterMs = STALE_AFTER_MS, whenStale = 'allow' } = options
  return new StandingView(standings, feed, clock, { staleAfterMs, whenStale })
}

function logOptions({ brokers, tls = null, sasl = null, clientId = 'bailiff-client' }: StandingViewOptions) {
  return { ...defaultKafkaLogOptions, brokers, tls, sasl, clientId }
}
