/**
 * How a task is acquired: fence in Kafka, then in the store, then read what predecessors left behind.
 *
 * A1. Fenced in Kafka before the output's tail is read: nothing can appear in it afterwards (P3).
 * A2. Of the outbox, only what does not stand in the tail is published.
 * A3. Own outputs in the tail that no outbox explains come from commits that the store has lost: they are
 *     folded into state before any record is processed (section 5, "Redis rolled back").
 * A4. A start position that has left the log is a policy, never a silent jump.
 */
import { RefusedError, RetentionGapError } from './errors.ts'
import type { Log, TaskProducer } from './log.ts'
import { decodeMeta, type Meta } from './meta.ts'
import type { StoreFinding } from './observer.ts'
import { unpackOutbox, writtenBy, type CommitName } from './outbox.ts'
import { probed } from './probe.ts'
import type { OutputRecord, SourceRecord } from './record.ts'
import type { EngineServices } from './services.ts'
import type { Acquired, OutboxEntry, StoredTimer, TaskId } from './state-store.ts'
import { taskName } from './checkpointer.ts'

/** What the topology demands of a takeover. */
export interface TakeoverPlan {
  readonly task: TaskId
  readonly stateVersion: number
  readonly sources: readonly string[]
  readonly outputs: readonly string[]
  /** The group's own note of the last commit; null where the group has none. */
  readonly noted: CommitName | null
}

export interface Takeover {
  readonly producer: TaskProducer
  readonly acquired: Acquired
  readonly meta: Meta | null
  readonly partitionCount: number
  readonly positions: ReadonlyMap<string, number>
  /** Ends of the sources at the takeover: what lies before them is known lag from the first moment on. */
  readonly ends: ReadonlyMap<string, number>
  readonly acknowledged: ReadonlyMap<string, number>
  /** Outbox sequences that stand in the log and only need to be acknowledged. */
  readonly published: readonly number[]
  readonly unexplained: readonly SourceRecord[]
  readonly timers: readonly StoredTimer[]
  readonly found: StoreFinding
}

export async function takeOver(services: EngineServices, plan: TakeoverPlan): Promise<Takeover> {
  const { log, store, probe } = services
  const name = taskName(plan.task)
  const producer = await probed(probe, 'acquire.producer', () => log.taskProducer(name.replace('/', '-')))
  try {
    await probed(probe, 'acquire.fence', () => producer.fence())
    const acquired = await probed(probe, 'acquire.store', () => store.acquire(plan.task))
    const meta = acquired.meta === null ? null : decodeMeta(acquired.meta, name, plan.stateVersion)
    const partitionCount = await probed(probe, 'acquire.bounds', () => checkedPartitionCount(log, plan, meta))
    const starts = await probed(probe, 'acquire.bounds', () => sourceStarts(services, plan, meta))
    const tail = await probed(probe, 'acquire.tail', () => readTail(log, plan, meta))
    const rest = await publishRest(services, plan.task, producer, acquired.outbox, tail)
    const timers = await probed(probe, 'acquire.timers', () => allTimers(services, plan.task))
    const found = finding(acquired, plan.noted)
    return { producer, acquired, meta, partitionCount, ...starts, ...rest, timers, found }
  } catch (error) {
    await probed(probe, 'release', () => producer.close())
    throw error
  }
}

function finding(acquired: Acquired, noted: CommitName | null): StoreFinding {
  if (acquired.sequence === 0) return noted === null ? 'first' : 'lost'
  return noted !== null && acquired.sequence < noted.sequence ? 'rolledBack' : 'resumed'
}

async function checkedPartitionCount(log: Log, plan: TakeoverPlan, meta: Meta | null): Promise<number> {
  const counts = await Promise.all(plan.sources.map(async (topic) => (await log.bounds(topic)).length))
  const count = counts[0] ?? 0
  if (counts.some((other) => other !== count)) {
    const listed = plan.sources.map((topic, index) => `${topic} ${counts[index]}`).join(', ')
    throw new RefusedError(`Sources of ${plan.task.topology} must have equally many partitions: ${listed}.`)
  }
  if (meta !== null && meta.partitionCount !== count) {
    throw new RefusedError(
      `Sources of ${plan.task.topology} have ${count} partitions, its state was written for ` +
        `${meta.partitionCount}: keys have moved. Run \`bailiff repartition ${plan.task.topology}\` first.`,
    )
  }
  return count
}

