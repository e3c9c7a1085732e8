/** Avro schemas as plain data, for tests that look at them. */
import { isObject, type Shape } from '../../src/codec/guard.ts'

export interface AvroField {
  readonly name: string
  readonly doc: unknown
  readonly type: unknown
  readonly hasDefault: boolean
  readonly default: unknown
}

/** A record or enum met in a schema, with where it was met. */
export interface AvroNamed {
  readonly kind: 'record' | 'enum'
  readonly name: string
  readonly doc: unknown
  readonly fields: readonly AvroField[]
  readonly symbols: readonly string[]
  readonly default: unknown
  readonly definition: unknown
}

/** All records and enums that a schema defines, outermost first. */
export function namedTypes(schema: unknown): readonly AvroNamed[] {
  if (Array.isArray(schema)) return schema.flatMap(namedTypes)
  if (!isObject(schema)) return []
  const { type, items, values } = schema
  if (type === 'record')
    return [named('record', schema), ...fieldsOf(schema).flatMap(({ type }) => namedTypes(type))]
  if (type === 'enum') return [named('enum', schema)]
  return [type, items, values].flatMap(namedTypes)
}

function named(kind: AvroNamed['kind'], schema: Readonly<Record<string, unknown>>): AvroNamed {
  return {
    kind,
    name: String(schema['name']),
    doc: schema['doc'],
    fields: fieldsOf(schema),
    symbols: strings(schema['symbols']),
    default: schema['default'],
    definition: schema,
  }
}

export function fieldsOf(schema: unknown): readonly AvroField[] {
  if (!isObject(schema) || !Array.isArray(schema['fields'])) return []
  return schema['fields'].filter(isObject).map((field) => ({
    name: String(field['name']),
    doc: field['doc'],
    type: field['type'],
    hasDefault: Object.hasOwn(field, 'default'),
    default: field['default'],
  }))
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

const PRIMITIVES: Readonly<Record<string, Shape>> = {
  string: { kind: 'text' },
  int: { kind: 'integer' },
  long: { kind: 'integer' },
  double: { kind: 'number' },
  boolean: { kind: 'flag' },
}

/** The shape of the values that an Avro schema describes, to be held against a guard's. */
export function avroShape(schema: unknown): Shape {
  const known = new Map(namedTypes(schema).map((type) => [type.name, type.definition]))
  return shapeOf(schema, known)
}

function shapeOf(schema: unknown, known: ReadonlyMap<string, unknown>): Shape {
  if (typeof schema === 'string') return PRIMITIVES[schema] ?? shapeOf(known.get(schema), known)
  if (Array.isArray(schema)) return { kind: 'nullable', of: shapeOf(schema[1], known) }
  if (!isObject(schema)) throw new Error('no schema')
  const { type, items, values, symbols } = schema
  if (type === 'array') return { kind: 'list', of: shapeOf(items, known) }
  if (type === 'map') return { kind: 'map', of: shapeOf(values, known) }
  if (type === 'enum') return { kind: 'symbol', symbols: strings(symbols) }
  if (type !== 'record') return shapeOf(type, known)
  const fields = fieldsOf(schema).map((field) => [field.name, shapeOf(field.type, known)] as const)
  return { kind: 'record', fields: Object.fromEntries(fields) }
}
