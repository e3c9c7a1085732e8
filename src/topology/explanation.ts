/**
 * Why a condition held, or did not: taken apart, with the values put in, and the smallest change that would have
 * turned it round.
 *
 * W1. What is explained is what was recorded: names that were not recorded are unknown, as they were then.
 * W2. A change is measured by how far a figure lies from where its comparison turns, as a share of the larger side;
 *     a flag or a text that would have to be another counts as a whole. Of alternatives the nearest is told, of
 *     what must change together all of it.
 * W3. What would have to change is the side that a feature is on: a limit, with what was bought and jitter, is ours. A
 *     change that is told in fewer digits is told as a little more than the smallest, never as less.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import type { Reading } from '../domain/signal.ts'
import { checkedTree, isNode } from './cel.ts'
import { closureOf } from './closures.ts'
import { celEnvironment } from './expression.ts'
import type { Name, Names } from './names.ts'

export type Truth = 'yes' | 'no' | 'unknown'

/** A figure of a comparison as it was written, and what it was. */
export interface Side {
  readonly text: string
  /** Null: unknown. */
  readonly value: number | null
}

/** One part of a condition. `fact`: a flag, a comparison of texts, a look-up in a list. */
export type Part =
  | {
      readonly kind: 'all' | 'any'
      readonly text: string
      readonly truth: Truth
      readonly parts: readonly Part[]
    }
  | { readonly kind: 'not'; readonly text: string; readonly truth: Truth; readonly part: Part }
  | {
      readonly kind: 'comparison'
      readonly text: string
      readonly truth: Truth
      readonly operator: string
      readonly left: Side
      readonly right: Side
    }
  | { readonly kind: 'fact'; readonly text: string; readonly truth: Truth; readonly told: readonly Reading[] }

/** What would have turned a condition round. */
export interface Change {
  /** In words, each of them needed. */
  readonly words: readonly string[]
  /** W2: 0.1 is a tenth of the larger side. */
  readonly distance: number
}

export interface Explanation {
  readonly condition: Part
  /** Null where nothing that is known would do. */
  readonly smallestChange: Change | null
}

type Recorded = ReadonlyMap<string, Reading>

/**
 * Explains a condition that was checked when it was read.
 *
 * @param text as people wrote it
 * @param names what it may read; only their types and units count here
 * @throws Error where the text is no condition over these names: another version's
 */
export function explain<S>(text: string, names: Names<S>, readings: readonly Reading[]): Explanation {
  const recorded = recordedNames(names)
  const checked = checkedTree(text, celEnvironment(recorded))
  if ('error' in checked) throw new Error(`The condition cannot be read: ${checked.error.summary}`)
  const scope: Recorded = new Map(readings.map((reading) => [reading.name, reading]))
  const dissection = new Dissection(text, recorded, scope)
  const condition = dissection.part(checked.tree)
  return { condition, smallestChange: turned(condition, dissection.limits) }
}

/** The same names, read from what was recorded. */
function recordedNames<S>(names: Names<S>): Names<Recorded> {
  return new Map(
    [...names].map(([name, { type, unit, from }]): [string, Name<Recorded>] =>
      type === 'text'
        ? [name, { type, unit: 'none', from, read: (recorded) => recorded.get(name)?.text ?? null }]
        : [name, { type, unit, pace: 'any', from, read: (recorded) => recorded.get(name)?.value ?? NaN }],
    ),
  )
}

const COMPARISONS: readonly string[] = ['<', '<=', '>', '>=', '==', '!=']

/** Sides of comparisons on which no feature is (W3). */
type Limits = ReadonlySet<Side>

class Dissection {
  readonly #text: string
  readonly #names: Names<Recorded>
  readonly #scope: Recorded
  readonly #limits = new Set<Side>()

  constructor(text: string, names: Names<Recorded>, scope: Recorded) {
    this.#text = text
    this.#names = names
    this.#scope = scope
  }

  /** Of what has been taken apart so far. */
  get limits(): Limits {
    return this.#limits
  }

