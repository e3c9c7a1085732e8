/**
 * How many steps (`topology/patience.ts`) one event has taken each feature further.
 *
 * S1. At least as many as it did: an event that a feature takes counts as one even where nothing of it was new.
 */
import { LONGEST_WAIT, strideOf } from '../topology/patience.ts'
import { asSummand } from '../windows/figures.ts'
import type { PlannedFeature } from './feature-plan.ts'

export class Steps {
  readonly #taken: Uint8Array

  /** Of so many features. */
  constructor(features: number) {
    this.#taken = new Uint8Array(features)
  }

  /** No feature has been taken any further by the next event. */
  begin(): void {
    this.#taken.fill(0)
  }

  /** The event has taken a feature, by index, so many steps further. */
  take(feature: number, steps: number): void {
    this.#taken[feature] = Math.min(steps, LONGEST_WAIT)
  }

  /** How far the event has taken that of them which it took the furthest. */
  furthest(features: readonly number[]): number {
    let furthest = 0
    for (const feature of features) furthest = Math.max(furthest, this.#taken[feature] ?? 0)
    return furthest
  }
}

/** How far an event that the feature takes brings it. */
export function stepsOf({ spec: { aggregate, unit } }: PlannedFeature, body: unknown): number {
  if (aggregate.kind !== 'sum') return 1
  const amount = asSummand(aggregate.field(body) ?? 0)
  return amount > 0 ? Math.floor(amount / strideOf(unit)) + 1 : 0
}

/**
 * Whether steps can be told to a limit: not of what is there already. How many values are different is told exactly below
 * the sketch's limit; by half of that the sketch is not in use, whatever its error.
 */
export function canStepTo({ spec: { aggregate } }: PlannedFeature, limit: number): boolean {
  const counts = aggregate.kind === 'distinct' || aggregate.kind === 'nearDistinct'
  return limit > 0 && limit <= (counts ? aggregate.exactLimit / 2 : Infinity)
}

/** At least how many steps lead from what there is to the limit: events that bring so much, each more than it adds. */
export function stepsBetween(
  from: number,
  limit: number,
  { spec: { aggregate, unit } }: PlannedFeature,
): number {
  if (!(from < limit)) return 0
  if (aggregate.kind !== 'sum') return Math.ceil(limit - from)
  return Math.floor((limit - from) / strideOf(unit)) + 1
}
