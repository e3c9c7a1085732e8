/**
 * From a checked syntax tree to closures (`operators.ts`). What the library's checker lets pass and the language
 * does not have (methods, maps, texts outside comparisons, seconds compared with counts) is refused here.
 */
import { CALLS } from './calls.ts'
import { isNode, pathOf } from './cel.ts'
import { valuesOf } from './closed-texts.ts'
import type { ASTNode } from '@marcbachmann/cel-js'
import type { ExpressionMistake } from './mistakes.ts'
import type { Expression, Pace, Patience, Unit } from './model.ts'
import { costOf, type NameOrigin, type Names } from './names.ts'
import * as op from './operators.ts'
import { nameHint } from './problem.ts'
import { patienceOf, untilBoth, untilChanged, untilEither, untilReached, type Wait } from './patience.ts'
import { commonUnit, conversionHint, productUnit, quotientUnit, unitName } from './units.ts'

export interface Compiled<S> {
  readonly evaluate: Expression<S>
  /** Of a condition: how long it can be left alone where it does not hold; null where that is never known. */
  readonly patience: Patience<S> | null
  /** Whether it can hold only where a pool is known. */
  readonly needsPool: boolean
  /** Where the names that it reads come from. */
  readonly reads: readonly NameOrigin[]
  /** Roughly what it costs (`costOf`) to ask it, and what is asked first: the cheapest of what must all hold. */
  readonly cost: { readonly first: number; readonly all: number }
  /** The names themselves, each once, in the order in which they stand. */
  readonly names: readonly string[]
  readonly unit: Unit
}

interface NumberValue<S> {
  readonly kind: 'number'
  readonly read: Expression<S>
  readonly unit: Unit
  readonly pace: Pace<S>
  /** Whether it is unknown where no pool is known: it never holds then. */
  readonly needsPool: boolean
  /** Of a condition: what it can wait for. */
  readonly wait: Wait<S> | null
}

type Value<S> = NumberValue<S> | { readonly kind: 'text'; readonly read: op.Text<S> }

/** One of the conditions that must all hold. */
interface Conjunct<S> extends NumberValue<S> {
  readonly cost: number
}

/** Thrown and caught inside this file only. */
class Refused extends Error {
  readonly mistake: ExpressionMistake

  constructor(node: ASTNode, code: string, message: string, hint: string | null = null) {
    super(message)
    this.mistake = { code, message, hint, at: node.start }
  }
}

export function closureOf<S>(
  tree: ASTNode,
  names: Names<S>,
): { readonly compiled: Compiled<S> } | { readonly mistake: ExpressionMistake } {
  const builder = new Builder(names)
  try {
    const value = builder.number(tree)
    const { read, unit, needsPool } = value
    const all = costOfAll(builder.reads)
    const cost = { first: tree.op === '&&' ? builder.cheapest : all, all }
    const { reads } = builder
    const wait = waitOf(value)
    const readsPool = reads.some(({ kind }) => kind === 'pool')
    const patience = wait === null ? null : patienceOf(wait, readsPool)
    return { compiled: { evaluate: read, patience, needsPool, reads, cost, names: [...builder.read], unit } }
  } catch (error) {
    if (error instanceof Refused) return { mistake: error.mistake }
    throw error
  }
}

class Builder<S> {
  readonly reads: NameOrigin[] = []
  readonly read = new Set<string>()
  /** Of the last `&&` that was left, which is the outermost: what it asks first. */
  cheapest = 0
  readonly #names: Names<S>

  constructor(names: Names<S>) {
    this.#names = names
  }

  /** The closure of a node that is a number or a condition. */
  number(node: ASTNode): NumberValue<S> {
    const value = this.#value(node)
    if (value.kind === 'number') return value
    throw new Refused(
      node,
      'condition-type',
      'a text can only be compared with == and !=, or looked up with in',
    )
  }

