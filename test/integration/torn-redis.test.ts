/**
 * A Redis whose append-only file ends within a commit, and which is started twice after that: Redis 7.0 leaves the commit open at
 * the first start and does its part at the second one. The state is given up then, as if it were lost.
 */
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../scripts/services/probe.mjs'
import type { Commit, TaskId } from '../../src/engine/state-store.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { cell, EMPTY_COMMIT } from '../conformance/state-store.ts'
import { hasRedisServer, startRedis, type OwnRedis } from '../support/own-redis.ts'

const task: TaskId = { topology: 'usage', partition: 3 }
/** From within the meta, which is written last, to the end of the transaction. */
const CUT_BYTES = 40

describe.skipIf(!hasRedisServer)('a commit that Redis does in part', () => {
  const cleaning: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const clean of cleaning.splice(0).reverse()) await clean()
  })

  it('is no part of any state: what there is is given up, by whoever holds it and by who comes next', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bailiff-torn-'))
    cleaning.push(() => rm(folder, { recursive: true }))
    const [port = 0] = await freePorts(1)
    const store = new RedisStateStore({
      url: `redis://127.0.0.1:${port}`,
      prefix: 'torn:',
      commandTimeoutMs: 10_000,
    })
    cleaning.push(() => store.close())

    let redis = await start(folder, port)
    const { epoch } = await store.acquire(task)
    await store.commit(task, commitOf(epoch, 1, 'first'))
    await store.commit(task, commitOf(epoch, 2, 'lost'))
    await redis.kill()
    await cut(folder)

    redis = await start(folder, port)
    const second = await store.acquire(task)
    expect(second.sequence).toBe(1)
    expect(await store.load(task, ['pane'], ['k'])).toEqual([cell('pane', 'k', 'first')])
    const other = { ...commitOf(second.epoch, 2, ''), puts: [cell('pane', 'another', 'second')] }
    expect(await store.commit(task, other)).toBe('committed')
    await redis.kill()

    await start(folder, port)
    expect(await store.load(task, ['pane'], ['k'])).toEqual([cell('pane', 'k', 'lost')])
    expect(await store.commit(task, commitOf(second.epoch, 3, 'third'))).toBe('fenced')
    const third = await store.acquire(task)
    expect(third).toMatchObject({ sequence: 0, meta: null, outbox: [] })
    expect(third.epoch).toBeGreaterThan(second.epoch)
    expect(await store.load(task, ['pane'], ['k'])).toEqual([])
    expect(await store.commit(task, commitOf(third.epoch, 1, 'anew'))).toBe('committed')
  })

  async function start(folder: string, port: number): Promise<OwnRedis> {
    const settings = { appendonly: 'yes', appendfsync: 'always', save: '', loglevel: 'warning' }
    const redis = await startRedis(port, folder, settings)
    cleaning.push(() => redis.kill())
    return redis
  }
})

function commitOf(epoch: number, sequence: number, value: string): Commit {
  return {
    ...EMPTY_COMMIT,
    epoch,
    previousSequence: sequence - 1,
    nonce: `${epoch}.${sequence}`,
    meta: Buffer.from('m'.repeat(CUT_BYTES)),
    puts: [cell('pane', 'k', value)],
  }
}

async function cut(folder: string): Promise<void> {
  const files = await readdir(join(folder, 'appendonlydir'))
  const file = join(folder, 'appendonlydir', files.find((name) => name.endsWith('.incr.aof')) ?? '')
  await truncate(file, (await stat(file)).size - CUT_BYTES)
}
