import { describe, expect, it } from 'vitest'
import { committedBatches, type AbortedTransaction } from '../../src/log/kafka/committed.ts'
import { readRecordSet } from '../../src/log/kafka/record-batch.ts'
import { RecordReader } from '../../src/log/kafka/record-reader.ts'
import { entry, recordBatch, type WrittenBatch } from '../support/record-sets.ts'

const NAMES = { '-': -1, A: 1, B: 2 } as const
type Name = keyof typeof NAMES

function batch(offset: number, name: Name, key: Buffer, fields: Partial<WrittenBatch> = {}): WrittenBatch {
  return {
    baseOffset: offset,
    timestampMs: 0,
    producerId: NAMES[name],
    transactional: name !== '-',
    records: [entry(0, key, Buffer.from(`${offset}/${name}`))],
    ...fields,
  }
}

const data = (offset: number, name: Name, key = 'key'): WrittenBatch => batch(offset, name, Buffer.from(key))

const marker = (offset: number, name: Name, kind: 'commit' | 'abort'): WrittenBatch =>
  batch(offset, name, Buffer.from([0, 0, 0, kind === 'commit' ? 1 : 0]), { control: true })

async function seen(
  written: readonly WrittenBatch[],
  aborted: readonly AbortedTransaction[],
): Promise<readonly string[]> {
  const set = Buffer.concat(await Promise.all(written.map((one) => recordBatch(one))))
  const batches = committedBatches(await readRecordSet(set), aborted)
  const records = [...{ [Symbol.iterator]: () => new RecordReader('topic', 0, batches, 0) }]
  return records.map(({ value }) => String(value))
}

const aborted = (name: Name, firstOffset: number): AbortedTransaction => {
  return { producerId: BigInt(NAMES[name]), firstOffset }
}

describe('a reader of committed records', () => {
  it('sees what was committed and what needed no transaction, no markers', async () => {
    const written = [data(0, '-'), data(1, 'A'), marker(2, 'A', 'commit')]
    expect(await seen(written, [])).toEqual(['0/-', '1/A'])
  })

  it('does not see aborted records of transactions that overlap (trap 1)', async () => {
    const written = [
      data(0, 'A'),
      data(1, 'B'),
      data(2, 'A'),
      marker(3, 'A', 'abort'),
      data(4, 'B'),
      marker(5, 'B', 'abort'),
    ]
    expect(await seen(written, [aborted('A', 0), aborted('B', 1)])).toEqual([])
  })

  it('does not depend on the order in which aborted transactions are listed (trap 1)', async () => {
    const written = [
      data(0, 'A'),
      data(1, 'B'),
      marker(2, 'B', 'abort'),
      marker(3, 'A', 'abort'),
      data(4, 'A'),
    ]
    expect(await seen(written, [aborted('B', 1), aborted('A', 0)])).toEqual(['4/A'])
  })

  it('takes only control records for markers, not records with the same key (trap 1)', async () => {
    const written = [data(0, 'A', '\0\0\0\0'), data(1, 'A'), marker(2, 'A', 'abort')]
    expect(await seen(written, [aborted('A', 0)])).toEqual([])
  })

  it('does not see the rest of a transaction that was aborted before the fetch began', async () => {
    const written = [data(7, 'A'), marker(8, 'A', 'abort'), data(9, 'A')]
    expect(await seen(written, [aborted('A', 3)])).toEqual(['9/A'])
  })
})
