/**
 * CEL conditions: parsed and type-checked by the library, then turned into closures.
 *
 * X1. Total: a closure never throws; division by zero and everything that is not known is NaN.
 * X2. Three-valued: false wins over unknown in `&&`, true over unknown in `||`; a comparison with unknown is
 *     unknown; `!unknown` is unknown; a choice by an unknown condition is unknown.
 * X3. Where everything is known, the value is the library's own (held by a property test).
 */
import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import { closureOf } from './closures.ts'
import type { Expression, Unit } from './model.ts'
import type { NameOrigin, Names } from './names.ts'
import { didYouMean } from './problem.ts'

export interface Compiled<S> {
  readonly evaluate: Expression<S>
  /** Where the names that it reads come from. */
  readonly reads: readonly NameOrigin[]
  readonly unit: Unit
}

export interface ExpressionMistake {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  /** Offset in the expression's text. */
  readonly at: number
}

export type CompileResult<S> = { readonly compiled: Compiled<S> } | { readonly mistake: ExpressionMistake }

/** Functions besides the operators; all total. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  logistic: 'logistic(double, double, double): double',
  min: 'min(double, double): double',
  max: 'max(double, double): double',
  abs: 'abs(double): double',
}

export function compileExpression<S>(
  text: string,
  names: Names<S>,
  wanted: 'bool' | 'number',
): CompileResult<S> {
  try {
    const parsed = environmentOf(names).parse(text)
    const checked = parsed.check()
    if (!checked.valid) return { mistake: typeMistake(checked.error, names) }
    const type = checked.type === 'bool' ? 'bool' : 'number'
    if (type !== wanted) return { mistake: wrongType(wanted, String(checked.type)) }
    return closureOf(parsed.ast, names)
  } catch (error) {
    return { mistake: syntaxMistake(error) }
  }
}

/** The library's view of the names: flat ones as variables, dotted ones as nested objects. */
function environmentOf<S>(names: Names<S>): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false })
  const nested: Record<string, Schema> = {}
  for (const [name, { type }] of names) {
    const celType = type === 'number' ? 'double' : type === 'bool' ? 'bool' : 'string'
    const [root = '', ...rest] = name.split('.')
    if (rest.length === 0) environment.registerVariable(root, celType)
    else putNested((nested[root] ??= {}), rest, celType)
  }
  for (const [root, schema] of Object.entries(nested)) environment.registerVariable(root, { schema })
  for (const signature of Object.values(FUNCTIONS)) environment.registerFunction(signature, () => 0)
  return environment
}

interface Schema {
  [name: string]: string | Schema
}

function putNested(into: Schema, path: readonly string[], celType: string): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    into[first] = celType
    return
  }
  const known = into[first]
  const child: Schema = typeof known === 'object' ? known : {}
  into[first] = child
  putNested(child, rest, celType)
}

interface LocatedError {
  readonly message: string
  readonly at: number
}

function located(error: unknown): LocatedError {
  if (!(error instanceof Error)) return { message: String(error), at: 0 }
  const node: unknown = Reflect.get(error, 'node')
  const at: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, 'pos') : 0
  return { message: error.message.split('\n')[0] ?? '', at: typeof at === 'number' ? at : 0 }
}

function syntaxMistake(error: unknown): ExpressionMistake {
  const { message, at } = located(error)
  return { code: 'condition-syntax', message: `not a condition: ${message}`, hint: null, at }
}

function typeMistake<S>(error: unknown, names: Names<S>): ExpressionMistake {
  const { message, at } = located(error)
  const unknown = /^(?:Unknown variable|No such key): (\w+)/.exec(message)?.[1]
  if (unknown === undefined) return { code: 'condition-type', message, hint: null, at }
  const known = [...names.keys()].flatMap((name) => [name, name.split('.').at(-1) ?? name])
  const near = didYouMean(unknown, known)
  const hint = near === null ? `known: ${[...names.keys()].sort().join(', ')}` : `did you mean ${near}?`
  return { code: 'unknown-name', message: `unknown name ${unknown}`, hint, at }
}

function wrongType(wanted: string, got: string): ExpressionMistake {
  return { code: 'condition-type', message: `must be a ${wanted}, this is a ${got}`, hint: null, at: 0 }
}

export type { ASTNode }
