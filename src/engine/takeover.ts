/**
 * How a task is acquired: fence in Kafka, then in the store, then read what predecessors left behind.
 *
 * A1. Fenced in Kafka before the output's tail is read: nothing can appear in it afterwards (P3).
 * A2. Of the outbox, only what does not stand in the tail is published: not by its own commit, and not by one that
 *     the store has forgotten. (A process that was stopped over its commit goes on, and finds a store that was set
 *     back to where it knew it: its commit stands, though a successor has said all of it.)
 * A3. Own outputs in the tail that no outbox explains come from commits that the store has lost: they are
 *     folded into state before any record is processed (section 5, "Redis rolled back").
 * A4. A start position that is not in the log, or a group's note behind its end, is a policy, never a silent jump.
 * A5. What is processed once more, because the store has forgotten it, leaves out what killed owners the first time.
 * A6. State of a newer edition than our own is left alone: it is waited until this process has that edition.
 * A7. A task that begins without state looks whether its neighbours have some for another number of partitions: what
 *     its keys did so far is theirs then (Q2).
 */
import { crashedBefore } from './crashed.ts'
import { TransientError } from './errors.ts'
import type { Log, TaskProducer } from './log.ts'
import { decodeMeta, type Meta } from './meta.ts'
import type { StoreFinding } from './observer.ts'
import type { NotedCommit } from './noted.ts'
import { unpackOutbox, writtenBy, type CommitName } from './outbox.ts'
import { boundsOf, keysHaveMoved, partitionCount, type TopicBounds } from './partition-count.ts'
import { probed } from './probe.ts'
import { HEADER_ID, HEADER_TASK, headerText, type OutputRecord, type SourceRecord } from './record.ts'
import type { EngineServices } from './services.ts'
import type { Acquired, OutboxEntry, StateStore, StoredTimer, TaskId } from './state-store.ts'
import { startPosition } from './start-position.ts'
import { taskName } from './checkpointer.ts'

/** What the topology demands of a takeover. */
export interface TakeoverPlan {
  readonly task: TaskId
  readonly stateVersion: number
  readonly edition: number
  readonly sources: readonly string[]
  readonly outputs: readonly string[]
  readonly deadLetterTopics: readonly string[]
  /** The group's own note of the last commit; null where the group has none. */
  readonly noted: NotedCommit | null
}

export interface Takeover {
  readonly producer: TaskProducer
  readonly acquired: Acquired
  readonly meta: Meta | null
  readonly partitionCount: number
  readonly positions: ReadonlyMap<string, number>
  /** Ends of the sources at the takeover: what lies before them is known lag from the first moment on. */
  readonly ends: ReadonlyMap<string, number>
  /** The group's note by source, no further than the log reaches: up to there the state is rebuilt (rebuild.ts). */
  readonly noted: ReadonlyMap<string, number>
  /** Positions of records that must not be touched again (A5). */
  readonly crashed: ReadonlySet<string>
  /** Per output topic: where the tail begins, and where this takeover's own publications end. */
  readonly acknowledged: ReadonlyMap<string, number>
  readonly ownEnds: ReadonlyMap<string, number>
  /** Outbox sequences that stand in the log and only need to be acknowledged. */
  readonly published: readonly number[]
  /** Names of the commits that the outbox still held: their outputs are no news. */
  readonly explained: ReadonlySet<string>
  /** The head of the stored timers. */
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
    requireEdition(name, meta, plan.edition)
    const topics = new Set([...plan.sources, ...plan.outputs])
    const bounds = await probed(probe, 'acquire.bounds', () => boundsOf(log, topics))
    const count = partitionCount({ ...plan, name: plan.task.topology }, bounds)
    await probed(probe, 'acquire.neighbours', () => requireCount(services.store, plan, meta, count))
    const starts = sourceStarts(services, plan, meta, bounds)
    const crashed = rebuilds(starts)
      ? await probed(probe, 'acquire.crashed', () => crashedBefore(log, plan.task, plan.deadLetterTopics))
      : new Set<string>()
    const acknowledged = tailStarts(plan, meta, bounds)
    const rest = await publishRest(services, plan, producer, acquired.outbox, acknowledged)
    const timers = await probed(probe, 'acquire.timers', () =>
      store.timers(plan.task, null, services.options.timersMaxHeld),
    )
    const found = finding(acquired, plan.noted)
    const known = { acquired, meta, partitionCount: count, ...starts, crashed, acknowledged }
    return { producer, ...known, ...rest, timers, found }
  } catch (error) {
    await probed(probe, 'release', () => producer.close())
    throw error
  }
}

