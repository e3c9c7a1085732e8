import { describe, expect, it } from 'vitest'
import type { Source } from '../../src/engine/logic.ts'
import type { SourceBatch, SourceRecord } from '../../src/engine/record.ts'
import { SourceQueue, type QueueItem } from '../../src/engine/source-queue.ts'

const source: Source = {
  topic: 't',
  latenessMs: 1_000,
  maxFutureMs: 0,
  lateTopic: null,
  deadLetterTopic: 'dlq.t',
  compacted: false,
}
const record = (offset: number, appendTimeMs = 1_000): SourceRecord => ({
  topic: 't',
  partition: 0,
  offset,
  appendTimeMs,
  key: null,
  value: Buffer.from('v'),
  headers: {},
})
const batch = (offsets: readonly number[], nextOffset: number, highWatermark = nextOffset): SourceBatch => ({
  topic: 't',
  partition: 0,
  records: offsets.map((offset) => record(offset)),
  count: offsets.length,
  bytes: 100,
  nextOffset,
  highWatermark,
})
const event = (timeMs: number, appendTimeMs = timeMs) => ({
  key: 'k',
  timeMs,
  body: null,
  record: record(0, appendTimeMs),
})

const emptyQueue = (position: number) =>
  new SourceQueue<null>(source, { position, end: position, streamTimeMs: -Infinity })

const skip = ({ offset }: SourceRecord, queue: SourceQueue<null>): QueueItem<null> => ({
  kind: 'skipped',
  next: offset + 1,
  queue,
})

/** Decodes up to `limit` records and gives their offsets. */
function decode(queue: SourceQueue<null>, limit = 100): readonly number[] {
  const offsets = queue.undecoded(limit).map(({ offset }) => offset)
  queue.append(skip)
  return offsets
}

function takeAll(queue: SourceQueue<null>): readonly number[] {
  const positions: number[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) positions.push(item.next)
  return positions
}

describe('a source queue', () => {
  it('drops what it has already taken in: a batch handed over twice changes nothing (Q1)', () => {
    const queue = emptyQueue(3)
    for (const one of [batch([1, 2, 3, 4], 5), batch([3, 4], 5), batch([4, 5], 6)]) queue.offer(one)
    expect(queue.nextOffset).toBe(6)
    expect(decode(queue)).toEqual([3, 4, 5])
    queue.offer(batch([4, 5], 6))
    expect([queue.waiting, queue.fetched]).toEqual([false, 3])
  })

  it('moves its position over control records at the end of a batch (Q2)', () => {
    const queue = emptyQueue(0)
    queue.offer(batch([0, 1], 4))
    queue.offer(batch([], 7))
    queue.offer(batch([8], 9))
    expect(decode(queue)).toEqual([0, 1, 8])
    expect(takeAll(queue)).toEqual([1, 2, 4, 7, 9])
  })

  it('moves over them though the records before them were taken long ago (Q2)', () => {
    const queue = emptyQueue(0)
    queue.offer(batch([0, 1], 2))
    decode(queue)
    takeAll(queue)
    queue.offer(batch([], 4))
    decode(queue)
    expect(takeAll(queue)).toEqual([4])
  })

  it('reads only as many records as are wanted, over batches, and gives them again until they are appended', () => {
    const queue = emptyQueue(0)
    queue.offer(batch([0, 1, 2], 3))
    queue.offer(batch([3, 4], 5))
    queue.offer({ ...batch([5], 6), records: neverRead() })
    const wanted = queue.undecoded(4)
    expect(wanted.map(({ offset }) => offset)).toEqual([0, 1, 2, 3])
    expect(queue.undecoded(4)).toEqual(wanted)
    expect([queue.length, queue.fetched]).toEqual([0, 6])
    queue.append(skip)
    expect([queue.length, queue.fetched]).toEqual([4, 6])
    expect(decode(queue, 1)).toEqual([4])
  })

  it('counts a batch with all of its bytes until its last item is taken (Q4)', () => {
    const queue = emptyQueue(0)
    queue.offer(batch([0, 1], 2))
    queue.offer(batch([2], 3))
    queue.offer(batch([], 3))
    expect(queue.bytes).toBe(200)
    decode(queue)
    queue.take()
    expect(queue.bytes).toBe(200)
    queue.take()
    expect(queue.bytes).toBe(100)
    queue.take()
    expect(queue.bytes).toBe(0)
  })

  it('knows that more is to come while the log is known to hold more', () => {
    const queue = emptyQueue(0)
    queue.offer(batch([0], 1, 10))
    expect(queue.awaited).toBe(false)
    decode(queue)
    expect(queue.awaited).toBe(false)
    queue.take()
    expect(queue.awaited).toBe(true)
  })

  it("keeps stream time within the log's own time, so that one fast clock makes nobody late (Q3, P6)", () => {
    const queue = emptyQueue(0)
    expect(queue.observe(event(900_000, 10_000))).toBe(false)
    expect(queue.streamTimeMs).toBe(10_000)
    expect(queue.observe(event(9_500))).toBe(false)
    expect(queue.observe(event(8_999))).toBe(true)
    expect(queue.streamTimeMs).toBe(10_000)
  })
})

function neverRead(): Iterable<SourceRecord> {
  return {
    [Symbol.iterator]: () => ({
      next: () => {
        throw new Error('was read before it was wanted')
      },
    }),
  }
}
