/**
 * What the machine may still do this hour (P12): per detector, per clause and overall, divided over the tasks with
 * a floor. Young accounts and exact matches each draw on a budget of their own, and on no other, so that neither
 * can use up everybody else's.
 *
 * B1. Buckets fill evenly over an hour and hold at most an hour's share.
 * B2. A ledger lives in its task's memory, since a task's state is per account. One that has just begun holds half
 *     a share, so that a task that restarts again and again gains little over one that does not.
 * B3. Reading changes nothing: `at` tells what is left, `spend` takes it once the sanction has been decided.
 */
import type { Budgets } from '../topology/policy.ts'
import type { BudgetView, Claim } from './terms.ts'

const HOUR_MS = 3_600_000

interface Bucket {
  readonly left: number
  readonly atMs: number
}

export class BudgetLedger {
  readonly #budgets: Budgets
  readonly #tasks: number
  readonly #buckets = new Map<string, Bucket>()

  /** `tasks`: how many tasks of the topology share the budgets. */
  constructor(budgets: Budgets, tasks: number) {
    this.#budgets = budgets
    this.#tasks = tasks
  }

  at(nowMs: number): BudgetView {
    return {
      allows: (claim) => this.#limits(claim).every(([name, share]) => this.#left(name, share, nowMs) >= 1),
    }
  }

  spend(claim: Claim, nowMs: number): void {
    for (const [name, share] of this.#limits(claim)) {
      const left = Math.max(0, this.#left(name, share, nowMs) - 1)
      this.#buckets.set(name, { left, atMs: nowMs })
    }
  }

  #limits(claim: Claim): readonly (readonly [name: string, share: number])[] {
    const { perHour, perDetectorPerHour, perClausePerHour, youngAccountsPerHour } = this.#budgets
    if (claim.exactMatch) return [['exactMatch', this.#share(perDetectorPerHour)]]
    if (claim.youngAccount) return [['young', this.#share(youngAccountsPerHour)]]
    return [
      ['overall', this.#share(perHour)],
      [`detector/${claim.detectorId}`, this.#share(perDetectorPerHour)],
      [`clause/${claim.clause}`, this.#share(perClausePerHour)],
    ]
  }

  #share(perHour: number): number {
    return Math.max(this.#budgets.floorPerTaskPerHour, perHour / this.#tasks)
  }

  #left(name: string, share: number, nowMs: number): number {
    const bucket = this.#buckets.get(name)
    if (bucket === undefined) return Math.max(1, share / 2)
    const sinceMs = Math.max(0, nowMs - bucket.atMs)
    return Math.min(share, bucket.left + (share * sinceMs) / HOUR_MS)
  }
}
