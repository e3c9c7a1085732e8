/** What the library says of a wrong expression, in words of those who write rules. */
import { MOST_LEVELS, type CelError } from './cel.ts'
import { CALLS } from './calls.ts'
import { IDENTITIES } from './names.ts'
import { meantHint, nameHint } from './problem.ts'

export interface ExpressionMistake {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  /** Offset in the expression's text. */
  readonly at: number
}

const TYPES: Readonly<Record<string, string>> = {
  double: 'a number',
  int: 'a number',
  string: 'a text',
  bool: 'a condition',
  null: 'null',
}

const TOO_DEEP = `the expression has more than ${MOST_LEVELS} parts in a chain, or in each other`
const LESS_DEEP = 'write a list with `in`, or split it over several features'

/** The mistake behind the library's complaint about `text`. */
export function mistakeOf(error: CelError, text: string, known: readonly string[]): ExpressionMistake {
  const { code, summary, at } = error
  switch (code) {
    case 'unknown_variable':
    case 'no_such_key':
      return unknownName(dottedAt(text, at), known, at)
    case 'no_matching_overload':
      return wrongCall(summary, at)
    case 'no_such_overload':
      return { code: 'condition-type', message: overload(summary), hint: overloadHint(summary), at }
    case 'invalid_logical_operand':
      return {
        code: 'condition-type',
        message: `&& and || take conditions, not ${typeIn(summary)}`,
        hint: null,
        at,
      }
    case 'incompatible_ternary_branches':
      return { code: 'condition-type', message: 'both results of ?: must be of one kind', hint: null, at }
    case 'too_deep':
      return { code: 'condition-syntax', message: TOO_DEEP, hint: LESS_DEEP, at }
    default:
      return syntax(summary, text, at)
  }
}

/** An expression that is right in itself and of the wrong kind for its place. */
export function wrongKind(wanted: 'bool' | 'number', type: string): ExpressionMistake {
  const need = wanted === 'bool' ? 'a condition' : 'a number'
  const hint = wanted === 'bool' && type === 'double' ? 'compare it, as in … > 3' : null
  return { code: 'condition-type', message: `${need} is needed here, this is ${spoken(type)}`, hint, at: 0 }
}

function unknownName(name: string, known: readonly string[], at: number): ExpressionMistake {
  if (IDENTITIES.includes(name)) {
    const message = `${name}: a condition may not name an account or one of its actors`
    const hint = 'conditions hold for everyone; grants and protection are for exceptions'
    return { code: 'names-account', message, hint, at }
  }
  const hint = meantHint(name, known) ?? `known: ${siblings(name, known).join(', ')}`
  return { code: 'unknown-name', message: `unknown name ${name}`, hint, at }
}

/** Known names of the same group; of a plain name, the plain ones and the groups. */
function siblings(name: string, known: readonly string[]): readonly string[] {
  const [root = ''] = name.split('.')
  const same = known.filter((one) => one.startsWith(`${root}.`))
  const groups = known.map((one) => (one.includes('.') ? `${one.split('.')[0]}.…` : one))
  return [...new Set(same.length > 0 ? same : groups)].sort()
}

/** The dotted name that stands around an offset. */
function dottedAt(text: string, at: number): string {
  const before = /[\w.]*$/.exec(text.slice(0, at))?.[0] ?? ''
  const after = /^[\w.]*/.exec(text.slice(at))?.[0] ?? ''
  return before + after
}

function wrongCall(summary: string, at: number): ExpressionMistake {
  const [, name = '', given = ''] = /'([\w.<>, ]+)\((.*)\)'/.exec(summary) ?? []
  const call = CALLS.find((one) => one.name === name)
  if (call === undefined) {
    const names = CALLS.map((one) => one.name)
    const hint = nameHint(name, names)
    return { code: 'unknown-name', message: `unknown function ${name}`, hint, at }
  }
  const types = given === '' ? 'nothing' : given.split(', ').map(spoken).join(', ')
  const message = `${name}(${call.parameters.join(', ')}) takes ${call.parameters.length} numbers; given: ${types}`
  return { code: 'condition-type', message, hint: null, at }
}

function overload(summary: string): string {
  const [, left, operator, right] = /: (.+) (\S+) (.+)$/.exec(summary) ?? []
  if (left !== undefined && operator !== undefined && right !== undefined)
    return `${operator} does not fit ${spoken(left)} and ${spoken(right)}`
  const [, sign, type] = /: ([!-])(.+)$/.exec(summary) ?? []
  return sign === undefined || type === undefined ? summary : `${sign} does not fit ${spoken(type)}`
}

function overloadHint(summary: string): string | null {
  if (summary.includes('null')) return 'what is not known never fires; there is no need to ask for null'
  if (summary.includes('%')) return '% is not part of the language'
  if (summary.includes(' in ')) return 'as in status in ["ok", "error"]'
  return summary.includes('!double') ? 'compare the number, as in x == 0' : null
}

function typeIn(summary: string): string {
  return spoken(/'([^']+)'/.exec(summary)?.[1] ?? '')
}

function spoken(type: string): string {
  if (type.startsWith('list')) return 'a list'
  if (type.startsWith('$')) return 'a group of names'
  return TYPES[type] ?? type
}

function syntax(summary: string, text: string, at: number): ExpressionMistake {
  const code = 'condition-syntax'
  if (summary.includes('EOF')) return { code, message: 'the expression ends too early', hint: null, at }
  if (/unterminated|newlines/i.test(summary))
    return { code, message: 'a text is not closed', hint: 'write "…"', at }
  const hint = /\bnot\s*$/.test(text.slice(0, at))
    ? 'write !'
    : (syntaxHint(text.slice(at)) ?? lowered(summary))
  return { code, message: 'the expression cannot be read from here on', hint, at }
}

function syntaxHint(rest: string): string | null {
  if (/^=[^=]/.test(rest)) return 'to compare, write =='
  if (/^(and\b|&(?!&))/.test(rest)) return 'write &&'
  if (/^(or\b|\|(?!\|))/.test(rest)) return 'write ||'
  return /^(ms|[smhd])\b/.test(rest)
    ? 'numbers in conditions have no unit; a duration belongs into `window`'
    : null
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
