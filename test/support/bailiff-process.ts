/** The command line as a user runs it: a process of its own, with the addresses of this run's services. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Services } from './integration.ts'

export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export type BailiffEnvironment = Readonly<Record<string, string>>

/** Addresses of the services, a port that the system picks, and a key prefix of this run's own. */
export function environmentOf(services: Services, prefix: string): BailiffEnvironment {
  return {
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    SCHEMA_REGISTRY_URL: services.registryUrl,
    REDIS_URL: services.redisUrl,
    BAILIFF_REDIS_PREFIX: `${prefix}:`,
    BAILIFF_HTTP_PORT: '0',
    BAILIFF_HASH_KEY: 'a hash key for integration tests',
  }
}

/** Starts `bailiff` with the arguments; the caller ends it, or the signal does. */
export function startBailiff(
  args: readonly string[],
  environment: BailiffEnvironment,
  signal?: AbortSignal,
): ChildProcess {
  return spawn(process.execPath, ['bin/bailiff.mjs', ...args], {
    // While coverage is taken, the test runner forbids the cache of compiled code, for its own processes' sake.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: undefined, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Runs `bailiff` to its end, or the signal's; `input` goes to its standard input. */
export async function bailiff(
  args: readonly string[],
  environment: BailiffEnvironment,
  input = '',
  signal?: AbortSignal,
): Promise<Finished> {
  const child = startBailiff(args, environment, signal)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin?.end(input)
  await once(child, 'close')
  return { exitCode: child.exitCode, stdout, stderr }
}

/** Lines of a running process's standard output, as they come. */
export async function* linesFrom(child: ChildProcess): AsyncIterable<string> {
  if (child.stdout === null) return
  for await (const line of createInterface({ input: child.stdout })) yield line
}

/** The port that `bailiff run` serves health and metrics on, from its own log line. */
export async function httpPortOf(child: ChildProcess): Promise<number> {
  for await (const line of linesFrom(child)) {
    const port = /"port":(\d+)/.exec(line)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error('bailiff run ended without serving')
}

/** Asks SIGTERM's way for an end and gives the exit code. */
export async function stopBailiff(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const closed = once(child, 'exit')
  child.stdout?.resume()
  child.stderr?.resume()
  child.kill('SIGTERM')
  await closed
  return child.exitCode
}

/** Polls `/readyz` until it says 200; the last answer where it does not within the time. */
export async function untilReady(port: number, timeoutMs: number): Promise<string> {
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
    const body = await answer.text()
    if (answer.ok) return 'ready'
    if (Date.now() > endMs) return body
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
