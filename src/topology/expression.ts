/**
 * Conditions and formulas in CEL: parsed and type-checked by the library, then turned into closures.
 *
 * X1. Closures are total and three-valued (`operators.ts`).
 * X2. Where everything is known, the value is the library's own; what is known does not depend on what is not.
 *     Both are held by property tests.
 */
import { CALLS } from './calls.ts'
import { checkedTree, environmentOf } from './cel.ts'
import { closureOf, type Compiled } from './closures.ts'
import { mistakeOf, wrongKind, type ExpressionMistake } from './mistakes.ts'
import type { Names } from './names.ts'

export type CompileResult<S> = { readonly compiled: Compiled<S> } | { readonly mistake: ExpressionMistake }

/** `environment`: of the same names; making one costs more than a check, so that whoever checks many keeps it. */
export function compileExpression<S>(
  text: string,
  names: Names<S>,
  wanted: 'bool' | 'number',
  environment = celEnvironment(names),
): CompileResult<S> {
  const checked = checkedTree(text, environment)
  if ('error' in checked) return { mistake: mistakeOf(checked.error, text, [...names.keys()]) }
  const closure = closureOf(checked.tree, names)
  if ('mistake' in closure || checked.type === (wanted === 'bool' ? 'bool' : 'double')) return closure
  return { mistake: wrongKind(wanted, checked.type) }
}

/** The library's environment with these names and the functions of the language. */
export function celEnvironment<S>(names: Names<S>) {
  const types = [...names].map(([name, { type }]) => [name, CEL_TYPES[type]] as const)
  return environmentOf(types, CALLS)
}

/** A folded text as it is meant: one line. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

const CEL_TYPES = { number: 'double', bool: 'bool', text: 'string' } as const
