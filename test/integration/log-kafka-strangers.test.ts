// What the port does not name and real Kafka brings all the same: zombies in the middle of a transaction,
// compression, overlapping transactions, positions that were never there.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CompressionTypes, Partitioners, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { requireJava } from '../../scripts/services/command.mjs'
import { JVM_FLAGS, resolveSettings } from '../../scripts/services/settings.mjs'
import { RefusedError, RetentionGapError } from '../../src/engine/errors.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { coordinatedProducer } from '../../src/log/kafka/transaction-coordinator.ts'
import { collect, numbered, valueOf, Witness } from '../conformance/log-fixture.ts'
import { describeIntegration, describeWithProcesses, services } from '../support/integration.ts'
import { kafkaLogOptions, KafkaStrangers } from './log-fixtures.ts'

const ROOT = join(import.meta.dirname, '..', '..')

describeIntegration('the log among strangers', () => {
  let strangers: KafkaStrangers
  let log: KafkaLog
  const producers: Producer[] = []
  beforeAll(async () => {
    strangers = new KafkaStrangers()
    await strangers.connect()
  })
  afterAll(() => strangers.disconnect())
  beforeEach(() => {
    log = new KafkaLog(kafkaLogOptions(), systemClock, silentLogger)
  })
  afterEach(async () => {
    await log.close()
    for (const producer of producers.splice(0)) await producer.disconnect()
  })

  async function transactional(transactionalId: string = randomUUID()): Promise<Producer> {
    const producer = strangers.kafka.producer({
      transactionalId,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    producers.push(producer)
    await producer.connect()
    return producer
  }

  const read = async (topic: string): Promise<readonly string[]> =>
    (await collect(log.readToEnd(topic, 0, 0))).map(valueOf)

  it('ends a transaction that a stopped owner left open, which can then neither send nor commit (traps 2, 3)', async () => {
    const topic = await strangers.createTopic('zombie', 1)
    const id = randomUUID()
    const stopped = await (await transactional(id)).transaction()
    await stopped.send({ topic, messages: [{ key: 'k', value: 'left open', partition: 0 }] })
    const owner = await log.taskProducer(id)
    await owner.fence()
    expect(await read(topic)).toEqual([])
    const late = stopped.send({ topic, messages: [{ key: 'k', value: 'late', partition: 0 }] })
    await expect(late).rejects.toThrow(/epoch/)
    await expect(stopped.commit()).rejects.toThrow()
    await owner.publish(0, [{ topic, key: 'k', value: Buffer.from('mine'), headers: {} }])
    expect(await read(topic)).toEqual(['mine'])
    await owner.close()
  })

  it('asks three times for a transaction, and once more for each further topic (trap 29)', async () => {
    const topics = [await strangers.createTopic('asks', 1), await strangers.createTopic('asks', 1)]
    const { producer, coordinator } = coordinatedProducer(strangers.kafka, {
      transactionalId: randomUUID(),
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    producers.push(producer)
    await producer.connect()
    const asked: string[] = []
    producer.on(producer.events.REQUEST, ({ payload }) => void asked.push(payload.apiName))
    const transact = async (value: string): Promise<void> => {
      const transaction = await producer.transaction()
      coordinator.begin(topics, 0)
      await Promise.all(
        topics.map((topic) => transaction.send({ topic, messages: [{ key: 'k', value, partition: 0 }] })),
      )
      await transaction.commit()
    }
    await transact('first')
    asked.length = 0
    await transact('second')
    // Told again while the first transaction is still being ended.
    const told = asked.lastIndexOf('AddPartitionsToTxn')
    expect(asked.slice(0, told).every((one) => one === 'AddPartitionsToTxn')).toBe(true)
    expect(asked.slice(told)).toEqual(['AddPartitionsToTxn', 'Produce', 'Produce', 'EndTxn'])
    for (const topic of topics) expect(await read(topic)).toEqual(['first', 'second'])
  })

  it('hides aborted records of transactions that overlap with others (trap 1)', async () => {
    const topic = await strangers.createTopic('overlap', 1)
    const [a, b, c] = await Promise.all([transactional(), transactional(), transactional()])
    const [one, two, three] = [await a.transaction(), await b.transaction(), await c.transaction()]
    for (const [transaction, value] of [
      [one, 'aborted 1'],
      [two, 'aborted 2'],
      [three, 'kept'],
      [two, 'aborted 3'],
      [one, 'aborted 4'],
    ] as const) {
      await transaction.send({ topic, messages: [{ key: '\0\0\0\0', value, partition: 0 }] })
    }
    await two.abort()
    await three.commit()
    await one.abort()
    expect(await read(topic)).toEqual(['kept'])
  })

  it('waits for a transaction that is open before the end', async () => {
    const topic = await strangers.createTopic('open', 1)
    await strangers.write(topic, 0, numbered(0, 2))
    const open = await (await transactional()).transaction()
    await open.send({ topic, messages: [{ key: 'k', value: 'pending', partition: 0 }] })
    await strangers.write(topic, 0, numbered(2, 3))
    const seen: string[] = []
    for await (const record of log.readToEnd(topic, 0, 0)) {
      seen.push(valueOf(record))
      if (seen.length === 2) await open.commit()
    }
    expect(seen).toEqual(['v0', 'v1', 'pending', 'v2'])
  })

  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ])('reads %s (trap 23)', async (_name, compression) => {
    const topic = await strangers.createTopic('compressed', 1)
    const producer = await transactional()
    const transaction = await producer.transaction()
    const messages = numbered(0, 200).map(({ key, value }) => ({ key, value, partition: 0 }))
    await transaction.send({ topic, messages, compression })
    await transaction.commit()
    expect(await read(topic)).toEqual(messages.map(({ value }) => String(value)))
  })

  it('gives the first value of a header that is there twice', async () => {
    const topic = await strangers.createTopic('headers', 1)
    const producer = await transactional()
    const transaction = await producer.transaction()
    const headers = { twice: ['first', 'second'], once: 'only' }
    await transaction.send({ topic, messages: [{ key: 'k', value: 'v', partition: 0, headers }] })
    await transaction.commit()
    const [record] = await collect(log.readToEnd(topic, 0, 0))
    expect(record?.headers['twice']?.toString()).toBe('first')
    expect(record?.headers['once']?.toString()).toBe('only')
  })

  it('ends a membership whose position lies behind the end of the log (trap 12)', async () => {
    const topic = await strangers.createTopic('anew', 1)
    await strangers.write(topic, 0, numbered(0, 3))
    const witness = await Witness.join(log, randomUUID(), [topic])
    await witness.until(() => witness.holds.length === 1)
    witness.flow(topic, 0, 1_000)
    await witness.until(() => witness.stops.length > 0)
    expect(witness.stops[0]).toBeInstanceOf(RetentionGapError)
    expect(witness.batches).toEqual([])
  })

  it('ends a membership whose reader throws, and tells it once (traps 18, 19)', async () => {
    const topic = await strangers.createTopic('throws', 1)
    await strangers.write(topic, 0, numbered(0, 1))
    const witness = await Witness.join(log, randomUUID(), [topic])
    witness.whenBatch = () => {
      throw new TypeError('a mistake of ours')
    }
    await witness.until(() => witness.holds.length === 1)
    witness.flow(topic, 0, 0)
    await witness.until(() => witness.stops.length > 0)
    expect(witness.stops.map(({ message }) => message)).toEqual(['a mistake of ours'])
  })

  it('ends a following whose reader throws, and tells it', async () => {
    const topic = await strangers.createTopic('follows', 1)
    await strangers.write(topic, 0, numbered(0, 1))
    const follower = await log.follow([topic], () => {
      throw new TypeError('a mistake of ours')
    })
    await expect(follower.failed()).rejects.toThrow('a mistake of ours')
    await expect(follower.caughtUp()).rejects.toThrow('a mistake of ours')
  })

  it('refuses topics that do not exist, and names them', async () => {
    const missing = `missing-${randomUUID()}`
    const topic = await strangers.createTopic('there', 1)
    await expect(Witness.join(log, randomUUID(), [topic, missing])).rejects.toThrow(RefusedError)
    await expect(Witness.join(log, randomUUID(), [topic, missing])).rejects.toThrow(missing)
  })
})

describeWithProcesses('what a Java producer has compressed', () => {
  const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
  const RECORDS = 20_000
  const topics = new Map<string, string>()
  let strangers: KafkaStrangers
  let log: KafkaLog

  beforeAll(async () => {
    strangers = new KafkaStrangers()
    await strangers.connect()
    log = new KafkaLog(kafkaLogOptions(), systemClock, silentLogger)
    for (const compression of COMPRESSIONS) topics.set(compression, await strangers.createTopic('java', 1))
    await produceByJava(topics, RECORDS)
  })

  afterAll(async () => {
    await log.close()
    await strangers.disconnect()
  })

  it.each(COMPRESSIONS)('by %s is read (trap 23)', async (compression) => {
    const values = (await collect(log.readToEnd(topics.get(compression) ?? '', 0, 0))).map(valueOf)
    expect(values).toEqual(Array.from({ length: RECORDS }, (_, n) => `v${n}`))
  })
})

/** `topics`: by the compression that each is written in. One program for all of them: it is compiled at each start. */
async function produceByJava(topics: ReadonlyMap<string, string>, records: number): Promise<void> {
  const libs = join(resolveSettings({}, {}, ROOT).cacheFolder, 'kafka', 'libs')
  const program = join(import.meta.dirname, 'java', 'CompressedProducer.java')
  const pairs = [...topics].flatMap(([compression, topic]) => [topic, compression])
  const words = [services().kafkaBrokers.join(','), String(records), ...pairs]
  await promisify(execFile)(await requireJava(), [...JVM_FLAGS, '-cp', join(libs, '*'), program, ...words])
}
