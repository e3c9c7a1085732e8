/**
 * The StateStore in Redis: one hash per task and slice, a sorted set of timers, an outbox, and a meta hash that
 * fences them all. One script call a commit, one round trip a load.
 *
 * Needs Redis 7 or newer with an append-only file and `noeviction`; `verify` refuses anything else. What a
 * fail-over can still lose is a suffix of commits, which the engine recognises and makes good (DESIGN 5).
 */
import type { ChainableCommander } from 'ioredis'
import { RefusedError } from '../../engine/errors.ts'
import type {
  Acquired,
  Commit,
  OutboxEntry,
  StateCell,
  StateStore,
  StoredTimer,
  StoreSize,
  TaskId,
} from '../../engine/state-store.ts'
import { RedisConnection } from './redis-connection.ts'
import { ACQUIRE_SCRIPT, COMMIT_SCRIPT, GIVE_UP_SCRIPT, TIMERS_SCRIPT } from './scripts.ts'
import { serverProblems } from './server-problems.ts'
import { commitCall, taskKeys, type TaskKeys } from './task-keys.ts'

/** Cells asked for at once; Redis may give more of a small hash. */
const SCAN_COUNT = 1_000

export interface RedisStoreOptions {
  readonly url: string
  /** Before every key; lets several installations share a server. */
  readonly prefix: string
  /** A call that takes longer counts as transient trouble. */
  readonly commandTimeoutMs: number
}

export class RedisStateStore implements StateStore {
  readonly #connection: RedisConnection
  readonly #prefix: string

  constructor(options: RedisStoreOptions) {
    this.#prefix = options.prefix
    this.#connection = new RedisConnection(options.url, options.commandTimeoutMs)
  }

  async acquire(task: TaskId): Promise<Acquired> {
    const keys = taskKeys(this.#prefix, task)
    const reply = await this.#connection.script(ACQUIRE_SCRIPT, [keys.meta, keys.outbox], [])
    const [epoch, sequence, meta, outbox, torn] = list(reply)
    if (number(torn) === 1) {
      await this.#giveUp(keys, number(epoch))
      return this.acquire(task)
    }
    return {
      epoch: number(epoch),
      sequence: number(sequence),
      meta: Buffer.isBuffer(meta) ? meta : null,
      outbox: outboxEntries(list(outbox)),
    }
  }

  /** A state of which some commit was done in part is no better than none: it is rebuilt from the log (scripts.ts). */
  async #giveUp({ meta, all }: TaskKeys, epoch: number): Promise<void> {
    const names = new Set<string>()
    let cursor = '0'
    do {
      const [next, found] = await this.#connection.run((redis) =>
        redis.scan(cursor, 'MATCH', all, 'COUNT', SCAN_COUNT),
      )
      for (const name of found) if (name !== meta) names.add(name)
      cursor = next
    } while (cursor !== '0')
    await this.#connection.script(GIVE_UP_SCRIPT, [meta, ...names], [epoch])
  }

  meta(task: TaskId): Promise<Buffer | null> {
    const { meta } = taskKeys(this.#prefix, task)
    return this.#connection.run((redis) => redis.hgetBuffer(meta, 'meta'))
  }

  async load(task: TaskId, slots: readonly string[], keys: readonly string[]): Promise<readonly StateCell[]> {
    if (slots.length === 0 || keys.length === 0) return []
    const names = taskKeys(this.#prefix, task)
    const replies = await this.#connection.run((redis) => {
      const pipeline = redis.pipeline()
      for (const slot of slots) pipeline.hmgetBuffer(names.slot(slot), ...keys)
      return execute(pipeline)
    })
    return slots.flatMap((slot, at) => cellsOf(slot, keys, list(replies[at])))
  }

  async timers(task: TaskId, after: StoredTimer | null, limit: number): Promise<readonly StoredTimer[]> {
    const key = taskKeys(this.#prefix, task).timers
    const from = after === null ? ['', ''] : [String(after.dueMs), after.id]
    const reply = list(await this.#connection.script(TIMERS_SCRIPT, [key], [...from, limit]))
    const timers: StoredTimer[] = []
    for (let at = 0; at + 1 < reply.length; at += 2) {
      timers.push({ id: String(reply[at]), dueMs: number(reply[at + 1]) })
    }
    return timers
  }

  async size(task: TaskId, slots: readonly string[]): Promise<StoreSize> {
    const names = taskKeys(this.#prefix, task)
    const hashes = slots.map((slot) => names.slot(slot))
    const replies = await this.#connection.run((redis) => {
      const pipeline = redis.pipeline()
      for (const key of hashes) pipeline.hlen(key)
      for (const key of [...hashes, names.timers, names.outbox]) pipeline.memory('USAGE', key)
      return execute(pipeline)
    })
    const sum = (some: readonly unknown[]): number =>
      some.reduce<number>((all, one) => all + Number(one ?? 0), 0)
    return { cells: sum(replies.slice(0, hashes.length)), bytes: sum(replies.slice(hashes.length)) }
  }

  async *scan(task: TaskId, slot: string): AsyncIterable<readonly StateCell[]> {
    const name = taskKeys(this.#prefix, task).slot(slot)
    let cursor = '0'
    do {
      const at = cursor
      const reply = await this.#connection.run((redis) =>
        redis.callBuffer('HSCAN', [name, at, 'COUNT', String(SCAN_COUNT)]),
      )
      const [next, flat] = list(reply)
      cursor = String(next)
      yield scannedCells(slot, list(flat))
    } while (cursor !== '0')
  }

  async commit(task: TaskId, commit: Commit): Promise<'committed' | 'fenced'> {
    const { keys, values } = commitCall(taskKeys(this.#prefix, task), commit)
    const reply = await this.#connection.script(COMMIT_SCRIPT, keys, values)
    return String(reply) === 'committed' ? 'committed' : 'fenced'
  }

  async verify(): Promise<void> {
    const info = await this.#connection.run((redis) => redis.info())
    const problems = serverProblems(info)
    if (problems.length > 0) throw new RefusedError(`This Redis could lose state: ${problems.join('; ')}.`)
  }

  /** Whether the server answers: TransientError where it does not, RefusedError where it does not take us. */
  async ping(): Promise<void> {
    await this.#connection.run((redis) => redis.ping())
  }

  close(): Promise<void> {
    this.#connection.close()
    return Promise.resolve()
  }
}

function scannedCells(slot: string, flat: readonly unknown[]): readonly StateCell[] {
  const cells: StateCell[] = []
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const value = flat[at + 1]
    if (Buffer.isBuffer(value)) cells.push({ slot, key: String(flat[at]), value })
  }
  return cells
}

async function execute(pipeline: ChainableCommander): Promise<readonly unknown[]> {
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error, reply]) => {
    if (error !== null) throw error
    return reply
  })
}

function list(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}

function number(reply: unknown): number {
  return Number(Buffer.isBuffer(reply) ? reply.toString() : reply)
}

function outboxEntries(flat: readonly unknown[]): OutboxEntry[] {
  const entries: OutboxEntry[] = []
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const payload = flat[at + 1]
    if (Buffer.isBuffer(payload)) entries.push({ sequence: number(flat[at]), payload })
  }
  return entries.sort((a, b) => a.sequence - b.sequence)
}

function cellsOf(slot: string, keys: readonly string[], values: readonly unknown[]): StateCell[] {
  return keys.flatMap((key, at) => {
    const value = values[at]
    return Buffer.isBuffer(value) ? [{ slot, key, value }] : []
  })
}
