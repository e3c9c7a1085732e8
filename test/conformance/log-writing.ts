/** The laws of writing and of reading without a group: L4, L5, bounds, readToEnd, follow. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FencedError, ProducerLostError } from '../../src/engine/errors.ts'
import type { TaskProducer } from '../../src/engine/log.ts'
import type { OutputRecord, SourceRecord } from '../../src/engine/record.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { until } from '../support/until.ts'
import { collect, numbered, valueOf, type LogFixture } from './log-fixture.ts'

function output(topic: string, value: string | null, key = 'key'): OutputRecord {
  return { topic, key, value: value === null ? null : Buffer.from(value), headers: {} }
}

/** Twice what a broker takes in one batch by default. */
const LARGE = 20
function large(topic: string): readonly OutputRecord[] {
  return Array.from({ length: LARGE }, (_, at) => output(topic, 'x'.repeat(100_000), `key-${at}`))
}

export function describeWriting(open: () => Promise<LogFixture>): void {
  let fixture: LogFixture
  const producers: TaskProducer[] = []
  beforeEach(async () => {
    fixture = await open()
  })
  afterEach(async () => {
    for (const producer of producers.splice(0)) await producer.close()
    await fixture.close()
  })

  async function producer(transactionalId: string): Promise<TaskProducer> {
    const created = await fixture.log.taskProducer(transactionalId)
    producers.push(created)
    return created
  }

  async function fenced(transactionalId: string = randomUUID()): Promise<TaskProducer> {
    const created = await producer(transactionalId)
    await created.fence()
    return created
  }

  const read = async (topic: string, partition = 0, from = 0): Promise<readonly string[]> =>
    (await collect(fixture.log.readToEnd(topic, partition, from))).map(valueOf)

  describe('L4: the fence', () => {
    it('shuts the predecessor out, for good', async () => {
      const topic = await fixture.createTopic('a', 1)
      const id = randomUUID()
      const old = await fenced(id)
      await old.publish(0, [output(topic, 'before')])
      const young = await fenced(id)
      await expect(old.publish(0, [output(topic, 'zombie')])).rejects.toThrow(FencedError)
      await young.publish(0, [output(topic, 'after')])
      await expect(old.publish(0, [output(topic, 'zombie again')])).rejects.toThrow(FencedError)
      await young.publish(0, [output(topic, 'still mine')])
      expect(await read(topic)).toEqual(['before', 'after', 'still mine'])
    })

    it('is set by fencing, not by making a producer (trap 3)', async () => {
      const topic = await fixture.createTopic('a', 1)
      const id = randomUUID()
      const old = await fenced(id)
      await producer(id)
      await old.publish(0, [output(topic, 'mine')])
      expect(await read(topic)).toEqual(['mine'])
    })

    it('stands between ids: another id is not shut out', async () => {
      const topic = await fixture.createTopic('a', 1)
      const [one, other] = [await fenced(), await fenced()]
      await one.publish(0, [output(topic, 'one')])
      await other.publish(0, [output(topic, 'other')])
      expect(await read(topic)).toEqual(['one', 'other'])
    })

    it('must be set before anything is published, and once', async () => {
      const topic = await fixture.createTopic('a', 1)
      const unfenced = await producer(randomUUID())
      await expect(unfenced.publish(0, [output(topic, 'x')])).rejects.toThrow(ProducerLostError)
      await unfenced.fence()
      await expect(unfenced.fence()).rejects.toThrow(/fenced before/)
    })

    it('lets nothing through after a close', async () => {
      const topic = await fixture.createTopic('a', 1)
      const closed = await fenced()
      await closed.close()
      await expect(closed.publish(0, [output(topic, 'x')])).rejects.toThrow(ProducerLostError)
    })
  })

  describe('L5: one publish', () => {
    it('writes to its partition of several topics and gives their ends', async () => {
      const [a, b] = [await fixture.createTopic('a', 2), await fixture.createTopic('b', 2)]
      await fixture.write(a, 1, numbered(0, 3))
      const ends = await (await fenced()).publish(1, [output(a, 'x'), output(b, 'y'), output(a, 'z')])
      expect(Object.fromEntries(ends)).toEqual({ [a]: 5, [b]: 1 })
      expect(await read(a, 1)).toEqual(['v0', 'v1', 'v2', 'x', 'z'])
      expect(await read(b, 1)).toEqual(['y'])
      expect(await read(a, 0)).toEqual([])
    })

    it('gives ends from which nothing is left to read', async () => {
      const topic = await fixture.createTopic('a', 1)
      const writer = await fenced()
      for (const value of ['x', 'y', 'z']) {
        const end = (await writer.publish(0, [output(topic, value)])).get(topic) ?? -1
        expect(await read(topic, 0, end)).toEqual([])
        expect(await read(topic, 0, end - 1)).toEqual([value])
      }
    })

    it('of nothing is nothing', async () => {
      expect((await (await fenced()).publish(0, [])).size).toBe(0)
    })

    it('of more than a server takes at once comes whole, in order, and tells where it ends (trap 34)', async () => {
      const [topic, other] = [await fixture.createTopic('a', 1), await fixture.createTopic('b', 1)]
      const writer = await fenced()
      const ends = await writer.publish(0, [...large(topic), output(other, 'beside')])
      expect(Object.fromEntries(ends)).toEqual({ [topic]: LARGE, [other]: 1 })
      await writer.publish(0, [output(topic, 'next')])
      expect(await read(topic, 0, ends.get(topic))).toEqual(['next'])
      const found = await collect(fixture.log.readToEnd(topic, 0, 0))
      expect(found.map(({ key }) => String(key))).toEqual([...large(topic).map(({ key }) => key), 'key'])
    })

    it('shows all or nothing, and a producer that failed is spent (traps 4, 8)', async () => {
      const topic = await fixture.createTopic('a', 1)
      const writer = await fenced()
      const missing = `missing-${randomUUID()}`
      await expect(writer.publish(0, [output(topic, 'x'), output(missing, 'y')])).rejects.toThrow(
        ProducerLostError,
      )
      await expect(writer.publish(0, [output(topic, 'z')])).rejects.toThrow(ProducerLostError)
      expect(await read(topic)).toEqual([])
    })
  })

  describe('a partition that a topic does not have', () => {
    it('is a failure, told before anything is visible anywhere (trap 31)', async () => {
      const [wide, narrow] = [await fixture.createTopic('a', 4), await fixture.createTopic('b', 3)]
      const writer = await fenced()
      await expect(writer.publish(3, [output(wide, 'x'), output(narrow, 'y')])).rejects.toThrow(
        ProducerLostError,
      )
      expect(await read(wide, 3)).toEqual([])
      await expect((await fenced()).publish(3, [output(narrow, 'y')])).rejects.toThrow(ProducerLostError)
    })
  })

  describe('records', () => {
    it('come back as they were written: binary, empty, null, headers', async () => {
      const topic = await fixture.createTopic('a', 1)
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
      const headers = { id: 'one', raw: bytes }
      const key = 'org/\u00fc\u4e16\u{1f600}/key'
      await (
        await fenced()
      ).publish(0, [{ topic, key, value: bytes, headers }, output(topic, null, key), output(topic, '', '')])
      const [binary, tombstone, empty] = await collect(fixture.log.readToEnd(topic, 0, 0))
      expect(binary?.value).toEqual(bytes)
      expect(binary?.key?.toString()).toBe(key)
      expect(binary?.headers['id']?.toString()).toBe('one')
      expect(Buffer.from(binary?.headers['raw'] ?? '')).toEqual(bytes)
      expect(tombstone?.value).toBeNull()
      expect(empty?.value).toEqual(Buffer.alloc(0))
      expect(binary).toMatchObject({ topic, partition: 0, offset: 0 })
      expect(binary?.appendTimeMs).toBeGreaterThan(0)
    })

    it('of the publisher lie where the Java client would put their keys', async () => {
      const topic = await fixture.createTopic('a', 5)
      const keys = Array.from({ length: 40 }, (_, at) => `account-${at}`)
      const publisher = await fixture.log.publisher()
      await publisher.publish(keys.map((key) => output(topic, key, key)))
      for (let partition = 0; partition < 5; partition++) {
        const expected = keys.filter((key) => partitionOf(Buffer.from(key), 5) === partition)
        expect(await read(topic, partition)).toEqual(expected)
      }
      await publisher.close()
    })

    it('of the publisher come back whole where a server had taken them compressed alone', async () => {
      const topic = await fixture.createTopic('a', 1)
      const publisher = await fixture.log.publisher()
      const value = 'x'.repeat(3_000_000)
      await publisher.publish([output(topic, 'before'), output(topic, value), output(topic, 'after')])
      expect((await read(topic)).map(({ length }) => length)).toEqual([6, value.length, 5])
      await publisher.close()
    })

    it('of the publisher come in order, however many bytes they are together (trap 34)', async () => {
      const topic = await fixture.createTopic('a', 1)
      const publisher = await fixture.log.publisher()
      await publisher.publish(large(topic))
      const found = await collect(fixture.log.readToEnd(topic, 0, 0))
      expect(found.map(({ key }) => String(key))).toEqual(large(topic).map(({ key }) => key))
      await publisher.close()
    })
  })

  describe('reading to the end', () => {
    it('of an empty partition, and from the end, gives nothing', async () => {
      const topic = await fixture.createTopic('a', 2)
      await fixture.write(topic, 1, numbered(0, 3))
      expect(await read(topic, 0)).toEqual([])
      expect(await read(topic, 1, 3)).toEqual([])
      expect(await read(topic, 1, 2)).toEqual(['v2'])
    })

    it('ends where the last records are aborted ones and markers', async () => {
      const topic = await fixture.createTopic('a', 1)
      await fixture.write(topic, 0, numbered(0, 2))
      await fixture.writeAborted(topic, 0, ['x', 'y'])
      expect(await read(topic)).toEqual(['v0', 'v1'])
    })

    it('of many records gives all, in order', async () => {
      const topic = await fixture.createTopic('a', 1)
      await fixture.write(topic, 0, numbered(0, 3_000))
      const records = await collect(fixture.log.readToEnd(topic, 0, 0))
      expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 3_000 }, (_, at) => at))
    })
  })

  describe('bounds', () => {
    it('are those of each partition in order', async () => {
      const topic = await fixture.createTopic('a', 3)
      await fixture.write(topic, 1, numbered(0, 5))
      await fixture.trim(topic, 1, 2)
      expect(await fixture.log.bounds(topic)).toEqual([
        { low: 0, high: 0 },
        { low: 2, high: 5 },
        { low: 0, high: 0 },
      ])
    })
  })

  describe('partitions that are added', () => {
    it('are in the bounds that are asked for next, and can be written to by whoever comes then', async () => {
      const topic = await fixture.createTopic('a', 2)
      expect(await fixture.log.bounds(topic)).toHaveLength(2)
      await fixture.addPartitions(topic, 3)
      // Leaders are elected a moment later.
      const now = async (): Promise<number> => (await fixture.log.bounds(topic).catch(() => [])).length
      await until('the new partition is known', async () => (await now()) === 3, 60_000)
      await (await fenced()).publish(2, [output(topic, 'new')])
      expect(await read(topic, 2)).toEqual(['new'])
    })
  })

  describe('following', () => {
    it('gives what was there, then what comes, of every partition', async () => {
      const [a, b] = [await fixture.createTopic('a', 2), await fixture.createTopic('b', 1)]
      await fixture.write(a, 0, numbered(0, 2))
      await fixture.writeAborted(a, 0, ['x'])
      await fixture.write(a, 1, numbered(2, 4))
      const seen: SourceRecord[] = []
      const arrived = Promise.withResolvers<void>()
      const follower = await fixture.log.follow([a, b], ({ records }) => {
        seen.push(...records)
        if (seen.some((record) => valueOf(record) === 'late')) arrived.resolve()
      })
      await follower.caughtUp()
      expect(seen.map(valueOf).sort()).toEqual(['v0', 'v1', 'v2', 'v3'])
      await (await fenced()).publish(0, [output(b, 'late')])
      await arrived.promise
      expect(seen.map(valueOf).sort()).toEqual(['late', 'v0', 'v1', 'v2', 'v3'])
      await follower.close()
    })

    it('delivers everything to a reader that takes its time', async () => {
      const topic = await fixture.createTopic('a', 2)
      for (const partition of [0, 1]) await fixture.write(topic, partition, numbered(0, 2_000))
      const seen: SourceRecord[] = []
      const follower = await fixture.log.follow([topic], async ({ records }) => {
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(...records)
      })
      await until('all have been taken', () => seen.length === 4_000, 60_000)
      expect(seen.filter(({ partition }) => partition === 1).map(({ offset }) => offset)).toEqual(
        Array.from({ length: 2_000 }, (_, offset) => offset),
      )
      await follower.close()
    })

    it('tells as of when it has delivered everything', async () => {
      const topic = await fixture.createTopic('a', 2)
      await fixture.write(topic, 0, numbered(0, 2))
      const follower = await fixture.log.follow([topic], () => undefined)
      await follower.caughtUp()
      expect(follower.currentAsOfMs()).toBeGreaterThan(0)
      await follower.close()
    })

    it('of empty topics has caught up at once', async () => {
      const follower = await fixture.log.follow([await fixture.createTopic('a', 2)], () => undefined)
      await follower.caughtUp()
      await follower.close()
    })
  })
}