/** Where each source begins: as the checkpoint says, else at the beginning of the log; never at its end (A4). */
async function sourceStarts(
  services: EngineServices,
  plan: TakeoverPlan,
  meta: Meta | null,
): Promise<Pick<Takeover, 'positions' | 'ends'>> {
  const positions = new Map<string, number>()
  const ends = new Map<string, number>()
  for (const topic of plan.sources) {
    const { low, high } = (await services.log.bounds(topic))[plan.task.partition] ?? { low: 0, high: 0 }
    const wanted = meta?.sources[topic]?.position ?? low
    if (wanted < low && services.options.onRetentionGap === 'fail') {
      throw new RetentionGapError(retentionGap(taskName(plan.task), topic, wanted, low))
    }
    positions.set(topic, Math.max(wanted, low))
    ends.set(topic, high)
  }
  return { positions, ends }
}

/** What an operator must know when records between the checkpoint and the log's beginning are gone. */
export function retentionGap(name: string, topic: string, wanted: number, low: number): string {
  return (
    `${name} stands at ${topic} offset ${wanted}, the log begins at ${low}: ${low - wanted} records are gone. ` +
    'Restore the topic, or go on without them: BAILIFF_ON_RETENTION_GAP=earliest.'
  )
}

interface Tail {
  readonly records: readonly SourceRecord[]
  readonly ends: ReadonlyMap<string, number>
}

async function readTail(log: Log, plan: TakeoverPlan, meta: Meta | null): Promise<Tail> {
  const records: SourceRecord[] = []
  const ends = new Map<string, number>()
  for (const topic of plan.outputs) {
    const bounds = (await log.bounds(topic))[plan.task.partition]
    const from = Math.max(meta?.acknowledged[topic] ?? 0, bounds?.low ?? 0)
    ends.set(topic, from)
    if (bounds === undefined || from >= bounds.high) continue
    for await (const record of log.readToEnd(topic, plan.task.partition, from)) {
      ends.set(topic, record.offset + 1)
      if (writtenBy(record, taskName(plan.task)) !== null) records.push(record)
    }
  }
  return { records, ends }
}

interface Rest {
  readonly acknowledged: ReadonlyMap<string, number>
  readonly published: readonly number[]
  readonly unexplained: readonly SourceRecord[]
}

/** Publishes what the outbox holds and the tail does not (A2), and tells the unexplained (A3). */
async function publishRest(
  services: EngineServices,
  task: TaskId,
  producer: TaskProducer,
  outbox: readonly OutboxEntry[],
  tail: Tail,
): Promise<Rest> {
  const name = taskName(task)
  const standing = new Set(tail.records.map((record) => nameKey(writtenBy(record, name))))
  const entries = outbox.map((entry) => ({ sequence: entry.sequence, records: unpackOutbox(entry.payload) }))
  const missing = entries.filter((entry) => !standing.has(nameKey(nameOf(entry.records))))
  const acknowledged = new Map(tail.ends)
  if (missing.length > 0) {
    const records = missing.flatMap((entry) => entry.records)
    const ends = await probed(services.probe, 'acquire.outbox', () =>
      producer.publish(task.partition, records),
    )
    for (const [topic, end] of ends) acknowledged.set(topic, end)
  }
  const explained = new Set(entries.map((entry) => nameKey(nameOf(entry.records))))
  const unexplained = tail.records.filter((record) => !explained.has(nameKey(writtenBy(record, name))))
  return { acknowledged, published: entries.map((entry) => entry.sequence), unexplained }
}

function nameKey(name: CommitName | null): string {
  return name === null ? '' : `${name.epoch}.${name.sequence}`
}

function nameOf(records: readonly OutputRecord[]): CommitName | null {
  const first = records[0]
  if (first === undefined) return null
  const task = first.headers['bailiff-task']?.toString() ?? ''
  return writtenBy({ ...first, partition: 0, offset: 0, appendTimeMs: 0, key: null }, task)
}

const TIMER_PAGE = 5_000

async function allTimers(services: EngineServices, task: TaskId): Promise<readonly StoredTimer[]> {
  const timers: StoredTimer[] = []
  for (;;) {
    const page = await services.store.timers(task, timers.at(-1) ?? null, TIMER_PAGE)
    timers.push(...page)
    if (page.length < TIMER_PAGE) return timers
  }
}
