import { CompressionTypes } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import type { OutputRecord } from '../../src/engine/record.ts'
import { inBatches, MOST_BATCH_BYTES } from '../../src/log/kafka/batches.ts'
import { writeProduceRequest } from '../../src/log/kafka/produce-request.ts'

/** What Kafka takes by default, the head of a batch included. */
const TAKEN_BYTES = 1_048_588

function record(key: string, bytes: number, headers: OutputRecord['headers'] = {}): OutputRecord {
  return { topic: 't', key, value: Buffer.alloc(bytes), headers }
}

function writtenBytes(records: readonly OutputRecord[]): number {
  const messages = records.map((one) => ({ ...one, timestamp: '1753958400000' }))
  const topicData = [{ topic: 't', partitions: [{ partition: 0, messages, firstSequence: 0 }] }]
  const ids = { transactionalId: null, producerId: '1', producerEpoch: 0, acks: -1, timeout: 1 }
  return writeProduceRequest({ ...ids, topicData }).length
}

describe('batches that a broker takes', () => {
  it('are one where all fits, and none of nothing', () => {
    const records = [record('a', 10), record('b', 0)]
    expect(inBatches(records)).toEqual([{ records, compression: CompressionTypes.None }])
    expect(inBatches([])).toEqual([])
  })

  it.each([
    ['long values', record('k', 90_000)],
    ['long keys', record('\u{1f600}'.repeat(40_000), 1)],
    ['long headers', record('k', 1, { name: '\u4e16'.repeat(30_000), raw: Buffer.alloc(5_000) })],
    [
      'many headers',
      record('k', 1, Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`h${at}`, '']))),
    ],
    ['many small records', record('k', 1)],
  ])('are none too large, and hold all in order: %s', (_name, one) => {
    const many = Math.ceil(3_000_000 / writtenBytes([one]))
    const records = Array.from({ length: many }, (_, at) => ({
      ...one,
      headers: { ...one.headers, at: `${at}` },
    }))
    const batches = inBatches(records)
    expect(batches.flatMap((batch) => batch.records)).toEqual(records)
    for (const batch of batches) expect(writtenBytes(batch.records)).toBeLessThan(TAKEN_BYTES)
    expect(batches.every(({ compression }) => compression === CompressionTypes.None)).toBe(true)
  })

  it('leave one record alone, compressed, that is too large by itself', () => {
    const [small, large] = [record('a', 10), record('b', MOST_BATCH_BYTES)]
    expect(inBatches([small, large, small, small])).toEqual([
      { records: [small], compression: CompressionTypes.None },
      { records: [large], compression: CompressionTypes.ZSTD },
      { records: [small, small], compression: CompressionTypes.None },
    ])
  })
})
