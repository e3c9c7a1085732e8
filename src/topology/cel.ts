/**
 * The library's part in a condition: it parses, and it checks types against the declared names.
 *
 * C1. The language has one kind of number: `3` is `3.0`. The library keeps whole numbers and doubles apart, so
 *     whole numbers are rewritten for it; places in its complaints are translated back.
 * C2. Only what `expression.ts` declares can be called.
 * C3. What is nested deeper than `MOST_LEVELS` is refused: whoever walks a tree afterwards may do so by recursion.
 */
import { Environment, parse, ParseError, TypeError as CelTypeError, type ASTNode } from '@marcbachmann/cel-js'

/** What the library is told of a name. */
export type CelType = 'double' | 'bool' | 'string'

/** A function of the language: numbers in, a number out. */
export interface CelFunction {
  readonly name: string
  readonly parameters: readonly string[]
  /** What the library computes where it is asked to evaluate: the oracle of the property test. */
  readonly compute: (...values: number[]) => number
}

export interface CelError {
  readonly code: string
  readonly summary: string
  /** Offset in the text as it was written. */
  readonly at: number
}

export type CelTree = { readonly tree: ASTNode; readonly type: string } | { readonly error: CelError }

/** A chain of as many `&&`, `+` or `!` is as deep; the library's own limit is on brackets alone (C3). */
export const MOST_LEVELS = 500

/** Parses and type-checks one expression. Never throws for anything that people can write. */
export function checkedTree(text: string, environment: Environment): CelTree {
  const parsed = attempt(() => parse(text))
  if ('error' in parsed) return parsed
  if (isDeeper(parsed.done.ast, MOST_LEVELS)) return { error: TOO_DEEP }
  const rewritten = asDoubles(text, parsed.done.ast)
  const checked = attempt(() => environment.parse(rewritten.text).check())
  if ('error' in checked) return checked
  const { valid, type, error } = checked.done
  if (!valid || type === undefined) {
    const at = wrongOperand(error, rewritten.text, environment)
    const told = errorOf(error, rewritten.backTo)
    return { error: at === null ? told : { ...told, at: rewritten.backTo(at) } }
  }
  return { tree: parsed.done.ast, type }
}

/** Of `&&` and `||` the library names the whole; here is where the operand begins that is no condition. */
function wrongOperand(error: unknown, text: string, environment: Environment): number | null {
  if (!(error instanceof CelTypeError) || error.code !== 'invalid_logical_operand') return null
  const node: unknown = error.node
  const operands: readonly unknown[] = isNode(node) && Array.isArray(node.args) ? node.args : []
  const wrong = operands
    .filter(isNode)
    .find(({ start, end }) => environment.check(text.slice(start, end)).type !== 'bool')
  return wrong?.start ?? null
}

/** The text with every whole number written as a double, and where its offsets lie in the original (C1). */
export function asDoubles(
  text: string,
  tree: ASTNode,
): { readonly text: string; readonly backTo: (offset: number) => number } {
  const ends = wholeNumbers(tree)
    .filter((end) => /(^|[^\w.])\d+$/.test(text.slice(0, end)))
    .sort((a, b) => a - b)
  const pieces = [0, ...ends].map((start, at) => text.slice(start, ends[at] ?? text.length))
  const backTo = (offset: number): number => {
    let back = offset
    for (const [at, end] of ends.entries()) if (end + 2 * at < offset) back = Math.max(end, back - 2)
    return back
  }
  return { text: pieces.join('.0'), backTo }
}

/** The library's view of the names: flat ones as variables, dotted ones as nested objects. */
export function environmentOf(
  names: Iterable<readonly [string, CelType]>,
  functions: readonly CelFunction[],
): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false })
  const nested: Schema = {}
  for (const [name, type] of names) {
    if (name.includes('.')) putNested(nested, name.split('.'), type)
    else environment.registerVariable(name, type)
  }
  for (const [root, schema] of Object.entries(nested)) {
    if (typeof schema === 'object') environment.registerVariable(root, { schema })
  }
  for (const { name, parameters, compute } of functions) {
    const types = parameters.map(() => 'double').join(', ')
    environment.registerFunction(`${name}(${types}): double`, compute)
  }
  return environment
}

interface Schema {
  [name: string]: string | Schema
}

function putNested(into: Schema, [first = '', ...rest]: readonly string[], type: CelType): void {
  if (rest.length === 0) {
    into[first] = type
    return
  }
  const known = into[first]
  const child: Schema = typeof known === 'object' ? known : {}
  into[first] = child
  putNested(child, rest, type)
}

const TOO_DEEP: CelError = { code: 'too_deep', summary: '', at: 0 }

/** Level by level, so that the depth of the tree is not the depth of the stack. */
function isDeeper(tree: ASTNode, levels: number): boolean {
  let level: readonly unknown[] = [tree]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level.filter(isNode).flatMap(({ args }: { readonly args: unknown }) => partsOf(args))
  }
  return false
}

/** The nodes among the arguments of a node, which may lie in lists. */
function partsOf(args: unknown): readonly unknown[] {
  return Array.isArray(args) ? args.flatMap(partsOf) : [args]
}

/** The names that the library refuses to give to a value, or would read as something else. */
export function unnameable(names: readonly string[], taken: readonly string[]): readonly string[] {
  const environment = new Environment({ unlistedVariablesAreDyn: false })
  for (const name of taken) environment.registerVariable(name, 'double')
  return names.filter((name) => {
    const named = attempt(() => environment.registerVariable(name, 'double'))
    const read = attempt(() => parse(name).ast.op)
    return 'error' in named || 'error' in read || read.done !== 'id'
  })
}

/** Where the whole numbers of a tree end in its text. */
function wholeNumbers(node: unknown): number[] {
  if (Array.isArray(node)) return node.flatMap(wholeNumbers)
  if (!isNode(node)) return []
  return node.op === 'value' && typeof node.args === 'bigint' ? [node.end] : wholeNumbers(node.args)
}

export function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

/** `account.quota.requestsPerHour` from the tree of a dotted name; null where it is something else. */
export function pathOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op !== '.') return null
  const before = pathOf(node.args[0])
  return before === null ? null : `${before}.${node.args[1]}`
}

function attempt<T>(run: () => T): { readonly done: T } | { readonly error: CelError } {
  try {
    return { done: run() }
  } catch (error) {
    return { error: errorOf(error, (offset) => offset) }
  }
}

function errorOf(error: unknown, backTo: (offset: number) => number): CelError {
  if (error instanceof ParseError || error instanceof CelTypeError) {
    return {
      code: error.code,
      summary: error.summary,
      at: backTo(error.node?.pos ?? error.range?.start ?? 0),
    }
  }
  if (error instanceof RangeError) return TOO_DEEP
  return { code: 'unknown', summary: error instanceof Error ? error.message : String(error), at: 0 }
}
