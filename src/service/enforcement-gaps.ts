/**
 * Counts usage that a sanction should have closed, by who let it through, and says so in the log.
 *
 * G1. As many consumers are named as `MOST`; the rest are counted as `other`, so that no metric grows with what events
 *     say.
 * G2. Each is told in the log once in `TELL_AGAIN_MS`, with one of its requests.
 */
import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../domain/logger.ts'
import type { ActiveSanction } from '../domain/standing.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import type { Metrics } from './metrics.ts'

const MOST = 100
const TELL_AGAIN_MS = 60_000
const OTHER = 'other'

export class EnforcementGaps {
  readonly allowanceMs: number
  readonly #metric: Metrics['enforcementGap']
  readonly #logger: Logger
  readonly #clock: Clock
  /** When each consumer was last told of. */
  readonly #told = new Map<string, number>()

  constructor(allowanceMs: number, metric: Metrics['enforcementGap'], logger: Logger, clock: Clock) {
    this.allowanceMs = allowanceMs
    this.#metric = metric
    this.#logger = logger
    this.#clock = clock
  }

  onGap(record: UsageRecord, sanction: ActiveSanction): void {
    const consumer = this.#named(consumerOf(record))
    this.#metric.inc({ consumer })
    const nowMs = this.#clock.now()
    if (nowMs < (this.#told.get(consumer) ?? -Infinity) + TELL_AGAIN_MS) return
    this.#told.set(consumer, nowMs)
    const { requestId, accountId } = record
    const { sanctionId, scope, effectiveAtMs } = sanction
    this.#logger.error(
      { consumer, requestId, accountId, sanctionId, scope, effectiveAtMs },
      'a request was served that a sanction had closed: its consumer does not follow abuse.standing.v1, or lags',
    )
  }

  #named(consumer: string): string {
    return this.#told.has(consumer) || this.#told.size < MOST ? consumer : OTHER
  }
}

/** Who let it through, as far as the event says. */
function consumerOf({ serverAddress, poolId }: UsageRecord): string {
  if (serverAddress !== null) return serverAddress
  return poolId === null ? 'unknown' : `pool/${poolId}`
}
