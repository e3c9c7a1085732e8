/** From a checked syntax tree to closures, one small function per kind of node. See `expression.ts`, X1 to X3. */
import type { ASTNode } from '@marcbachmann/cel-js'
import type { CompileResult, ExpressionMistake } from './expression.ts'
import type { Expression, Unit } from './model.ts'
import type { NameOrigin, Names } from './names.ts'

type Value<S> =
  | { readonly kind: 'number'; readonly read: Expression<S>; readonly unit: Unit }
  | { readonly kind: 'text'; readonly read: (scope: S) => string | null }

/** Thrown inside this file only: a tree that the checker lets pass and that we do not take. */
class Refused extends Error {
  readonly mistake: ExpressionMistake

  constructor(mistake: ExpressionMistake) {
    super(mistake.message)
    this.mistake = mistake
  }
}

export function closureOf<S>(ast: ASTNode, names: Names<S>): CompileResult<S> {
  const builder = new Builder(names)
  try {
    const value = builder.number(ast)
    return { compiled: { evaluate: value.read, reads: builder.reads, unit: value.unit } }
  } catch (error) {
    if (error instanceof Refused) return { mistake: error.mistake }
    throw error
  }
}

type Binary = (a: number, b: number) => number

const ARITHMETIC: Readonly<Record<string, Binary>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? NaN : a / b),
}

const COMPARISON: Readonly<Record<string, Binary>> = {
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
}

const CALLS: Readonly<Record<string, (...values: number[]) => number>> = {
  logistic: (x = NaN, midpoint = NaN, scale = NaN) =>
    scale === 0 ? NaN : 1 / (1 + Math.exp(-(x - midpoint) / scale)),
  min: (a = NaN, b = NaN) => Math.min(a, b),
  max: (a = NaN, b = NaN) => Math.max(a, b),
  abs: (a = NaN) => Math.abs(a),
}

class Builder<S> {
  readonly reads: NameOrigin[] = []
  readonly #names: Names<S>

  constructor(names: Names<S>) {
    this.#names = names
  }

  number(node: ASTNode): Extract<Value<S>, { kind: 'number' }> {
    const value = this.#value(node)
    if (value.kind === 'number') return value
    throw refused(node, 'condition-type', 'a text stands where a number or a condition is needed')
  }

