import fc from 'fast-check'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import fetch from 'kafkajs/src/protocol/requests/fetch/index.js'
import { describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/engine/errors.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { registerCodecs } from '../../src/log/kafka/codecs.ts'
import { readFetchAnswer, type FetchedPartition } from '../../src/log/kafka/fetch-answer.ts'
import { cutOffBytes, readRecordSet, type RecordBatch } from '../../src/log/kafka/record-batch.ts'
import { RecordReader } from '../../src/log/kafka/record-reader.ts'
import { sourceBatch } from '../../src/log/kafka/source-batch.ts'
import {
  batchOf,
  entry,
  fetchAnswer,
  recordBatch,
  type WrittenBatch,
  type WrittenPartition,
} from '../support/record-sets.ts'

registerCodecs()

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const field = fc.option(bytes)
/** kafkajs itself mistakes names that every object has, such as `constructor`, for repeated headers. */
const headerName = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !(name in {}))
const headers = fc.dictionary(headerName, fc.oneof(bytes, fc.array(bytes, { minLength: 1, maxLength: 3 })), {
  maxKeys: 3,
  noNullPrototype: true,
})
const someRecord = fc.record({
  timestampDelta: fc.integer({ min: -5, max: 2 ** 33 }),
  key: field,
  value: field,
  headers,
})
const someBatch = fc.record({
  gap: fc.integer({ min: 0, max: 3 }),
  timestampMs: fc.integer({ min: 0, max: 2 ** 42 }),
  compression: fc.constantFrom(0, 1, 2, 3, 4),
  transactional: fc.boolean(),
  logAppendTime: fc.boolean(),
  producerId: fc.constantFrom(-1, 7, 2 ** 40),
  records: fc.array(someRecord, { minLength: 1, maxLength: 12 }),
})
/** kafkajs fails where a set does not reach its first batch's format. */
const FORMAT_AT = 17

/** Consecutive batches from an offset on, with a gap before some. */
const someBatches = fc
  .tuple(fc.constantFrom(0, 100, 2 ** 31 - 3, 2 ** 40), fc.array(someBatch, { maxLength: 4 }))
  .map(([from, made]) => {
    let next = from
    return made.map(({ gap, records, ...rest }): WrittenBatch => {
      const baseOffset = next + gap
      next = baseOffset + records.length
      return { ...rest, baseOffset, records: records.map((one, offsetDelta) => ({ ...one, offsetDelta })) }
    })
  })

const partitionOf = (recordSet: Buffer, fields: Partial<WrittenPartition> = {}): WrittenPartition => ({
  topic: 'topic',
  partition: 3,
  errorCode: 0,
  highWatermark: 2 ** 40,
  aborted: [],
  recordSet,
  ...fields,
})

function records(batches: readonly RecordBatch[], from = 0): readonly SourceRecord[] {
  return [...{ [Symbol.iterator]: () => new RecordReader('topic', 3, batches, from) }]
}

const first = (value: Buffer | Buffer[] | null | undefined): Buffer | null | undefined =>
  Array.isArray(value) ? value[0] : value

/** What kafkajs' own decoder makes of an answer, as the engine wants its records. */
async function byKafkajs(answer: Buffer, version: number): Promise<readonly object[]> {
  const { responses } = await fetch
    .protocol({ version })({ maxWaitTime: 1, topics: [] })
    .response.decode(answer)
  return responses.flatMap(({ topicName, partitions }) =>
    partitions.map((one) => ({
      topic: topicName,
      partition: one.partition,
      errorCode: one.errorCode,
      highWatermark: Number(one.highWatermark),
      aborted: one.abortedTransactions.map(({ producerId, firstOffset }) => `${producerId}@${firstOffset}`),
      records: one.messages.map((message) => ({
        topic: 'topic',
        partition: 3,
        offset: Number(message.offset),
        appendTimeMs: Number(message.timestamp),
        key: message.key,
        value: message.value,
        headers: Object.fromEntries(
          Object.entries(message.headers).map(([name, value]) => [name, first(value)]),
        ),
      })),
    })),
  )
}

const asRead = (one: FetchedPartition): object => ({
  topic: one.topic,
  partition: one.partition,
  errorCode: one.errorCode,
  highWatermark: one.highWatermark,
  aborted: one.abortedTransactions.map(({ producerId, firstOffset }) => `${producerId}@${firstOffset}`),
  records: records(one.batches),
})

