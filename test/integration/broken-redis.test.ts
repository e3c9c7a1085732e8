/**
 * Every break of a connection to Redis. What goes over the wire in one undisturbed life is written down; then the life is lived
 * once for each command of it with the connection broken there: before Redis has the command, after it did it, at each byte of
 * the answer, without an answer, with nobody who listens. What the owners are told and what Redis holds must be the same.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../scripts/services/probe.mjs'
import { TransientError } from '../../src/engine/errors.ts'
import type { Acquired } from '../../src/engine/state-store.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { BreakingWire, type Break, type Exchange } from '../support/breaking-wire.ts'
import { hasRedisServer, startRedis } from '../support/own-redis.ts'
import { enginePatience, liveOn, type Patience } from '../support/store-life.ts'
import { nextTurn, until } from '../support/until.ts'

/** Lives wait for the network rather than for a core; each has a Redis to itself. */
const SERVERS = 4
const SETTINGS = {
  appendonly: 'yes',
  appendfsync: 'no',
  save: '',
  'maxmemory-policy': 'noeviction',
  loglevel: 'warning',
}
/** Far more than an answer takes; where no answer comes it is waited for. */
const TIMEOUT_MS = 2_000
const SHORT_TIMEOUT_MS = 150
/** On a busy machine. */
const SLACK_MS = 10_000
/** A script that is not known is asked for twice, each time within twice the timeout (X2). */
const TIMEOUTS = 4
/** Of the bytes of all answers one in so many is where an answer is cut; each with `npm run test:breaks`. */
const STRIDE = Number(process.env['BREAK_STRIDE'] ?? 23)
/** Of a longer answer as many of its first and of its last bytes are looked at, and some between. */
const ENDS_BYTES = 40
const BETWEEN_BYTES = 997

const HOST = '127.0.0.1'
const TASK = { topology: 'usage', partition: 0 }

interface Life {
  readonly told: readonly (readonly string[])[]
  readonly held: readonly string[]
  readonly exchanges: readonly Exchange[]
}

/** A Redis of its own, with which one life at a time is lived. */
class Home {
  readonly #port: number
  readonly #direct: Redis
  readonly close: () => Promise<void>

  private constructor(port: number, direct: Redis, close: () => Promise<void>) {
    this.#port = port
    this.#direct = direct
    this.close = close
  }

  static async open(port: number): Promise<Home> {
    const folder = await mkdtemp(join(tmpdir(), 'bailiff-breaks-'))
    const redis = await startRedis(port, folder, SETTINGS)
    const direct = new Redis(redis.url)
    return new Home(port, direct, async () => {
      direct.disconnect()
      await redis.kill()
      await rm(folder, { recursive: true })
    })
  }

