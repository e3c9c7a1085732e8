import { describe, expect, it } from 'vitest'
import {
  committedMessages,
  type AbortedTransaction,
  type FetchedMessage,
} from '../../src/log/kafka/committed.ts'

function data(offset: number, producerId: string, inTransaction = true, key = 'key'): FetchedMessage {
  return {
    offset: String(offset),
    timestamp: '0',
    key: Buffer.from(key),
    value: Buffer.from(`${offset}/${producerId}`),
    batchContext: { producerId, inTransaction, isControlBatch: false },
  }
}

function marker(offset: number, producerId: string, kind: 'commit' | 'abort'): FetchedMessage {
  return {
    offset: String(offset),
    timestamp: '0',
    key: Buffer.from([0, 0, 0, kind === 'commit' ? 1 : 0]),
    value: null,
    batchContext: { producerId, inTransaction: true, isControlBatch: true },
  }
}

function seen(
  messages: readonly FetchedMessage[],
  aborted: readonly AbortedTransaction[],
): readonly string[] {
  return committedMessages(messages, aborted).map(({ value }) => String(value))
}

const aborted = (producerId: string, firstOffset: number): AbortedTransaction => {
  return { producerId, firstOffset: String(firstOffset) }
}

describe('a reader of committed records', () => {
  it('sees what was committed and what needed no transaction, no markers', () => {
    const messages = [data(0, '-1', false), data(1, 'A'), marker(2, 'A', 'commit')]
    expect(seen(messages, [])).toEqual(['0/-1', '1/A'])
  })

  it('does not see aborted records of transactions that overlap (trap 1)', () => {
    const messages = [
      data(0, 'A'),
      data(1, 'B'),
      data(2, 'A'),
      marker(3, 'A', 'abort'),
      data(4, 'B'),
      marker(5, 'B', 'abort'),
    ]
    expect(seen(messages, [aborted('A', 0), aborted('B', 1)])).toEqual([])
  })

  it('does not depend on the order in which aborted transactions are listed (trap 1)', () => {
    const messages = [
      data(0, 'A'),
      data(1, 'B'),
      marker(2, 'B', 'abort'),
      marker(3, 'A', 'abort'),
      data(4, 'A'),
    ]
    expect(seen(messages, [aborted('B', 1), aborted('A', 0)])).toEqual(['4/A'])
  })

  it('takes only control records for markers, not records with the same key (trap 1)', () => {
    const messages = [data(0, 'A', true, '\0\0\0\0'), data(1, 'A'), marker(2, 'A', 'abort')]
    expect(seen(messages, [aborted('A', 0)])).toEqual([])
  })

  it('does not see the rest of a transaction that was aborted before the fetch began', () => {
    expect(seen([data(7, 'A'), marker(8, 'A', 'abort'), data(9, 'A')], [aborted('A', 3)])).toEqual(['9/A'])
  })
})
