/**
 * How long a condition that does not hold can be left alone: a count that is 40 below its limit takes at least 40 more
 * events to reach it, whatever else happens.
 *
 * Q1. Where n > 0 is told, the condition does not hold now (it is false, not unknown), nor on any event before the n-th
 *     further one of the named collections; unless the account changes, for limits may be its quotas.
 * Q2. 0 says nothing: the condition has to be asked.
 * Q3. A sum that is 100 seconds below its limit takes events that bring 100 seconds, however many they are: the same as
 *     Q1 holds of a missing amount, as long as less than that has come.
 */
import type { Collection, Expression, NumberField, Patience } from './model.ts'

/**
 * How a figure moves. `settled`: not, while the account does not. Stepwise: up by at most one with each event of that
 * collection and else only down, as long as it is below `upTo`. By amounts: up by at most what such an event brings,
 * which is never less than nothing, and else only down.
 */
export type Pace =
  | 'any'
  | 'settled'
  | { readonly collection: Collection; readonly upTo: number }
  | { readonly collection: Collection; readonly broughtBy: NumberField }

export interface Paced<S> {
  readonly read: Expression<S>
  readonly pace: Pace
}

/** Of a comparison: that the figure reaches the limit, or, `strictly`, passes it. Null where nothing can be told. */
export function untilReached<S>(figure: Paced<S>, limit: Paced<S>, strictly: boolean): Patience<S> | null {
  const { pace, read } = figure
  if (typeof pace === 'string' || limit.pace !== 'settled') return null
  const { collection } = pace
  if ('broughtBy' in pace) {
    const missing: Expression<S> = (scope) => limit.read(scope) - read(scope)
    const { broughtBy } = pace
    return { collections: new Set(), events: noneKnown, amount: { collection, broughtBy, missing } }
  }
  const { upTo } = pace
  return {
    collections: new Set([collection]),
    amount: null,
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
  return { collections: new Set(), events: (scope) => (flag(scope) === 0 ? Infinity : 0), amount: null }
}

/** Of `a && b`: both are needed, so that the longer wait counts. */
export function untilBoth<S>(a: Patience<S> | null, b: Patience<S> | null): Patience<S> | null {
  if (a === null || b === null) return a ?? b
  return {
    collections: new Set([...a.collections, ...b.collections]),
    events: (scope) => Math.max(a.events(scope), b.events(scope)),
    amount: a.amount ?? b.amount,
  }
}

/** Of `a || b`: one is enough, so that the shorter wait counts; amounts have no common measure. */
export function untilEither<S>(a: Patience<S> | null, b: Patience<S> | null): Patience<S> | null {
  if (a === null || b === null || a.events === noneKnown || b.events === noneKnown) return null
  return {
    collections: new Set([...a.collections, ...b.collections]),
    events: (scope) => Math.min(a.events(scope), b.events(scope)),
    amount: null,
  }
}

/** Where only an amount can be waited for. */
function noneKnown(): number {
  return 0
}
