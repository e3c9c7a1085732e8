/**
 * `bailiff/client`: what gateways import. A view of who may be served, in memory, that follows `abuse.standing.v1`.
 *
 *     const view = await standingView({ brokers: ['kafka:9092'], registryUrl: 'http://registry:8081' })
 *     const decision = view.may(accountId, { keyId, capability: model })
 *     if (!decision.allow) respond(refusalOf(decision, 'https://example.com/appeal'))
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createCodec } from '../codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../codec/registry.ts'
import { loadFlows } from '../codec/schema-files.ts'
import { systemClock, type Clock } from '../domain/clock.ts'
import { silentLogger, type Logger } from '../domain/logger.ts'
import { KafkaLog } from '../log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions, type KafkaLogOptions } from '../log/kafka/options.ts'
import { followStandings } from './follow-standings.ts'
import { OpeningFeed } from './opening-feed.ts'
import { StandingView, type StandingFeed, type StandingViewSettings } from './standing-view.ts'
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
  /**
   * Answer after this long though servers are away or the topic has not been read to its end: the view is stale from its
   * beginning then, and goes on trying. Left out, there is no view before all has been read, and none where servers are away.
   */
  readonly answerAfterMs?: number
  /** Told of a standing that cannot be read; the account's last one goes on, and beyond that `whenStale` decides. */
  readonly onUnreadable?: (position: { readonly partition: number; readonly offset: number }) => void
  /** Told once when following has ended for good: the view only grows older from then on. */
  readonly onEnded?: (error: unknown) => void
  readonly clock?: Clock
  readonly logger?: Logger
}

const STALE_AFTER_MS = 60_000

/**
 * Resolves when the whole topic has been read, or after `answerAfterMs`. Throws RefusedError where servers say no, and
 * without `answerAfterMs` TransientError where they are away.
 */
export async function standingView(options: StandingViewOptions): Promise<StandingView> {
  const { clock = systemClock, answerAfterMs, staleAfterMs = STALE_AFTER_MS, whenStale = 'allow' } = options
  const standings = new Standings()
  const open = (letGo: AbortSignal) => openFeed(options, standings, clock, letGo)
  const feed =
    answerAfterMs === undefined
      ? await open(new AbortController().signal)
      : await feedWithin(answerAfterMs, open, options)
  return new StandingView(standings, feed, clock, { staleAfterMs, whenStale })
}

async function feedWithin(
  answerAfterMs: number,
  open: (letGo: AbortSignal) => Promise<StandingFeed>,
  { onEnded = () => undefined, logger = silentLogger }: StandingViewOptions,
): Promise<StandingFeed> {
  const told = (service: string, message: string) =>
    logger.warn({ service, message }, 'standings wait for a service')
  const feed = new OpeningFeed(open, pause, told)
  feed.complete.catch(onEnded)
  await Promise.race([feed.complete, pause(answerAfterMs, undefined, { ref: false })])
  return feed
}

async function openFeed(
  options: StandingViewOptions,
  standings: Standings,
  clock: Clock,
  letGo: AbortSignal,
): Promise<StandingFeed> {
  const { registryUrl, onUnreadable = () => undefined, onEnded = () => undefined } = options
  const log = new KafkaLog(logOptions(options), clock, options.logger ?? silentLogger)
  try {
    const source = new RegistryClient({ baseUrl: registryUrl, clock, ...REGISTRY_DEFAULTS })
    const codec = createCodec({ schemas: loadFlows().schemas, source })
    standings.clear()
    let isOpen = false
    const ended = (error: unknown): void => (isOpen ? onEnded(error) : undefined)
    const parts = { log, codec, clock, standings, onUnreadable, onEnded: ended, letGo }
    const feed = await followStandings(parts)
    isOpen = true
    return feed
  } catch (error) {
    await log.close()
    throw error
  }
}

function logOptions({ brokers, tls = null, sasl = null, clientId = 'bailiff-client' }: StandingViewOptions) {
  return { ...defaultKafkaLogOptions, brokers, tls, sasl, clientId }
}
