/**
 * How long a condition that does not hold can be left alone: a count that is 40 below its limit takes at least 40 more
 * events to reach it, whatever else happens.
 *
 * Q1. Where n > 0 is told, the condition does not hold now (it is false, not unknown), nor on any event before the n-th
 *     further one of the named collections; unless the account changes, for limits may be its quotas.
 * Q2. 0 says nothing: the condition has to be asked.
 */
import type { Collection, Expression, Patience } from './model.ts'

/**
 * How a figure moves. `settled`: not, while the account does not. Stepwise: up by at most one with each event of that
 * collection and else only down, as long as it is below `upTo`.
 */
export type Pace = 'any' | 'settled' | { readonly collection: Collection; readonly upTo: number }

export interface Paced<S> {
  readonly read: Expression<S>
  readonly pace: Pace
}

/** Of a comparison: that the figure reaches the limit, or, `strictly`, passes it. Null where nothing can be told. */
export function untilReached<S>(figure: Paced<S>, limit: Paced<S>, strictly: boolean): Patience<S> | null {
  const { pace, read } = figure
  if (typeof pace === 'string' || limit.pace !== 'settled') return null
  const { collection, upTo } = pace
  return {
    collections: new Set([collection]),
    events: (scope) => {
      const to = limit.read(scope)
      const missing = to - read(scope)
      if (!(missing >= 0 && to <= upTo)) return 0
      return strictly ? Math.floor(missing) + 1 : Math.ceil(missing)
    },
  }
}

/** Of a flag of the account, or what is made of such: false until the account changes, however many events come. */
export function untilChanged<S>(flag: Expression<S>): Patience<S> {
  return { collections: new Set(), events: (scope) => (flag(scope) === 0 ? Infinity : 0) }
}

/** Of `a && b`: both are needed, so that the longer wait counts. */
export function untilBoth<S>(a: Patience<S> | null, b: Patience<S> | null): Patience<S> | null {
  if (a === null || b === null) return a ?? b
  return {
    collections: new Set([...a.collections, ...b.collections]),
    events: (scope) => Math.max(a.events(scope), b.events(scope)),
  }
}

/** Of `a || b`: one is enough, so that the shorter wait counts. */
export function untilEither<S>(a: Patience<S> | null, b: Patience<S> | null): Patience<S> | null {
  if (a === null || b === null) return null
  return {
    collections: new Set([...a.collections, ...b.collections]),
    events: (scope) => Math.min(a.events(scope), b.events(scope)),
  }
}
