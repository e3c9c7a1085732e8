/** What a schema says of a wrong file, in words of those who write it: which word is missing, unknown or wrong. */
import { z } from 'zod'
import { didYouMean, meantHint } from './problem.ts'

export interface ShapeMistake {
  readonly path: readonly (string | number)[]
  /** Whether the word itself is wrong (true) or what stands under it. */
  readonly onKey: boolean
  readonly message: string
  readonly hint: string | null
}

/** One mistake for each thing to correct: a mistyped word is not also told as a missing one. */
export function shapeMistakes(error: z.ZodError, schema: z.ZodType, value: unknown): readonly ShapeMistake[] {
  const unknown = error.issues.flatMap((issue) => unknownWords(issue, schema))
  const meant = new Set(unknown.map((one) => [...one.path.slice(0, -1), one.meant].join('/')))
  const mistyped = new Set(unknown.map((one) => one.path.slice(0, -1).join('/')))
  const others = error.issues.flatMap((issue) => {
    const path = pathOf(issue)
    if (issue.code === 'unrecognized_keys' || meant.has(path.join('/'))) return []
    return issue.code === 'custom' && mistyped.has(path.join('/')) ? [] : [mistakeOf(issue, path, value)]
  })
  return [...unknown, ...others]
}

interface UnknownWord extends ShapeMistake {
  readonly meant: string | null
}

function unknownWords(issue: z.core.$ZodIssue, schema: z.ZodType): readonly UnknownWord[] {
  if (issue.code !== 'unrecognized_keys') return []
  return issue.keys.map((word) => {
    const places = placesOf(schema)
    const meant = didYouMean(word, places.keys())
    const place = places.get(word)
    const elsewhere = place === undefined ? null : `it stands ${place}`
    const hint = elsewhere ?? (meant === null ? null : `did you mean ${meant}?`)
    return { path: [...pathOf(issue), word], onKey: true, message: `unknown word ${word}`, hint, meant }
  })
}

function mistakeOf(
  issue: z.core.$ZodIssue,
  path: readonly (string | number)[],
  value: unknown,
): ShapeMistake {
  const at = { path, onKey: false, hint: null }
  const name = path.findLast((part) => typeof part === 'string') ?? 'the file'
  const found = valueAt(value, path)
  if (found === undefined) return { ...at, message: `${name} is missing` }
  if (issue.code === 'invalid_key') return { ...at, onKey: true, message: `${name}: ${innerMessage(issue)}` }
  if (issue.code === 'invalid_value') return oneOf(issue, at, name, found)
  if (issue.code === 'too_small') return { ...at, message: `${name}: ${tooSmall(issue)}` }
  if (issue.code === 'too_big') return { ...at, message: `${name}: must be at most ${issue.maximum}` }
  const generic = issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')
  const message = generic ? `${EXPECTED[issue.expected] ?? issue.expected} is needed here` : issue.message
  return { ...at, message: `${name}: ${message}` }
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

/** Every word that the schema knows, and where the first of that name stands. */
function placesOf(schema: z.ZodType): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  const visit = (node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null) return
    const properties: unknown = Reflect.get(node, 'properties')
    const words = typeof properties === 'object' && properties !== null ? Object.entries(properties) : []
    for (const [word] of words) if (!places.has(word)) places.set(word, place)
    for (const [word, under] of words) visit(under, `under ${word}`)
    for (const [word, other] of Object.entries(node)) if (word !== 'properties') visit(other, place)
  }
  visit(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), 'at the top of the file')
  return places
}
