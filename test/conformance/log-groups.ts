/** The laws of groups and delivery: L1 to L3. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/engine/errors.ts'
import { numbered, untilAll, valueOf, Witness, type LogFixture } from './log-fixture.ts'

export function describeGroups(open: () => Promise<LogFixture>): void {
  let fixture: LogFixture
  let group: string
  beforeEach(async () => {
    fixture = await open()
    group = `group-${randomUUID()}`
  })
  afterEach(() => fixture.close())

  const join = (topics: readonly string[]): Promise<Witness> => Witness.join(fixture.log, group, topics)

  async function joined(topics: readonly string[]): Promise<Witness> {
    const witness = await join(topics)
    await witness.until(() => witness.assignments.length > 0)
    return witness
  }

  describe('L1: placement', () => {
    it('gives one member everything, and tells it only after it has its membership', async () => {
      const topic = await fixture.createTopic('a', 3)
      const witness = await join([topic])
      await witness.until(() => witness.assignments.length > 0)
      expect(witness.toldEarly).toBe(false)
      expect(witness.assignments).toEqual([[0, 1, 2]])
      expect(witness.member.lastContactMs()).toBeGreaterThan(0)
    })

    it('splits partition numbers over members, keeps what it can, and gives all back', async () => {
      const topics = [await fixture.createTopic('a', 4), await fixture.createTopic('b', 4)]
      const first = await joined(topics)
      const second = await join(topics)
      await untilAll([first, second], () => first.holds.length === 2 && second.holds.length === 2)
      expect([...first.holds, ...second.holds].sort()).toEqual([0, 1, 2, 3])
      const before = first.holds
      await second.member.leave()
      await first.until(() => first.holds.length === 4)
      expect(first.holds).toEqual(expect.arrayContaining([...before]))
      expect(first.stops).toEqual([])
    })

    it('takes from those who are there only what a newcomer needs (trap 20)', async () => {
      const topic = await fixture.createTopic('a', 6)
      const first = await joined([topic])
      const second = await join([topic])
      await untilAll([first, second], () => first.holds.length === 3 && second.holds.length === 3)
      const before = [first.holds, second.holds]
      const third = await join([topic])
      const all = [first, second, third]
      await untilAll(all, () => all.every((witness) => witness.holds.length === 2))
      expect(before[0]).toEqual(expect.arrayContaining([...first.holds]))
      expect(before[1]).toEqual(expect.arrayContaining([...second.holds]))
      expect(all.flatMap((witness) => witness.holds).sort()).toEqual([0, 1, 2, 3, 4, 5])
    })

    it('reads all topics of a partition number at the member that holds it', async () => {
      const topics = [await fixture.createTopic('a', 2), await fixture.createTopic('b', 2)]
      for (const topic of topics) {
        for (const partition of [0, 1]) await fixture.write(topic, partition, numbered(0, 1))
      }
      const [first, second] = [await joined(topics), await join(topics)]
      await untilAll([first, second], () => first.holds.length === 1 && second.holds.length === 1)
      for (const witness of [first, second]) {
        for (const topic of topics) witness.flow(topic, witness.holds[0] ?? -1, 0)
      }
      await untilAll([first, second], () => first.batches.length === 2 && second.batches.length === 2)
      for (const witness of [first, second]) {
        expect(witness.batches.map(({ topic }) => topic).sort()).toEqual([...topics].sort())
        expect(new Set(witness.batches.map(({ partition }) => partition))).toEqual(new Set(witness.holds))
      }
    })

    it('comes back by joining again, after it was told that it holds nothing', async () => {
      const topic = await fixture.createTopic('a', 2)
      await fixture.write(topic, 1, numbered(0, 2))
      const witness = await joined([topic])
      await witness.member.rejoin()
      await witness.until(() => witness.assignments.length === 3)
      expect(witness.assignments).toEqual([[0, 1], [], [0, 1]]) // prettier-ignore
      witness.flow(topic, 1, 1)
      await witness.until(() => witness.batches.length > 0)
      expect(witness.records(topic, 1).map(valueOf)).toEqual(['v1'])
    })

    it('hears with its assignment of partitions that were added', async () => {
      const topic = await fixture.createTopic('a', 2)
      const witness = await joined([topic])
      expect(witness.counts).toEqual([2])
      await fixture.addPartitions(topic, 3)
      await witness.member.rejoin()
      await witness.until(() => witness.holds.length === 3)
      expect(witness.counts.at(-1)).toBe(3)
    })

    it('refuses topics with different numbers of partitions', async () => {
      const topics = [await fixture.createTopic('a', 2), await fixture.createTopic('b', 3)]
      await expect(join(topics)).rejects.toThrow(RefusedError)
    })

    it('tells nothing more to a member that left', async () => {
      const topic = await fixture.createTopic('a', 1)
      const gone = await joined([topic])
      gone.flow(topic, 0, 0)
      await gone.member.leave()
      await fixture.write(topic, 0, numbered(0, 3))
      const next = await joined([topic])
      next.flow(topic, 0, 0)
      await next.until(() => next.nextOffset(topic, 0) === 3)
      expect(gone.batches).toEqual([])
      expect(gone.stops).toEqual([])
    })
  })

  describe('L2: pause, seek, resume', () => {
    it('delivers nothing of a partition before it was resumed (trap 10)', async () => {
      const topic = await fixture.createTopic('a', 2)
      await fixture.write(topic, 0, numbered(0, 5))
      await fixture.write(topic, 1, numbered(0, 5))
      const witness = await joined([topic])
      witness.member.seek(topic, 0, 0)
      witness.flow(topic, 1, 0)
      await witness.until(() => witness.nextOffset(topic, 1) === 5)
      expect(witness.records(topic, 0)).toEqual([])
    })

    it('begins at the offset of the seek, forwards and backwards (trap 11)', async () => {
      const topic = await fixture.createTopic('a', 1)
      await fixture.write(topic, 0, numbered(0, 6))
      const witness = await joined([topic])
      witness.flow(topic, 0, 4)
      await witness.until(() => witness.nextOffset(topic, 0) === 6)
      expect(witness.records(topic, 0).map(valueOf)).toEqual(['v4', 'v5'])
      witness.batches.length = 0
      witness.member.seek(topic, 0, 1)
      witness.member.resume(topic, 0)
      await witness.until(() => witness.nextOffset(topic, 0) === 6)
      expect(witness.records(topic, 0).map(valueOf)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5'])
    })

    it('delivers nothing after a pause until it is resumed, and goes on where it stood', async () => {
      const topic = await fixture.createTopic('a', 2)
      await fixture.write(topic, 0, numbered(0, 3))
      const witness = await joined([topic])
      witness.flow(topic, 0, 0)
      await witness.until(() => witness.nextOffset(topic, 0) === 3)
      witness.member.pause(topic, 0)
      await fixture.write(topic, 0, numbered(3, 6))
      await fixture.write(topic, 1, numbered(0, 1))
      witness.flow(topic, 1, 0)
      await witness.until(() => witness.nextOffset(topic, 1) === 1)
      expect(witness.nextOffset(topic, 0)).toBe(3)
      witness.member.resume(topic, 0)
      await witness.until(() => witness.nextOffset(topic, 0) === 6)
      expect(witness.records(topic, 0).map(valueOf)).toEqual(numbered(0, 6).map(({ value }) => String(value)))
    })

    it('forgets positions over a rebalance, kept partitions included (trap 14)', async () => {
      const topic = await fixture.createTopic('a', 2)
      await fixture.write(topic, 0, numbered(0, 2))
      await fixture.write(topic, 1, numbered(0, 2))
      const first = await joined([topic])
      for (const partition of [0, 1]) first.flow(topic, partition, 0)
      await first.until(() => first.nextOffset(topic, 0) === 2 && first.nextOffset(topic, 1) === 2)
      const second = await joined([topic])
      await first.until(() => first.assignments.length === 2)
      const kept = first.holds[0] ?? -1
      expect(() => first.member.resume(topic, kept)).toThrow(/before it was sought/)
      first.batches.length = 0
      first.flow(topic, kept, 1)
      await first.until(() => first.batches.length > 0)
      expect(first.records(topic, kept).map(valueOf)).toEqual(['v1'])
      expect(second.batches).toEqual([])
    })

    it('begins at the first record that is left where the position has left the log (trap 12)', async () => {
      const topic = await fixture.createTopic('a', 1)
      await fixture.write(topic, 0, numbered(0, 6))
      await fixture.trim(topic, 0, 4)
      const witness = await joined([topic])
      await witness.member.commitOffsets([{ topic, partition: 0, offset: 2, metadata: '1.1' }])
      witness.flow(topic, 0, 1)
      await witness.until(() => witness.nextOffset(topic, 0) === 6)
      expect(witness.records(topic, 0).map((record) => record.offset)).toEqual([4, 5])
      expect(await witness.member.committed(0)).toEqual([{ topic, partition: 0, offset: 2, metadata: '1.1' }])
    })
  })

  describe('L3: order', () => {
    it('delivers each record once and in order, through pauses out of the callback', async () => {
      const topic = await fixture.createTopic('a', 2)
      for (const partition of [0, 1]) await fixture.write(topic, partition, numbered(0, 2_000))
      const witness = await joined([topic])
      witness.whenBatch = (batch) => {
        witness.member.pause(topic, batch.partition)
        setImmediate(() => witness.member.resume(topic, batch.partition))
      }
      for (const partition of [0, 1]) witness.flow(topic, partition, 0)
      await witness.until(() => [0, 1].every((partition) => witness.nextOffset(topic, partition) === 2_000))
      const offsets = Array.from({ length: 2_000 }, (_, offset) => offset)
      for (const partition of [0, 1]) {
        expect(witness.records(topic, partition).map((record) => record.offset)).toEqual(offsets)
      }
      expect(witness.batches.length).toBeGreaterThan(2)
    })

    it('does not show aborted records, and passes over them to the end (traps 1, 24)', async () => {
      const topic = await fixture.createTopic('a', 1)
      await fixture.write(topic, 0, numbered(0, 2))
      await fixture.writeAborted(topic, 0, ['never', 'seen'])
      await fixture.write(topic, 0, numbered(2, 4))
      await fixture.writeAborted(topic, 0, ['at the end'])
      const [bounds] = await fixture.log.bounds(topic)
      const witness = await joined([topic])
      witness.flow(topic, 0, 0)
      await witness.until(() => witness.nextOffset(topic, 0) === bounds?.high)
      expect(witness.records(topic, 0).map(valueOf)).toEqual(['v0', 'v1', 'v2', 'v3'])
      expect(witness.batches.at(-1)?.highWatermark).toBe(bounds?.high)
    })

    it('delivers what is appended later', async () => {
      const topic = await fixture.createTopic('a', 1)
      const witness = await joined([topic])
      witness.flow(topic, 0, 0)
      await fixture.write(topic, 0, numbered(0, 1))
      await witness.until(() => witness.nextOffset(topic, 0) === 1)
      await fixture.write(topic, 0, numbered(1, 2))
      await witness.until(() => witness.nextOffset(topic, 0) === 2)
      expect(witness.records(topic, 0).map(valueOf)).toEqual(['v0', 'v1'])
    })
  })

  describe('group offsets', () => {
    it('come back with their metadata, to members that join later too', async () => {
      const topics = [await fixture.createTopic('a', 2), await fixture.createTopic('b', 2)]
      const witness = await joined(topics)
      expect(await witness.member.committed(1)).toEqual([])
      const positions = topics.map((topic, at) => ({
        topic,
        partition: 1,
        offset: at + 3,
        metadata: `7.${at}`,
      }))
      await witness.member.commitOffsets(positions)
      await witness.member.leave()
      const next = await joined(topics)
      const found = await next.member.committed(1)
      expect(found).toHaveLength(2)
      expect(found).toEqual(expect.arrayContaining(positions))
      expect(await next.member.committed(0)).toEqual([])
    })
  })
}