  #value(node: ASTNode): Value<S> {
    switch (node.op) {
      case 'value':
        return literal(node)
      case 'id':
      case '.':
        return this.#name(node)
      case '&&':
        return this.#all(node.args)
      case '||':
        return this.#either(node.args)
      case '!_':
        return this.#not(node.args)
      case '-_':
        return this.#negative(node.args)
      case '?:':
        return this.#choice(node, node.args)
      case 'call':
        return this.#call(node, node.args[0], node.args[1])
      case 'in':
        return this.#among(node, node.args)
      default:
        return this.#binary(node)
    }
  }

  #name(node: ASTNode): Value<S> {
    const path = pathOf(node)
    const found = path === null ? undefined : this.#names.get(path)
    if (path === null || found === undefined)
      throw new Refused(node, 'condition-type', `${path ?? 'this'} is not a value by itself`)
    this.reads.push(found.from)
    this.read.add(path)
    return found.type === 'text'
      ? { kind: 'text', read: found.read }
      : numeric(found.read, found.unit, found.from.kind === 'pool', found.pace)
  }

  /** What must all hold is asked by what it costs: in any order the answer is the same, and the first false is one. */
  #all(operands: readonly ASTNode[]): NumberValue<S> {
    const all = operands.flatMap((operand) => this.#conjuncts(operand)).sort((a, b) => a.cost - b.cost)
    this.cheapest = all[0]?.cost ?? 0
    return all.map((one): NumberValue<S> => one).reduce(both)
  }

  #conjuncts(node: ASTNode): readonly Conjunct<S>[] {
    if (node.op === '&&') return node.args.flatMap((operand) => this.#conjuncts(operand))
    const before = this.reads.length
    const value = this.number(node)
    return [{ ...value, cost: costOfAll(this.reads.slice(before)) }]
  }

  #either([left, right]: readonly [ASTNode, ASTNode]): Value<S> {
    const a = this.number(left)
    const b = this.number(right)
    return truth(op.or(a.read, b.read), a.needsPool && b.needsPool, untilEither(waitOf(a), waitOf(b)))
  }

  #not(operand: ASTNode): NumberValue<S> {
    const { read, pace, needsPool } = this.number(operand)
    return { ...truth(op.not(read), needsPool), pace: pace === 'settled' ? pace : 'any' }
  }

  #negative(operand: ASTNode): Value<S> {
    const { read, unit, needsPool } = this.number(operand)
    return numeric(op.negative(read), unit, needsPool)
  }

  #choice(node: ASTNode, [condition, then, otherwise]: readonly [ASTNode, ASTNode, ASTNode]): Value<S> {
    const asked = this.number(condition)
    const yes = this.number(then)
    const no = this.number(otherwise)
    const unit = this.#common(node, yes.unit, no.unit)
    return numeric(op.choice(asked.read, yes.read, no.read), unit, asked.needsPool)
  }

  #call(node: ASTNode, name: string, args: readonly ASTNode[]): Value<S> {
    const call = CALLS.find((one) => one.name === name)
    if (call === undefined)
      throw new Refused(node, 'not-in-language', `${name}() is not part of the language`, FUNCTIONS)
    const values = args.map((arg) => this.number(arg))
    const unit = values.reduce<Unit>((common, value) => this.#common(node, common, value.unit), 'none')
    const read = call.bind(values.map((value) => value.read))
    const needsPool = values.some((value) => value.needsPool)
    return numeric(read, call.keepsUnit ? unit : 'ratio', needsPool)
  }

  #among(node: ASTNode, [item, list]: readonly [ASTNode, ASTNode]): Value<S> {
    const value = this.#value(item)
    const among = list.op === 'list' ? list.args.map(literalOf) : [undefined]
    if (value.kind === 'text') {
      if (list.op === 'list') for (const one of list.args) refuseUnknownValue(item, one)
      const texts = among.filter((one) => typeof one === 'string')
      if (texts.length === among.length) return truth(op.textAmong(value.read, texts), false)
    } else {
      const numbers = among.filter((one) => typeof one === 'number')
      if (numbers.length === among.length) return truth(op.numberAmong(value.read, numbers), value.needsPool)
    }
    const hint = 'as in status in ["ok", "error"]'
    throw new Refused(node, 'condition-type', '`in` takes a list of texts or of numbers, written out', hint)
  }

  #binary(node: ASTNode): Value<S> {
    const [left, right] = operandsOf(node)
    const a = this.#value(left)
    const b = this.#value(right)
    refuseUnknownValue(left, right)
    refuseUnknownValue(right, left)
    if (a.kind === 'text' || b.kind === 'text') return textComparison(node, a, b)
    const needsPool = a.needsPool || b.needsPool
    const compare = op.COMPARISONS[node.op]
    if (compare !== undefined) {
      this.#common(node, a.unit, b.unit)
      return truth(compare(a.read, b.read), needsPool, untilCompared(node.op, a, b))
    }
    const combine = op.ARITHMETIC[node.op]
    if (combine === undefined) throw notInLanguage(node)
    const settled = a.pace === 'settled' && b.pace === 'settled'
    const unit = this.#combined(node, a.unit, b.unit)
    return numeric(combine(a.read, b.read), unit, needsPool, settled ? 'settled' : 'any')
  }

  #combined(node: ASTNode, a: Unit, b: Unit): Unit {
    if (node.op === '*') return productUnit(a, b)
    return node.op === '/' ? quotientUnit(a, b) : this.#common(node, a, b)
  }

  /** Seconds are not counts: comparing or adding them is a mistake, not a condition. */
  #common(node: ASTNode, a: Unit, b: Unit): Unit {
    const unit = commonUnit(a, b)
    if (unit !== null) return unit
    throw new Refused(
      node,
      'units',
      `${unitName(a)} and ${unitName(b)} do not go together`,
      conversionHint(a, b),
    )
  }
}

