/**
 * What a commit of 1,000 cells costs in Redis, for cells of 25 and of 400 bytes: through the store, and the same
 * script and arguments through ioredis' own encoder, turn by turn. Prints CPU milliseconds per commit of this
 * process and of the server's main thread, the median of the turns.
 *
 * Needs a Redis of its own: it writes under the prefix `bench:` and does not clean up. Not measured here: making
 * the cells, commits with outputs or timers, several tasks at once, a disk that is slow (the server's background
 * threads sync the file), time.
 *
 *   node bench/commit.ts REDIS_URL [turns = 9]
 */
import { cpuUsage } from 'node:process'
import { Redis } from 'ioredis'
import type { Commit, StateCell } from '../src/engine/state-store.ts'
import { RedisStateStore } from '../src/state/redis/redis-state-store.ts'
import { COMMIT_SCRIPT } from '../src/state/redis/scripts.ts'
import { commitCall, taskKeys } from '../src/state/redis/task-keys.ts'

const CELLS = 1_000
const KEYS = 20_000
const COMMITS_A_TURN = 60
const PREFIX = 'bench:'
const TIMEOUT_MS = 60_000

const [url, turns = '9'] = process.argv.slice(2)
if (url === undefined) {
  console.error('usage: npm run bench -- commit REDIS_URL [turns]')
  process.exit(2)
}
const redis = new Redis(url)
const store = new RedisStateStore({ url, prefix: PREFIX, commandTimeoutMs: TIMEOUT_MS })

type Writer = (commit: Commit) => Promise<string>

function writers(topology: string): Readonly<Record<string, Writer>> {
  const task = { topology, partition: 0 }
  return {
    ioredis: async (commit) => {
      const { keys, values } = commitCall(taskKeys(PREFIX, task), commit)
      const args = [COMMIT_SCRIPT.sha1, String(keys.length), ...keys, ...values]
      return String(await redis.callBuffer('EVALSHA', args))
    },
    bailiff: (commit) => store.commit(task, commit),
  }
}

function cells(commit: number, bytes: number): readonly StateCell[] {
  return Array.from({ length: CELLS }, (_, index) => ({
    slot: `1h:${index % 2}`,
    key: `acct-${String((commit * CELLS + index * 7) % KEYS).padStart(6, '0')}`,
    value: Buffer.alloc(bytes, index),
  }))
}

/** CPU seconds of the server's main thread so far. */
async function serverSeconds(): Promise<number> {
  const info = await redis.info('cpu')
  const of = (name: string): number => Number(new RegExp(`${name}_main_thread:([\\d.]+)`).exec(info)?.[1])
  return of('used_cpu_user') + of('used_cpu_sys')
}

/** Makes commits on top of each other; their cells are made before the clock runs. */
class Turns {
  readonly #epoch: number
  readonly #bytes: number
  #sequence = 0

  constructor(epoch: number, bytes: number) {
    this.#epoch = epoch
    this.#bytes = bytes
  }

  /** Milliseconds per commit of this process and of the server. */
  async run(write: Writer): Promise<readonly [number, number]> {
    const commits = Array.from({ length: COMMITS_A_TURN }, () => this.#next())
    const serverBefore = await serverSeconds()
    const before = cpuUsage()
    for (const commit of commits) if ((await write(commit)) !== 'committed') throw new Error('fenced')
    const { user, system } = cpuUsage(before)
    const server = (await serverSeconds()) - serverBefore
    return [(user + system) / 1_000 / COMMITS_A_TURN, (server * 1_000) / COMMITS_A_TURN]
  }

  #next(): Commit {
    const previousSequence = this.#sequence++
    return {
      epoch: this.#epoch,
      previousSequence,
      nonce: String(previousSequence),
      meta: Buffer.alloc(300, 'm'),
      puts: cells(previousSequence, this.#bytes),
      deletes: [],
      dropSlots: [],
      setTimers: [],
      clearTimers: [],
      outbox: null,
      acknowledged: [],
    }
  }
}

function median(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor(sorted.length / 2)] ?? NaN).toFixed(2)
}

await redis.script('LOAD', COMMIT_SCRIPT.text)
for (const bytes of [25, 400]) {
  const topology = `commit-${Date.now()}-${bytes}`
  const { epoch } = await store.acquire({ topology, partition: 0 })
  const made = new Turns(epoch, bytes)
  const costs = Object.entries(writers(topology)).map(([name, write]) => ({
    name,
    write,
    all: new Array<readonly [number, number]>(),
  }))
  for (let turn = 0; turn <= Number(turns); turn++) {
    for (const { write, all } of costs) {
      const cost = await made.run(write)
      if (turn > 0) all.push(cost)
    }
  }
  for (const { name, all } of costs) {
    const [client, server] = [median(all.map(([ms]) => ms)), median(all.map(([, ms]) => ms))]
    console.log(
      `${bytes} bytes ${name.padEnd(8)} client ${client} ms, server ${server} ms per ${CELLS} cells`,
    )
  }
}
redis.disconnect()
await store.close()