  #value(node: ASTNode): Value<S> {
    switch (node.op) {
      case 'value':
        return literal(node)
      case 'id':
      case '.':
        return this.#name(node)
      case '&&':
        return this.#and(node.args)
      case '||':
        return this.#or(node.args)
      case '!_':
        return this.#not(node.args)
      case '-_':
        return this.#negative(node.args)
      case '?:':
        return this.#choice(node.args)
      case 'call':
        return this.#call(node, node.args[0], node.args[1])
      case 'in':
        return this.#oneOf(node.args)
      default:
        return this.#binary(node)
    }
  }

  #name(node: ASTNode): Value<S> {
    const path = pathOf(node)
    const found = this.#names.get(path)
    if (found === undefined) throw refused(node, 'unknown-name', `${path} is not a value`)
    this.reads.push(found.from)
    return found.type === 'text'
      ? { kind: 'text', read: found.read }
      : { kind: 'number', read: found.read, unit: found.unit }
  }

  #and([left, right]: readonly [ASTNode, ASTNode]): Value<S> {
    const a = this.number(left).read
    const b = this.number(right).read
    return truth((scope) => {
      const first = a(scope)
      if (first === 0) return 0
      const second = b(scope)
      return second === 0 ? 0 : first === 1 && second === 1 ? 1 : NaN
    })
  }

  #or([left, right]: readonly [ASTNode, ASTNode]): Value<S> {
    const a = this.number(left).read
    const b = this.number(right).read
    return truth((scope) => {
      const first = a(scope)
      if (first === 1) return 1
      const second = b(scope)
      return second === 1 ? 1 : first === 0 && second === 0 ? 0 : NaN
    })
  }

  #not(operand: ASTNode): Value<S> {
    const a = this.number(operand).read
    return truth((scope) => 1 - a(scope))
  }

  #negative(operand: ASTNode): Value<S> {
    const { read, unit } = this.number(operand)
    return { kind: 'number', unit, read: (scope) => -read(scope) }
  }

  #choice([condition, then, otherwise]: readonly [ASTNode, ASTNode, ASTNode]): Value<S> {
    const asked = this.number(condition).read
    const yes = this.number(then)
    const no = this.number(otherwise)
    const read = (scope: S): number => {
      const answer = asked(scope)
      return answer === 1 ? yes.read(scope) : answer === 0 ? no.read(scope) : NaN
    }
    return { kind: 'number', unit: yes.unit, read }
  }

  #call(node: ASTNode, name: string, args: readonly ASTNode[]): Value<S> {
    const call = CALLS[name]
    if (call === undefined) throw refused(node, 'unknown-name', `unknown function ${name}`)
    const values = args.map((arg) => this.number(arg).read)
    return { kind: 'number', unit: 'none', read: (scope) => call(...values.map((value) => value(scope))) }
  }

  #oneOf([item, list]: readonly [ASTNode, ASTNode]): Value<S> {
    const value = this.#value(item)
    if (value.kind !== 'text' || list.op !== 'list')
      throw refused(item, 'condition-type', '`in` takes a text and a list of texts')
    const among = new Set(list.args.map((one) => (one.op === 'value' ? String(one.args) : '')))
    return truth((scope) => {
      const text = value.read(scope)
      return text === null ? NaN : Number(among.has(text))
    })
  }

  #binary(node: ASTNode): Value<S> {
    const operands = node.args
    if (!Array.isArray(operands) || operands.length !== 2)
      throw refused(node, 'condition-syntax', `${node.op} is not supported`)
    const [left, right]: unknown[] = operands
    if (!isNode(left) || !isNode(right))
      throw refused(node, 'condition-syntax', `${node.op} is not supported`)
    const a = this.#value(left)
    const b = this.#value(right)
    if (a.kind === 'text' || b.kind === 'text') return textComparison(node, a, b)
    const compare = COMPARISON[node.op]
    if (compare !== undefined) {
      checkUnits(node, a.unit, b.unit)
      return truth((scope) => known(compare, a.read(scope), b.read(scope)))
    }
    const combine = ARITHMETIC[node.op]
    if (combine === undefined) throw refused(node, 'condition-syntax', `${node.op} is not supported`)
    return {
      kind: 'number',
      unit: unitOf(node.op, a.unit, b.unit),
      read: (scope) => combine(a.read(scope), b.read(scope)),
    }
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

function literal<S>(node: ASTNode): Value<S> {
  const value: unknown = node.args
  if (typeof value === 'string') return { kind: 'text', read: () => value }
  const number = Number(value)
  return { kind: 'number', unit: 'none', read: () => number }
}

function truth<S>(read: Expression<S>): Extract<Value<S>, { kind: 'number' }> {
  return { kind: 'number', unit: 'none', read }
}

/** A comparison with unknown is unknown (X2). */
function known(compare: Binary, a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? NaN : compare(a, b)
}

function textComparison<S>(node: ASTNode, a: Value<S>, b: Value<S>): Value<S> {
  if (a.kind !== 'text' || b.kind !== 'text' || (node.op !== '==' && node.op !== '!=')) {
    throw refused(node, 'condition-type', 'texts can only be compared with == and != to texts')
  }
  const equal = node.op === '=='
  return truth((scope) => {
    const left = a.read(scope)
    const right = b.read(scope)
    return left === null || right === null ? NaN : Number((left === right) === equal)
  })
}

/** Seconds are not counts: comparing them is a mistake, not a condition. Bare numbers fit any unit. */
function checkUnits(node: ASTNode, a: Unit, b: Unit): void {
  if (a === b || a === 'none' || b === 'none') return
  throw refused(node, 'units', `compares ${a} with ${b}`)
}

function unitOf(operator: string, a: Unit, b: Unit): Unit {
  if (operator === '/') return a === b ? 'ratio' : a
  if (operator === '*') return a === 'none' || a === 'ratio' ? b : a
  return a === 'none' ? b : a
}

/** `account.quota.requestsPerHour` from the tree of a dotted name. */
function pathOf(node: ASTNode): string {
  if (node.op === 'id') return node.args
  if (node.op === '.') return `${pathOf(node.args[0])}.${node.args[1]}`
  return ''
}

function refused(node: ASTNode, code: string, message: string): Refused {
  return new Refused({ code, message, hint: null, at: node.start })
}
