/** What the library says of a wrong expression, in words of those who write rules. */
import { MOST_LEVELS, type CelError } from './cel.ts'
import { CALLS } from './calls.ts'
import { isValue } from './closed-texts.ts'
import { IDENTITIES } from './names.ts'
import { meantHint, nameHint } from './problem.ts'
import { COLLECTIONS, vocabularyOf } from './vocabulary.ts'

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

/** A name that detectors' conditions know and those on events do not. */
const STANDS_FOR_CONDITIONS = 'jitter'
/** More names than that are no help. */
const MOST_TOLD = 20

const COMPARE = 'compare it, as in … > 3'
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
        hint: typeIn(summary) === TYPES.double ? COMPARE : null,
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
  const hint = wanted === 'bool' && type === 'double' ? COMPARE : null
  return { code: 'condition-type', message: `${need} is needed here, this is ${spoken(type)}`, hint, at: 0 }
}

function unknownName(name: string, known: readonly string[], at: number): ExpressionMistake {
  if (IDENTITIES.includes(name)) {
    const message = `${name}: a condition may not name an account or one of its actors`
    const hint = 'conditions hold for everyone; grants, protection and `lists` are for exceptions'
    return { code: 'names-account', message, hint, at }
  }
  const hint = meantHint(name, known) ?? elsewhereHint(name, known) ?? knownHint(name, known)
  return { code: 'unknown-name', message: `unknown name ${name}`, hint, at }
}

/** What is known of an event and asked of an account, or of an event of another kind; a list that nobody declared. */
function elsewhereHint(name: string, known: readonly string[]): string | null {
  const field = name.split('.').at(-1) ?? ''
  const list = name.startsWith('lists.') ? field : null
  const isOfAccount = known.includes(STANDS_FOR_CONDITIONS)
  if (list !== null && isOfAccount) return `declare it: lists: { ${list}: who is on it, in words }`
  if (list !== null) return 'what is counted cannot ask for a list; the condition of a detector can'
  if (COLLECTIONS.some((one) => one === name))
    return `events are counted by a feature, as in requests_1h: { count: ${name}, window: 1h }`
  if (isValue(name)) return `a text stands in quotes, as in "${name}"`
  const collections = COLLECTIONS.filter((one) => Object.hasOwn(vocabularyOf(one), field))
  if (collections.length > 0 && isOfAccount)
    return `${field} is told by each of ${collections.join(', ')}: count those that you mean in a feature, with \`where\``
  if (known.includes(field)) return `write ${field}: its collection is known here`
  if (collections.length > 0) return `${field} is a word of ${collections.join(', ')}`
  return isOfAccount || !FEATURE.test(name)
    ? null
    : '`where` asks of one event; what is counted over a window stands in `when`'
}

/** Names of features mostly end with their window. */
const FEATURE = /_\d+(ms|s|m|h|d)$/

/** Names of the same group; of a plain name the groups, and the plain ones where they are not too many to read. */
function knownHint(name: string, known: readonly string[]): string {
  const same = siblings(name, known)
  if (same.length > 0) return `known: ${[...same].sort().join(', ')}`
  const plain = known.filter((one) => !one.includes('.'))
  const groups = known.filter((one) => one.includes('.')).map((one) => `${one.split('.')[0] ?? ''}.…`)
  if (!known.includes(STANDS_FOR_CONDITIONS) || plain.length <= MOST_TOLD)
    return `known: ${[...new Set([...plain, ...groups])].sort().join(', ')}`
  return `known: the features of this file, ${[...new Set([...groups, STANDS_FOR_CONDITIONS])].sort().join(', ')}`
}

/** Of the narrowest group of a dotted name that has any; of what has groups of its own these. */
function siblings(name: string, known: readonly string[]): readonly string[] {
  const parts = name.split('.').slice(0, -1)
  for (let length = parts.length; length > 0; length--) {
    const group = `${parts.slice(0, length).join('.')}.`
    const same = known.filter((one) => one.startsWith(group))
    if (same.length > 0) return [...new Set(same.map((one) => folded(one, group)))]
  }
  return []
}