  part(node: ASTNode): Part {
    const text = this.#textOf(node)
    const truth = truthOf(this.#value(node) ?? NaN)
    if (node.op === '&&' || node.op === '||') {
      const kind = node.op === '&&' ? 'all' : 'any'
      return { kind, text, truth, parts: this.#flat(node, node.op).map((one) => this.part(one)) }
    }
    if (node.op === '!_') return { kind: 'not', text, truth, part: this.part(node.args) }
    const sides = COMPARISONS.includes(node.op) ? this.#sides(node) : null
    return sides === null
      ? { kind: 'fact', text, truth, told: this.#told(node) }
      : { kind: 'comparison', text, truth, operator: node.op, ...sides }
  }

  /** `a && b && c` is one list, however the brackets of the tree lie. */
  #flat(node: ASTNode, operator: '&&' | '||'): readonly ASTNode[] {
    const operands: readonly unknown[] = node.op === operator && Array.isArray(node.args) ? node.args : []
    return operands.length === 0
      ? [node]
      : operands.filter(isNode).flatMap((one) => this.#flat(one, operator))
  }

  /** Null where texts are compared. */
  #sides(node: ASTNode): { readonly left: Side; readonly right: Side } | null {
    const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : []
    const [left, right] = operands.filter(isNode).map((one) => this.#side(one))
    return left == null || right == null ? null : { left, right }
  }

  #side(node: ASTNode): Side | null {
    const value = this.#value(node)
    if (value === null) return null
    const side = { text: this.#textOf(node), value: Number.isNaN(value) ? null : value }
    if (!this.#hasFeature(node)) this.#limits.add(side)
    return side
  }

  /** Null where the node is no figure. */
  #value(node: ASTNode): number | null {
    const closure = closureOf(node, this.#names)
    return 'compiled' in closure ? closure.compiled.evaluate(this.#scope) : null
  }

  #hasFeature(node: ASTNode): boolean {
    return this.#told(node).some(({ name }) => this.#names.get(name)?.from.kind === 'feature')
  }

  #told(node: ASTNode): readonly Reading[] {
    const closure = closureOf(node, this.#names)
    const names = 'compiled' in closure ? closure.compiled.names : []
    return names.map((name) => this.#scope.get(name) ?? { name, value: null, text: null, error: null })
  }

  #textOf(node: ASTNode): string {
    return this.#text.slice(node.start, node.end).trim().replace(/\s+/g, ' ')
  }
}

function truthOf(value: number): Truth {
  return Number.isNaN(value) ? 'unknown' : value === 1 ? 'yes' : 'no'
}

/** The smallest change after which the part tells the opposite; of what is unknown, what makes it hold. */
function turned(part: Part, limits: Limits): Change | null {
  return toBe(part, part.truth !== 'yes', limits)
}

function toBe(part: Part, wanted: boolean, limits: Limits): Change | null {
  if (part.truth === (wanted ? 'yes' : 'no')) return { words: [], distance: 0 }
  switch (part.kind) {
    case 'not':
      return toBe(part.part, !wanted, limits)
    case 'all':
      return wanted ? together(part.parts, true, limits) : nearest(part.parts, false, limits)
    case 'any':
      return wanted ? nearest(part.parts, true, limits) : together(part.parts, false, limits)
    case 'comparison':
      return compared(part, wanted, limits)
    case 'fact':
      return { words: [`${part.text} ${wanted ? 'held' : 'did not hold'}`], distance: 1 }
  }
}

function nearest(parts: readonly Part[], wanted: boolean, limits: Limits): Change | null {
  const changes = parts.map((part) => toBe(part, wanted, limits)).filter((change) => change !== null)
  return changes.reduce<Change | null>(
    (best, change) => (best === null || change.distance < best.distance ? change : best),
    null,
  )
}

function together(parts: readonly Part[], wanted: boolean, limits: Limits): Change | null {
  const changes = parts.map((part) => toBe(part, wanted, limits))
  const known = changes.filter((change) => change !== null)
  if (known.length < changes.length) return null
  return {
    words: known.flatMap((change) => change.words),
    distance: known.reduce((sum, change) => sum + change.distance, 0),
  }
}

/** What a comparison has to become for it to tell the opposite, in words. */
const OPPOSITES: Readonly<Record<string, string>> = {
  '>': 'at most',
  '>=': 'less than',
  '<': 'at least',
  '<=': 'more than',
  '==': 'other than',
  '!=': 'exactly',
}
const MEANINGS: Readonly<Record<string, string>> = {
  '>': 'more than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  '==': 'exactly',
  '!=': 'other than',
}
const MIRRORED: Readonly<Record<string, string>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=' }

function compared(
  part: Extract<Part, { kind: 'comparison' }>,
  wanted: boolean,
  limits: Limits,
): Change | null {
  const { left, right, operator } = part
  if (left.value === null || right.value === null) return null
  const turnedRound =
    limits.has(left) && (!limits.has(right) || (isLiteral(left.text) && !isLiteral(right.text)))
  const [moved, fixed] = turnedRound ? [right, left] : [left, right]
  const as = turnedRound ? (MIRRORED[operator] ?? operator) : operator
  const words = (wanted ? MEANINGS : OPPOSITES)[as] ?? as
  const limit = fixed.value === null ? '' : limitFigure(fixed.value, words)
  const scale = Math.max(Math.abs(left.value), Math.abs(right.value))
  return {
    words: [`${moved.text} ${words} ${limit}${moved.value === null ? '' : `, not ${figure(moved.value)}`}`],
    distance: scale === 0 ? 0 : Math.abs(left.value - right.value) / scale,
  }
}

/** The side to which a limit may be rounded, so that what it asks for is enough (W3). */
const ROUNDED: Readonly<Record<string, 'floor' | 'ceil'>> = {
  'at most': 'floor',
  'less than': 'floor',
  'at least': 'ceil',
  'more than': 'ceil',
}

function limitFigure(value: number, words: string): string {
  const roundingMode = ROUNDED[words]
  if (roundingMode === undefined) return value.toLocaleString('en-GB', { maximumSignificantDigits: 15 })
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 6, roundingMode })
}

function isLiteral(text: string): boolean {
  return /^-?[\d.]+$/.test(text)
}

/** As people read it, to six significant digits. */
export function figure(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 6 })
}
