/**
 * The yardstick: one exact job over two million responses, in our engine and in peers, one after the other on the
 * same broker. Each run counts only with all 2,144 signals exact; the last line is one JSON object of all figures.
 *
 *   npm run bench -- yardstick [PEER...] [--data FOLDER] [--repeats]
 *
 * PEER: `bailiff`; `kafka-streams` (exactly once, RocksDB, commits each 100 ms); `kafkajs-memory` (the bound: no
 * guarantee at all); or another that `yardstick/peers/run.sh` knows. Without any, these three. The job is written
 * down in `yardstick/peers/JOB.md`. Needs go, java 17, maven, python 3, redis-server.
 *
 * Not measured: latency, a steady rate, more than one broker, replication, a schema registry, our own codec (six
 * fields are projected by hand, as in the peers), metrics, classification, the ladder, several processes, kill -9.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isExact, readFigures, type Figures } from './yardstick/figures.ts'
import { BROKER, REDIS_URL, Yard } from './yardstick/yard.ts'

const ROOT = resolve(import.meta.dirname, '..')
const LIMIT_S = '900'

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: join(ROOT, '.cache/yardstick') },
      repeats: { type: 'boolean', default: false },
    },
  })
  const yard = new Yard(join(import.meta.dirname, 'yardstick/peers'), resolve(values.data))
  const foundUp = yard.brokerUp
  console.log('preparing: tools, broker, two million records')
  const broker = yard.prepare(join(ROOT, 'node_modules'))
  try {
    const peers = positionals.length > 0 ? positionals : ['bailiff', 'kafka-streams', 'kafkajs-memory']
    const figures = await runAll(yard, broker, peers, values.repeats ? ['--repeats'] : [])
    console.log(JSON.stringify(figures))
    return Object.values(figures).every(isExact)
  } finally {
    if (!foundUp) await yard.stopBroker(broker)
  }
}

async function runAll(
  yard: Yard,
  broker: number,
  peers: readonly string[],
  args: readonly string[],
): Promise<Readonly<Record<string, Figures>>> {
  const figures: Record<string, Figures> = {}
  for (const peer of peers) {
    console.log(`running ${peer}`)
    const output = peer === 'bailiff' ? await runBailiff(yard, broker, args) : runPeer(yard, peer)
    console.log(output.trim())
    figures[peer] = readFigures(output)
  }
  return figures
}

function runPeer(yard: Yard, peer: string): string {
  return yard.run(join(yard.tools, 'run.sh'), peer === 'kafka-streams' ? 'streams-rocksdb' : peer)
}

async function runBailiff(yard: Yard, broker: number, args: readonly string[]): Promise<string> {
  const run = `bailiff-${Date.now()}`
  await yard.emptySignals()
  const redis = await yard.startRedis(run)
  try {
    const measure = [join(yard.tools, 'measure.py'), 'bailiff', '--limit', LIMIT_S]
    const watched = ['--broker', String(broker), '--also', String(redis.pid)]
    const job = [
      process.execPath,
      ...process.execArgv,
      join(import.meta.dirname, 'yardstick/job.ts'),
      run,
      BROKER,
      REDIS_URL,
      ...args,
    ]
    return yard.run('python3', ...measure, ...watched, '--', ...job) + yard.verify()
  } finally {
    await redis.stop()
  }
}

process.exitCode = (await main()) ? 0 : 1
