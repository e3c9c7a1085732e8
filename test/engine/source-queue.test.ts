import { describe, expect, it } from 'vitest'
import type { SourceBatch, SourceRecord } from '../../src/engine/record.ts'
import { SourceQueue } from '../../src/engine/source-queue.ts'

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
  new SourceQueue<null>('t', { position, end: position, streamTimeMs: -Infinity })

function fill(queue: SourceQueue<null>, of: SourceBatch): void {
  const items = queue.unseen(of).map(({ offset }) => ({ kind: 'skipped', next: offset + 1 }) as const)
  queue.append(items, of, 0)
}

describe('a source queue', () => {
  it('drops what it has already taken in: a batch handed over twice changes nothing (Q1)', () => {
    const queue = emptyQueue(3)
    fill(queue, batch([1, 2, 3, 4], 5))
    fill(queue, batch([3, 4], 5))
    expect(queue.length).toBe(2)
    expect(queue.nextOffset).toBe(5)
  })

  it('moves its position over control records at the end of a batch (Q2)', () => {
    const queue = emptyQueue(0)
    fill(queue, batch([0, 1], 4))
    let last = 0
    for (let item = queue.take(); item !== undefined; item = queue.take()) last = item.next
    expect(last).toBe(4)
  })

  it('knows that more is to come while the log is known to hold more', () => {
    const queue = emptyQueue(0)
    fill(queue, batch([0], 1, 10))
    expect(queue.awaited).toBe(false)
    queue.take()
    expect(queue.awaited).toBe(true)
  })

  it("keeps stream time within the log's own time, so that one fast clock makes nobody late (Q3, P6)", () => {
    const queue = emptyQueue(0)
    expect(queue.observe(event(900_000, 10_000), 1_000)).toBe(false)
    expect(queue.streamTimeMs).toBe(10_000)
    expect(queue.observe(event(9_500), 1_000)).toBe(false)
    expect(queue.observe(event(8_999), 1_000)).toBe(true)
    expect(queue.streamTimeMs).toBe(10_000)
  })
})
