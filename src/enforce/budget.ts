/**
 * What the machine may still do this hour (P12): per detector, per clause and overall, divided over the tasks with
 * a floor. Young accounts and exact matches each draw on a budget of their own, and on no other, so that neither
 * can use up everybody else's.
 *
 * B1. Buckets fill evenly over an hour and hold at most an hour's share.
 * B2. A ledger stands in its task's checkpoints, so that a restart, a takeover or a roll-out gives nothing back. Where no
 *     checkpoint knows of one it holds half a share of each.
 * B3. Reading changes nothing: `at` tells what is left, `spend` takes it once the sanction has been decided.
 * B4. One event may lead to several sanctions: each is allowed beside those before it.
 */
import type { Budgets } from '../topology/policy.ts'
import type { BudgetView, Claim } from './terms.ts'

const HOUR_MS = 3_600_000

interface Bucket {
  readonly left: number
  readonly atMs: number
}

/** As it is stored: what each bucket that was drawn on held, and when. */
type StoredBuckets = Readonly<Record<string, readonly [left: number, atMs: number]>>

export class BudgetLedger {
  readonly #budgets: Budgets
  readonly #tasks: number
  readonly #buckets: Map<string, Bucket>

  /**
   * @param tasks how many tasks of the topology share the budgets
   * @param stored what `stored` gave for the checkpoint that the task begins with; null where there is none
   */
  constructor(budgets: Budgets, tasks: number, stored: string | null) {
    this.#budgets = budgets
    this.#tasks = tasks
    this.#buckets = new Map(
      Object.entries(stored === null ? {} : bucketsIn(stored)).map(([name, [left, atMs]]) => [
        name,
        { left, atMs },
      ]),
    )
  }

  /** All that a successor must know. */
  stored(): string {
    return JSON.stringify(
      Object.fromEntries([...this.#buckets].map(([name, { left, atMs }]) => [name, [left, atMs]])),
    )
  }

  at(nowMs: number): BudgetView {
    return this.#view(nowMs, new Map())
  }

  /** B4. `drawn`: how much of each bucket was decided on and is not spent yet. */
  #view(nowMs: number, drawn: ReadonlyMap<string, number>): BudgetView {
    const drawnOf = (name: string): number => drawn.get(name) ?? 0
    return {
      allows: (claim) =>
        this.#limits(claim).every(([name, share]) => this.#left(name, share, nowMs) - drawnOf(name) >= 1),
      without: (claim) => {
        const more = this.#limits(claim).map(([name]) => [name, drawnOf(name) + 1] as const)
        return this.#view(nowMs, new Map([...drawn, ...more]))
      },
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

/** Throws where it was not written by `stored`: a budget that is misread would be none. */
function bucketsIn(text: string): StoredBuckets {
  const parsed: unknown = JSON.parse(text)
  if (!areBuckets(parsed)) throw new Error('The stored budgets have an unknown shape.')
  return parsed
}

function areBuckets(value: unknown): value is StoredBuckets {
  return typeof value === 'object' && value !== null && Object.values(value).every(isBucket)
}

function isBucket(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'number')
}
