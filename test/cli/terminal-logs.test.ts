/** Logs of `bailiff run`: for people on a terminal, for machines everywhere else; every thread alike. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../support/until.ts'

const AWAY = {
  KAFKA_BROKERS: '127.0.0.1:1',
  REDIS_URL: 'redis://127.0.0.1:1',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1',
  BAILIFF_HTTP_PORT: '0',
}
/** Gives a program a terminal; part of every Debian. */
const SCRIPT = '/usr/bin/script'

it.runIf(process.platform === 'linux' && existsSync(SCRIPT))(
  'are no JSON on a terminal, and tell all up to the last line',
  async () => {
    const command = `exec '${process.execPath}' bin/bailiff.mjs run usage`
    const child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { env: { ...process.env, ...AWAY } })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await until('the thread of usage has spoken', () => /topology\S*"?: ?"usage"/.test(plain(said)), 25_000)
    child.stdin.write('\u0003')
    await until('it has ended', () => child.exitCode !== null, 25_000)
    expect(plain(said)).not.toMatch(/^\{/m)
    expect(plain(said)).toMatch(/INFO: ended/)
    expect(child.exitCode).toBe(0)
  },
  60_000,
)

function plain(text: string): string {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
}
