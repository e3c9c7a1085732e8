// The laws of the StateStore port, held against real Redis, and what happens when it is away.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TransientError } from '../../src/engine/errors.ts'
import type { Commit, TaskId } from '../../src/engine/state-store.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { cell, describeStateStore, EMPTY_COMMIT } from '../conformance/state-store.ts'
import { describeIntegration, services } from '../support/integration.ts'

function openStore(commandTimeoutMs = 5_000, url = services().redisUrl): RedisStateStore {
  return new RedisStateStore({ url, prefix: 'test:', commandTimeoutMs })
}

function newTask(): TaskId {
  return { topology: `topology-${randomUUID()}`, partition: 0 }
}

function firstCommit(epoch: number): Commit {
  return {
    ...EMPTY_COMMIT,
    epoch,
    previousSequence: 0,
    nonce: randomUUID(),
    meta: Buffer.from('m'),
    puts: [cell('a', 'k', 'v')],
    outbox: Buffer.from('out'),
  }
}

describeIntegration('Redis', () => {
  let direct: Redis
  beforeAll(() => {
    direct = new Redis(services().redisUrl)
  })
  afterAll(() => direct.quit())

  describeStateStore('the state store in Redis', () => Promise.resolve(openStore()))

  describe('the server', () => {
    it('holds a task under one hash tag, with the prefix before it', async () => {
      const store = openStore()
      const task = newTask()
      await store.commit(task, firstCommit((await store.acquire(task)).epoch))
      const keys = await direct.keys(`*${task.topology}*`)
      const tag = `test:{${task.topology}:0}`
      expect(keys.sort()).toEqual([`${tag}:m`, `${tag}:o`, `${tag}:s:a`])
      await store.close()
    })

    it('is sent what each commit holds, though many wait to be sent at once', async () => {
      const store = openStore(20_000)
      const tasks = Array.from({ length: 8 }, newTask)
      for (let round = 0; round < 2; round++) {
        const acquired = await Promise.all(tasks.map((task) => store.acquire(task)))
        // The first fills the connection; the others are of one size, so that they want the same memory.
        const values = tasks.map((_, index) =>
          Buffer.alloc(index === 0 ? 8_000_000 : 200_000, `${round}${index}`),
        )
        const commits = tasks.map((task, index) => {
          const { epoch, sequence: previousSequence } = acquired[index] ?? { epoch: 0, sequence: 0 }
          const puts = [cell('a', 'k', values[index] ?? '')]
          return store.commit(task, { ...firstCommit(epoch), previousSequence, puts })
        })
        expect(await Promise.all(commits)).toEqual(tasks.map(() => 'committed'))
        const loaded = await Promise.all(tasks.map((task) => store.load(task, ['a'], ['k'])))
        expect(loaded.map(([one], index) => one?.value.equals(values[index] ?? Buffer.of()))).toEqual(
          tasks.map(() => true),
        )
      }
      await store.close()
    })

    it('keeps few short cells as a list and many as a table, each as it was written', async () => {
      const store = openStore()
      const task = newTask()
      const { epoch } = await store.acquire(task)
      const put = (previousSequence: number, slot: string, keys: readonly string[]): Promise<unknown> => {
        const puts = keys.map((key) => cell(slot, key, `value of ${key}`))
        return store.commit(task, { ...firstCommit(epoch), previousSequence, nonce: randomUUID(), puts })
      }
      const encodings = (): Promise<unknown[]> =>
        Promise.all(
          ['few', 'many'].map((slot) => direct.object('ENCODING', `test:{${task.topology}:0}:s:${slot}`)),
        )
      const keys = Array.from({ length: 150 }, (_, index) => `k${index}`)
      await put(0, 'few', keys.slice(0, 100))
      await put(1, 'many', keys.slice(0, 100))
      expect(await encodings()).toEqual(['listpack', 'listpack'])
      await put(2, 'many', keys.slice(50))
      expect(await encodings()).toEqual(['listpack', 'hashtable'])
      const loaded = await store.load(task, ['many'], keys)
      expect(loaded.map(({ key, value }) => [key, value.toString()])).toEqual(
        keys.map((key) => [key, `value of ${key}`]),
      )
      await store.close()
    })

    it('may forget the scripts', async () => {
      const store = openStore()
      const task = newTask()
      const { epoch } = await store.acquire(task)
      await direct.script('FLUSH')
      expect(await store.commit(task, firstCommit(epoch))).toBe('committed')
      await store.close()
    })

    it('gives epochs no lower than its clock, even for a task that it has lost', async () => {
      const store = openStore()
      const task = newTask()
      const before = await store.acquire(task)
      await direct.del(`test:{${task.topology}:0}:m`)
      const after = await store.acquire(task)
      expect(after.epoch).toBeGreaterThanOrEqual(before.epoch)
      expect(after.epoch).toBeGreaterThan(1_700_000_000_000)
      await store.close()
    })
  })

  describe('trouble', () => {
    it('is transient where nobody answers', async () => {
      const store = openStore(200, 'redis://127.0.0.1:1')
      await expect(store.acquire(newTask())).rejects.toThrow(TransientError)
      await expect(store.verify()).rejects.toThrow(/not connected: connect ECONNREFUSED/)
      await store.close()
    })

    it('with a late reply is transient, and the repeat finds the commit landed (T3)', async () => {
      const store = openStore(300)
      const task = newTask()
      const commit = firstCommit((await store.acquire(task)).epoch)
      await direct.call('CLIENT', 'PAUSE', '60000', 'WRITE')
      await expect(store.commit(task, commit)).rejects.toThrow(TransientError)
      await direct.call('CLIENT', 'UNPAUSE')
      expect(await untilAnswered(() => store.commit(task, commit))).toBe('committed')
      expect(await store.acquire(task)).toMatchObject({ sequence: 1 })
      await store.close()
    })

    it('with a cut connection is transient, and the store comes back by itself', async () => {
      const store = openStore()
      const task = newTask()
      const { epoch } = await store.acquire(task)
      await direct.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      expect(await untilAnswered(() => store.commit(task, firstCommit(epoch)))).toBe('committed')
      await store.close()
    })

    it('of a closed store is transient too', async () => {
      const store = openStore()
      await store.acquire(newTask())
      await store.close()
      await expect(store.acquire(newTask())).rejects.toThrow(TransientError)
    })
  })
})

/** As the engine does it: again until it does not fail for a while. */
async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
