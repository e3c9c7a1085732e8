/** A Redis of one test's own: with settings that the shared one must not have, or to be killed and started on its files again. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { findCommand } from '../../scripts/services/command.mjs'
import { isOpen } from '../../scripts/services/probe.mjs'
import { until } from './until.ts'

const command = findCommand('redis-server')

/** Whether this machine has a Redis to start. */
export const hasRedisServer = command !== undefined

export interface OwnRedis {
  readonly url: string
  /** Ends as by kill -9; once more is no fault. */
  kill(): Promise<void>
}

/** Resolves when it answers. `settings`: as redis.conf names them; `folder` is where it keeps its files. */
export async function startRedis(
  port: number,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<OwnRedis> {
  const all = { port: String(port), bind: '127.0.0.1', dir: folder, ...settings }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  const server = spawn(command ?? '', args, { stdio: 'ignore' })
  await until('Redis answers', () => isOpen(port), 60_000)
  return { url: `redis://127.0.0.1:${port}`, kill: () => killed(server) }
}

async function killed(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const closed = once(server, 'close')
  server.kill('SIGKILL')
  await closed
}