describe('the answer to a fetch', () => {
  it("is read as kafkajs' decoder reads it: versions, codecs, headers, nulls, batches that are cut off", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 11 }),
        someBatches,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.record({ producerId: fc.nat(), firstOffset: fc.nat() }), { maxLength: 3 }),
        async (version, written, cut, aborted) => {
          const whole = Buffer.concat(await Promise.all(written.map((batch) => recordBatch(batch))))
          const answer = fetchAnswer(version, [
            partitionOf(whole, { aborted }),
            partitionOf(whole.subarray(0, Math.max(FORMAT_AT, Math.floor(whole.length * cut))), {
              topic: 'other',
              errorCode: 1,
            }),
          ])
          const ours = (await readFetchAnswer(answer, version)).responses.flatMap(
            ({ partitions }) => partitions,
          )
          expect(ours.map(asRead)).toEqual(await byKafkajs(answer, version))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('tells how long the broker wants quiet from the version on that leaves this to clients', async () => {
    expect((await readFetchAnswer(fetchAnswer(7, [], 250), 7)).clientSideThrottleTime).toBe(0)
    expect((await readFetchAnswer(fetchAnswer(8, [], 250), 8)).clientSideThrottleTime).toBe(250)
  })

  it('that ends too early is an error, not an empty one', async () => {
    const answer = fetchAnswer(11, [partitionOf(await recordBatch(batch(0, [entry(0, null, null)])))])
    await expect(readFetchAnswer(answer.subarray(0, -1), 11)).rejects.toThrow(/ends too early/)
  })
})

const batch = (baseOffset: number, entries: WrittenBatch['records']): WrittenBatch => ({
  baseOffset,
  timestampMs: 1_000,
  records: entries,
})

describe('record batches', () => {
  const three = [0, 1, 2].map((delta) => entry(delta, Buffer.from('k'), Buffer.from(`v${delta}`)))

  it('are read from the position on, which may lie inside one', async () => {
    const set = Buffer.concat([await recordBatch(batch(10, three)), await recordBatch(batch(13, three))])
    const read = records(await readRecordSet(set), 12)
    expect(read.map(({ offset }) => offset)).toEqual([12, 13, 14, 15])
  })

  it('end where they ended when they were written, though compaction took their last record', async () => {
    const set = await recordBatch({ ...batch(10, three), lastOffset: 19 })
    const empty = await recordBatch({ ...batch(20, []), lastOffset: 24 })
    const at = { topic: 'topic', partition: 3, errorCode: 0, highWatermark: 30 }
    const fetched = { ...at, abortedTransactions: [], cutOffBytes: 0 }
    const batches = await readRecordSet(Buffer.concat([set, empty]))
    expect(sourceBatch({ ...fetched, batches }, 10)?.nextOffset).toBe(25)
    expect(sourceBatch({ ...fetched, batches }, 25)).toBeNull()
  })

  it('say how long one is that was cut off, wherever its length was not', async () => {
    const [first, second] = [await recordBatch(batch(10, three)), await recordBatch(batch(13, three))]
    const set = Buffer.concat([first, second])
    const told = Array.from({ length: second.length }, (_, bytes) =>
      cutOffBytes(set.subarray(0, first.length + bytes), 1),
    )
    const lengthEnds = 12
    expect(told.slice(0, lengthEnds)).toEqual(Array(lengthEnds).fill(0))
    expect(new Set(told.slice(lengthEnds))).toEqual(new Set([second.length]))
    expect([cutOffBytes(set, 2), cutOffBytes(first.subarray(0, 20), 0)]).toEqual([0, first.length])
  })

  it('give windows on the answer, not copies', async () => {
    const set = await recordBatch(batch(0, three))
    expect(records(await readRecordSet(set))[1]?.value?.buffer).toBe(set.buffer)
  })

  it('share one object where there are no headers', async () => {
    const [one, other] = records(await readRecordSet(await recordBatch(batch(0, three))))
    expect(one?.headers).toBe(other?.headers)
  })

  it('leave headers without a value out, take the first of a name, and any name', async () => {
    const body = new Encoder().writeInt8(0).writeVarInt(0).writeVarInt(0)
    body.writeVarIntBytes(null).writeVarIntBytes(null).writeVarInt(4)
    body.writeVarIntString('none').writeVarIntBytes(null)
    body.writeVarIntString('none').writeVarIntBytes(Buffer.from('too late'))
    body.writeVarIntString('constructor').writeVarIntBytes(Buffer.from('mine'))
    body.writeVarIntString('__proto__').writeVarIntBytes(Buffer.from('mine too'))
    const record = new Encoder().writeVarInt(body.buffer.length).writeBuffer(body.buffer)
    const [read] = records(await readRecordSet(await batchOf(batch(0, [entry(0, null, null)]), [record])))
    expect(Object.entries(read?.headers ?? {}).map(([name, value]) => [name, String(value)])).toEqual([
      ['constructor', 'mine'],
      ['__proto__', 'mine too'],
    ])
  })

  it('of a hundred thousand headers are read in the time of one pass', async () => {
    const names = Array.from({ length: 100_000 }, (_, at) => `h${at}`)
    const body = new Encoder().writeInt8(0).writeVarInt(0).writeVarInt(0)
    body.writeVarIntBytes(null).writeVarIntBytes(null).writeVarInt(names.length)
    const headers = names.map((name) =>
      Buffer.concat([Buffer.from([name.length * 2]), Buffer.from(`${name}\u0001`)]),
    )
    body.writeBuffer(Buffer.concat(headers))
    const record = new Encoder().writeVarInt(body.buffer.length).writeBuffer(body.buffer)
    const batches = await readRecordSet(await batchOf(batch(0, [entry(0, null, null)]), [record]))
    const startMs = performance.now()
    expect(records(batches)[0]?.headers).toEqual({})
    // A second pass for each header takes ten times as long and more.
    expect(performance.now() - startMs).toBeLessThan(1_500)
  })

  it('whose records do not fill the length that they state are damaged', async () => {
    const set = await recordBatch(batch(0, three))
    for (const [at, byte] of [
      [61, 0x7f], // length of the first record
      [65, 0x7f], // length of its key
      [70, 0x7e], // number of its headers
      [70, 0x01], // fewer than none
    ] as const) {
      const damaged = Buffer.from(set)
      damaged[at] = byte
      const batches = await readRecordSet(damaged)
      expect(() => records(batches)).toThrow(/batch at 0 of topic\/3 is damaged/)
    }
    const longer = new Encoder().writeVarInt(7).writeBuffer(Buffer.from([0, 0, 0, 1, 1, 0, 0]))
    const batches = await readRecordSet(await batchOf(batch(0, [entry(0, null, null)]), [longer]))
    expect(() => records(batches)).toThrow(/damaged/)
  })

  it.each([48, 0, -12, -13])(
    'that state a length of %i, less than their own header, are damaged',
    async (length) => {
      const damaged = await recordBatch(batch(0, three))
      damaged.writeInt32BE(length, 8)
      await expect(readRecordSet(damaged)).rejects.toThrow('shorter than its own header')
    },
  )

  it('of a format before 0.11 are refused with what to do', async () => {
    const old = await recordBatch(batch(0, three))
    old[16] = 1
    await expect(readRecordSet(old)).rejects.toThrow(RefusedError)
    await expect(readRecordSet(old)).rejects.toThrow(/format 1, of Kafka before 0\.11.*copy the topic/)
  })

  it('compressed in a way for which there is no codec are damage', async () => {
    const unknown = await recordBatch(batch(0, three))
    unknown[22] = 5
    await expect(readRecordSet(unknown)).rejects.toThrow('compressed in unknown way 5')
  })
})

