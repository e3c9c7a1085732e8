/** Logs of `bailiff run`: for people on a terminal, for machines everywhere else; every thread alike. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { olderNode } from '../support/older-node.ts'
import { until } from '../support/until.ts'

const AWAY = {
  KAFKA_BROKERS: '127.0.0.1:1',
  REDIS_URL: 'redis://127.0.0.1:1',
  SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1',
  BAILIFF_HTTP_PORT: '0',
}
/** Gives a program a terminal; part of every Debian. */
const SCRIPT = '/usr/bin/script'

const withTerminal = process.platform === 'linux' && existsSync(SCRIPT)

/** Runs usage on a terminal until its thread has spoken, presses Ctrl-C once, and gives what was said and the exit code. */
async function runUntilInterrupted(
  node: string,
): Promise<{ readonly said: string; readonly exitCode: number | null }> {
  const command = `exec '${node}' bin/bailiff.mjs run usage`
  const child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { env: { ...process.env, ...AWAY } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await until('the thread of usage has spoken', () => / usage: /.test(plain(said)), 60_000)
  child.stdin.write('\u0003')
  await until('it has ended', () => child.exitCode !== null, 60_000)
  return { said: plain(said), exitCode: child.exitCode }
}

it.runIf(withTerminal)('are no JSON on a terminal, and tell all up to the last line', async () => {
  const { said, exitCode } = await runUntilInterrupted(process.execPath)
  expect(said).not.toMatch(/^\{/m)
  // A line each, as long as nothing is told of a failure's stack.
  for (const line of said.trim().split('\n')) expect(line).toMatch(/^(\^C)?\[[\d:.]+\] [A-Z]+: \w+: /)
  expect(said).toMatch(/INFO.*: ended/)
  expect(exitCode).toBe(0)
})

const older = olderNode()

it.runIf(withTerminal && older !== null)(
  'one Ctrl-C drains under an older Node too, whose launcher passes it on although the terminal has told both',
  async () => {
    const { said, exitCode } = await runUntilInterrupted(older ?? '')
    expect(said).toMatch(/INFO.*: ended/)
    expect(exitCode).toBe(0)
  },
)

function plain(text: string): string {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
}
