/**
 * The schemas say what the domain's types say, explain themselves, can evolve, and do not change by accident.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadFlows, SCHEMA_FOLDER } from '../../src/codec/schema-files.ts'
import { isObject } from '../../src/codec/guard.ts'
import { allTopics, TOPIC_GUARDS } from '../../src/codec/topics.ts'
import { avroShape, fieldsOf, namedTypes, type AvroField } from './avro-json.ts'

const flows = loadFlows()
const files = readdirSync(SCHEMA_FOLDER).filter((file) => file.endsWith('.avsc'))

function schemaFile(file: string): unknown {
  return JSON.parse(readFileSync(join(SCHEMA_FOLDER, file), 'utf8'))
}

const isNullable = (field: AvroField): boolean => Array.isArray(field.type)

describe('schemas and domain types', () => {
  // A guard names every field of its type, or it does not compile: equal shapes mean equal fields, nullability,
  // kinds and symbols.
  it.each(allTopics())('%s: the same fields, nullability, kinds and symbols', (topic) => {
    const schema: unknown = JSON.parse(flows.schemas.get(topic) ?? 'null')
    expect(avroShape(schema)).toEqual(TOPIC_GUARDS[topic].shape)
  })
})

describe.each(files)('%s', (file) => {
  const schema = schemaFile(file)
  const types = namedTypes(schema)
  const fields = types.flatMap((type) =>
    type.fields.map((field) => ({ ...field, path: `${type.name}.${field.name}` })),
  )

  it('is used by a topic', () => {
    expect(flows.table.topics.map((entry) => entry.schema)).toContain(file)
  })

  it('says of every record, enum and field what it is', () => {
    const silent = [...types, ...fields].filter(({ doc }) => typeof doc !== 'string' || doc.length < 8)
    expect(silent.map(({ name }) => name)).toEqual([])
  })

  it('lies in the namespace bailiff.v1', () => {
    expect(schema).toMatchObject({ namespace: 'bailiff.v1' })
  })

  it('puts null first, and makes it the default; of what is always there only a list may be none', () => {
    for (const field of fields.filter(isNullable)) {
      expect(field, field.name).toMatchObject({
        type: ['null', expect.anything()],
        hasDefault: true,
        default: null,
      })
    }
    const others = fields.filter((field) => field.hasDefault && !isNullable(field))
    for (const field of others) {
      expect(field, field.name).toMatchObject({ type: { type: 'array' }, default: [] })
    }
  })

  it('marks times as times and nothing else', () => {
    for (const field of fields) {
      const isTime = /(At|Start|start|End|end|By|Until|until|From|from)Ms$/.test(field.name)
      expect(leafType(field) === 'timestamp-millis', field.path).toBe(isTime)
    }
  })

  it('gives the unit of every number', () => {
    const numbers = fields.filter((field) => ['double', 'long', 'int'].includes(leafType(field)))
    const unitless = numbers.filter(({ path, doc }) => !UNIT.test(`${path} ${String(doc)}`))
    expect(unitless.map(({ path }) => path)).toEqual([])
  })
})

/** The logical or primitive type of a field that may be null; empty for records, lists and maps. */
function leafType(field: AvroField): string {
  const types: readonly unknown[] = Array.isArray(field.type) ? field.type : [field.type]
  const type = types.at(-1)
  if (typeof type === 'string') return type
  return isObject(type) && typeof type['logicalType'] === 'string' ? type['logicalType'] : ''
}

/** Units, or words that say that the number counts or numbers something. */
const UNIT =
  /milliseconds|seconds|ratio|bytes|tokens|watts|nats|bits|requests|GPUs|samples|accounts|times|characters|version|position|offset|partition|step|strike|value|episode|quality|ordinal|number/i

describe('types that several schemas share', () => {
  it('are the same in each', () => {
    const seen = new Map<string, unknown>()
    for (const type of files.flatMap((file) => namedTypes(schemaFile(file)))) {
      expect(type.definition, type.name).toEqual(seen.get(type.name) ?? type.definition)
      seen.set(type.name, type.definition)
    }
  })
})

describe('symbols that a reader does not know', () => {
  // Only what hurts nobody may stand in for the unknown. Where there is no such symbol, the record is set aside.
  it('become harmless ones, or none at all', () => {
    const enums = files.flatMap((file) => namedTypes(schemaFile(file))).filter(({ kind }) => kind === 'enum')
    const fallbacks = Object.fromEntries(enums.map((type) => [type.name, type.default ?? null]))
    expect(fallbacks).toEqual({
      AccountEventKind: null,
      AccountTier: null,
      ActorLevel: 'endUser',
      ComplaintKind: 'report',
      ContentRole: 'retrieved',
      DecisionKind: null,
      DetectorMode: 'shadow',
      EndCause: 'decision',
      FingerprintKind: null,
      FindingDirection: null,
      FinishReason: 'none',
      GrantKind: null,
      GrantLevel: null,
      KeyDoubt: 'open',
      KillSwitchTarget: 'automaticSanctions',
      LimitScope: 'account',
      MediaDirection: null,
      MediaMatch: 'perceptual',
      Operation: 'other',
      Refund: 'legalHold',
      ResponseStatus: 'error',
      ReviewReason: 'underReview',
      ReviewStatus: 'open',
      SanctionAct: 'warning',
      SanctionCause: 'unspecified',
      SanctionScope: 'capability',
      Severity: 'S3',
      SlotKind: 'identifier',
      UsagePhase: null,
      VerdictLabel: 'other_harm',
      VerdictOutcome: 'unknown',
      VerdictSide: null,
      VerdictTask: 'unknown',
    })
  })
})

describe('what leaves the house', () => {
  it.each(['standing.avsc', 'sanction.avsc'])('%s carries no account but its own, and no content', (file) => {
    const names = namedTypes(schemaFile(file)).flatMap((type) => type.fields.map((field) => field.name))
    expect(names.filter((name) => /prompt|message|content$|address|userAgent|linked/i.test(name))).toEqual([])
  })

  it('does not tell gateways the clause', () => {
    const names = namedTypes(schemaFile('standing.avsc')).flatMap((type) =>
      type.fields.map((field) => field.name),
    )
    expect(names).not.toContain('clause')
  })
})

describe('accidents', () => {
  const pinned = z
    .record(z.string(), z.string())
    .parse(JSON.parse(readFileSync(new URL('./fingerprints.json', import.meta.url), 'utf8')))

  it.each(files)('%s is the schema that was last agreed', (file) => {
    const fingerprint = createHash('sha256')
      .update(JSON.stringify(withoutDocs(schemaFile(file))))
      .digest('hex')
    expect(
      fingerprint.slice(0, 16),
      `${file} changed. Platforms and gateways hold the old one: check that the change keeps its compatibility ` +
        '(topics.yaml; test/integration/registry.test.ts tries it), then put the new value in fingerprints.json.',
    ).toBe(pinned[file])
  })

  it('has no fingerprint of a schema that is gone', () => {
    expect(Object.keys(pinned).toSorted()).toEqual(files.toSorted())
  })
})

function withoutDocs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDocs)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'doc')
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutDocs(inner)]))
}

describe('fields', () => {
  it('come in the order of the type, so that a reader of both sees one list', () => {
    for (const topic of allTopics()) {
      const shape = TOPIC_GUARDS[topic].shape
      if (shape.kind !== 'record') throw new Error(`${topic} carries no record`)
      const schema: unknown = JSON.parse(flows.schemas.get(topic) ?? 'null')
      expect(
        fieldsOf(schema).map(({ name }) => name),
        topic,
      ).toEqual(Object.keys(shape.fields))
    }
  })
})
