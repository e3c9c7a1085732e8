/**
 * One connection to Redis that comes back by itself.
 *
 * X1. A call is sent at once, over a live connection, or not at all: nothing waits in a queue to be sent after
 *     its caller has given it up, nothing is sent twice. (An acquire that went out late would shut a rightful
 *     owner out.)
 * X2. Every call ends within twice `commandTimeoutMs`: once for the connection, once for the reply. A script that the server
 *     does not know is two calls. Who waits when the connection is closed is told so at once.
 * X3. What may work later is TransientError; what needs a person is RefusedError; the rest is a mistake of ours.
 *     A password that the server wants or does not take is told at once, not at the end of a wait.
 * X4. A server that takes no writes any more is left: after a fail-over its address may lead to another one, and it would
 *     keep us for ever.
 */
import { Redis } from 'ioredis'
import { RefusedError, TransientError } from '../../engine/errors.ts'
import { encodeCommand, EncodedCommand, encodedBound } from './resp.ts'
import { Scratch } from './scratch.ts'
import type { Script } from './scripts.ts'
import type { RedisArgument } from './task-keys.ts'

const FIRST_RECONNECT_WAIT_MS = 50
const LONGEST_RECONNECT_WAIT_MS = 2_000

export class RedisConnection {
  readonly #redis: Redis
  readonly #timeoutMs: number
  readonly #scratch = new Scratch()
  /** Why there is no connection; null while there is one. */
  #lastError: Error | null = null
  #isClosed = false
  /** Told when the connection is ready or has failed. */
  readonly #waiting = new Set<(ready: boolean) => void>()

  constructor(url: string, commandTimeoutMs: number) {
    this.#timeoutMs = commandTimeoutMs
    this.#redis = new Redis(url, {
      commandTimeout: commandTimeoutMs,
      connectTimeout: commandTimeoutMs,
      // A connection on which nothing comes back is dead, whatever the kernel thinks of it.
      socketTimeout: 2 * commandTimeoutMs,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      // It asks again when Redis thinks that its files will be read, or so soon.
      maxLoadingRetryTime: LONGEST_RECONNECT_WAIT_MS,
      autoResendUnfulfilledCommands: false,
      reconnectOnError: ({ message }) => TAKES_NO_WRITES.test(message),
      retryStrategy: (attempt) => Math.min(FIRST_RECONNECT_WAIT_MS * attempt, LONGEST_RECONNECT_WAIT_MS),
    })
    // Every call tells its own failure; without a listener a lost connection would end the process.
    this.#redis.on('error', (error: Error) => {
      this.#lastError = error
      this.#tell(false)
    })
    this.#redis.on('ready', () => {
      this.#lastError = null
      this.#tell(true)
    })
  }

  /** Runs commands on the live connection (X1). */
  async run<T>(commands: (redis: Redis) => Promise<T>): Promise<T> {
    await this.#ready()
    try {
      return await commands(this.#redis)
    } catch (error) {
      throw classified(error)
    }
  }

  /** By digest, and with the whole text where the server does not know it (yet, or any more). */
  async script(script: Script, keys: readonly string[], values: readonly RedisArgument[]): Promise<unknown> {
    const args = [String(keys.length), ...keys, ...values]
    try {
      return await this.run((redis) => this.#send(redis, ['EVALSHA', script.sha1, ...args]))
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return this.run((redis) => this.#send(redis, ['EVAL', script.text, ...args]))
    }
  }

  close(): void {
    this.#isClosed = true
    this.#redis.disconnect()
    this.#tell(false)
  }

  /** Only a reply proves that nothing reads the scratch any more. */
  async #send(redis: Redis, words: readonly [string, ...RedisArgument[]]): Promise<unknown> {
    const scratch = this.#scratch.take(encodedBound(words))
    const command = new EncodedCommand(words[0], encodeCommand(words, scratch))
    redis.sendCommand(command)
    const reply: unknown = await command.promise
    this.#scratch.giveBack(scratch)
    return reply
  }

  async #ready(): Promise<void> {
    const lateMs = performance.now() + this.#timeoutMs
    for (let left = this.#timeoutMs; left > 0; left = lateMs - performance.now()) {
      const { status } = this.#redis
      if (this.#isClosed || status === 'end') throw new TransientError('redis', 'the connection was closed')
      if (status === 'ready' || (await this.#news(left))) return
      const refusal = this.#lastError === null ? null : refused(this.#lastError)
      if (refusal !== null) throw refusal
    }
    const why = this.#lastError === null ? 'no answer' : this.#lastError.message
    throw new TransientError('redis', `not connected: ${why}`, { cause: this.#lastError })
  }

  /** Whether the connection is ready, once it is, has failed, or so long has passed. */
  async #news(timeoutMs: number): Promise<boolean> {
    const heard = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => heard.resolve(false), timeoutMs)
    this.#waiting.add(heard.resolve)
    const ready = await heard.promise
    clearTimeout(timer)
    this.#waiting.delete(heard.resolve)
    return ready
  }

  #tell(ready: boolean): void {
    for (const hear of this.#waiting) hear(ready)
  }
}

const TAKES_NO_WRITES = /^READONLY\b/
/** Replies that say "not now". */
const NOT_NOW = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS)\b/
/** Replies that a person has to do something about, and what. */
const NOT_ALLOWED: readonly (readonly [reply: RegExp, toDo: string])[] = [
  [/^NOAUTH\b/, 'it wants a password; write it into REDIS_URL, as in redis://:password@host:6379'],
  [/^WRONGPASS\b/, 'it does not take the user or the password in REDIS_URL; correct them'],
  [/^NOPERM\b/, "it does not allow the user in REDIS_URL what is needed; check the user's rights"],
]

function refused(error: Error): RefusedError | null {
  const toDo = NOT_ALLOWED.find(([reply]) => reply.test(error.message))?.[1]
  return toDo === undefined
    ? null
    : new RefusedError(`Redis refuses us: ${toDo} (${error.message}).`, { cause: error })
}

/** ioredis says by which of its settings it gave a call up; what a person needs is that the connection is gone. */
function lostOf({ message }: Error): string {
  return /enableOfflineQueue|maxRetriesPerRequest/.test(message) ? 'the connection was lost' : message
}

function classified(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  if (error.name !== 'ReplyError') return new TransientError('redis', lostOf(error), { cause: error })
  if (NOT_NOW.test(error.message)) return new TransientError('redis', error.message, { cause: error })
  return refused(error) ?? error
}
