/**
 * A consumer group in memory: sticky, co-located assignment; members get batches of the partitions that they
 * hold and have resumed.
 */
import type { Clock } from '../../domain/clock.ts'
import type { GroupPosition, Membership, Subscription } from '../../engine/log.ts'
import { batchFrom, type MemoryTopic } from './memory-topic.ts'

interface Member {
  readonly subscription: Subscription
  readonly topics: readonly MemoryTopic[]
  partitions: number[]
  /** Next offset to deliver, by `topic/partition`; only of resumed sources. */
  readonly positions: Map<string, number>
  readonly resumed: Set<string>
}

export class MemoryGroup {
  readonly #members: Member[] = []
  readonly #committed = new Map<string, GroupPosition>()
  readonly #batchRecords: number
  readonly #clock: Clock
  readonly #changed: () => void

  constructor(batchRecords: number, clock: Clock, changed: () => void) {
    this.#batchRecords = batchRecords
    this.#clock = clock
    this.#changed = changed
  }

  join(subscription: Subscription, topics: readonly MemoryTopic[]): Membership {
    const member: Member = { subscription, topics, partitions: [], positions: new Map(), resumed: new Set() }
    this.#members.push(member)
    this.#rebalance()
    return this.#membership(member)
  }

  deliver(): boolean {
    let delivered = false
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
    const position = Math.max(member.positions.get(source) ?? 0, topic.low(partition))
    const batch = batchFrom(topic, partition, position, this.#batchRecords)
    if (batch === null) return false
    member.positions.set(source, batch.nextOffset)
    member.subscription.onBatch(batch)
    return true
  }

  /** Every member keeps what it can keep; the rest goes to whoever holds least. All sources are paused. */
  #rebalance(): void {
    const count = this.#members[0]?.topics[0]?.partitions ?? 0
    const share = Math.ceil(count / Math.max(1, this.#members.length))
    const taken = new Set<number>()
    for (const member of this.#members) {
      member.partitions = member.partitions.filter((partition) => !taken.has(partition)).slice(0, share)
      for (const partition of member.partitions) taken.add(partition)
    }
    for (let partition = 0; partition < count; partition++) {
      if (!taken.has(partition)) this.#least()?.partitions.push(partition)
    }
    for (const member of [...this.#members]) {
      member.resumed.clear()
      member.partitions.sort((a, b) => a - b)
      member.subscription.onAssigned([...member.partitions])
    }
    this.#changed()
  }

  #least(): Member | undefined {
    return [...this.#members].sort((a, b) => a.partitions.length - b.partitions.length)[0]
  }

  #leave(member: Member): void {
    const at = this.#members.indexOf(member)
    if (at < 0) return
    this.#members.splice(at, 1)
    if (this.#members.length > 0) this.#rebalance()
  }

  #membership(member: Member): Membership {
    return {
      seek: (topic, partition, offset) => void member.positions.set(sourceName(topic, partition), offset),
      pause: (topic, partition) => void member.resumed.delete(sourceName(topic, partition)),
      resume: (topic, partition) => {
        if (!member.partitions.includes(partition)) return
        member.resumed.add(sourceName(topic, partition))
        this.#changed()
      },
      commitOffsets: (positions) => {
        for (const position of positions)
          this.#committed.set(sourceName(position.topic, position.partition), position)
        return Promise.resolve()
      },
      committed: (partition) => {
        const found = member.topics.map((topic) => this.#committed.get(sourceName(topic.name, partition)))
        return Promise.resolve(found.filter((position) => position !== undefined))
      },
      lastContactMs: () => this.#clock.now(),
      rejoin: () => {
        this.#leave(member)
        member.partitions = []
        this.#members.push(member)
        this.#rebalance()
        return Promise.resolve()
      },
      leave: () => {
        this.#leave(member)
        return Promise.resolve()
      },
    }
  }
}

function sourceName(topic: string, partition: number): string {
  return `${topic}/${partition}`
}
