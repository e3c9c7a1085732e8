/** Turns what the engine tells into metrics, log lines and the state that `/readyz` shows, for one topology. */
import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../domain/logger.ts'
import { Misplaced, MISPLACED_ADVICE } from './misplaced.ts'
import type { Metrics } from './metrics.ts'
import { Sparing } from './sparing.ts'
import { whereToLook } from './where-to-look.ts'

/** Services that partitions of a topology are waiting for right now, by partition; -1 is the topology itself. */
export type Stalls = Map<number, string>

/** At a try a second. */
const UNTOLD_IN_A_ROW = 10
/** Of records that are set aside, by topic, stage and reason. */
const TOLD_A_MINUTE = 20
const LATE_ADVICE =
  'Many records come later than their source allows and count for nothing. Is the clock of a producer behind, or is one catching up?'

/** Shaped like the engine's observer; `service` does not import the engine. */
export function createEngineObserver(
  topology: string,
  metrics: Metrics,
  logger: Logger,
  stalls: Stalls,
  clock: Clock,
) {
  const misplaced = new Misplaced((topic, share) => {
    metrics.sourceDisagrees.set({ topology, topic }, 1)
    logger.error({ topic, share }, MISPLACED_ADVICE)
  })
  return {
    ...storeObserver(topology, metrics),
    ...groupObserver(topology, metrics, logger),
    ...asideObserver(topology, metrics, logger, new Sparing(clock, TOLD_A_MINUTE), misplaced),
    ...tasksObserver(topology, metrics, logger, stalls),
    processed: (topic: string, records: number) => {
      metrics.recordsConsumed.inc({ topology, topic }, records)
      misplaced.placed(topic, records)
    },
    repeated: (topic: string) => metrics.recordsRepeated.inc({ topology, topic }),
    committed: (cells: number, bytes: number, tookMs: number) => {
      metrics.commits.inc({ topology })
      metrics.commitCells.inc({ topology }, cells)
      metrics.commitBytes.inc({ topology }, bytes)
      metrics.commitDuration.observe({ topology }, tookMs / 1000)
    },
    published: (records: number, tookMs: number) => {
      metrics.recordsPublished.inc({ topology }, records)
      metrics.publishDuration.observe({ topology }, tookMs / 1000)
    },
  }
}

/** What is set aside: each record is counted, and so many of them are told one by one. */
function asideObserver(
  topology: string,
  metrics: Metrics,
  logger: Logger,
  sparing: Sparing,
  misplaced: Misplaced,
) {
  return {
    late: (topic: string) => {
      metrics.recordsLate.inc({ topology, topic })
      if (sparing.of(`late ${topic}`) === 'tellOfMore')
        logger.warn({ topic, to: `late.${topic}` }, LATE_ADVICE)
    },
    rejected: (record: Position, { stage, reason, detail }: Rejected) => {
      const { topic, partition, offset } = record
      metrics.recordsRejected.inc({ topology, topic, stage, reason })
      if (reason === 'wrongPartition' && misplaced.misplaced(topic)) return
      const told = sparing.of(`${topic} ${stage} ${reason}`)
      if (told === 'tell')
        logger.warn({ topic, partition, offset, stage, reason, detail }, 'record set aside')
      if (told === 'tellOfMore')
        logger.warn(
          { topic, to: `dlq.${topic}`, stage, reason },
          'more records are set aside than are told here',
        )
    },
  }
}

