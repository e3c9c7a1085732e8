/** Compressed batches of a size that a broker takes, whatever they stand for (P1, P7). */
import { describe, expect, it } from 'vitest'
import { registerCodecs } from '../../src/log/kafka/codecs.ts'
import { decompressed } from '../../src/log/kafka/decompress.ts'
import { readFetchAnswer } from '../../src/log/kafka/fetch-answer.ts'
import { MOST_PLAIN_BYTES, readRecordSet } from '../../src/log/kafka/record-batch.ts'
import { sourceBatch } from '../../src/log/kafka/source-batch.ts'
import { entry, fetchAnswer, recordBatch } from '../support/record-sets.ts'

registerCodecs()

const CODECS = [
  ['gzip', 1],
  ['Snappy', 2],
  ['LZ4', 3],
  ['Zstandard', 4],
] as const
const MEGABYTE = 1024 * 1024

/** A batch whose records have so many bytes each, all alike. */
function written(compression: number, baseOffset: number, ...valueBytes: readonly number[]): Promise<Buffer> {
  const records = valueBytes.map((bytes, at) => entry(at, Buffer.from('k'), Buffer.alloc(bytes)))
  return recordBatch({ baseOffset, timestampMs: 1_000, compression, records })
}

describe.each(CODECS)('a batch by %s', (_name, codec) => {
  it('that stands for more than is read is known by its offsets alone, and passed', async () => {
    const set = Buffer.concat([
      await written(codec, 10, 5),
      await written(codec, 11, MOST_PLAIN_BYTES, 5),
      await written(codec, 13, 5),
    ])
    const before = process.memoryUsage().arrayBuffers
    const batches = await readRecordSet(set)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * MOST_PLAIN_BYTES)
    const at = { topic: 'topic', partition: 3, errorCode: 0, highWatermark: 14, abortedTransactions: [] }
    const source = sourceBatch({ ...at, batches, cutOffBytes: 0 }, 12)
    expect(source).toMatchObject({ count: 2, nextOffset: 14 })
    expect(source?.bytes).toBeLessThan(100)
    const read = [...(source?.records ?? [])].map((record) => [record.offset, record.unreadable?.reason])
    expect(read).toEqual([
      [12, 'tooLarge'],
      [13, undefined],
    ])
  })

  it('is read up to the bound, and not one byte past it', async () => {
    const bytes = (await written(codec, 0, 70_000)).subarray(61)
    const plain = await decompressed(codec, bytes, MEGABYTE)
    expect(plain?.length).toBeGreaterThan(70_000)
    expect(await decompressed(codec, bytes, 140_000)).toEqual(plain)
    expect(await decompressed(codec, bytes, 69_999)).toBeNull()
  })

  it('that is damaged is an error', async () => {
    const bytes = (await written(codec, 0, 5_000)).subarray(61)
    const promise = Promise.resolve(bytes.subarray(0, bytes.length >> 1)).then((half) =>
      decompressed(codec, half, MEGABYTE),
    )
    await expect(promise).rejects.toThrow()
  })
})

describe('an answer to a fetch', () => {
  it('whose batches stand for too much together is read in part, and tells that there is more', async () => {
    const value = MOST_PLAIN_BYTES / 2
    const recordSet = Buffer.concat([
      await written(4, 0, value),
      await written(4, 1, value),
      await written(4, 2, 5),
    ])
    const partition = { topic: 't', partition: 0, errorCode: 0, highWatermark: 3, aborted: [], recordSet }
    const plainSet = await written(0, 0, 5)
    const answer = fetchAnswer(11, [
      partition,
      { ...partition, partition: 1 },
      { ...partition, partition: 2, recordSet: plainSet },
    ])
    const { responses } = await readFetchAnswer(answer, 11)
    const [first, second, third] = responses.flatMap(({ partitions }) => partitions)
    const last = (await written(4, 2, 5)).length
    expect([first?.batches.length, first?.cutOffBytes]).toEqual([2, last])
    expect([second?.batches.length, second?.cutOffBytes]).toEqual([0, (await written(4, 0, value)).length])
    expect([third?.batches.length, third?.cutOffBytes]).toEqual([1, 0])
  })
})

it('snappy that says that it stands for four gigabytes, in five bytes', async () => {
  expect(await decompressed(2, Buffer.from('ffffffff0f00', 'hex'), MEGABYTE)).toBeNull()
})
