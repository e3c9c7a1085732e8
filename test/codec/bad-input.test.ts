/**
 * Damaged records, each with its stated outcome (P1, P8). None of them throws, none costs more time or memory than
 * its own bytes, and none is quoted in what is said of it (P9).
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { EmbeddedSchemas, type SchemaSource } from '../../src/codec/schema-source.ts'
import { wireSchemaId } from '../../src/codec/wire.ts'
import { SAMPLES, T0 } from './samples.ts'

const RESPONSES = 'inference.responses.v1'
const SIGNALS = 'abuse.signals.v1'
const flows = loadFlows()
const embedded = new EmbeddedSchemas(flows.schemas)

/** Writers' schemas that a registry may hold and that nobody here wrote. */
const FOREIGN: Readonly<Record<number, string>> = {
  900: JSON.stringify({ type: 'record', name: 'Order', fields: [{ name: 'total', type: 'int' }] }),
  901: JSON.stringify({ type: 'object', properties: {} }),
  902: withFields('abuse.appeals.v1', [{ name: 'extra', type: { type: 'array', items: 'null' } }]),
  903: withFields('abuse.appeals.v1', [{ name: 'extra', type: { type: 'map', values: 'string' } }]),
}

const source: SchemaSource = {
  schemaById: async (id) => FOREIGN[id] ?? (await embedded.schemaById(id)),
  idFor: embedded.idFor.bind(embedded),
}
const codec = createCodec({ schemas: flows.schemas, source })
const response = SAMPLES[RESPONSES]
let writer: Codec
let good: Buffer

beforeAll(async () => {
  writer = await embeddedCodec(flows)
  good = writer.encode(RESPONSES, response)
})

/** The topic's schema with fields added at the front, where they are read before all others. */
function withFields(topic: 'abuse.appeals.v1', fields: readonly object[]): string {
  const schema: unknown = JSON.parse(flows.schemas.get(topic) ?? '')
  if (typeof schema !== 'object' || schema === null || !('fields' in schema)) throw new Error('no record')
  if (!Array.isArray(schema.fields)) throw new Error('no record')
  const own: readonly unknown[] = schema.fields
  return JSON.stringify({ ...schema, fields: [...fields, ...own] })
}

async function refusal(topic: typeof RESPONSES | typeof SIGNALS | 'abuse.appeals.v1', value: Buffer | null) {
  await codec.prepare([{ topic, value }])
  const result = codec.decode(topic, { value })
  if (result.ok) return 'accepted'
  const { reason, detail } = result.rejection
  return `${reason}: ${detail.replace(/ \(schema id \d+\)$/, '')}`
}

/** A record of the topic's own schema with this body. */
async function framed(topic: typeof RESPONSES | typeof SIGNALS, body: Buffer): Promise<Buffer> {
  const id = await embedded.idFor(`${topic}-value`, flows.schemas.get(topic) ?? '')
  return withId(id ?? 0, body)
}

function withId(id: number, body: Buffer): Buffer {
  const header = Buffer.alloc(5)
  header.writeInt32BE(id, 1)
  return Buffer.concat([header, body])
}

/** The good record with one value changed after it was checked. */
function changed(change: object): Buffer {
  return writer.encode(RESPONSES, Object.assign({}, response, change))
}

/** An Avro long: zigzag, seven bits a byte. */
function long(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value >= 0n ? value * 2n : -value * 2n - 1n
  for (; rest > 127n; rest /= 128n) bytes.push(Number(rest % 128n) + 128)
  return Buffer.from([...bytes, Number(rest)])
}

const text = (value: string): Buffer =>
  Buffer.concat([long(BigInt(Buffer.byteLength(value))), Buffer.from(value)])

/** The start of a signal up to the block count of its evidence. */
const signalHead = (): Buffer =>
  Buffer.concat([
    ...['s', 'd'].map(text),
    long(1n),
    long(2n),
    text('c'),
    ...[text('a'), long(1n), text('a')],
    Buffer.alloc(8),
    ...[T0, T0, T0, 1].map((value) => long(BigInt(value))),
  ])

