/** Turns what the engine tells into metrics, log lines and the state that `/readyz` shows, for one topology. */
import type { Logger } from '../domain/logger.ts'
import { Misplaced, MISPLACED_ADVICE } from './misplaced.ts'
import type { Metrics } from './metrics.ts'

/** Services that partitions of a topology are waiting for right now, by partition. */
export type Stalls = Map<number, string>

/** At a try a second. */
const UNTOLD_IN_A_ROW = 10

/** Shaped like the engine's observer; `service` does not import the engine. */
export function createEngineObserver(topology: string, metrics: Metrics, logger: Logger, stalls: Stalls) {
  const misplaced = new Misplaced((topic, share) => {
    metrics.sourceDisagrees.set({ topology, topic }, 1)
    logger.error({ topic, share }, MISPLACED_ADVICE)
  })
  return {
    ...storeObserver(topology, metrics),
    ...groupObserver(topology, metrics, logger),
    processed: (topic: string, records: number) => {
      metrics.recordsConsumed.inc({ topology, topic }, records)
      misplaced.placed(topic, records)
    },
    late: (topic: string) => metrics.recordsLate.inc({ topology, topic }),
    repeated: (topic: string) => metrics.recordsRepeated.inc({ topology, topic }),
    rejected: (record: Position, rejection: Rejected) => {
      const { stage, reason } = rejection
      metrics.recordsRejected.inc({ topology, topic: record.topic, stage, reason })
      const { topic, partition, offset } = record
      if (reason === 'wrongPartition' && misplaced.misplaced(topic)) return
      logger.warn({ topic, partition, offset, stage, reason, detail: rejection.detail }, 'record set aside')
    },
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
    acquired: (partition: number, store: string, tookMs: number) => {
      metrics.takeovers.inc({ topology, store })
      metrics.takeoverDuration.observe({ topology }, tookMs / 1000)
      metrics.tasks.inc({ topology })
      const level = store === 'lost' || store === 'rolledBack' ? 'error' : 'info'
      logger[level]({ partition, store, tookMs }, 'task acquired')
    },
    released: (partition: number) => {
      metrics.tasks.dec({ topology })
      stalls.delete(partition)
      logger.info({ partition }, 'task released')
    },
    stalled: (partition: number, service: string | null, reason: string) => {
      noteStall(stalls, partition, service, () =>
        logger.warn({ partition, service, reason }, 'partition waits'),
      )
      metrics.stalled.set({ topology, partition }, service === null ? 0 : 1)
    },
    lag: (topic: string, partition: number, records: number) =>
      metrics.consumerLag.set({ topology, topic, partition }, records),
    cached: (partition: number, keys: number, bytes: number) => {
      metrics.stateKeys.set({ topology, partition }, keys)
      metrics.stateBytes.set({ topology, partition }, bytes)
    },
  }
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

/** Tells a stall once, not once a try. */
function noteStall(stalls: Stalls, partition: number, service: string | null, tell: () => void): void {
  if (service === null) {
    stalls.delete(partition)
    return
  }
  if (stalls.get(partition) !== service) tell()
  stalls.set(partition, service)
}
