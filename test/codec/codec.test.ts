/** Every topic's values survive encoding and decoding, under this writer's schema and under others that fit. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { EmbeddedSchemas } from '../../src/codec/schema-source.ts'
import type { Topic, TopicTypes } from '../../src/codec/topic-types.ts'
import { allTopics, keyOf, TOPIC_GUARDS } from '../../src/codec/topics.ts'
import { wireSchemaId } from '../../src/codec/wire.ts'
import { SAMPLES, sampleOf } from './samples.ts'
import { variantsOf } from './variants.ts'

const flows = loadFlows()
let codec: Codec
beforeAll(async () => {
  codec = await embeddedCodec(flows)
})

async function roundTrip<T extends Topic>(topic: T, value: TopicTypes[T]): Promise<unknown> {
  const record = { topic, value: codec.encode(topic, value) }
  await codec.prepare([record])
  const result = codec.decode(topic, record)
  return result.ok ? result.value : result.rejection
}

describe.each(allTopics())('%s', (topic) => {
  it('keeps a value with every field set', async () => {
    expect(await roundTrip(topic, sampleOf(topic))).toEqual(SAMPLES[topic])
  })

  it('keeps any value: nulls, all symbols, empty lists, any text', async () => {
    const guard = TOPIC_GUARDS[topic]
    await fc.assert(
      fc.asyncProperty(variantsOf(guard.shape, SAMPLES[topic]), async (value) => {
        fc.pre(guard.accepts(value))
        if (guard.accepts(value)) expect(await roundTrip(topic, value)).toEqual(value)
      }),
      { numRuns: 30 },
    )
  })
})

describe('encode', () => {
  it('refuses a topic whose id was never resolved', () => {
    const fresh = createCodec({ schemas: flows.schemas, source: new EmbeddedSchemas(flows.schemas) })
    expect(() => fresh.encode('abuse.appeals.v1', SAMPLES['abuse.appeals.v1'])).toThrow(
      'abuse.appeals.v1 is not ready to be encoded: await ready first',
    )
  })

  it('names the wrong field and never its content', () => {
    const value = Object.assign({}, SAMPLES['abuse.appeals.v1'], { sanctionId: Buffer.from('a secret') })
    expect(() => codec.encode('abuse.appeals.v1', value)).toThrow(
      new TypeError('a value for abuse.appeals.v1 cannot be encoded: look at sanctionId'),
    )
  })

  it('takes values that are larger than its buffer, and small ones after them', async () => {
    const request = SAMPLES['inference.requests.v1']
    const long = {
      ...request,
      inputMessages: [{ role: 'user', text: 'ä'.repeat(300_000), reference: null }],
    } as const
    expect(await roundTrip('inference.requests.v1', long)).toEqual(long)
    expect(await roundTrip('inference.requests.v1', request)).toEqual(request)
  })

  it('takes texts with a replacement character of their own, however long', async () => {
    const request = SAMPLES['inference.requests.v1']
    for (const text of ['\ufffd', 'a\ufffd'.repeat(100), 'a\ufffd'.repeat(10_000)]) {
      const value = { ...request, inputMessages: [{ role: 'user', text, reference: null }] } as const
      expect(await roundTrip('inference.requests.v1', value)).toEqual(value)
    }
  })

  it('keeps every name of a map, also one that JavaScript keeps for itself', async () => {
    const broadcastOffsets = Object.fromEntries([
      ['__proto__', 7],
      ['bailiff.control.v1', 8],
    ])
    const value = { ...SAMPLES['abuse.signals.v1'], broadcastOffsets }
    const read = await roundTrip('abuse.signals.v1', value)
    expect(JSON.stringify(read)).toContain('{"__proto__":7,"bailiff.control.v1":8}')
  })

  it('gives buffers of their own: a later value does not change an earlier one', () => {
    const first = codec.encode('abuse.appeals.v1', SAMPLES['abuse.appeals.v1'])
    const copy = Buffer.from(first)
    codec.encode('abuse.appeals.v1', { ...SAMPLES['abuse.appeals.v1'], id: 'another' })
    expect(first.equals(copy)).toBe(true)
  })

  it('writes half a surrogate pair as a replacement character, so that readers can read it', async () => {
    const request = { ...SAMPLES['inference.requests.v1'], userAgent: 'cut in half \ud83d' }
    expect(await roundTrip('inference.requests.v1', request)).toMatchObject({
      userAgent: 'cut in half \ufffd',
    })
  })
})

describe('ready', () => {
  it('names every missing subject, and the command that registers them', async () => {
    const source = new EmbeddedSchemas(new Map())
    const strange = createCodec({ schemas: flows.schemas, source })
    await expect(strange.ready(['abuse.appeals.v1', 'abuse.signals.v1'])).rejects.toThrow(
      'not registered in the schema registry: abuse.appeals.v1-value, abuse.signals.v1-value. Run `bailiff topics` first.',
    )
  })
})

describe('prepare', () => {
  it('asks for each writer schema once, however many records carry it', async () => {
    const asked: number[] = []
    const embedded = new EmbeddedSchemas(flows.schemas)
    const counting = {
      schemaById: (id: number) => (asked.push(id), embedded.schemaById(id)),
      idFor: embedded.idFor.bind(embedded),
    }
    const reader = createCodec({ schemas: flows.schemas, source: counting })
    const value = codec.encode('abuse.appeals.v1', SAMPLES['abuse.appeals.v1'])
    const records = Array.from({ length: 50 }, () => ({ topic: 'abuse.appeals.v1', value }))
    await reader.prepare(records)
    await reader.prepare(records)
    expect(asked).toEqual([wireSchemaId(value)])
  })

  it('passes over null values, foreign topics and bytes that are no wire format', async () => {
    await codec.prepare([
      { topic: 'abuse.appeals.v1', value: null },
      { topic: 'somebody.elses.v1', value: Buffer.from([0, 0, 0, 0, 1]) },
      { topic: 'abuse.appeals.v1', value: Buffer.from('{}') },
    ])
  })
})

describe('keyOf', () => {
  it('keys by account, pool, fingerprint or id, as the table says', () => {
    const keys = Object.fromEntries(allTopics().map((topic) => [topic, keyOf(topic, sampleOf(topic))]))
    for (const entry of flows.table.topics.filter(({ key }) => key === 'accountId')) {
      expect(keys[entry.name], entry.name).toBe('account-1')
    }
    expect(keys['gpu.telemetry.v1']).toBe('pool-1')
    expect(keys['abuse.sightings.v1']).toBe('clientNetwork:8888888888888888')
    expect(keys['bailiff.control.v1']).toBe('killSwitch/gpu-hog')
  })

  it('keys a complaint that knows a medium and no account by the medium', () => {
    const complaint = { ...SAMPLES['abuse.complaints.v1'], accountId: null }
    expect(keyOf('abuse.complaints.v1', complaint)).toBe(complaint.mediaSha256)
  })
})
