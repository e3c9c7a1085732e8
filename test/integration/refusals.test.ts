/**
 * Servers that would lose what Bailiff must keep, or lack what it needs: `bailiff run` says so and exits 2, before
 * it has read a record.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { freePorts } from '../../scripts/services/probe.mjs'
import { bailiff, environmentOf, type BailiffEnvironment } from '../support/bailiff-process.ts'
import { RegistryServer } from '../codec/registry-server.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { hasRedisServer, startRedis } from '../support/own-redis.ts'
import { stranger } from './log-fixtures.ts'

/** Far more than a start takes on a busy machine, and far less than a wait for a server that is away. */
const AT_ONCE_MS = 30_000
const GOOD_REDIS = { appendonly: 'yes', 'maxmemory-policy': 'noeviction' }

describeIntegration('bailiff run refuses', () => {
  let environment: BailiffEnvironment
  const cleaning: (() => Promise<void>)[] = []

  beforeAll(async () => {
    environment = environmentOf(services(), `refusals-${process.pid}`)
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
  })

  afterEach(async () => {
    for (const clean of cleaning.splice(0)) await clean()
  })

  /** A server of this test's own; gives its address. */
  async function ownRedis(options: Readonly<Record<string, string>>): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'bailiff-redis-'))
    const [port = 0] = await freePorts(1)
    const redis = await startRedis(port, folder, options)
    cleaning.push(async () => {
      await redis.kill()
      rmSync(folder, { recursive: true, force: true })
    })
    return redis.url
  }

  const refusalOf = async (changes: BailiffEnvironment, topology = 'enforcement'): Promise<string> => {
    const { exitCode, stderr } = await bailiff(['run', topology], { ...environment, ...changes })
    expect(exitCode, stderr).toBe(2)
    expect(stderr).not.toMatch(/^\s+at /m)
    return stderr
  }

  describe.skipIf(!hasRedisServer)('a Redis', () => {
    it('without an append-only file', async () => {
      const url = await ownRedis({ ...GOOD_REDIS, appendonly: 'no' })
      expect(await refusalOf({ REDIS_URL: url })).toMatch(/could lose state: .*appendonly/)
    })

    it('that may evict keys', async () => {
      const url = await ownRedis({ ...GOOD_REDIS, 'maxmemory-policy': 'allkeys-lru' })
      expect(await refusalOf({ REDIS_URL: url })).toMatch(/could lose state: .*noeviction/)
    })

    it('that wants a password and gets none', async () => {
      const url = await ownRedis({ ...GOOD_REDIS, requirepass: 'a secret' })
      const reason = await refusalOf({ REDIS_URL: url })
      expect(reason).toMatch(/wants a password; write it into REDIS_URL/)
    })

    it('that wants another password, at once and without telling ours', async () => {
      const url = await ownRedis({ ...GOOD_REDIS, requirepass: 'a secret' })
      const began = performance.now()
      const reason = await refusalOf({ REDIS_URL: url.replace('//', '//:our-own@') })
      expect(reason).toMatch(/does not take the user or the password in REDIS_URL/)
      expect(reason).not.toContain('our-own')
      expect(performance.now() - began).toBeLessThan(AT_ONCE_MS)
    })

    it('for all reasons at once', async () => {
      const url = await ownRedis({ appendonly: 'no', 'maxmemory-policy': 'volatile-ttl' })
      const reason = await refusalOf({ REDIS_URL: url })
      expect(reason).toContain('appendonly')
      expect(reason).toContain('noeviction')
    })
  })

  it('a registry that lacks the schemas, and says what makes them', async () => {
    const registry = new RegistryServer()
    const url = await registry.listen()
    cleaning.push(() => registry.close())
    const reason = await refusalOf({ SCHEMA_REGISTRY_URL: url })
    expect(reason).toContain('abuse.sanctions.v1-value')
    expect(reason).toContain('bailiff topics')
  })

  // Deletes topics, which nobody's own cluster must suffer.
  it.skipIf(inject('services')?.kind === 'given')(
    'a Kafka that lacks topics to read or to write, and says what makes them',
    async () => {
      const admin = stranger().admin()
      await admin.connect()
      const lost = ['abuse.appeals.v1', 'abuse.preservation.v1', 'dlq.abuse.appeals.v1']
      await admin.deleteTopics({ topics: lost })
      await admin.disconnect()
      const reason = await refusalOf({})
      for (const topic of lost) expect(reason).toContain(topic)
      expect(reason).toContain('bailiff topics')
      const made = await bailiff(['topics'], environment)
      expect(made.stderr).toContain('3 topics created')
    },
  )

  it('an HTTP port that is taken, and says which setting chooses it', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleaning.push(() => new Promise((resolve) => server.close(() => resolve())))
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? String(address.port) : ''
    const reason = await refusalOf({ BAILIFF_HTTP_PORT: port })
    expect(reason).toContain(port)
    expect(reason).toContain('BAILIFF_HTTP_PORT')
  })
})
