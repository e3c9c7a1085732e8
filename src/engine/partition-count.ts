/**
 * How many partitions the topics of a topology or stage have, whether they fit together, and what is done about it when
 * some are added: keys move then, and a record that was right where it lies need not be so any more.
 *
 * Q1. Nobody begins with sources that differ in their count, nor with an output that lacks a partition of the sources.
 * Q2. A task works with the count that its state, and that of all its neighbours, was written for, or not at all.
 *     Who has begun hears of ones that are added by the group, or by what lies elsewhere, whichever comes first.
 * Q3. Nothing is set aside as misplaced by a count that is out of date: it is asked for anew first.
 */
import { RefusedError } from './errors.ts'
import type { Log, PartitionBounds } from './log.ts'
import { probed } from './probe.ts'
import type { Rejection, SourceRecord } from './record.ts'
import type { EngineServices } from './services.ts'
import type { TaskId } from './state-store.ts'

/** What reads and writes partitions together. */
export interface Partitioned {
  readonly name: string
  readonly sources: readonly string[]
  readonly outputs: readonly string[]
}

/** Of each topic its partitions' bounds, by number. */
export type TopicBounds = ReadonlyMap<string, readonly PartitionBounds[]>

export async function boundsOf(log: Log, topics: Iterable<string>): Promise<TopicBounds> {
  const bounds = new Map<string, readonly PartitionBounds[]>()
  for (const topic of topics) bounds.set(topic, await log.bounds(topic))
  return bounds
}

/** The number of partitions of all sources; refuses topics that do not fit together (Q1). */
export function partitionCount({ name, sources, outputs }: Partitioned, bounds: TopicBounds): number {
  const countOf = (topic: string): number => bounds.get(topic)?.length ?? 0
  const listed = (topics: readonly string[]): string =>
    topics.map((topic) => `${topic} ${countOf(topic)}`).join(', ')
  const [count = 0] = sources.map(countOf)
  if (sources.some((topic) => countOf(topic) !== count)) {
    throw new RefusedError(`Sources of ${name} must have equally many partitions: ${listed(sources)}.`)
  }
  const narrow = outputs.filter((topic) => countOf(topic) < count)
  if (narrow.length > 0) {
    throw new RefusedError(
      `Outputs of ${name} must have as many partitions as its sources (${count}): ${listed(narrow)}. ` +
        'Add partitions to them.',
    )
  }
  return count
}

/** What an operator must know of a state that was written for another count (Q2). */
export function keysHaveMoved(name: string, written: number, count: number): RefusedError {
  // Counts that no topic has stand while state is being moved (repartition.ts).
  const state = written > 0 ? `its state was written for ${written}` : 'its state is half moved'
  return new RefusedError(
    `Sources of ${name} have ${count} partitions, ${state}: keys have moved. Run \`bailiff repartition ${name}\` first.`,
  )
}

/** Why a worker may not go on now that the sources have so many partitions; null where it may (Q2). */
export function outgrown(name: string, keptFor: number | null, count: number): RefusedError | null {
  return keptFor === null || count <= keptFor ? null : keysHaveMoved(name, keptFor, count)
}

/** What may have been rejected. */
type Item =
  | { readonly kind: 'rejected'; readonly record: SourceRecord; readonly rejection: Rejection }
  | { readonly kind: 'event' | 'skipped' }

/** Throws where a topic of a misplaced record has another number of partitions by now: keys have moved (Q3). */
export async function confirmCount(
  { log, probe }: Pick<EngineServices, 'log' | 'probe'>,
  { topology }: TaskId,
  acquired: { readonly partitionCount: number },
  items: readonly Item[],
): Promise<void> {
  const misplaced = items.flatMap((item) =>
    item.kind === 'rejected' && isMisplaced(item.rejection) ? [item.record.topic] : [],
  )
  for (const topic of new Set(misplaced)) {
    const { length } = await probed(probe, 'aside.bounds', () => log.bounds(topic))
    if (length !== acquired.partitionCount) throw keysHaveMoved(topology, acquired.partitionCount, length)
  }
}

export function isMisplaced({ reason }: Rejection): boolean {
  return reason === 'wrongPartition'
}
