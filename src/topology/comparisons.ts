/** The comparisons of a condition, and what of them is a figure beside a number. */
import type { ASTNode } from '@marcbachmann/cel-js'
import { checkedTree, isNode, pathOf } from './cel.ts'
import { oneLine, type celEnvironment } from './expression.ts'

/** A comparison as it stands in a condition. */
export interface Comparison {
  readonly operator: string
  readonly left: ASTNode
  readonly right: ASTNode
  readonly text: string
  /** Offset in the condition. */
  readonly at: number
}

/** A figure times a number, and perhaps times `jitter`. */
export interface Term {
  readonly name: string
  readonly factor: number
  readonly jittered: boolean
}

/** A figure held against a number that is written out, in this order. */
export interface Limited {
  readonly name: string
  readonly operator: string
  readonly limit: number
  /** By how much of itself the limit may lie higher or lower; 0 where `jitter` does not multiply it. */
  readonly jitter: number
}

/** A comparison as it is with its sides changed. */
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' }

type Environment = ReturnType<typeof celEnvironment>

/** The least and the most that jitter makes of the limit. */
export function limitsOf({ limit, jitter }: Limited): readonly [number, number] {
  const ends = [limit * (1 - jitter), limit * (1 + jitter)]
  return [Math.min(...ends), Math.max(...ends)]
}

/** Null for what is something else than a figure beside a number. */
export function figureAndLimit({ operator, left, right }: Comparison, jitter: number): Limited | null {
  const [a, b] = [termOf(left), termOf(right)]
  if (a === null || b === null) return null
  const mirrored = MIRRORED[operator]
  if (isFigure(a) && b.name === '') return limitedBy(a.name, operator, b, jitter)
  return isFigure(b) && a.name === '' && mirrored !== undefined
    ? limitedBy(b.name, mirrored, a, jitter)
    : null
}

function limitedBy(name: string, operator: string, { factor, jittered }: Term, jitter: number): Limited {
  return { name, operator, limit: factor, jitter: jittered ? jitter : 0 }
}

function isFigure({ name, factor, jittered }: Term): boolean {
  return name !== '' && factor === 1 && !jittered
}

/** All comparisons of a condition; none where it is no condition. */
export function comparisonsOf(text: string, environment: Environment | undefined): readonly Comparison[] {
  return comparisonsIn(treeOf(text, environment), text)
}

/** Of each chain of `&&` the comparisons that must all hold. */
export function conjunctionsOf(
  text: string,
  environment: Environment | undefined,
): readonly (readonly Comparison[])[] {
  return conjunctionsIn(treeOf(text, environment), text)
}

/** Comparisons without each of which the condition does not hold. */
export function requiredOf(text: string, environment: Environment | undefined): readonly Comparison[] {
  const tree = treeOf(text, environment)
  return tree === null ? [] : conjunctsOf(tree).flatMap((one) => comparisonIn(one, text) ?? [])
}

/** Null where the text is not of the language. */
export function treeOf(text: string, environment: Environment | undefined): ASTNode | null {
  if (text === '' || environment === undefined) return null
  const checked = checkedTree(text, environment)
  return 'error' in checked ? null : checked.tree
}

function conjunctionsIn(node: unknown, text: string): readonly (readonly Comparison[])[] {
  if (Array.isArray(node)) return node.flatMap((one) => conjunctionsIn(one, text))
  if (!isNode(node)) return []
  const parts = conjunctsOf(node)
  const [only, ...others] = parts
  if (only === node && others.length === 0) return conjunctionsIn(node.args, text)
  const own = parts.flatMap((one) => comparisonIn(one, text) ?? [])
  return [own, ...parts.flatMap((one) => conjunctionsIn(one, text))]
}

function conjunctsOf(node: ASTNode): readonly ASTNode[] {
  const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : []
  return node.op === '&&' ? operands.filter(isNode).flatMap(conjunctsOf) : [node]
}

function comparisonsIn(node: unknown, text: string): readonly Comparison[] {
  if (Array.isArray(node)) return node.flatMap((one) => comparisonsIn(one, text))
  if (!isNode(node)) return []
  const own = comparisonIn(node, text)
  return own === null ? comparisonsIn(node.args, text) : [own]
}

/** Null where the node is something else. */
function comparisonIn(node: ASTNode, text: string): Comparison | null {
  const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : []
  const [left, right] = operands
  if (!Object.hasOwn(MIRRORED, node.op) || !isNode(left) || !isNode(right)) return null
  return { operator: node.op, left, right, text: oneLine(text.slice(node.start, node.end)), at: node.start }
}

/** Null for what is no single figure times a number; a number alone has no name. */
export function termOf(node: ASTNode): Term | null {
  const name = pathOf(node)
  if (name !== null) return { name: name === 'jitter' ? '' : name, factor: 1, jittered: name === 'jitter' }
  const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : [node.args]
  if (node.op === 'value') return numberOf(node.args)
  const terms = operands.map((one) => (isNode(one) ? termOf(one) : null))
  const [a = null, b = null] = terms
  if (node.op === '-_') return a === null ? null : { ...a, factor: -a.factor }
  if (a === null || b === null || (a.name !== '' && b.name !== '') || (a.jittered && b.jittered)) return null
  const jittered = a.jittered || b.jittered
  if (node.op === '*') return { name: a.name + b.name, factor: a.factor * b.factor, jittered }
  return node.op === '/' && b.name === '' && !b.jittered
    ? { name: a.name, factor: a.factor / b.factor, jittered }
    : null
}

function numberOf(value: unknown): Term | null {
  const isNumber = typeof value === 'bigint' || typeof value === 'number'
  return isNumber ? { name: '', factor: Number(value), jittered: false } : null
}