/** Which partitions are here, what they hold and what they wait for. A partition that goes takes its gauges along. */
function tasksObserver(topology: string, metrics: Metrics, logger: Logger, stalls: Stalls) {
  const sources = new Map<number, Set<string>>()
  return {
    acquired: (partition: number, store: string, tookMs: number) => {
      metrics.takeovers.inc({ topology, store })
      metrics.takeoverDuration.observe({ topology }, tookMs / 1000)
      metrics.tasks.inc({ topology })
      const level = store === 'lost' || store === 'rolledBack' ? 'error' : 'info'
      logger[level]({ partition, store, tookMs }, 'task acquired')
    },
    released: (partition: number) => {
      metrics.tasks.dec({ topology })
      noteLetGo(stalls, partition, logger)
      for (const gauge of gaugesOf(metrics)) gauge.remove({ topology, partition })
      for (const topic of sources.get(partition) ?? [])
        metrics.consumerLag.remove({ topology, topic, partition })
      sources.delete(partition)
      logger.info({ partition }, 'task released')
    },
    stalled: (partition: number, service: string | null, reason: string) => {
      noteStall(stalls, partition, service, reason, logger)
      metrics.stalled.set({ topology, partition }, service === null ? 0 : 1)
    },
    lag: (topic: string, partition: number, records: number) => {
      sources.set(partition, (sources.get(partition) ?? new Set()).add(topic))
      metrics.consumerLag.set({ topology, topic, partition }, records)
    },
    cached: (partition: number, keys: number, bytes: number) => {
      metrics.stateKeys.set({ topology, partition }, keys)
      metrics.stateBytes.set({ topology, partition }, bytes)
    },
  }
}

function gaugesOf(metrics: Metrics) {
  const { stalled, stateKeys, stateBytes, storeCells, storeBytes, storeGuarded } = metrics
  return [stalled, stateKeys, stateBytes, storeCells, storeBytes, storeGuarded]
}

/** What the group's notes say, and what becomes of ours. */
function groupObserver(topology: string, metrics: Metrics, logger: Logger) {
  return {
    suspected: (topic: string, partition: number, { offset, deaths }: Suspicion) => {
      metrics.recordsSuspected.inc({ topology, topic })
      logger.warn({ topic, partition, offset, deaths }, 'owner died over a record')
    },
    told: (inVain: number, failure: string | null) => {
      if (failure !== null) metrics.positionsUntold.inc({ topology })
      // Each rebalance makes a few; so many are trouble, and their end is worth a line too.
      if (failure !== null && inVain === UNTOLD_IN_A_ROW)
        logger.warn({ tries: inVain, failure }, 'the group does not hear how far we are')
      if (failure === null && inVain >= UNTOLD_IN_A_ROW)
        logger.info({ tries: inVain }, 'the group hears again how far we are')
    },
  }
}

/** What the store holds, and what it is spared. */
function storeObserver(topology: string, metrics: Metrics) {
  return {
    stored: (
      partition: number,
      size: { readonly cells: number; readonly bytes: number },
      guarded: boolean,
    ) => {
      metrics.storeCells.set({ topology, partition }, size.cells)
      metrics.storeBytes.set({ topology, partition }, size.bytes)
      metrics.storeGuarded.set({ topology, partition }, guarded ? 1 : 0)
    },
    sketched: (topic: string) => metrics.recordsSketched.inc({ topology, topic }),
    withheld: (topic: string) => metrics.outputsWithheld.inc({ topology, topic }),
  }
}

interface Position {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

interface Suspicion {
  readonly offset: number
  readonly deaths: number
}

interface Rejected {
  readonly stage: string
  readonly reason: string
  readonly detail: string
}

/** Tells when the first partition begins to wait for a service, and when the last one no longer does: not once a try. */
function noteStall(
  stalls: Stalls,
  partition: number,
  service: string | null,
  reason: string,
  logger: Logger,
): void {
  const before = stalls.get(partition)
  if (service === (before ?? null)) return
  if (service !== null && !isWaitedFor(stalls, service))
    logger.warn(
      { service, reason },
      `waiting for ${service}; this goes on by itself. ${whereToLook(service, reason)}`,
    )
  if (service === null) stalls.delete(partition)
  else stalls.set(partition, service)
  if (before !== undefined && !isWaitedFor(stalls, before))
    logger.info({ service: before }, `no longer waiting for ${before}`)
}

/** A partition that is let go has not seen its service again: that it is back is not said. */
function noteLetGo(stalls: Stalls, partition: number, logger: Logger): void {
  const service = stalls.get(partition)
  stalls.delete(partition)
  if (service !== undefined && !isWaitedFor(stalls, service))
    logger.info({ service }, `no partition here waits for ${service} any more: the last was let go`)
}

function isWaitedFor(stalls: Stalls, service: string): boolean {
  return [...stalls.values()].includes(service)
}
