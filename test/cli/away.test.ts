/** Commands end by themselves where a server does not answer, and say which setting holds its address. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../scripts/services/probe.mjs'
import { bailiff } from '../support/bailiff-process.ts'

const ENOUGH_MS = 90_000

describe.concurrent('a command whose server does not answer', () => {
  let silent: Server
  const addresses = { nobody: '', silent: '' }

  beforeAll(async () => {
    silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const bound = silent.address()
    addresses.silent = typeof bound === 'object' && bound !== null ? `127.0.0.1:${bound.port}` : ''
    addresses.nobody = `127.0.0.1:${(await freePorts(1))[0]}`
  })
  afterAll(() => silent.close())

  it.each([
    ['topics', 'nobody', 'KAFKA_BROKERS'],
    ['tail abuse.sanctions.v1', 'nobody', 'KAFKA_BROKERS'],
    ['simulate --duration 2s', 'silent', 'SCHEMA_REGISTRY_URL'],
  ] as const)(
    '%s, %s there: names %s and ends',
    async (command, server, setting) => {
      const environment = {
        KAFKA_BROKERS: addresses[server],
        SCHEMA_REGISTRY_URL: `http://${addresses[server]}`,
        BAILIFF_HASH_KEY: 'a hash key for tests of the command line',
      }
      const { exitCode, stdout, stderr } = await bailiff(command.split(' '), environment)
      expect(exitCode, stderr).toBe(1)
      expect(stdout).toBe('')
      expect(stderr).toContain(setting)
      expect(stderr).not.toMatch(/^\s+at /m)
    },
    ENOUGH_MS,
  )
})
