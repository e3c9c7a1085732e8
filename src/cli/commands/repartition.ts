/**
 * `bailiff repartition TOPOLOGY`: moves its state to where its keys belong after partitions were added. Offline: it
 * refuses while the group has members, while records of before the change wait, and where the store has lost what is to be
 * moved. Safe to break off and to repeat.
 */
import { systemClock } from '../../domain/clock.ts'
import { silentLogger } from '../../domain/logger.ts'
import { RefusedError } from '../../engine/errors.ts'
import { silentObserver } from '../../engine/observer.ts'
import { repartition, type Counts, type Repartitioned } from '../../engine/repartition.ts'
import { untilAvailable } from '../../engine/retry.ts'
import { groupMembers, groupPositions } from '../../log/kafka/admin.ts'
import { createKafka, READER_RETRY } from '../../log/kafka/client.ts'
import { KafkaLog } from '../../log/kafka/kafka-log.ts'
import { partitionOf } from '../../log/murmur2.ts'
import { RedisStateStore } from '../../state/redis/redis-state-store.ts'
import { kafkaOptions } from '../compose/kafka-options.ts'
import { statefulTopology } from '../compose/stateful.ts'
import { pause } from '../pause.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'

export interface RepartitionOptions {
  readonly dryRun: boolean
  /** Goes on without the state that the store has lost. */
  readonly withoutLost: boolean
  readonly json: boolean
}

const COMMAND_TIMEOUT_MS = 30_000
/** Brokers may still elect leaders of new partitions. Beginning again is safe. */
const PATIENCE_MS = 60_000

export async function repartitionState(
  context: CommandContext,
  name: string,
  options: RepartitionOptions,
): Promise<number> {
  const { settings } = context
  const topology = statefulTopology(name, settings)
  const kafka = kafkaOptions(settings, 'repartition')
  const group = `bailiff.${name}`
  const asked = createKafka(kafka, silentLogger, READER_RETRY)
  await refuseMembers(group, () => groupMembers(asked, group))
  const committed = await groupPositions(asked, group, topology.sources)
  const log = new KafkaLog(kafka, systemClock, silentLogger)
  const { redisUrl: url, redisPrefix: prefix } = settings
  const store = new RedisStateStore({ url, prefix, commandTimeoutMs: COMMAND_TIMEOUT_MS })
  try {
    const progress = (seen: Counts): void => context.stderr.status(`${countsOf(seen)} ...`)
    const { dryRun, withoutLost } = options
    const plan = { ...topology, committed, withoutLost, dryRun, progress }
    const giveUpMs = systemClock.now() + PATIENCE_MS
    const moved = await untilAvailable(
      { observer: silentObserver, pause },
      -1,
      () => systemClock.now() > giveUpMs,
      () => repartition({ log, store, partitionOf }, plan),
    )
    tell(context, name, moved, options)
    return EXIT.ok
  } finally {
    await log.close()
    await store.close()
  }
}

async function refuseMembers(group: string, members: () => Promise<number>): Promise<void> {
  const count = await members()
  if (count === 0) return
  throw new RefusedError(`${group} has ${count} members. Stop every bailiff that runs this topology first.`)
}

function tell(
  context: CommandContext,
  name: string,
  moved: Repartitioned,
  { dryRun, json }: RepartitionOptions,
): void {
  if (json) return context.print(JSON.stringify({ topology: name, dryRun, ...moved }))
  if (moved.from === moved.to) return context.print(nothingToDo(name, moved))
  const verb = dryRun ? 'would move' : 'moved'
  context.print(`${name}: ${verb} from ${moved.from} to ${moved.to} partitions: ${countsOf(moved)}`)
}

function nothingToDo(name: string, { to, lost }: Repartitioned): string {
  if (lost.length === 0)
    return `${name} has ${to} partitions and its state is written for them: nothing to do`
  const tasks = lost.map((partition) => `${name}/${partition}`).join(', ')
  return (
    `${name} has ${to} partitions and nothing to move, but the store has lost state of ${tasks}, or some of its commits: ` +
    '`bailiff run` rebuilds it from the log, in which records of before an addition of partitions lie elsewhere'
  )
}

function countsOf({ cells, movedCells, timers, movedTimers }: Counts): string {
  return `${movedCells} of ${cells} cells, ${movedTimers} of ${timers} timers`
}
