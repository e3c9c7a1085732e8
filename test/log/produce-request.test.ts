/** Requests to append records: byte for byte those of kafkajs, over its own broker and a connection that only listens. */
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import KafkajsBroker from 'kafkajs/src/broker/index.js'
import produce from 'kafkajs/src/protocol/requests/produce/index.js'
import { describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/engine/errors.ts'
import { writeProduceRequest, type ProduceRequest } from '../../src/log/kafka/produce-request.ts'
import { encodeProduceRequests } from '../../src/log/kafka/raw-produce.ts'
import { propertyParameters } from '../support/property-parameters.ts'

const PRODUCE = 0
const NEWEST = 7

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', 'x'.repeat(63), 'x'.repeat(64), `${'x'.repeat(62)}ü`),
)
const long = fc.integer({ min: 0, max: 9_000 }).map((length) => Buffer.alloc(length, 'v'))
const record = fc.record({
  key: fc.option(fc.oneof(bytes, text)),
  value: fc.option(fc.oneof(bytes, text, long)),
  headers: fc.dictionary(text, fc.oneof(bytes, text), { maxKeys: 4, noNullPrototype: true }),
  timestamp: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }).map(String),
})
const batch = fc.record({
  partition: fc.nat(),
  firstSequence: fc.nat(),
  messages: fc.oneof(
    fc.array(record, { minLength: 1, maxLength: 5 }),
    // Offsets within a batch of more than one byte.
    record.map((one) => Array.from({ length: 70 }, () => one)),
  ),
})
const request = fc.record({
  transactionalId: fc.option(fc.string({ minLength: 1 })),
  producerId: fc.oneof(fc.constant(-1), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String)),
  producerEpoch: fc.nat({ max: 32_767 }),
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  topicData: fc.array(fc.record({ topic: text, partitions: fc.array(batch, { maxLength: 3 }) }), {
    maxLength: 3,
  }),
})

async function byKafkajs(fields: object, version: number): Promise<Buffer> {
  return (await produce.protocol({ version })(fields).request.encode()).buffer
}

const ONE: ProduceRequest = {
  transactionalId: 'meter-3',
  producerId: '4711',
  producerEpoch: 2,
  acks: -1,
  timeout: 1_000,
  topicData: [
    {
      topic: 'topic',
      partitions: [
        {
          partition: 3,
          firstSequence: 9,
          messages: [
            { key: 'account', value: null, headers: { ce_id: 'one' }, timestamp: '1790000000000' },
            { key: null, value: Buffer.from('value'), headers: {}, timestamp: '1790000000001' },
          ],
        },
      ],
    },
  ],
}

const HEADLESS = {
  partition: 3,
  firstSequence: 9,
  messages: [{ key: 'account', value: 'value', timestamp: '1790000000000' }],
}

describe('a request to append that we write', () => {
  it.each([3, 7])('has the bytes that kafkajs would send by version %i', async (version) => {
    await fc.assert(
      fc.asyncProperty(request, async (fields) => {
        expect(writeProduceRequest(fields).equals(await byKafkajs(fields, version))).toBe(true)
      }),
      propertyParameters(200),
    )
  })
})

interface Sent {
  readonly request: { readonly apiVersion: number; encode(): Promise<{ readonly buffer: Buffer }> }
}

/** A cluster that finds one broker, which speaks requests to append up to `maxVersion`. */
function listeningCluster(maxVersion: number) {
  const sent: Sent[] = []
  const connection = { getSupportAuthenticationProtocol: () => true, authenticate: () => Promise.resolve() }
  let connected = false
  const broker = new KafkajsBroker({
    connectionPool: {
      isConnected: () => connected,
      getConnection: () => Promise.resolve(connection),
      setVersions: () => (connected = true),
      send: (call: Sent) => Promise.resolve(void sent.push(call)),
    },
    logger: { namespace: () => ({ debug: () => undefined }) },
    versions: { [PRODUCE]: { minVersion: 0, maxVersion } },
  })
  const cluster = { findBroker: () => Promise.resolve(broker) }
  encodeProduceRequests(cluster)
  return { cluster, broker, sent }
}

describe('a cluster whose brokers write by our encoder', () => {
  it('sends what kafkajs would, also where the broker connects only later', async () => {
    const { cluster, sent } = listeningCluster(12)
    const found = await cluster.findBroker()
    await found.connect()
    const { transactionalId, ...rest } = ONE
    for (const fields of [ONE, { ...rest, compression: undefined }]) await found.produce(fields)
    const buffers = await Promise.all(sent.map(async (call) => (await call.request.encode()).buffer))
    expect(transactionalId).not.toBeNull()
    expect(buffers).toEqual([
      await byKafkajs(ONE, NEWEST),
      await byKafkajs({ ...ONE, transactionalId: null }, NEWEST),
    ])
    expect(sent.map(({ request: { apiVersion } }) => apiVersion)).toEqual([NEWEST, NEWEST])
  })

  it('gives one broker each time, which kafkajs knows again', async () => {
    const { cluster } = listeningCluster(7)
    expect(await cluster.findBroker()).toBe(await cluster.findBroker())
  })

  it.each([
    ['what is to be compressed', { ...ONE, compression: kafkajs.CompressionTypes.GZIP }],
    ['records without headers', { ...ONE, topicData: [{ topic: 'topic', partitions: [HEADLESS] }] }],
  ])('leaves to kafkajs %s', async (_, fields) => {
    const { cluster, sent } = listeningCluster(7)
    const found = await cluster.findBroker()
    await found.connect()
    await found.produce(fields)
    const buffers = await Promise.all(sent.map(async (call) => (await call.request.encode()).buffer))
    expect(buffers).toEqual([await byKafkajs(fields, NEWEST)])
  })

  it('sends it by the oldest version too that has these records', async () => {
    const { cluster, sent } = listeningCluster(3)
    const found = await cluster.findBroker()
    await found.connect()
    await found.produce(ONE)
    const buffers = await Promise.all(sent.map(async (call) => (await call.request.encode()).buffer))
    expect(buffers).toEqual([await byKafkajs(ONE, 3)])
  })

  it('is refused with another kafkajs than the one that is pinned, and with brokers that are too old', async () => {
    const old = listeningCluster(2)
    await old.broker.connect()
    const found = await old.cluster.findBroker()
    await expect(found.produce(ONE)).rejects.toThrow(RefusedError)
    Reflect.set(old.broker, 'lookupRequest', () => undefined)
    await expect(found.produce(ONE)).rejects.toThrow(/install the version that package\.json pins/)
  })
})