function costOfAll(origins: readonly NameOrigin[]): number {
  return origins.reduce((sum, origin) => sum + costOf(origin), 0)
}

function operandsOf(node: ASTNode): readonly [ASTNode, ASTNode] {
  const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : []
  const [left, right, ...more] = operands
  if (!isNode(left) || !isNode(right) || more.length > 0) throw notInLanguage(node)
  return [left, right]
}

const FUNCTIONS = `these are: ${CALLS.map(({ name }) => name).join(', ')}`

/** What to write instead of what the library knows and the language does not. */
const INSTEAD: Readonly<Record<string, string>> = {
  rcall: 'a text is compared whole, as in account.tier in ["free", "trial"]',
}

const SPOKEN: Readonly<Record<string, string>> = {
  rcall: 'a method such as .matches()',
  list: 'a list outside of `in`',
  map: 'a map',
}

function notInLanguage(node: ASTNode): Refused {
  const message = `${SPOKEN[node.op] ?? node.op} is not part of the language`
  return new Refused(node, 'not-in-language', message, INSTEAD[node.op] ?? null)
}

function literal<S>(node: ASTNode): Value<S> {
  const value = literalOf(node)
  if (typeof value === 'string') return { kind: 'text', read: () => value }
  if (value === undefined)
    throw new Refused(node, 'not-in-language', 'only numbers, texts, true and false are values')
  return numeric(op.constant(value), 'none', false, 'settled')
}

function literalOf(node: ASTNode): string | number | undefined {
  const value: unknown = node.op === '-_' && node.args.op === 'value' ? negated(node.args.args) : node.args
  if (typeof value === 'string' && node.op === 'value') return value
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'
    ? Number(value)
    : undefined
}

function negated(value: unknown): unknown {
  return typeof value === 'bigint' || typeof value === 'number' ? -Number(value) : undefined
}

function numeric<S>(
  read: Expression<S>,
  unit: Unit,
  needsPool: boolean,
  pace: Pace<S> = 'any',
): NumberValue<S> {
  return { kind: 'number', read, unit, pace, needsPool, wait: null }
}

function truth<S>(read: Expression<S>, needsPool: boolean, wait: Wait<S> | null = null): NumberValue<S> {
  return { kind: 'number', read, unit: 'none', pace: 'any', needsPool, wait }
}

function waitOf<S>({ pace, wait, read }: NumberValue<S>): Wait<S> | null {
  return pace === 'settled' ? untilChanged(read) : wait
}

function both<S>(a: NumberValue<S>, b: NumberValue<S>): NumberValue<S> {
  return truth(op.and(a.read, b.read), a.needsPool || b.needsPool, untilBoth(waitOf(a), waitOf(b)))
}

/** Only what a figure has to climb to can be waited for. */
function untilCompared<S>(operator: string, a: NumberValue<S>, b: NumberValue<S>): Wait<S> | null {
  switch (operator) {
    case '>':
    case '>=':
      return untilReached(a, b, operator === '>')
    case '<':
    case '<=':
      return untilReached(b, a, operator === '<')
    default:
      return null
  }
}

/** What a text of few values never is would never hold, or always. */
function refuseUnknownValue(named: ASTNode, said: ASTNode): void {
  const name = pathOf(named)
  const value = literalOf(said)
  const values = name === null ? null : valuesOf(name)
  if (name === null || values === null || typeof value !== 'string' || values.includes(value)) return
  throw new Refused(said, 'unknown-value', `${name} is never ${value}`, nameHint(value, values))
}

function textComparison<S>(node: ASTNode, a: Value<S>, b: Value<S>): Value<S> {
  if (a.kind !== 'text' || b.kind !== 'text' || (node.op !== '==' && node.op !== '!=')) {
    throw new Refused(node, 'condition-type', 'a text can only be compared with == and != to another text')
  }
  const same = op.sameText(a.read, b.read)
  return truth(node.op === '==' ? same : op.not(same), false)
}
