/**
 * Where the records of one partition of a stage belong, while and after partitions are added to its sources.
 *
 * A stage has no state that would have to move. What was laid into its partition by an earlier number of partitions is
 * worked on all the same, and what it becomes goes to where its key belongs now.
 */
import { placement, type PlacementRules } from './intake.ts'
import type { Rejection, SourceRecord } from './record.ts'

export class StagePlacement {
  readonly partition: number
  readonly #partitionOf: PlacementRules['partitionOf']
  #count: number
  #earlier: readonly number[]

  /** `earlier`: counts by which records may still lie here; those that are none of this partition's are left out. */
  constructor({ partition, partitionCount, partitionOf }: PlacementRules, earlier: readonly number[]) {
    this.partition = partition
    this.#partitionOf = partitionOf
    this.#count = partitionCount
    this.#earlier = earlier.filter((count) => count > partition && count < partitionCount)
  }

  get count(): number {
    return this.#count
  }

  /** The oldest count by which records may still lie here; the present one where there is no other. */
  get oldestCount(): number {
    return Math.min(this.#count, ...this.#earlier)
  }

  /** Partitions were added. */
  grow(count: number): void {
    this.#earlier = [...this.#earlier, this.#count]
    this.#count = count
  }

  /** Why the record does not belong here, by this count or an earlier one; null where it does. */
  rejection(record: SourceRecord): Rejection | null {
    const rejection = placement(record, this.#rules(this.#count))
    if (rejection === null || this.#earlier.some((count) => placement(record, this.#rules(count)) === null)) {
      return null
    }
    return rejection
  }

  /** Where what the record becomes belongs. */
  home({ key }: SourceRecord): number {
    return this.#earlier.length === 0 || key === null ? this.partition : this.#partitionOf(key, this.#count)
  }

  #rules(partitionCount: number): PlacementRules {
    return { partition: this.partition, partitionCount, partitionOf: this.#partitionOf }
  }
}