describe('the batch of a source', () => {
  const three = [0, 1, 2].map((delta) => entry(delta, null, Buffer.from(`v${delta}`)))
  const fetched = async (...written: readonly WrittenBatch[]): Promise<FetchedPartition> => ({
    topic: 'topic',
    partition: 3,
    errorCode: 0,
    highWatermark: 30,
    abortedTransactions: [],
    batches: await readRecordSet(Buffer.concat(await Promise.all(written.map((one) => recordBatch(one))))),
    cutOffBytes: 0,
  })

  it('says how many records it has, from wherever it is read, and can be read again', async () => {
    const partition = await fetched(
      batch(10, three),
      { ...batch(13, three), control: true },
      batch(16, three),
    )
    for (const [position, offsets] of [
      [5, [10, 11, 12, 16, 17, 18]],
      [11, [11, 12, 16, 17, 18]],
      [13, [16, 17, 18]],
      [18, [18]],
    ] as const) {
      const read = sourceBatch(partition, position)
      for (let pass = 0; pass < 2; pass++) {
        expect([...(read?.records ?? [])].map(({ offset }) => offset)).toEqual(offsets)
      }
      expect(read?.count).toBe(offsets.length)
    }
  })

  it('counts the bytes that it keeps', async () => {
    const partition = await fetched(batch(10, three), batch(13, three))
    const each = partition.batches[0]?.records?.length ?? NaN
    expect(sourceBatch(partition, 10)?.bytes).toBe(2 * each)
    expect(sourceBatch(partition, 13)?.bytes).toBe(each)
  })
})
