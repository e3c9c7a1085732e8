/**
 * What a run needs around it: the generator and verifier built, the broker up, the input loaded, the output empty,
 * a Redis of its own. Broker and tools are those of the yardstick's folder; everything is written under `data`.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export const BROKER = '127.0.0.1:19192'
const REDIS_PORT = 16_398
export const REDIS_URL = `redis://127.0.0.1:${REDIS_PORT}`
const REDIS_PATIENCE_MS = 10_000
const BROKER_PATIENCE_MS = 60_000
/** A topic that was just deleted cannot be created again at once. */
const DELETION_MS = 1_000

export class Yard {
  /** Folder of the yardstick: its generator, oracle, peers and measuring tool. */
  readonly tools: string
  /** Where everything is built, loaded and written. */
  readonly data: string
  readonly #peers: string
  readonly #records: string
  readonly #expected: string

  constructor(tools: string, data: string) {
    this.tools = tools
    this.data = data
    this.#peers = join(data, 'bin/peers')
    this.#records = join(data, 'data/records.csv')
    this.#expected = join(data, 'data/expected.csv')
  }

  /** Runs a program to its end and gives what it printed; its complaints go to our stderr. */
  run(program: string, ...args: readonly string[]): string {
    const words = [`PEERS=${this.data}`, 'KAFKAJS_NO_PARTITIONER_WARNING=1', program, ...args]
    const result = spawnSync('env', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    if (result.status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${result.status}`)
    return result.stdout
  }

  /** Whether a broker of this yard is running. */
  get brokerUp(): boolean {
    const file = join(this.data, 'kafka/pid')
    return existsSync(file) && existsSync(`/proc/${readFileSync(file, 'utf8').trim()}`)
  }

  /** The broker alone, found or started; gives its process id. */
  startBroker(): number {
    for (const folder of ['bin', 'data', 'logs', 'state', 'kafka', 'node']) {
      mkdirSync(join(this.data, folder), { recursive: true })
    }
    return Number(this.run(join(this.tools, 'broker/start.sh')))
  }

  /** Ends the broker and waits until it is gone, so that the next run does not find it dying. */
  async stopBroker(pid: number): Promise<void> {
    process.kill(pid)
    const endMs = Date.now() + BROKER_PATIENCE_MS
    while (this.brokerUp && Date.now() < endMs) await wait(50)
  }

  /** Everything that all runs share; a second call finds it done. Gives the broker's process id. */
  prepare(modules: string): number {
    const broker = this.startBroker()
    // The peers on Node run on our own copy of Node, kafkajs and avsc: the same versions, nothing fetched.
    const shared = join(this.data, 'node/node_modules')
    if (!existsSync(shared)) symlinkSync(modules, shared)
    if (!existsSync(this.#peers))
      this.run('go', '-C', join(this.tools, 'go'), 'build', '-o', this.#peers, '.')
    if (!existsSync(this.#records)) this.run(this.#peers, 'csv', this.#records)
    if (!existsSync(this.#expected)) {
      this.run('python3', join(this.tools, 'oracle.py'), this.#records, this.#expected)
    }
    this.#load()
    return broker
  }

  async emptySignals(): Promise<void> {
    this.run(this.#peers, 'topic', 'delete', 'bench.signals')
    await wait(DELETION_MS)
    this.run(this.#peers, 'topic', 'create', 'bench.signals', '6')
  }

  verify(): string {
    return this.run(this.#peers, 'verify', this.#expected)
  }

  /** A Redis of this run alone, as durable as ours has to be. `stop` ends it and drops its data. */
  async startRedis(run: string): Promise<{ readonly pid: number; stop(): Promise<void> }> {
    if (await connects(REDIS_PORT)) {
      throw new Error(
        `port ${REDIS_PORT} is taken: another run of a bench has its Redis there; wait until it has ended`,
      )
    }
    const folder = join(this.data, 'state', run)
    mkdirSync(folder, { recursive: true })
    const settings =
      `--port ${REDIS_PORT} --bind 127.0.0.1 --appendonly yes --appendfsync everysec ` +
      `--maxmemory-policy noeviction --daemonize no --dir ${folder} --logfile ${folder}/redis.log`
    const server = spawn('redis-server', [...settings.split(' '), '--save', ''], { stdio: 'ignore' })
    await answers(REDIS_PORT, server)
    return {
      pid: server.pid ?? 0,
      stop: async () => {
        const ended = new Promise((resolve) => server.once('exit', resolve))
        server.kill()
        await ended
        rmSync(folder, { recursive: true })
      },
    }
  }

  #load(): void {
    const loaded = join(this.data, 'data/loaded')
    if (existsSync(loaded)) return
    this.run(this.#peers, 'topic', 'create', 'bench.responses', '6')
    this.run(this.#peers, 'load')
    writeFileSync(loaded, '')
  }
}

async function answers(port: number, server: ChildProcess): Promise<void> {
  const endMs = Date.now() + REDIS_PATIENCE_MS
  while (Date.now() < endMs && server.exitCode === null) {
    if (await connects(port)) return
    await wait(50)
  }
  server.kill()
  throw new Error(`redis-server does not answer on port ${port}`)
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
