/** Following pool pressure: what cannot be read is set aside, by every process, and nothing is passed over. */
import { expect, it } from 'vitest'
import { followBroadcast, type BroadcastParts } from '../../src/cli/compose/broadcast.ts'
import { pressureBroadcast } from '../../src/cli/compose/usage.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { PoolBoard } from '../../src/detect/pool-board.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import type { PoolPressure } from '../../src/domain/telemetry.ts'
import { TransientError } from '../../src/engine/errors.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import { untilAvailable } from '../../src/engine/retry.ts'
import { MemoryLog } from '../../src/log/memory/memory-log.ts'
import { SAMPLES } from '../codec/samples.ts'
import { collect } from '../conformance/log-fixture.ts'

const TOPIC = 'abuse.pool-pressure.v1'
const DEAD_LETTERS = `dlq.${TOPIC}`
const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 0, 14, 9)

/** A cluster with one partition of pressure, and what a process of `usage` follows it with. */
async function cluster() {
  const flows = loadFlows()
  const codec = await embeddedCodec(flows)
  const log = new MemoryLog({ clock: new ManualClock(START_MS), autoDeliver: true, batchRecords: 1 })
  for (const topic of [TOPIC, DEAD_LETTERS]) log.createTopic(topic, 1)
  const minute = (startMs: number): PoolPressure => ({ ...SAMPLES[TOPIC], poolId: 'pool', startMs })
  const write = (value: Buffer | null, key = 'pool'): void =>
    void log.append(TOPIC, { key: Buffer.from(key), value, headers: {} }, START_MS)
  const good = (nth: number): Buffer => codec.encode(TOPIC, minute(START_MS + nth * MINUTE_MS))
  const publisher = await log.publisher()
  const follow = async (changes: Partial<BroadcastParts> = {}): Promise<PoolBoard> => {
    const board = new PoolBoard()
    const available: BroadcastParts['available'] = (operation) =>
      untilAvailable({ observer: silentObserver, pause: () => Promise.resolve() }, -1, () => false, operation)
    const failed = (error: unknown): never => expect.fail(String(error))
    const parts = { log, codec, publisher, observer: silentObserver, available, failed, ...changes }
    await followBroadcast(parts, pressureBroadcast(flows.table, codec, board))
    return board
  }
  const letters = () => collect(log.readToEnd(DEAD_LETTERS, 0, 0))
  return { write, good, minute, codec, publisher, follow, letters }
}

/** Minutes of the pool that the board knows, of the first three. */
function told(board: PoolBoard): number {
  return board.view('pool', START_MS + 3 * MINUTE_MS, 3 * MINUTE_MS)?.minutes ?? 0
}

const damaged = (good: Buffer, future: Buffer) =>
  [
    { value: Buffer.from('9fd1c35e', 'hex'), key: 'pool', reason: 'notWireFormat' },
    { value: good.subarray(0, good.length - 3), key: 'pool', reason: 'undecodable' },
    { value: good, key: 'another pool', reason: 'keyMismatch' },
    { value: future, key: 'pool', reason: 'future' },
    { value: null, key: 'pool', reason: 'nullValue' },
  ] as const

it('keeps bytes and reason of each record that it cannot read, and takes those around it', async () => {
  const { write, good, minute, codec, follow, letters } = await cluster()
  const bad = damaged(good(1), codec.encode(TOPIC, minute(START_MS + 86_400_000)))
  write(good(0))
  for (const { value, key } of bad) write(value, key)
  write(good(1))
  const board = await follow()
  expect(told(board)).toBe(2)
  const kept = await letters()
  expect(kept.map(({ value }) => value)).toEqual(bad.map(({ value }) => value))
  expect(kept.map(({ key }) => key?.toString())).toEqual(bad.map((_, at) => `${TOPIC}/0/${at + 1}`))
  expect(kept.map(({ headers }) => headers['__dlq.errors.reason']?.toString())).toEqual(
    bad.map(({ reason }) => reason),
  )
})

it('is set aside by each process that meets it, under the same key', async () => {
  const { write, follow, letters } = await cluster()
  write(Buffer.from('nonsense'))
  await follow()
  await follow()
  expect((await letters()).map(({ key }) => key?.toString())).toEqual([`${TOPIC}/0/0`, `${TOPIC}/0/0`])
})

it('waits for Kafka with what it could not read before it takes anything after', async () => {
  const { write, good, publisher, follow, letters } = await cluster()
  write(Buffer.from('nonsense'))
  write(good(0))
  let left = 3
  const away = {
    ...publisher,
    publish: (records: Parameters<typeof publisher.publish>[0]) =>
      left-- > 0 ? Promise.reject(new TransientError('kafka', 'away')) : publisher.publish(records),
  }
  const board = await follow({ publisher: away })
  expect(await letters()).toHaveLength(1)
  expect(told(board)).toBe(1)
})

it('ends the process where a dead letter can never be written', async () => {
  const { write, publisher, follow } = await cluster()
  write(Buffer.from('nonsense'))
  const failures: unknown[] = []
  const broken = { ...publisher, publish: () => Promise.reject(new RangeError('too large')) }
  const following = follow({ publisher: broken, failed: (error) => void failures.push(error) })
  await expect(following).rejects.toThrow('too large')
  expect(failures).not.toEqual([])
})