/** `account.grants.…` of `account.grants.scraping` among what begins with `account.` */
function folded(name: string, group: string): string {
  const [next = '', ...deeper] = name.slice(group.length).split('.')
  return `${group}${next}${deeper.length > 0 ? '.…' : ''}`
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
  if (summary.includes('$')) return 'name one of the group, as in account.grants.scraping'
  if (summary.includes(' in ')) return 'as in status in ["ok", "error"]'
  if (summary.includes('!double')) return 'compare the number, as in x == 0'
  return comparedHint(/: (\w+) (?:[=!<>]=|[<>]) (\w+)$/.exec(summary)?.slice(1) ?? [])
}

/** What to do about the kinds of the two sides of a comparison. */
function comparedHint(sides: readonly string[]): string | null {
  const [left, right] = sides
  if (left === 'bool' && right === 'double') return 'to say between, compare twice: 3 <= x && x <= 5'
  if (sides.includes('bool')) return 'a condition stands alone, or with ! before it where it must not hold'
  if (left === 'double' && right === 'string') return 'a number has no quotes'
  return left === 'string' && right === 'double' ? 'a text stands in quotes, as in "ok"' : null
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
  if (summary.includes('EOF'))
    return { code, message: 'the expression ends too early', hint: endHint(text), at }
  if (/unterminated|newlines/i.test(summary))
    return { code, message: 'a text is not closed', hint: 'write "…"', at }
  const hint =
    wordHint(text.slice(0, at)) ??
    syntaxHint(text.slice(at), text) ??
    numberHint(text.slice(0, at), text.slice(at)) ??
    lowered(summary)
  return { code, message: 'the expression cannot be read from here on', hint, at }
}

/** `10k`, `1_000`. */
function numberHint(before: string, rest: string): string | null {
  return /\b\d[\d_]*$/.test(before) && /^[\w]/.test(rest)
    ? 'a number is written out, as in 10000 or 0.5'
    : null
}

/** Of words that the library begins to read as names: `not`, `AND`. */
function wordHint(before: string): string | null {
  if (/\bnot\s*$/i.test(before)) return 'write !'
  const [, word] = /\b(AND|OR)\s*$/i.exec(before) ?? []
  return word === undefined ? null : word.toUpperCase() === 'AND' ? WRITE_AND : WRITE_OR
}

const WRITE_AND = 'write &&'
const WRITE_OR = 'write ||'

/** By what stands where the expression cannot be read any more; the first that fits. */
const SYNTAX: readonly (readonly [RegExp, string])[] = [
  [/^=>/, 'write >='],
  [/^=</, 'write <='],
  [/^(?:=[^=]|===)/, 'to compare, write =='],
  [/^≥/, 'write >='],
  [/^≤/, 'write <='],
  [/^(?:≠|<>)/, 'write !='],
  [/^(?:and\b|&(?!&))/i, WRITE_AND],
  [/^(?:or\b|\|(?!\|))/i, WRITE_OR],
  [/^,\d/, 'a number has a point, as in 3.5, and nothing between its thousands'],
  [/^[“”„‘’]/, 'a text stands in straight quotes, as in "ok"'],
  [/^(?:ms|[smhd])\b/, 'numbers in conditions have no unit; a duration belongs into `window`'],
]

function syntaxHint(rest: string, text: string): string | null {
  if (rest.startsWith(')') && opened(text) < 0) return 'no ( stands before this )'
  return SYNTAX.find(([pattern]) => pattern.test(rest))?.[1] ?? null
}

function endHint(text: string): string | null {
  if (/%\s*$/.test(text)) return 'a share is a number from 0 to 1, as in 0.5'
  return opened(text) > 0 ? 'a ( is closed nowhere' : 'something is missing at its end'
}

/** How many brackets more are opened than closed. */
function opened(text: string): number {
  return text.split('(').length - text.split(')').length
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