/** Its predecessor did what this process has yet to hear of (A6). */
function requireEdition(name: string, meta: Meta | null, edition: number): void {
  if (meta === null || meta.edition <= edition) return
  throw new TransientError(
    'control',
    `${name} runs policy ${meta.edition}, and here only ${edition} is known`,
  )
}

/** Whether anything was processed that the store knows nothing of. */
function rebuilds({ positions, noted }: Pick<Takeover, 'positions' | 'noted'>): boolean {
  return [...noted].some(([topic, target]) => (positions.get(topic) ?? 0) < target)
}

function finding(acquired: Acquired, noted: CommitName | null): StoreFinding {
  if (acquired.sequence === 0) return noted === null ? 'first' : 'lost'
  return noted !== null && acquired.sequence < noted.sequence ? 'rolledBack' : 'resumed'
}

/** Refuses a number of partitions that the task's state, or without one its neighbours', was not written for (A7). */
async function requireCount(
  store: StateStore,
  { task, stateVersion }: TakeoverPlan,
  own: Meta | null,
  count: number,
): Promise<void> {
  let meta = own
  for (let partition = 0; meta === null && partition < count; partition++) {
    const neighbour = { ...task, partition }
    const bytes = await store.meta(neighbour)
    meta = bytes === null ? null : decodeMeta(bytes, taskName(neighbour), stateVersion)
  }
  if (meta !== null && meta.partitionCount !== count) {
    throw keysHaveMoved(task.topology, meta.partitionCount, count)
  }
}

/**
 * Where each source begins: as the checkpoint says, else at the beginning of the log; never at its end (A4). A lost
 * checkpoint is rebuilt from what the log still has: what lies before its beginning is older than any retention, and
 * a gap only where the group's note itself lies there, because nobody has processed what is between.
 */
function sourceStarts(
  services: EngineServices,
  plan: TakeoverPlan,
  meta: Meta | null,
  bounds: TopicBounds,
): Pick<Takeover, 'positions' | 'ends' | 'noted'> {
  const positions = new Map<string, number>()
  const ends = new Map<string, number>()
  const notes = new Map<string, number>()
  for (const topic of plan.sources) {
    const known = bounds.get(topic)?.[plan.task.partition] ?? { low: 0, high: 0 }
    const source = { reader: taskName(plan.task), topic, bounds: known }
    const stored = meta?.sources[topic]?.position ?? null
    const noted = plan.noted?.offsets.get(topic) ?? known.low
    const start = startPosition(source, stored ?? noted, services.options)
    positions.set(topic, stored === null ? known.low : start)
    ends.set(topic, known.high)
    // Behind the log's end it tells of other records than those that are there.
    notes.set(topic, noted > known.high ? startPosition(source, noted, services.options) : noted)
  }
  return { positions, ends, noted: notes }
}

/** Where the tail of each output begins: at what was acknowledged, as far as the log still has it. */
export function tailStarts(
  plan: Pick<TakeoverPlan, 'task' | 'outputs'>,
  meta: Meta | null,
  bounds: TopicBounds,
): Map<string, number> {
  const starts = new Map<string, number>()
  for (const topic of plan.outputs) {
    const low = bounds.get(topic)?.[plan.task.partition]?.low ?? 0
    starts.set(topic, Math.max(meta?.acknowledged[topic] ?? 0, low))
  }
  return starts
}

