/** What a schema says of a wrong file, in words of those who write it: which word is missing, unknown or wrong. */
import type { z } from 'zod'
import { meantByOther } from './other-words.ts'
import { didYouMean, meantHint } from './problem.ts'
import { WantedWords } from './wanted-words.ts'

export interface ShapeMistake {
  readonly path: readonly (string | number)[]
  /** Whether the word itself is wrong (true) or what stands under it. */
  readonly onKey: boolean
  readonly message: string
  readonly hint: string | null
}

/** One mistake for each thing to correct: a mistyped word is not also told as a missing one. */
export function shapeMistakes(error: z.ZodError, schema: z.ZodType, value: unknown): readonly ShapeMistake[] {
  const words = new WantedWords(schema)
  const unknown = error.issues.flatMap((issue) => unknownWords(issue, words))
  const meant = new Set(unknown.map((one) => [...one.path.slice(0, -1), one.meant].join('/')))
  const mistyped = new Set(unknown.map((one) => one.path.slice(0, -1).join('/')))
  const others = error.issues.flatMap((issue) => {
    const path = pathOf(issue)
    if (issue.code === 'unrecognized_keys' || meant.has(path.join('/'))) return []
    return issue.code === 'custom' && mistyped.has(path.join('/'))
      ? []
      : [mistakeOf(issue, path, valueAt(value, path), words)]
  })
  return [...unknown, ...others]
}

interface UnknownWord extends ShapeMistake {
  readonly meant: string | null
}

function unknownWords(issue: z.core.$ZodIssue, words: WantedWords): readonly UnknownWord[] {
  if (issue.code !== 'unrecognized_keys') return []
  const places = words.places()
  const at = pathOf(issue)
  const here = words.wordsAt(at)
  return issue.keys.map((word) => {
    const other = meantByOther(word, here)
    const meant = other?.word ?? didYouMean(word, here) ?? didYouMean(word, places.keys())
    const place = places.get(word)
    const hint =
      withoutSpace(word, here) ??
      other?.hint ??
      (place === undefined ? null : `it stands ${place}`) ??
      (meant === null ? null : `did you mean ${meant}?`) ??
      (here.length === 0 ? null : `known here: ${here.join(', ')}`)
    return { path: [...at, word], onKey: true, message: `unknown word ${word}`, hint, meant }
  })
}

/** `count:usage` is one word to YAML. */
function withoutSpace(word: string, known: readonly string[]): string | null {
  const [, first = '', rest = ''] = /^(\w+):(.+)$/.exec(word) ?? []
  return known.includes(first) ? `write ${first}: ${rest}, with a space` : null
}

function mistakeOf(
  issue: z.core.$ZodIssue,
  path: readonly (string | number)[],
  found: unknown,
  words: WantedWords,
): ShapeMistake {
  const at = { path, onKey: false, hint: null }
  const name = path.findLast((part) => typeof part === 'string') ?? 'the file'
  if (found === undefined) return { ...at, message: `${name} is missing`, hint: addHint(name, path, words) }
  if (issue.code === 'invalid_key') return { ...at, onKey: true, message: `${name}: ${innerMessage(issue)}` }
  if (issue.code === 'invalid_value') return oneOf(issue, at, name, found)
  if (issue.code === 'too_small') return { ...at, message: `${name}: ${tooSmall(issue)}` }
  if (issue.code === 'too_big') return { ...at, message: `${name}: must be at most ${issue.maximum}` }
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input')
    return { ...at, message: `${name}: ${words.wantedAt(path) ?? 'something else'} is needed here` }
  const generic = issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')
  const message = generic ? `${EXPECTED[issue.expected] ?? issue.expected} is needed here` : issue.message
  const hint = generic ? kindHint(issue.expected, found, words.wordsAt(path)) : null
  return { ...at, hint, message: `${name}: ${message}` }
}

function addHint(name: string, path: readonly (string | number)[], words: WantedWords): string | null {
  const wanted = words.wantedAt(path)
  return wanted === null ? null : `add ${name}: ${wanted}`
}

/** How what was found is written as what is wanted; null where that cannot be told. */
function kindHint(expected: string, found: unknown, known: readonly string[]): string | null {
  if (expected === 'array') return isPlain(found) ? `write [${String(found)}], or a - before each` : null
  if (expected === 'object' && known.length > 0) return `it takes ${known.join(', ')}`
  if (expected === 'object' || expected === 'record')
    return 'as in { name: … }, or a name: on a line of its own'
  if (expected === 'number' || expected === 'int') return numberHint(found)
  if (expected !== 'string') return null
  return isPlain(found) ? `write '${String(found)}'` : typeof found === 'object' ? COLON_HINT : null
}

const COLON_HINT = 'a text that holds ": " needs quotes'

function numberHint(found: unknown): string | null {
  const [, figure = '', unit = ''] = /^(-?[\d.]+)\s*(\D.*)$/.exec(String(found)) ?? []
  if (figure === '' || !Number.isFinite(Number(figure))) return null
  return unit === '%'
    ? `write ${Number(figure) / 100}`
    : 'a number stands alone; the word before it says its unit'
}

function isPlain(found: unknown): found is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof found) && found !== ''
}

function oneOf(
  issue: Extract<z.core.$ZodIssue, { code: 'invalid_value' }>,
  at: Omit<ShapeMistake, 'message'>,
  name: string,
  found: unknown,
): ShapeMistake {
  const values = issue.values.map(String)
  const hint = meantHint(String(found), values)
  const own = !issue.message.startsWith('Invalid')
  return { ...at, hint, message: `${name}: ${own ? issue.message : `must be one of ${values.join(', ')}`}` }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

function tooSmall(issue: Extract<z.core.$ZodIssue, { code: 'too_small' }>): string {
  if (issue.origin === 'array') return `needs at least ${issue.minimum}`
  if (issue.origin === 'string') return 'must not be empty'
  return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
}

function innerMessage(issue: Extract<z.core.$ZodIssue, { code: 'invalid_key' }>): string {
  return issue.issues[0]?.message ?? issue.message
}

function pathOf(issue: z.core.$ZodIssue): readonly (string | number)[] {
  return issue.path.filter((part) => typeof part !== 'symbol')
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (from, part) => (typeof from === 'object' && from !== null ? Reflect.get(from, part) : undefined),
    value,
  )
}
