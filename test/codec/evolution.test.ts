/**
 * Readers of today meet writers of yesterday, of tomorrow, and of other houses: what is new is passed over, what is
 * missing is null, and a symbol that nobody here knows becomes one that hurts nobody.
 */
import { describe, expect, it } from 'vitest'
import { createCodec } from '../../src/codec/codec.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { EmbeddedSchemas } from '../../src/codec/schema-source.ts'
import type { Topic, TopicTypes } from '../../src/codec/topic-types.ts'
import { SAMPLES } from './samples.ts'

const flows = loadFlows()

/** Writes the sample, with `change`, under the topic's schema edited as text, and reads it under today's. */
async function readToday<T extends Topic>(
  topic: T,
  edit: (schema: string) => string,
  change: object = {},
): Promise<unknown> {
  const today = flows.schemas.get(topic) ?? ''
  const theirs = edit(today)
  expect(theirs).not.toBe(today)
  const source = new EmbeddedSchemas(new Map([[topic, theirs]]))
  const writer = createCodec({ schemas: new Map([[topic, theirs]]), source })
  const reader = createCodec({ schemas: flows.schemas, source })
  await writer.ready([topic])
  const value: TopicTypes[T] = Object.assign({}, SAMPLES[topic], change)
  const record = { topic, value: writer.encode(topic, value) }
  await reader.prepare([record])
  const result = reader.decode(topic, record)
  return result.ok ? result.value : result.rejection
}

const replacing =
  (from: string, to: string) =>
  (schema: string): string =>
    schema.replaceAll(from, to)

/** The schema without a field that may be null. */
const without =
  (name: string) =>
  (schema: string): string =>
    schema.replace(new RegExp(`\\{"name":"${name}","type":\\["null","\\w+"\\],[^}]*\\},?`), '')

/** The schema without these fields, wherever they stand in it. */
const lacking =
  (...names: readonly string[]) =>
  (schema: string): string =>
    JSON.stringify(JSON.parse(schema), (name, value: unknown) =>
      name === 'fields' && Array.isArray(value)
        ? value.filter((field: unknown) => !names.includes(nameOf(field)))
        : value,
    )

function nameOf(field: unknown): string {
  return typeof field === 'object' && field !== null && 'name' in field ? String(field.name) : ''
}

describe('a writer of yesterday', () => {
  it('that lacks a field which may be null leaves null', async () => {
    const topic = 'inference.responses.v1'
    expect(await readToday(topic, without('gpuSeconds'))).toEqual({ ...SAMPLES[topic], gpuSeconds: null })
  })

  it('that did not know of stolen keys and snoozes is read: nobody is suspected, and nobody knows of a snooze', async () => {
    const [sanctions, standings] = ['abuse.sanctions.v1', 'abuse.standing.v1'] as const
    expect(await readToday(sanctions, lacking('cause'))).toEqual({ ...SAMPLES[sanctions], cause: null })
    const { strikes, ...standing } = SAMPLES[standings]
    expect(await readToday(standings, lacking('cause', 'keyFlags', 'snoozes'))).toEqual({
      ...standing,
      keyFlags: null,
      snoozes: null,
      strikes: strikes?.map((one) => ({ ...one, cause: null })),
    })
  })

  it('that lacks a required field is set aside', async () => {
    const without = (schema: string): string =>
      schema.replace(/\{"name":"sanctionId","type":"string"[^}]*\},/, '')
    expect(await readToday('abuse.appeals.v1', without)).toMatchObject({ reason: 'undecodable' })
  })

  it('that used a narrower number is read', async () => {
    const narrower = replacing('"name":"inputTokens","type":"long"', '"name":"inputTokens","type":"int"')
    expect(await readToday('inference.responses.v1', narrower)).toEqual(SAMPLES['inference.responses.v1'])
  })
})

describe('a writer of tomorrow', () => {
  it('that has fields we do not know is read without them', async () => {
    const field = '{"name":"news","type":{"type":"map","values":{"type":"array","items":"string"}}},'
    const wider = replacing('"fields":[{"name":"id"', `"fields":[${field}{"name":"id"`)
    const news = { rumours: ['one', 'two'], facts: [] }
    expect(await readToday('abuse.appeals.v1', wider, { news })).toEqual(SAMPLES['abuse.appeals.v1'])
  })

  it.each<[Topic, string, string, object, object]>([
    ['abuse.sanctions.v1', '"reversal"', 'act', { act: 'banishment' }, { act: 'warning' }],
    ['abuse.sanctions.v1', '"api","account"', 'scope', { scope: 'planet' }, { scope: 'capability' }],
    ['abuse.sanctions.v1', '"S3"]', 'severity', { severity: 'S9' }, { severity: 'S3' }],
    ['abuse.signals.v1', '"canary"', 'mode', { mode: 'harder' }, { mode: 'shadow' }],
    [
      'inference.responses.v1',
      '"fine_tuning"',
      'operationName',
      { operationName: 'telepathy' },
      { operationName: 'other' },
    ],
    ['inference.responses.v1', '"cancelled"', 'status', { status: 'postponed' }, { status: 'error' }],
  ])('%s: a symbol after %s reads as the harmless one', async (topic, after, field, theirs, ours) => {
    const symbol = String(Object.values(theirs)[0])
    const wider = (schema: string): string =>
      after.endsWith(']')
        ? schema.replace(after, `${after.slice(0, -1)},"${symbol}"]`)
        : schema.replace(after, `${after},"${symbol}"`)
    expect(await readToday(topic, wider, theirs), field).toEqual({ ...SAMPLES[topic], ...ours })
  })

  it('whose decision we do not know is set aside: nobody is taken to have decided something else', async () => {
    const wider = replacing('"snooze"]', '"snooze","banish"]')
    expect(await readToday('abuse.decisions.v1', wider, { kind: 'banish' })).toMatchObject({
      reason: 'undecodable',
    })
  })
})

describe('a writer of another house', () => {
  it('that has a namespace of its own is read: names count, not where they come from', async () => {
    const topic = 'inference.responses.v1'
    expect(await readToday(topic, replacing('bailiff.v1', 'com.example.platform'))).toEqual(SAMPLES[topic])
  })

  it('that orders fields differently is read by name', async () => {
    const swapped = (schema: string): string =>
      schema.replace(/(\{"name":"id"[^}]*\}),(\{"name":"accountId"[^}]*\})/, '$2,$1')
    expect(await readToday('abuse.appeals.v1', swapped)).toEqual(SAMPLES['abuse.appeals.v1'])
  })
})
