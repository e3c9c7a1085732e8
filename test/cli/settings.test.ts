/** What the command line says to wrong settings and wrong words, as a process: no server is asked. */
import { describe, expect, it } from 'vitest'
import { bailiff } from '../support/bailiff-process.ts'

const WRONG = {
  KAFKA_BROKERS: 'nowhere',
  SCHEMA_REGISTRY_URL: 'no address',
  REDIS_URL: 'http://127.0.0.1:6379',
  BAILIFF_HTTP_PORT: '99999',
  BAILIFF_LOG_LEVEL: 'loud',
  BAILIFF_HASH_KEY: 'a short secret',
  BAILIFF_ON_RETENTION_GAP: 'jump',
}

describe('bailiff run with wrong settings', () => {
  it('names all of them at once, keeps secrets to itself, and exits 2', async () => {
    const { exitCode, stdout, stderr } = await bailiff(['run'], WRONG)
    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    for (const name of Object.keys(WRONG)) expect(stderr).toContain(name)
    expect(stderr).not.toContain(WRONG.BAILIFF_HASH_KEY)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('shows the right ones without secrets and exits 0', async () => {
    const settings = {
      BAILIFF_HASH_KEY: 'a long enough secret',
      REDIS_URL: 'redis://:open-sesame@127.0.0.1:6379',
    }
    const { exitCode, stdout } = await bailiff(['run', '--print-config'], settings)
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ httpHost: '127.0.0.1' })
    expect(stdout).not.toContain(settings.BAILIFF_HASH_KEY)
    expect(stdout).not.toContain('open-sesame')
  })
})

describe('bailiff with words that it does not know', () => {
  it.each([
    [['run', 'usgae'], 'Did you mean usage?'],
    [['tail', 'abuse.sanction.v1'], 'Did you mean abuse.sanctions.v1?'],
    [['simulate', '--rate', 'many'], '--rate'],
    [['topics', '--replication', 'all'], '--replication'],
    [['rnu'], 'Did you mean run?'],
  ])('exits 2 and says what may be meant: %j', async (args, hint) => {
    const { exitCode, stderr } = await bailiff(args, {})
    expect(exitCode).toBe(2)
    expect(stderr).toContain(hint)
  })
})
