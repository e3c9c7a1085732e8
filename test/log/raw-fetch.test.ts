/** The seam in kafkajs: its own broker asks and looks for errors, over a connection that answers from memory. */
import kafkajs, { type Broker, type Consumer, type ConsumerConfig } from 'kafkajs'
import KafkajsBroker from 'kafkajs/src/broker/index.js'
import { describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/engine/errors.ts'
import { KafkaClient } from '../../src/log/kafka/client.ts'
import { FetchCluster } from '../../src/log/kafka/cluster.ts'
import { OLDEST_VERSION } from '../../src/log/kafka/fetch-versions.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { rawFetch } from '../../src/log/kafka/raw-fetch.ts'
import { entry, fetchAnswer, recordBatch } from '../support/record-sets.ts'

interface Sent {
  readonly request: {
    readonly apiName: string
    readonly apiVersion: number
    encode(): Promise<{ readonly buffer: Buffer }>
  }
  readonly requestTimeout: number
  readonly response: {
    decode(bytes: Buffer): Promise<unknown>
    parse(decoded: unknown): Promise<unknown>
  }
}

const FETCH = 1
const REQUEST = {
  isolationLevel: 1,
  maxWaitTime: 10,
  topics: [{ topic: 'topic', partitions: [{ partition: 3, fetchOffset: '0', maxBytes: 100 }] }],
}

/** A broker as the cluster hands it over, which speaks fetches up to `maxVersion`. */
async function connectedBroker(maxVersion: number, answer: (version: number) => Buffer) {
  const sent: Sent[] = []
  const connection = { getSupportAuthenticationProtocol: () => true, authenticate: () => Promise.resolve() }
  let connected = false
  const connectionPool = {
    isConnected: () => connected,
    getConnection: () => Promise.resolve(connection),
    setVersions: () => (connected = true),
    send: async (call: Sent) => {
      sent.push(call)
      return call.response.parse(await call.response.decode(answer(call.request.apiVersion)))
    },
  }
  const broker = new KafkajsBroker({
    connectionPool,
    logger: { namespace: () => ({ debug: () => undefined }) },
    versions: { [FETCH]: { minVersion: 0, maxVersion } },
  })
  await broker.connect()
  return { broker, sent }
}

const answerWith = async (errorCode: number): Promise<(version: number) => Buffer> => {
  const recordSet = await recordBatch({
    baseOffset: 5,
    timestampMs: 0,
    records: [entry(0, null, Buffer.from('value'))],
  })
  const partition = { topic: 'topic', partition: 3, errorCode, highWatermark: 6, aborted: [], recordSet }
  return (version) => fetchAnswer(version, [partition])
}

describe('a fetch that we decode', () => {
  it.each([4, 8, 11, 17])(
    "is asked by kafkajs' broker, with a broker that speaks up to version %i",
    async (max) => {
      const { broker, sent } = await connectedBroker(max, await answerWith(0))
      const fetched = await rawFetch(broker, REQUEST)
      expect(fetched).toMatchObject([
        { topic: 'topic', partition: 3, highWatermark: 6, batches: [{ baseOffset: 5 }] },
      ])
      expect(sent.map(({ request }) => [request.apiName, request.apiVersion])).toEqual([
        ['Fetch', Math.min(max, 11)],
      ])
    },
  )

  it('sends the bytes that kafkajs would, and waits for the answer as long', async () => {
    const { broker, sent } = await connectedBroker(11, await answerWith(0))
    await rawFetch(broker, REQUEST)
    await broker.fetch(REQUEST)
    const [ours, theirs] = await Promise.all(sent.map(async ({ request }) => (await request.encode()).buffer))
    expect(ours).toEqual(theirs)
    expect(sent.map(({ requestTimeout }) => requestTimeout)).toEqual([110, 110])
  })

  it('leaves looking for errors to kafkajs: an offset out of range names its partition', async () => {
    const { broker } = await connectedBroker(11, await answerWith(1))
    const failed = rawFetch(broker, REQUEST)
    await expect(failed).rejects.toThrow(kafkajs.KafkaJSOffsetOutOfRange)
    await expect(failed).rejects.toMatchObject({ topic: 'topic', partition: 3 })
  })

  it('changes nothing for others who ask the same broker', async () => {
    const { broker } = await connectedBroker(11, await answerWith(0))
    await rawFetch(broker, REQUEST)
    expect(await broker.fetch(REQUEST)).toMatchObject({
      responses: [{ partitions: [{ messages: [{ offset: '5' }] }] }],
    })
  })

  it('is refused with another kafkajs than the one that is pinned, and with brokers that are too old', async () => {
    const { broker } = await connectedBroker(11, await answerWith(0))
    Reflect.set(broker, 'lookupRequest', undefined)
    await expect(rawFetch(broker, REQUEST)).rejects.toThrow(/install the version that package\.json pins/)
    const old = await connectedBroker(3, await answerWith(0))
    await expect(rawFetch(old.broker, REQUEST)).rejects.toThrow(RefusedError)
  })
})

/** A client whose readers are led to the given broker. */
class LedKafka extends KafkaClient {
  readonly #broker: Broker

  constructor(broker: Broker) {
    super({ brokers: ['127.0.0.1:1'] })
    this.#broker = broker
  }

  override consumer(config: ConsumerConfig): Consumer {
    const findBroker = (): Promise<Broker> => Promise.resolve(this.#broker)
    return super.consumer({
      ...config,
      partitionAssigners: (config.partitionAssigners ?? []).map(
        (assigner) => (given) => assigner({ ...given, cluster: { ...given.cluster, findBroker } }),
      ),
    })
  }
}

describe('a fetch of a reader', () => {
  it('asks for so many bytes in all and of each partition, for it is decoded whole (trap 25)', async () => {
    const { broker, sent } = await connectedBroker(OLDEST_VERSION, await answerWith(0))
    const options = {
      ...defaultKafkaLogOptions,
      brokers: [],
      fetchMaxBytes: 7_000,
      fetchMaxBytesPerPartition: 900,
    }
    const cluster = new FetchCluster(new LedKafka(broker), options)
    await cluster.fetch('1', [{ topic: 'topic', partition: 3, offset: 5, batchBytes: 0 }], 10)
    const bytes = (await sent[0]?.request.encode())?.buffer ?? Buffer.alloc(0)
    // After the replica's id, the wait and the least of bytes; each partition ends with its own bound.
    expect(bytes.readInt32BE(12)).toBe(7_000)
    expect(bytes.readInt32BE(bytes.length - 4)).toBe(900)
  })

  it('is bounded unless somebody sets it otherwise (trap 25)', () => {
    expect(defaultKafkaLogOptions.fetchMaxBytes).toBeLessThanOrEqual(8 * 1024 * 1024)
    expect(defaultKafkaLogOptions.fetchMaxBytesPerPartition).toBeLessThanOrEqual(1024 * 1024)
  })
})
