/**
 * The words of a tool's definition or of a JSON Schema: what its author wrote, without the words of the schema language.
 *
 * S1. Names of properties, descriptions, titles, enums, defaults, examples, patterns and whatever field nobody knows. Each once,
 *     in order.
 * S2. Only words that the language itself has are left out, and only where they stand for themselves.
 */

/** Fields whose own fields are the author's names. */
const NAMING = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'])
const KEYWORDS = new Set(
  (
    'type function custom name description parameters input_schema schema json_schema strict format grammar syntax definition ' +
    'properties patternProperties additionalProperties propertyNames required items prefixItems additionalItems contains ' +
    'enum const default examples example title pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf ' +
    'minLength maxLength minItems maxItems uniqueItems minProperties maxProperties minContains maxContains ' +
    'anyOf oneOf allOf not if then else dependentSchemas dependentRequired nullable deprecated readOnly writeOnly ' +
    '$ref $defs definitions $schema $id $anchor $comment'
  ).split(' '),
)
/** What `type` says of itself. */
const TYPES = new Set(
  'function custom object array string number integer boolean null json_schema json_object text grammar'.split(
    ' ',
  ),
)
const MOST_DEPTH = 64

export interface SchemaWords {
  readonly words: readonly string[]
  /** False where something was nested too deep to be read. */
  readonly isWhole: boolean
}

export function wordsOfSchema(schema: object): SchemaWords {
  const words = new Set<string>()
  const isWhole = collect(schema, { words, areNames: false, isType: false }, 0)
  return { words: [...words], isWhole }
}

interface Place {
  readonly words: Set<string>
  /** Whether the fields here are the author's names. */
  readonly areNames: boolean
  /** Whether a type is told here. */
  readonly isType: boolean
}

function collect(value: unknown, place: Place, depth: number): boolean {
  if (typeof value === 'string' && !(place.isType && TYPES.has(value))) place.words.add(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === MOST_DEPTH) return false
  if (Array.isArray(value)) {
    return value.map((item) => collect(item, { ...place, areNames: false }, depth + 1)).every(Boolean)
  }
  const fields = Object.entries(value).map(([field, inner]) => {
    if (place.areNames || !KEYWORDS.has(field)) place.words.add(field)
    const [areNames, isType] = place.areNames ? [false, false] : [NAMING.has(field), field === 'type']
    return collect(inner, { words: place.words, areNames, isType }, depth + 1)
  })
  return fields.every(Boolean)
}
