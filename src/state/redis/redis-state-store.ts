/**
 * The StateStore in Redis: one hash per task and slice, a sorted set of timers, an outbox, and a meta hash that
 * fences them all. One script call a commit, one round trip a load.
 *
 * Needs Redis 7 or newer with an append-only file and `noeviction`; `verify` refuses anything else. What a
 * fail-over can still lose is a suffix of commits, which the engine recognises and makes good (DESIGN 5).
 */
import { Redis, type ChainableCommander } from 'ioredis'
import { RefusedError, TransientError } from '../../engine/errors.ts'
import type {
  Acquired,
  Commit,
  OutboxEntry,
  StateCell,
  StateStore,
  StoredTimer,
  TaskId,
} from '../../engine/state-store.ts'
import { ACQUIRE_SCRIPT, COMMIT_SCRIPT, type Script } from './scripts.ts'
import { commitCall, taskKeys, type RedisArgument } from './task-keys.ts'

export interface RedisStoreOptions {
  readonly url: string
  /** Before every key; lets several installations share a server. */
  readonly prefix: string
  /** A call that takes longer counts as transient trouble. */
  readonly commandTimeoutMs: number
}

const LONGEST_RECONNECT_WAIT_MS = 2_000

export class RedisStateStore implements StateStore {
  readonly #redis: Redis
  readonly #prefix: string

  constructor(options: RedisStoreOptions) {
    this.#prefix = options.prefix
    this.#redis = new Redis(options.url, {
      commandTimeout: options.commandTimeoutMs,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: true,
      connectTimeout: options.commandTimeoutMs,
      retryStrategy: (attempt) => Math.min(50 * attempt, LONGEST_RECONNECT_WAIT_MS),
    })
    // Every command tells its own failure; without a listener a lost connection would end the process.
    this.#redis.on('error', () => undefined)
  }

  async acquire(task: TaskId): Promise<Acquired> {
    const keys = taskKeys(this.#prefix, task)
    const reply = await this.#script(ACQUIRE_SCRIPT, [keys.meta, keys.outbox], [])
    const [epoch, sequence, meta, outbox] = list(reply)
    return {
      epoch: number(epoch),
      sequence: number(sequence),
      meta: Buffer.isBuffer(meta) ? meta : null,
      outbox: outboxEntries(list(outbox)),
    }
  }

  async load(task: TaskId, slots: readonly string[], keys: readonly string[]): Promise<readonly StateCell[]> {
    if (slots.length === 0 || keys.length === 0) return []
    const names = taskKeys(this.#prefix, task)
    const pipeline = this.#redis.pipeline()
    for (const slot of slots) pipeline.hmgetBuffer(names.slot(slot), ...keys)
    const replies = await this.#run(() => execute(pipeline))
    return slots.flatMap((slot, at) => cellsOf(slot, keys, list(replies[at])))
  }

  async timers(task: TaskId, after: StoredTimer | null, limit: number): Promise<readonly StoredTimer[]> {
    const key = taskKeys(this.#prefix, task).timers
    const skip = after === null ? 0 : ((await this.#run(() => this.#redis.zrank(key, after.id))) ?? -1) + 1
    const reply = await this.#run(() =>
      this.#redis.zrange(key, String(skip), String(skip + limit - 1), 'WITHSCORES'),
    )
    const timers: StoredTimer[] = []
    for (let at = 0; at + 1 < reply.length; at += 2) {
      timers.push({ id: reply[at] ?? '', dueMs: Number(reply[at + 1]) })
    }
    return timers
  }

  async commit(task: TaskId, commit: Commit): Promise<'committed' | 'fenced'> {
    const { keys, values } = commitCall(taskKeys(this.#prefix, task), commit)
    const reply = await this.#script(COMMIT_SCRIPT, keys, values)
    return String(reply) === 'committed' ? 'committed' : 'fenced'
  }

  async verify(): Promise<void> {
    const info = await this.#run(() => this.#redis.info())
    const problems = serverProblems(info)
    if (problems.length > 0) throw new RefusedError(`This Redis could lose state: ${problems.join('; ')}.`)
  }

  close(): Promise<void> {
    this.#redis.disconnect()
    return Promise.resolve()
  }

  /** By digest, and with the whole text where the server does not know it (yet, or any more). */
  async #script(script: Script, keys: readonly string[], values: readonly RedisArgument[]): Promise<unknown> {
    const args = [String(keys.length), ...keys, ...values]
    try {
      return await this.#run(() => this.#redis.callBuffer('EVALSHA', [script.sha1, ...args]))
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return this.#run(() => this.#redis.callBuffer('EVAL', [script.text, ...args]))
    }
  }

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation()
    } catch (error) {
      throw classified(error)
    }
  }
}

/** What makes a server unfit to be trusted with state; empty when it is fit. */
export function serverProblems(info: string): readonly string[] {
  const facts = new Map(info.split(/\r?\n/).map((line) => pair(line)))
  const major = Number(facts.get('redis_version')?.split('.')[0] ?? 0)
  return [
    ...(major >= 7 ? [] : [`it is version ${facts.get('redis_version') ?? 'unknown'}, 7 or newer is needed`]),
    ...(facts.get('aof_enabled') === '1' ? [] : ['it has no append-only file; set `appendonly yes`']),
    ...(facts.get('maxmemory_policy') === 'noeviction'
      ? []
      : [
          `maxmemory-policy is ${facts.get('maxmemory_policy') ?? 'unknown'}, which evicts keys; ` +
            'set `maxmemory-policy noeviction`',
        ]),
  ]
}

function pair(line: string): [string, string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
}

/** Replies that say "not now"; everything else is a mistake of ours and crashes loudly (P8). */
const NOT_NOW = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS)\b/

function classified(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  const reply = error.name === 'ReplyError'
  if (reply && !NOT_NOW.test(error.message)) return error
  return new TransientError('redis', error.message, { cause: error })
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
