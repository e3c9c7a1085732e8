/**
 * How long a condition that does not hold can be left alone: a count that is 40 below its limit takes at least 40 more
 * events to reach it, whatever else happens. An event takes a feature one step further, of a sum as many as its amount is
 * worth (`strideOf`); most events are no step of most features, for their `where` does not hold.
 *
 * Q1. Where a part tells n > 0, the condition does not hold now, nor on any event before the features of that part have
 *     taken n steps more, an event counting as often as for that of them which it takes the furthest; unless the account
 *     changes, for limits may be its quotas.
 * Q2. Of a condition that reads the pool, what is unknown because of the account, or of something without a window, is not
 *     waited for: asked again, with a pool that is known, it could hold as of an event that had been left out.
 * Q3. 0 says nothing: the condition has to be asked.
 */
import type { Expression, Pace, Patience, Unit } from './model.ts'

/** More is not told: a condition is asked again after so many steps at the latest, if there were any. */
export const LONGEST_WAIT = 255

export interface Paced<S> {
  readonly read: Expression<S>
  readonly pace: Pace<S>
}

/** Each of what must come together, while it is not known whether the condition reads the pool. */
export type Wait<S> = readonly Part<S>[]

interface Part<S> {
  readonly features: ReadonlySet<number>
  readonly steps: (scope: S, readsPool: boolean) => number
}

/** What of a sum counts as one step: about as much as a heavy event of it. */
export function strideOf(unit: Unit): number {
  if (unit === 'tokens') return 4_096
  return unit === 'seconds' ? 16 : 1
}

export function patienceOf<S>(wait: Wait<S>, readsPool: boolean): Patience<S> {
  const parts = wait.map(({ features, steps }) => ({
    features,
    steps: (scope: S) => steps(scope, readsPool),
  }))
  return { parts }
}

/** Of a comparison: that the figure reaches the limit, or, `strictly`, passes it. Null where nothing can be told. */
export function untilReached<S>(figure: Paced<S>, limit: Paced<S>, strictly: boolean): Wait<S> | null {
  const { pace } = figure
  if (typeof pace === 'string' || limit.pace !== 'settled') return null
  const steps = (scope: S, readsPool: boolean): number => {
    const to = limit.read(scope)
    if (Number.isNaN(to)) return readsPool ? 0 : Infinity
    if (readsPool && pace.warmsUp) return 0
    return pace.stepsTo(scope, strictly && pace.whole ? Math.floor(to) + 1 : to)
  }
  return [{ features: new Set(pace.features), steps }]
}

/** Of a flag of the account, or what is made of such: not until the account changes, however many events come. */
export function untilChanged<S>(flag: Expression<S>): Wait<S> {
  const steps = (scope: S, readsPool: boolean): number => {
    const truth = flag(scope)
    return truth === 0 || (Number.isNaN(truth) && !readsPool) ? Infinity : 0
  }
  return [{ features: new Set(), steps }]
}

/** Of `a && b`: both are needed, so that any part of either can be waited for. */
export function untilBoth<S>(a: Wait<S> | null, b: Wait<S> | null): Wait<S> | null {
  return a === null || b === null ? (a ?? b) : [...a, ...b]
}

/** Of `a || b`: one is enough, so that the shorter wait counts, and the steps of both. */
export function untilEither<S>(a: Wait<S> | null, b: Wait<S> | null): Wait<S> | null {
  if (a === null || b === null) return null
  const steps = (scope: S, readsPool: boolean): number => {
    const ofA = longestOf(a, scope, readsPool)
    return ofA <= 0 ? 0 : Math.min(ofA, longestOf(b, scope, readsPool))
  }
  return [{ features: new Set([...a, ...b].flatMap(({ features }) => [...features])), steps }]
}

function longestOf<S>(wait: Wait<S>, scope: S, readsPool: boolean): number {
  let longest = 0
  for (const { steps } of wait) longest = Math.max(longest, steps(scope, readsPool))
  return longest
}
