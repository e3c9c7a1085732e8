/**
 * Guards: small predicates that turn unknown values into domain types, built from predicates on leaves.
 *
 * U1. A guard for a type has a guard for each of its fields, or it does not compile.
 * U2. A problem names the path of the first refused field, never its value (P9).
 * U3. `shape` tells what a guard accepts, so that a test can hold it against the Avro schema.
 */
export type Shape =
  | { readonly kind: 'text' | 'number' | 'integer' | 'flag' }
  | { readonly kind: 'symbol'; readonly symbols: readonly string[] }
  | { readonly kind: 'nullable' | 'list' | 'map'; readonly of: Shape }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, Shape>> }

export interface Guard<T> {
  readonly shape: Shape
  readonly accepts: (value: unknown) => value is T
  /** The path of the first refused field, such as `grants[2].kind`; empty for the value itself; null for none. */
  readonly problem: (value: unknown) => string | null
}

/** A guard on one value without parts. */
export function leaf<T>(shape: Shape, accepts: (value: unknown) => value is T): Guard<T> {
  return { shape, accepts, problem: (value) => (accepts(value) ? null : '') }
}

export function nullOr<T>(of: Guard<T>): Guard<T | null> {
  const accepts = (value: unknown): value is T | null => value === null || of.accepts(value)
  const problem = (value: unknown): string | null => (value === null ? null : of.problem(value))
  return { shape: { kind: 'nullable', of: of.shape }, accepts, problem }
}

/** A list of at most `longest` items. */
export function listOf<T>(of: Guard<T>, longest: number): Guard<readonly T[]> {
  const accepts = (value: unknown): value is readonly T[] =>
    Array.isArray(value) && value.length <= longest && value.every(of.accepts)
  return {
    shape: { kind: 'list', of: of.shape },
    accepts,
    problem: (value) => listProblem(of, longest, value),
  }
}

function listProblem<T>(of: Guard<T>, longest: number, value: unknown): string | null {
  if (!Array.isArray(value) || value.length > longest) return ''
  for (let index = 0; index < value.length; index++) {
    const inner = of.problem(value[index])
    if (inner !== null) return joined(`[${index}]`, inner)
  }
  return null
}

/** A map from names to values, with at most `most` entries. */
export function mapOf<T>(of: Guard<T>, most: number): Guard<Readonly<Record<string, T>>> {
  const accepts = (value: unknown): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.keys(value).length <= most && Object.values(value).every(of.accepts)
  return {
    shape: { kind: 'map', of: of.shape },
    accepts,
    problem: (value) => (accepts(value) ? null : ''),
  }
}

/** One guard per field of `T`, no more and no less. */
export function recordOf<T extends object>(fields: { readonly [F in keyof T]-?: Guard<T[F]> }): Guard<T> {
  const guards: (readonly [string, Guard<unknown>])[] = []
  for (const name in fields) guards.push([name, fields[name]])
  const accepts = (value: unknown): value is T => {
    if (!isObject(value)) return false
    for (const [name, guard] of guards) if (!guard.accepts(value[name])) return false
    return true
  }
  const shape: Shape = {
    kind: 'record',
    fields: Object.fromEntries(guards.map(([name, guard]) => [name, guard.shape])),
  }
  return { shape, accepts, problem: (value) => recordProblem(guards, value) }
}

function recordProblem(
  guards: readonly (readonly [string, Guard<unknown>])[],
  value: unknown,
): string | null {
  if (!isObject(value)) return ''
  for (const [name, guard] of guards) {
    const inner = guard.problem(value[name])
    if (inner !== null) return joined(name, inner)
  }
  return null
}

/** A further condition over the whole value; `name` says what is wrong where it does not hold. */
export function refined<T>(of: Guard<T>, name: string, holds: (value: T) => boolean): Guard<T> {
  const accepts = (value: unknown): value is T => of.accepts(value) && holds(value)
  const problem = (value: unknown): string | null => of.problem(value) ?? (accepts(value) ? null : name)
  return { shape: of.shape, accepts, problem }
}

/** A plain object; arrays are not. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function joined(outer: string, inner: string): string {
  if (inner === '' || inner.startsWith('[')) return outer + inner
  return `${outer}.${inner}`
}