describe('bytes that nobody can read', () => {
  it.each<[string, () => Buffer | null, string]>([
    ['null', () => null, 'nullValue: the topic holds no null values'],
    ['no bytes', () => Buffer.alloc(0), 'notWireFormat: no zero byte and schema id before the body'],
    ['four bytes', () => Buffer.alloc(4), 'notWireFormat: no zero byte and schema id before the body'],
    [
      'JSON',
      () => Buffer.from('{"eventId":"e"}'),
      'notWireFormat: no zero byte and schema id before the body',
    ],
    [
      'another magic byte',
      () => Buffer.concat([Buffer.from([1]), good.subarray(1)]),
      'notWireFormat: no zero byte and schema id before the body',
    ],
    [
      'a negative schema id',
      () => withId(-2, good.subarray(5)),
      'notWireFormat: no zero byte and schema id before the body',
    ],
    [
      'an unknown schema id',
      () => withId(4_711, good.subarray(5)),
      'unknownSchema: schema id 4711 is not registered',
    ],
    [
      'the schema of something else',
      () => withId(900, good.subarray(5)),
      'undecodable: schema id 900 cannot be read as bailiff.v1.InferenceResponse',
    ],
    [
      'a schema that is not Avro',
      () => withId(901, good.subarray(5)),
      'undecodable: schema id 901 cannot be read as bailiff.v1.InferenceResponse',
    ],
    ['a header without a body', () => good.subarray(0, 5), 'undecodable: truncated'],
    ['one byte too few', () => good.subarray(0, -1), 'undecodable: truncated'],
    ['one byte too many', () => Buffer.concat([good, Buffer.from([0])]), 'undecodable: trailing bytes'],
  ])('%s', async (_name, value, outcome) => {
    expect(await refusal(RESPONSES, value())).toBe(outcome)
  })

  it('a text that claims two billion bytes', async () => {
    const value = await framed(RESPONSES, Buffer.concat([long(2_000_000_000n), Buffer.from('x')]))
    expect(await refusal(RESPONSES, value)).toBe('undecodable: truncated')
  })

  it('a text of negative length', async () => {
    const value = await framed(RESPONSES, Buffer.concat([long(-5n), Buffer.alloc(40)]))
    expect(await refusal(RESPONSES, value)).toMatch(/^undecodable/)
  })

  it('a text that is not UTF-8', async () => {
    const value = Buffer.from(good)
    value[6] = 0xff
    expect(await refusal(RESPONSES, value)).toBe('undecodable: not UTF-8')
  })

  it("a symbol that the writer's own schema does not have", async () => {
    const value = await framed(
      SIGNALS,
      Buffer.concat([...['s', 'd'].map(text), long(1n), long(9n), Buffer.alloc(60)]),
    )
    expect(await refusal(SIGNALS, value)).toBe('undecodable: no such symbol of an enum')
  })

  it('a branch that a union does not have', async () => {
    const ids = Buffer.concat([...['e', 'r', 'a', 'k'].map(text), long(7n), Buffer.alloc(100)])
    expect(await refusal(RESPONSES, await framed(RESPONSES, ids))).toBe(
      'undecodable: no such branch of a union',
    )
  })

  it('a whole number that JavaScript cannot hold', async () => {
    const ids = Buffer.concat([
      ...['e', 'r', 'a', 'k'].map(text),
      Buffer.alloc(4),
      long(0n),
      text('m'),
      Buffer.alloc(5),
    ])
    const value = await framed(RESPONSES, Buffer.concat([ids, long(2n ** 60n), Buffer.alloc(60)]))
    expect(await refusal(RESPONSES, value)).toBe('undecodable: a whole number beyond 2^53')
  })

  it.each([
    ['two billion', 2_000_000_000n],
    ['more than an array holds', 2n ** 40n],
    ['minus two billion', -2_000_000_000n],
  ])('a list that claims %s entries', async (_name, entries) => {
    const value = await framed(SIGNALS, Buffer.concat([signalHead(), long(entries), Buffer.alloc(30)]))
    expect(await refusal(SIGNALS, value)).toBe('undecodable: more entries than bytes')
  })

  it('a skipped list of entries that take no bytes', async () => {
    const value = withId(902, Buffer.concat([long(50n), Buffer.alloc(200)]))
    expect(await refusal('abuse.appeals.v1', value)).toBe('undecodable: more entries than bytes')
  })

  it('a skipped map whose block says that it ends before it begins', async () => {
    const value = withId(903, Buffer.concat([long(-1n), long(-3n), Buffer.alloc(20)]))
    expect(await refusal('abuse.appeals.v1', value)).toMatch(/^undecodable/)
  })

  it('any one byte changed: read as something else or refused, never thrown (trap 22)', async () => {
    for (let at = 5; at < good.length; at++) {
      for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
        const value = Buffer.from(good)
        value[at] = byte
        expect(await refusal(RESPONSES, value)).toMatch(/^(accepted|undecodable|invalid)/)
      }
    }
  })
})

describe('values that cannot be true', () => {
  it.each<[string, object, string]>([
    ['an empty id', { accountId: '' }, 'accountId'],
    ['an id as long as a page', { requestId: 'x'.repeat(257) }, 'requestId'],
    ['negative tokens', { inputTokens: -1 }, 'inputTokens'],
    ['absurdly many tokens', { outputTokens: 100_000_001 }, 'outputTokens'],
    ['NaN', { gpuSeconds: Number.NaN }, 'gpuSeconds'],
    ['infinity', { queueTimeMs: Number.POSITIVE_INFINITY }, 'queueTimeMs'],
    ['negative time', { retryAfterMs: -1 }, 'retryAfterMs'],
    ['seconds where milliseconds belong', { completedAtMs: T0 / 1_000 }, 'completedAtMs'],
    ['a time after the century', { completedAtMs: 4_102_444_800_001 }, 'completedAtMs'],
    [
      'a message without text or reference',
      { outputMessages: [{ role: 'user', text: null, reference: null }] },
      'outputMessages[0].text or reference',
    ],
    ['a ratio above one', { media: [{ ...response.media?.[0], sexualScore: 1.5 }] }, 'media[0].sexualScore'],
    ['a hash that is none', { media: [{ ...response.media?.[0], sha256: 'x' }] }, 'media[0].sha256'],
  ])('%s', async (_name, change, field) => {
    expect(await refusal(RESPONSES, changed(change))).toBe(`invalid: ${field}`)
  })

  it('says which stage refused', async () => {
    const value = changed({ inputTokens: -1 })
    await codec.prepare([{ topic: RESPONSES, value }])
    expect(codec.decode(RESPONSES, { value })).toMatchObject({ rejection: { stage: 'validate' } })
    expect(codec.decode(RESPONSES, { value: null })).toMatchObject({ rejection: { stage: 'deserialize' } })
  })
})

describe('an id that becomes known later', () => {
  it('is read from then on', async () => {
    let there = false
    const late = createCodec({
      schemas: flows.schemas,
      source: { ...source, schemaById: async (id) => (there ? embedded.schemaById(id) : null) },
    })
    const record = { topic: RESPONSES, value: good }
    await late.prepare([record])
    expect(late.decode(RESPONSES, record)).toMatchObject({ rejection: { reason: 'unknownSchema' } })
    there = true
    await late.prepare([record])
    expect(late.decode(RESPONSES, record)).toMatchObject({ ok: true })
    expect(wireSchemaId(good)).toBe(2)
  })
})
