import { describe, expect, it } from 'vitest'
import { TransientError } from '../../src/engine/errors.ts'
import { Feed } from '../../src/engine/feed.ts'
import type { Source } from '../../src/engine/logic.ts'
import { defaultEngineOptions } from '../../src/engine/options.ts'
import type { SourceBatch, SourceRecord } from '../../src/engine/record.ts'
import type { QueueItem } from '../../src/engine/source-queue.ts'

const CHUNK = 4
const source = (topic: string): Source => ({
  topic,
  latenessMs: 0,
  maxFutureMs: Infinity,
  lateTopic: null,
  deadLetterTopic: `dlq.${topic}`,
  compacted: false,
})

/** A batch whose values are event times. */
function batch(topic: string, from: number, timesMs: readonly number[]): SourceBatch {
  const records = timesMs.map((timeMs, index): SourceRecord => {
    const value = Buffer.from(String(timeMs))
    return { topic, partition: 0, offset: from + index, appendTimeMs: 0, key: value, value, headers: {} }
  })
  const nextOffset = from + timesMs.length
  return { topic, partition: 0, records, count: records.length, bytes: 10, nextOffset, highWatermark: 0 }
}

function feedOf(...topics: readonly string[]) {
  const decoded: string[] = []
  const feed = new Feed<null>(
    topics.map(source),
    { positions: new Map(), ends: new Map(), meta: null, noted: new Map(), crashed: new Set() },
    {
      partition: 0,
      partitionCount: 1,
      partitionOf: () => 0,
      decode: ({ topic, value }) => {
        decoded.push(`${topic}${String(value)}`)
        return { outcome: 'event', key: topic, timeMs: Number(value), body: null }
      },
    },
    { ...defaultEngineOptions, chunkRecords: CHUNK, queueMaxRecords: 12, queueMaxBytes: 50 },
  )
  return { feed, decoded }
}

const ready = (): Promise<void> => Promise.resolve()
const named = (item: QueueItem<null>): string =>
  item.kind === 'event' ? `${item.key}${item.timeMs}` : item.kind

/** Works the feed off chunk by chunk. */
async function workOff(feed: Feed<null>): Promise<readonly string[]> {
  const order: string[] = []
  for (;;) {
    await feed.decode(ready)
    const chunk: QueueItem<null>[] = []
    expect(feed.fill(chunk, 0, CHUNK)).toBeNull()
    if (chunk.length === 0) return order
    order.push(...chunk.map(named))
  }
}

describe('the feed of a task', () => {
  it('decodes only the next chunk of each source: a backlog stays as it was fetched (F1)', async () => {
    const { feed, decoded } = feedOf('a', 'b')
    feed.offer(batch('a', 0, [1, 2, 3, 4, 5, 6, 7, 8, 9]))
    feed.offer(batch('b', 0, [1, 2]))
    await feed.decode(ready)
    expect(decoded).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2'])
    await feed.decode(ready)
    expect(decoded).toHaveLength(6)
    expect(feed.waiting).toBe(true)
  })

  it('gives events in the order of time, sources and offsets, however batches and chunks lie (P5, P6)', async () => {
    const { feed } = feedOf('a', 'b')
    feed.offer(batch('b', 0, [1, 1, 2, 3, 3, 3]))
    feed.offer(batch('a', 0, [1]))
    feed.offer(batch('a', 1, [1, 1]))
    feed.offer(batch('a', 3, [2, 2, 3, 5, 5]))
    const order = await workOff(feed)
    expect(order.join(' ')).toBe('a1 a1 a1 b1 b1 a2 a2 b2 a3 b3 b3 b3 a5 a5')
  })

  it('loses and repeats nothing when schemas cannot be had (F2)', async () => {
    const { feed } = feedOf('a')
    feed.offer(batch('a', 0, [1, 2, 3, 4, 5, 6]))
    const asked: string[] = []
    const away = (records: readonly SourceRecord[]): Promise<void> => {
      asked.push(records.map(({ value }) => String(value)).join())
      return Promise.reject(new TransientError('registry', 'away'))
    }
    await expect(feed.decode(away)).rejects.toThrow('away')
    await expect(feed.decode(away)).rejects.toThrow('away')
    expect(asked).toEqual(['1,2,3,4', '1,2,3,4'])
    expect(await workOff(feed)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6'])
  })

  it('is full by records or bytes that are fetched, decoded or not', async () => {
    const { feed } = feedOf('a', 'b')
    feed.offer(batch('a', 0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))
    expect(feed.full('a')).toBe(false)
    feed.offer(batch('a', 11, [12]))
    await feed.decode(ready)
    expect([feed.full('a'), feed.full('b')]).toEqual([true, false])
    feed.fill([], 0, CHUNK)
    expect(feed.full('a')).toBe(false)
    for (let offset = 0; offset < 5; offset++) feed.offer({ ...batch('b', offset, [offset]), bytes: 10 })
    expect(feed.full('b')).toBe(true)
  })
})
