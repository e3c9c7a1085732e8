/**
 * The evolution rules of schemas/, held by a real registry: what may change without telling gateways, and what the
 * registry stops.
 */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { createCodec } from '../../src/codec/codec.ts'
import { isObject } from '../../src/codec/guard.ts'
import { RegistryClient, REGISTRY_DEFAULTS } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { valueSubject } from '../../src/codec/schema-source.ts'
import type { Topic } from '../../src/codec/topic-types.ts'
import { allTopics } from '../../src/codec/topics.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { SAMPLES } from '../codec/samples.ts'
import { describeSchemaSource } from '../codec/schema-source-suite.ts'
import { describeIntegration, services } from '../support/integration.ts'

const flows = loadFlows()

function openRegistry(): RegistryClient {
  return new RegistryClient({ baseUrl: services().registryUrl, clock: systemClock, ...REGISTRY_DEFAULTS })
}

type Change = (schema: Readonly<Record<string, unknown>>) => unknown

/** The topic's schema, changed. */
function changed(topic: Topic, change: Change): string {
  const schema: unknown = JSON.parse(flows.schemas.get(topic) ?? 'null')
  if (!isObject(schema)) throw new Error('no record')
  return JSON.stringify(change(schema))
}

function withFields(
  schema: Readonly<Record<string, unknown>>,
  edit: (fields: readonly unknown[]) => unknown,
): unknown {
  const fields: readonly unknown[] = Array.isArray(schema['fields']) ? schema['fields'] : []
  return { ...schema, fields: edit(fields) }
}

const adding =
  (field: object): Change =>
  (schema) =>
    withFields(schema, (fields) => [...fields, field])

const dropping =
  (name: string): Change =>
  (schema) =>
    withFields(schema, (fields) => fields.filter((field) => !isObject(field) || field['name'] !== name))

/** Every definition of the named enum with one more symbol. */
const addingSymbol =
  (name: string, symbol: string): Change =>
  (schema) => {
    const wider: unknown = JSON.parse(JSON.stringify(schema), (_key, value: unknown) =>
      isObject(value) && value['name'] === name && Array.isArray(value['symbols'])
        ? { ...value, symbols: [...value['symbols'].map(String), symbol] }
        : value,
    )
    return wider
  }

const retyping =
  (name: string, type: unknown): Change =>
  (schema) =>
    withFields(schema, (fields) =>
      fields.map((field) => (isObject(field) && field['name'] === name ? { ...field, type } : field)),
    )

const OPTIONAL = { name: 'somethingNew', type: ['null', 'string'], default: null }
const REQUIRED = { name: 'somethingNew', type: 'string' }

describeIntegration('the evolution of a schema', () => {
  let registry: RegistryClient
  const run = randomUUID()

  beforeAll(() => {
    registry = openRegistry()
  })

  /** Registers the topic's schema under a subject of this test, at the topic's level, then tries another. */
  async function evolve(topic: Topic, ...later: readonly string[]): Promise<string> {
    const subject = `${run}.${randomUUID()}.${topic}-value`
    await registry.setCompatibility(subject, flows.table.entry(topic).compatibility)
    let outcome = (await registry.register(subject, flows.schemas.get(topic) ?? '')).outcome
    for (const schema of later) outcome = (await registry.register(subject, schema)).outcome
    return outcome
  }

  it.each(allTopics())(
    '%s: the schema is one that the registry takes, and may gain an optional field',
    async (topic) => {
      expect(await evolve(topic)).toBe('registered')
      expect(await evolve(topic, changed(topic, adding(OPTIONAL)))).toBe('registered')
    },
  )

  it('refuses a new required field: records that are there do not have it', async () => {
    expect(await evolve('inference.responses.v1', changed('inference.responses.v1', adding(REQUIRED)))).toBe(
      'incompatible',
    )
    expect(await evolve('abuse.sanctions.v1', changed('abuse.sanctions.v1', adding(REQUIRED)))).toBe(
      'incompatible',
    )
  })

  it('lets an input lose a required field, and never a sanction', async () => {
    const lean = changed('inference.responses.v1', dropping('finishReason'))
    expect(await evolve('inference.responses.v1', lean)).toBe('registered')
    const blind = changed('abuse.sanctions.v1', dropping('effectiveAtMs'))
    expect(await evolve('abuse.sanctions.v1', blind)).toBe('incompatible')
  })

  it('lets a sanction lose an optional field', async () => {
    expect(await evolve('abuse.sanctions.v1', changed('abuse.sanctions.v1', dropping('detectorId')))).toBe(
      'registered',
    )
  })

  it('lets sanctions learn a new act, for old gateways read it as a warning', async () => {
    const wider = changed('abuse.sanctions.v1', addingSymbol('SanctionAct', 'quarantine'))
    expect(await evolve('abuse.sanctions.v1', wider)).toBe('registered')
  })

  it('lets an input learn a new symbol where no reader is left behind', async () => {
    const wider = changed('abuse.decisions.v1', addingSymbol('DecisionKind', 'postpone'))
    expect(await evolve('abuse.decisions.v1', wider)).toBe('registered')
  })

  it('refuses another type, and a field under another name', async () => {
    const text = changed('abuse.sanctions.v1', retyping('step', 'string'))
    expect(await evolve('abuse.sanctions.v1', text)).toBe('incompatible')
    const renamed = changed('abuse.standing.v1', (schema) =>
      adding({ ...REQUIRED, name: 'account' })(dropped(schema)),
    )
    expect(await evolve('abuse.standing.v1', renamed)).toBe('incompatible')
  })

  it('looks at all versions, not at the last alone', async () => {
    const without = changed('abuse.sanctions.v1', dropping('detectorId'))
    const back = changed('abuse.sanctions.v1', retyping('detectorId', ['null', 'long']))
    expect(await evolve('abuse.sanctions.v1', without, back)).toBe('incompatible')
  })
})

function dropped(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const rest = dropping('accountId')(schema)
  if (!isObject(rest)) throw new Error('no record')
  return rest
}

describeIntegration('a real registry', () => {
  const subject = `${randomUUID()}-value`
  const schema = flows.schemas.get('abuse.appeals.v1') ?? ''

  describeSchemaSource('a real registry', async () => {
    const registry = openRegistry()
    await registry.register(subject, schema)
    return { source: registry, subject, schema }
  })

  it('gives a schema that is registered again the id that it has', async () => {
    const registry = openRegistry()
    expect(await registry.register(subject, schema)).toEqual(await registry.register(subject, schema))
  })

  it('has no level for a subject that nobody gave one', async () => {
    expect(await openRegistry().compatibility(`${randomUUID()}-value`)).toBeNull()
  })

  describe('with a codec', () => {
    it('reads what was written under a later schema, by ids of the registry', async () => {
      const topic = 'abuse.appeals.v1'
      const registry = openRegistry()
      const later = changed(topic, adding(OPTIONAL))
      await registry.register(valueSubject(topic), schema)
      await registry.register(valueSubject(topic), later)
      const writer = createCodec({ schemas: new Map([[topic, later]]), source: registry })
      await writer.ready([topic])
      const reader = createCodec({ schemas: flows.schemas, source: openRegistry() })
      const record = { topic, value: writer.encode(topic, SAMPLES[topic]) }
      await reader.prepare([record])
      expect(reader.decode(topic, record)).toEqual({ ok: true, value: SAMPLES[topic] })
    })
  })
})
