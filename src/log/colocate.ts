/**
 * Who gets which partition number. Used by the group leader in Kafka and by the memory log alike.
 *
 * C1. A partition number goes to one member, with all topics that the member reads: tasks are never split.
 * C2. Within members that read the same topics the counts differ by one at most.
 * C3. A member keeps what it had, as far as C2 leaves it to it.
 * C4. The same members give the same placement, in whatever order they are listed.
 *
 * Members whose topics overlap without being equal (an upgrade under way) share the partition numbers; a topic
 * that the owner of a partition does not read waits there until the group agrees again. Members that have no
 * topic in common are placed apart.
 */
import { RefusedError } from '../engine/errors.ts'

export interface Member {
  readonly id: string
  readonly topics: readonly string[]
  /** The partition numbers that it had before. */
  readonly previous: readonly number[]
}

/** Partition numbers by member id, ascending. `partitionCount` gives the number of partitions of a topic. */
export function colocate(
  members: readonly Member[],
  partitionCount: (topic: string) => number,
): ReadonlyMap<string, readonly number[]> {
  const placed = new Map<string, readonly number[]>()
  for (const circle of circles(sorted(members))) {
    const topics = [...new Set(circle.flatMap((member) => member.topics))]
    for (const [id, partitions] of place(circle, commonCount(topics, partitionCount))) {
      placed.set(id, partitions)
    }
  }
  return placed
}

/** The number of partitions that all topics have; refuses topics that differ, naming them. */
export function commonCount(topics: readonly string[], partitionCount: (topic: string) => number): number {
  const counts = topics.map(partitionCount)
  const first = counts[0] ?? 0
  if (counts.every((count) => count === first)) return first
  const listed = topics.map((topic, index) => `${topic} has ${counts[index] ?? 0}`).join(', ')
  throw new RefusedError(
    `topics that are read together must have equally many partitions: ${listed}. Add partitions to each until it has ` +
      `${Math.max(...counts)}; a topology with state then wants \`bailiff repartition\`.`,
  )
}

function sorted(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Members joined by common topics, directly or through others. */
function circles(members: readonly Member[]): Member[][] {
  const found: { topics: Set<string>; members: Member[] }[] = []
  for (const member of members) {
    const touching = found.filter((circle) => member.topics.some((topic) => circle.topics.has(topic)))
    const topics = new Set([...member.topics, ...touching.flatMap((circle) => [...circle.topics])])
    const joined = [...touching.flatMap((circle) => circle.members), member]
    for (const circle of touching) found.splice(found.indexOf(circle), 1)
    found.push({ topics, members: joined })
  }
  return found.map((circle) => circle.members)
}

function place(members: readonly Member[], count: number): Map<string, readonly number[]> {
  const kept = keep(members, count)
  const free = Array.from({ length: count }, (_, partition) => partition).filter(
    (partition) => !kept.some((held) => held.partitions.includes(partition)),
  )
  const targets = quotas(kept, count)
  for (const held of kept) {
    const target = targets.get(held.id) ?? 0
    free.push(...held.partitions.splice(target))
  }
  free.sort((a, b) => a - b)
  for (const held of kept) {
    const missing = (targets.get(held.id) ?? 0) - held.partitions.length
    held.partitions.push(...free.splice(0, missing))
  }
  return new Map(kept.map((held) => [held.id, held.partitions.sort((a, b) => a - b)]))
}

interface Held {
  readonly id: string
  readonly partitions: number[]
}

/** What each member may claim to have had: the first claim to a partition counts. */
function keep(members: readonly Member[], count: number): Held[] {
  const claimed = new Set<number>()
  return members.map(({ id, previous }) => {
    const partitions = [...new Set(previous)].filter(
      (partition) => partition >= 0 && partition < count && !claimed.has(partition),
    )
    for (const partition of partitions) claimed.add(partition)
    return { id, partitions: partitions.sort((a, b) => a - b) }
  })
}

/** How many each shall have: those who hold most get the odd ones, so that least moves (C3). */
function quotas(kept: readonly Held[], count: number): ReadonlyMap<string, number> {
  const least = Math.floor(count / kept.length)
  const odd = count % kept.length
  const byHolding = [...kept].sort((a, b) => b.partitions.length - a.partitions.length)
  return new Map(byHolding.map((held, index) => [held.id, index < odd ? least + 1 : least]))
}
