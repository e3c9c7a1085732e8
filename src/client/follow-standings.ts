/**
 * Follows `abuse.standing.v1` into standings.
 *
 * F1. Records are taken in the log's order, each when its schema is known (log/follow-in-order.ts).
 * F2. Until all that was there at the beginning has been taken, there is no view.
 * F3. Who lets go before that is waited for by nothing: no server is asked any more.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Codec } from '../codec/codec.ts'
import type { Clock } from '../domain/clock.ts'
import { followInOrder } from '../log/follow-in-order.ts'
import type { Log } from '../engine/log.ts'
import { silentObserver } from '../engine/observer.ts'
import type { SourceRecord } from '../engine/record.ts'
import { untilAvailable } from '../engine/retry.ts'
import type { StandingFeed } from './standing-view.ts'
import type { Standings } from './standings.ts'

const TOPIC = 'abuse.standing.v1'
const NO_PARTITION = -1
/** Some five milliseconds of decoding. */
const SLICE_RECORDS = 500

export interface FollowParts {
  readonly log: Log
  readonly codec: Pick<Codec, 'prepare' | 'decode'>
  readonly clock: Clock
  readonly standings: Standings
  readonly onUnreadable: (position: { readonly partition: number; readonly offset: number }) => void
  readonly onEnded: (error: unknown) => void
  /** Aborted by who lets go before it is complete (F3). */
  readonly letGo: AbortSignal
}

/** Resolves when the view is complete (F2); rejects where it cannot become so. */
export async function followStandings(parts: FollowParts): Promise<StandingFeed> {
  const { log, onEnded, letGo } = parts
  let closed = false
  const follower = await followInOrder({
    log,
    topics: [TOPIC],
    take: (batch) => takeBatch(parts, [...batch.records], () => closed || letGo.aborted),
    failed: onEnded,
    letGo,
  })
  const close = async (): Promise<void> => {
    closed = true
    await follower.close()
    await log.close()
  }
  return { currentAsOfMs: () => follower.currentAsOfMs(), close }
}

/** Waits for the registry as long as that takes (P8), and lets the gateway's own work have its turns. */
async function takeBatch(
  parts: FollowParts,
  records: readonly SourceRecord[],
  abandoned: () => boolean,
): Promise<void> {
  const services = { observer: silentObserver, pause }
  await untilAvailable(services, NO_PARTITION, abandoned, () => parts.codec.prepare(records))
  for (const [at, record] of records.entries()) {
    apply(parts, record)
    if (at % SLICE_RECORDS === SLICE_RECORDS - 1) await nextTurn()
  }
}

function apply({ codec, clock, standings, onUnreadable }: FollowParts, record: SourceRecord): void {
  const { partition, offset } = record
  const accountId = record.key?.toString() ?? ''
  if (record.value === null) return standings.remove(accountId)
  const decoded = codec.decode(TOPIC, record)
  if (decoded.ok) return standings.apply(decoded.value, clock.now())
  standings.doubt(accountId)
  onUnreadable({ partition, offset })
}