/** Publishes what the outbox holds and the tail does not (A2). */
async function publishRest(
  services: EngineServices,
  plan: TakeoverPlan,
  producer: TaskProducer,
  outbox: readonly OutboxEntry[],
  starts: ReadonlyMap<string, number>,
): Promise<Pick<Takeover, 'ownEnds' | 'published' | 'explained'>> {
  const entries = outbox.map((entry) => ({ sequence: entry.sequence, records: unpackOutbox(entry.payload) }))
  const explained = new Set(entries.map((entry) => nameKey(nameOf(entry.records))))
  const tail = await probed(services.probe, 'acquire.tail', () =>
    tailFor(services.log, plan, starts, explained),
  )
  const missing = entries.filter((entry) => !tail.standing.has(nameKey(nameOf(entry.records))))
  const records = missing.flatMap((entry) => entry.records).filter((record) => !said(record, tail))
  const ownEnds =
    records.length === 0
      ? new Map<string, number>()
      : await probed(services.probe, 'acquire.outbox', () => producer.publish(plan.task.partition, records))
  return { ownEnds, published: entries.map((entry) => entry.sequence), explained }
}

/** What a tail holds, as the commits of an outbox see it. */
interface Tail {
  /** Those of them that stand; one that does stands there whole (L5). */
  readonly standing: ReadonlySet<string>
  /** Ids of own outputs by commits that the store has forgotten. */
  readonly forgotten: ReadonlySet<string>
}

/** Nothing is read where there is no commit to look for. */
export async function tailFor(
  log: Log,
  plan: Pick<TakeoverPlan, 'task'>,
  starts: ReadonlyMap<string, number>,
  commits: ReadonlySet<string>,
): Promise<Tail> {
  const standing = new Set<string>()
  const forgotten = new Set<string>()
  if (commits.size === 0) return { standing, forgotten }
  for (const [topic, from] of starts) {
    for await (const record of log.readToEnd(topic, plan.task.partition, from)) {
      const name = writtenBy(record, taskName(plan.task))
      const id = name === null ? null : idOf({ topic, headers: record.headers })
      if (commits.has(nameKey(name))) standing.add(nameKey(name))
      else if (id !== null) forgotten.add(id)
    }
  }
  return { standing, forgotten }
}

function said(record: OutputRecord, { forgotten }: Tail): boolean {
  const id = idOf(record)
  return id !== null && forgotten.has(id)
}

/** An output without an id is nobody's repeat. */
function idOf({ topic, headers }: Pick<OutputRecord, 'topic' | 'headers'>): string | null {
  const id = headerText(headers, HEADER_ID)
  return id === null ? null : `${topic} ${id}`
}

/** A stretch of one output's tail: what no outbox explains, and where the stretch ends. */
export interface TailPage {
  readonly topic: string
  readonly end: number
  readonly records: readonly SourceRecord[]
}

const TAIL_PAGE = 1_000

/** Own outputs that no outbox explains, topic by topic, page by page: a lost store leaves years of them (A3). */
export async function* unexplainedTail(
  log: Log,
  task: TaskId,
  takeover: Pick<Takeover, 'acknowledged' | 'explained' | 'ownEnds'>,
): AsyncIterable<TailPage> {
  for (const [topic, from] of takeover.acknowledged) {
    let records: SourceRecord[] = []
    let end = from
    const high = (await log.bounds(topic))[task.partition]?.high ?? 0
    if (from >= high) continue
    for await (const record of log.readToEnd(topic, task.partition, from)) {
      end = record.offset + 1
      const name = writtenBy(record, taskName(task))
      if (name !== null && !takeover.explained.has(nameKey(name))) records.push(record)
      if (records.length < TAIL_PAGE) continue
      yield { topic, end, records }
      records = []
    }
    yield { topic, end: Math.max(end, takeover.ownEnds.get(topic) ?? 0), records }
  }
}

export function nameKey(name: CommitName | null): string {
  return name === null ? '' : `${name.epoch}.${name.sequence}`
}

export function nameOf(records: readonly OutputRecord[]): CommitName | null {
  const first = records[0]
  if (first === undefined) return null
  const task = headerText(first.headers, HEADER_TASK) ?? ''
  return writtenBy({ ...first, partition: 0, offset: 0, appendTimeMs: 0, key: null }, task)
}