  /** On an empty Redis that knows no script. */
  async live(fault: Break | null, byteByByte = false): Promise<Life> {
    await this.#direct.flushall()
    await this.#direct.script('FLUSH')
    const wire = new BreakingWire(this.#port, fault)
    wire.byteByByte = byteByByte
    await wire.listen()
    const timeoutMs = fault?.kind === 'silent' || fault?.kind === 'refused' ? SHORT_TIMEOUT_MS : TIMEOUT_MS
    const store = openStore(wire.url, timeoutMs)
    const patience = enginePatience(async (reason) => {
      // Not before somebody was refused.
      if (/ECONNREFUSED/.test(reason)) await wire.listen()
    })
    try {
      const told = await liveOn(store, (call) => patience(() => inTime(call(), TIMEOUTS * timeoutMs)))
      await store.close()
      await inTime(wire.abandoned(), 0)
      return { told, held: await this.#held(), exchanges: wire.exchanges }
    } finally {
      await store.close()
      wire.close()
    }
  }

  /** The life that is given up at its first failure: what is under way then ends in time, and nothing is left. */
  async leave(fault: Break): Promise<void> {
    const wire = new BreakingWire(this.#port, fault)
    await wire.listen()
    const store = openStore(wire.url, SHORT_TIMEOUT_MS)
    const leaving: Patience = async (call) => {
      try {
        return await inTime(call(), TIMEOUTS * SHORT_TIMEOUT_MS)
      } catch (error) {
        await store.close()
        throw error
      }
    }
    try {
      const [one] = await Promise.allSettled([liveOn(store, leaving)])
      if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(TransientError)
      await store.close()
      await inTime(wire.abandoned(), 0)
    } finally {
      wire.close()
    }
  }

  /** All keys with what is in them. The epoch is of the server's clock; `begun` and `ended` count the commits. */
  /** Makes this one a copy of the other, which takes its place on the wire: who is connected stays connected. */
  async failOver(to: Home): Promise<Acquired> {
    await to.#direct.flushall()
    const wire = new BreakingWire(this.#port, null)
    await wire.listen()
    const store = openStore(wire.url, TIMEOUT_MS)
    try {
      await store.acquire(TASK)
      await this.#direct.replicaof(HOST, to.#port)
      wire.leadTo(to.#port)
      return await inTime(
        enginePatience(() => Promise.resolve())(() => store.acquire(TASK)),
        TIMEOUT_MS,
      )
    } finally {
      await this.#direct.replicaof('NO', 'ONE')
      await store.close()
      wire.close()
    }
  }

  async #held(): Promise<readonly string[]> {
    const keys = (await this.#direct.keys('*')).sort()
    return Promise.all(
      keys.map(async (key) => {
        if ((await this.#direct.type(key)) === 'zset')
          return `${key} ${(await this.#direct.zrange(key, '0', '-1', 'WITHSCORES')).join(' ')}`
        const { epoch, ...rest } = await this.#direct.hgetall(key)
        const fields = Object.entries(rest).map(([field, value]) => `${field}=${value}`)
        return `${key} ${epoch === undefined ? '' : 'epoch '}${fields.sort().join(' ')}`
      }),
    )
  }
}

function openStore(url: string, commandTimeoutMs: number): RedisStateStore {
  return new RedisStateStore({ url, prefix: 'breaks:', commandTimeoutMs })
}

async function inTime<T>(call: Promise<T>, withinMs: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('it hangs')), withinMs + SLACK_MS)
  try {
    return await Promise.race([call, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

describe.skipIf(!hasRedisServer)('a connection to Redis that breaks', { timeout: 900_000 }, () => {
  let homes: readonly Home[] = []
  let undisturbed: Life

  beforeAll(async () => {
    homes = await Promise.all((await freePorts(SERVERS)).map((port) => Home.open(port)))
    undisturbed = await anyHome().live(null)
  })
  afterAll(async () => {
    await Promise.all(homes.map((home) => home.close()))
  })

  function anyHome(): Home {
    const [home] = homes
    if (home === undefined) throw new Error('no Redis')
    return home
  }

  /** Each on the next Redis that is free. */
  async function each<T>(all: readonly T[], live: (home: Home, one: T) => Promise<void>): Promise<void> {
    const left = [...all]
    const liveAll = async (home: Home): Promise<void> => {
      try {
        for (let one = left.shift(); one !== undefined; one = left.shift()) await live(home, one)
      } finally {
        left.length = 0
      }
    }
    const lived = await Promise.allSettled(homes.map(liveAll))
    for (const one of lived) if (one.status === 'rejected') throw one.reason
  }

  async function expectNoDifference(faults: readonly Break[]): Promise<void> {
    await each(faults, async (home, fault) => {
      const where = `${JSON.stringify(fault)}, ${undisturbed.exchanges[fault.at]?.command ?? ''}`
      const { told, held } = await home.live(fault).catch((cause: unknown) => {
        throw new Error(where, { cause })
      })
      expect({ told, held }, where).toEqual({ told: undisturbed.told, held: undisturbed.held })
    })
  }

  const everywhere = (kind: 'unsent' | 'unanswered' | 'silent' | 'refused'): readonly Break[] =>
    undisturbed.exchanges.map((_, at) => ({ at, kind }))

  /** Every place within the answers, or one in so many. */
  const withinAnswers = (kind: 'cut' | 'parts'): readonly Break[] => {
    const all = undisturbed.exchanges.flatMap(({ answerBytes }, at) =>
      placesWithin(answerBytes).map((bytes) => ({ at, kind, bytes })),
    )
    return all.filter((_, index) => index % STRIDE === 0)
  }

  it('is lived with: the life has all that a store does', () => {
    const commands = new Set(undisturbed.exchanges.map(({ command }) => command.toUpperCase()))
    for (const command of ['HELLO', 'INFO', 'EVALSHA', 'EVAL', 'HGET', 'HMGET', 'HLEN', 'MEMORY', 'HSCAN'])
      expect(commands).toContain(command)
    expect(undisturbed.held.join('\n')).toMatch(/:m epoch .*begun=4 ended=4 meta=fourth/)
    expect(undisturbed.told.map((one) => one.at(-1))).toEqual(['late fenced', 'late fenced'])
  })

  it.each(['unsent', 'unanswered', 'silent', 'refused'] as const)(
    '%s: at whatever command, nothing is lost, doubled or half',
    (kind) => expectNoDifference(everywhere(kind)),
  )

  it('within an answer: at whatever byte, nothing is lost, doubled or half', () =>
    expectNoDifference(withinAnswers('cut')))

  it('understands answers in two parts, wherever they are parted', () =>
    expectNoDifference(withinAnswers('parts')))

  it('understands answers byte by byte', async () => {
    const { told, held } = await anyHome().live(null, true)
    expect({ told, held }).toEqual({ told: undisturbed.told, held: undisturbed.held })
  })

  it('leads to a Redis that takes writes no more: is made anew, to where they are taken now', async () => {
    const [old, promoted] = homes
    if (old === undefined || promoted === undefined) throw new Error('no Redis')
    expect(await old.failOver(promoted)).toMatchObject({ sequence: 0 })
  })

  it('tells those who wait for it at once that it is closed', async () => {
    const [port = 0] = await freePorts(1)
    const store = openStore(`redis://${HOST}:${port}`, 60_000)
    const waiting = inTime(store.acquire(TASK), 0)
    await nextTurn()
    await store.close()
    await expect(waiting).rejects.toThrow('the connection was closed')
    await expect(inTime(store.acquire(TASK), 0)).rejects.toThrow(TransientError)
  })

  it('can be closed however it broke, and leaves nothing behind', async () => {
    const activeBefore = process.getActiveResourcesInfo().length
    const faults = (['unsent', 'silent', 'refused'] as const).flatMap(everywhere)
    await each(faults, (home, fault) => home.leave(fault))
    const active = (): number => process.getActiveResourcesInfo().length
    await until('no more connections and timers than before', () => active() <= activeBefore, SLACK_MS)
  })
})

function placesWithin(answerBytes: number): readonly number[] {
  return Array.from({ length: answerBytes - 1 }, (_, at) => at + 1).filter(
    (at) => at <= ENDS_BYTES || at >= answerBytes - ENDS_BYTES || at % BETWEEN_BYTES === 0,
  )
}
