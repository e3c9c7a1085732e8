/**
 * JSON Schemas of the files that people write, so that editors complete and underline while they type. They know the
 * words; `bailiff check` knows what the words mean together.
 */
import { z } from 'zod'
import { AGGREGATES, type Operand } from './aggregates.ts'
import { policySchema } from './policy-schema.ts'
import { SOURCES } from './sources.ts'
import { AGGREGATE_KEYWORDS, topologySchema } from './topology-schema.ts'
import { COLLECTIONS, SUB_KEYS, vocabularyOf } from './vocabulary.ts'

/** A JSON Schema, draft 7, which editors read. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Of `aup.yaml`. */
export function policyJsonSchema(): JsonSchema {
  return jsonSchemaOf(policySchema)
}

/** Of a topology, with every collection, field, sub-key and source that may be named. */
export function topologyJsonSchema(): JsonSchema {
  return named(jsonSchemaOf(topologySchema), '')
}

export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return { ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) }
}

/** The same schema with the names that may stand at each place. */
function named(node: JsonSchema, path: string): JsonSchema {
  const names = namesAt(path)
  const entries = Object.entries(node).map(([word, value]): [string, unknown] => {
    const at = word === 'properties' ? path : `${path}.${word}`
    return [word, isSchema(value) ? named(value, at) : value]
  })
  return Object.fromEntries(names === null ? entries : [...entries, ['enum', names]])
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What may stand at a path of a topology; null where that is free. */
function namesAt(path: string): readonly string[] | null {
  if (path === '.sources.items') return Object.keys(SOURCES)
  const word = /^\.features\.additionalProperties\.(\w+)$/.exec(path)?.[1]
  if (word === 'by') return SUB_KEYS
  if (word === 'group') return operands('text')
  const keyword = AGGREGATE_KEYWORDS.find((one) => one === word)
  return keyword === undefined ? null : operands(AGGREGATES[keyword].takes)
}

function operands(takes: Operand): readonly string[] {
  if (takes === 'collection') return COLLECTIONS
  return COLLECTIONS.flatMap((collection) =>
    Object.entries(vocabularyOf(collection))
      .filter(([, field]) => field.type === takes)
      .map(([name]) => `${collection}.${name}`),
  )
}
