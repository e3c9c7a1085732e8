/**
 * A consumer group in memory: placement as in Kafka; members get batches of the partitions that they hold and
 * have resumed. A rebalance forgets all positions, as it does in Kafka, before it tells the members.
 */
import type { Clock } from '../../domain/clock.ts'
import type { GroupPosition, Membership, Subscription } from '../../engine/log.ts'
import { colocate, commonCount } from '../colocate.ts'
import { batchFrom, type MemoryTopic } from './memory-topic.ts'

interface Member {
  readonly id: string
  readonly subscription: Subscription
  readonly topics: readonly MemoryTopic[]
  partitions: readonly number[]
  /** Next offset to deliver, by `topic/partition`. */
  readonly positions: Map<string, number>
  readonly resumed: Set<string>
}

export class MemoryGroup {
  readonly #members: Member[] = []
  readonly #committed = new Map<string, GroupPosition>()
  readonly #batchRecords: number
  readonly #clock: Clock
  readonly #changed: () => void
  #joined = 0
  #rebalancing = false

  constructor(batchRecords: number, clock: Clock, changed: () => void) {
    this.#batchRecords = batchRecords
    this.#clock = clock
    this.#changed = changed
  }

  join(subscription: Subscription, topics: readonly MemoryTopic[]): Membership {
    commonCount(subscription.topics, (name) => topics.find((topic) => topic.name === name)?.partitions ?? 0)
    const id = String(this.#joined++).padStart(6, '0')
    const member: Member = {
      id,
      subscription,
      topics,
      partitions: [],
      positions: new Map(),
      resumed: new Set(),
    }
    this.#members.push(member)
    this.#rebalanceSoon()
    return this.#membership(member)
  }

  deliver(): boolean {
    let delivered = this.#rebalance()
    for (const member of [...this.#members]) {
      for (const topic of member.topics) {
        for (const partition of member.partitions) {
          delivered = this.#deliverTo(member, topic, partition) || delivered
        }
      }
    }
    return delivered
  }

  #deliverTo(member: Member, topic: MemoryTopic, partition: number): boolean {
    const source = sourceName(topic.name, partition)
    if (!member.resumed.has(source)) return false
    const batch = batchFrom(topic, partition, member.positions.get(source) ?? 0, this.#batchRecords)
    if (batch === null) return false
    member.positions.set(source, batch.nextOffset)
    member.subscription.onBatch(batch)
    return true
  }

  /** Once whoever joined has its membership in hand; a driver that delivers at once need not wait. */
  #rebalanceSoon(): void {
    this.#rebalancing = true
    void Promise.resolve().then(() => queueMicrotask(() => this.#rebalance()))
  }

  #rebalance(): boolean {
    if (!this.#rebalancing) return false
    this.#rebalancing = false
    const topics = new Map(
      this.#members.flatMap((member) => member.topics.map((topic) => [topic.name, topic])),
    )
    const placed = colocate(
      this.#members.map(({ id, subscription, partitions }) => {
        return { id, topics: subscription.topics, previous: partitions }
      }),
      (name) => topics.get(name)?.partitions ?? 0,
    )
    for (const member of [...this.#members]) assign(member, placed.get(member.id) ?? [])
    this.#changed()
    return true
  }

  #leave(member: Member): void {
    const at = this.#members.indexOf(member)
    if (at < 0) return
    this.#members.splice(at, 1)
    member.resumed.clear()
    this.#rebalanceSoon()
  }

  #rejoin(member: Member): void {
    if (!this.#members.includes(member)) return
    this.#leave(member)
    assign(member, [])
    this.#members.push(member)
  }

  #membership(member: Member): Membership {
    return {
      seek: (topic, partition, offset) => {
        if (member.partitions.includes(partition)) member.positions.set(sourceName(topic, partition), offset)
      },
      pause: (topic, partition) => void member.resumed.delete(sourceName(topic, partition)),
      resume: (topic, partition) => this.#resume(member, topic, partition),
      commitOffsets: (positions) => {
        // A member that was left behind is heard no more, as in Kafka.
        if (!this.#members.includes(member)) return Promise.resolve()
        for (const position of positions) {
          this.#committed.set(sourceName(position.topic, position.partition), position)
        }
        return Promise.resolve()
      },
      committed: (partition) => {
        const found = member.topics.map((topic) => this.#committed.get(sourceName(topic.name, partition)))
        return Promise.resolve(found.filter((position) => position !== undefined))
      },
      lastContactMs: () => this.#clock.now(),
      rejoin: () => Promise.resolve(this.#rejoin(member)),
      leave: () => Promise.resolve(this.#leave(member)),
    }
  }

  #resume(member: Member, topic: string, partition: number): void {
    if (!member.partitions.includes(partition)) return
    const source = sourceName(topic, partition)
    if (!member.positions.has(source)) throw new Error(`${source} was resumed before it was sought`)
    member.resumed.add(source)
    this.#changed()
  }
}

function assign(member: Member, partitions: readonly number[]): void {
  member.resumed.clear()
  member.positions.clear()
  member.partitions = partitions
  const count = Math.max(...member.topics.map((topic) => topic.partitions))
  member.subscription.onAssigned(partitions, count)
}

function sourceName(topic: string, partition: number): string {
  return `${topic}/${partition}`
}
