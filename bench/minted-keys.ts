/**
 * Somebody mints keys, one record each, as fast as the log takes them, while honest keys go on: memory here and in
 * Redis stays within the configured bounds, and every honest key is still found.
 *
 *   KAFKA_BROKERS=... REDIS_URL=... npm run bench -- minted-keys [--keys 500000]
 *
 * Last line: one JSON object. Does not measure: Bailiff's own topologies (one counter a key stands for their state),
 * several processes, or what the producer costs, which runs in this process too.
 */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { taskPlan } from '../src/cli/compose/plans.ts'
import { pause } from '../src/cli/pause.ts'
import { systemClock } from '../src/domain/clock.ts'
import { silentLogger } from '../src/domain/logger.ts'
import { UNDIVIDED, type StateCodec, type Topology } from '../src/engine/logic.ts'
import { silentObserver, type Observer } from '../src/engine/observer.ts'
import { defaultEngineOptions } from '../src/engine/options.ts'
import { noProbe } from '../src/engine/probe.ts'
import { Runner } from '../src/engine/runner.ts'
import type { EngineServices } from '../src/engine/services.ts'
import { ObjectShelf } from '../src/engine/shelf.ts'
import { Turns } from '../src/engine/turns.ts'
import { createTopics } from '../src/log/kafka/admin.ts'
import { KafkaLog } from '../src/log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions } from '../src/log/kafka/options.ts'
import { javaPartitioner } from '../src/log/kafka/partitioner.ts'
import { partitionOf } from '../src/log/murmur2.ts'
import { RedisStateStore } from '../src/state/redis/redis-state-store.ts'
import { KeySketch } from '../src/windows/key-sketch.ts'

const PARTITIONS = 2
const HONEST = 500
/** An honest key is found once it has come so often. */
const FOUND_AT = 20
const BATCH = 5_000
const MIB = 1024 * 1024
const OPTIONS = {
  ...defaultEngineOptions,
  cacheMaxBytes: 16 * MIB,
  storeMaxCells: 40_000,
  storeMaxBytes: 64 * MIB,
}

interface Tally {
  count: number
  saved: number
}

const codec: StateCodec<Tally> = {
  create: () => ({ count: 0, saved: 0 }),
  decode: (_key, cells) => {
    const count = Number(cells.get('facts')?.toString() ?? '0')
    return { count, saved: count }
  },
  changes: (tally, write) => {
    if (tally.count === tally.saved) return
    write({ name: 'facts', expiresAtMs: null }, Buffer.from(String(tally.count)))
    tally.saved = tally.count
  },
  shelf: () => new ObjectShelf(),
  sizeBytes: () => 200,
  release: () => undefined,
}

function countingTopology(name: string): Topology<Tally, null> {
  return {
    name,
    stateVersion: 1,
    edition: 0,
    sources: [
      {
        topic: `${name}.in`,
        latenessMs: 3_600_000,
        maxFutureMs: 3_600_000,
        lateTopic: null,
        deadLetterTopic: `${name}.dlq`,
        compacted: false,
      },
    ],
    outputs: [`${name}.out`],
    logic: () => ({
      state: codec,
      layout: UNDIVIDED,
      prepare: () => Promise.resolve(),
      decode: ({ key, appendTimeMs }) => ({
        outcome: 'event',
        key: key?.toString() ?? '',
        timeMs: appendTimeMs,
        body: null,
      }),
      process: ({ key }, tally, context) => {
        if (++tally.count !== FOUND_AT) return
        context.emit({ topic: `${name}.out`, key, value: Buffer.from(key), headers: {} })
      },
      onTimer: () => undefined,
      fold: () => null,
    }),
  }
}

/** What is looked at while it runs. */
interface Seen {
  processed: number
  sketched: number
  mostCells: number
  mostStoreBytes: number
  mostRssBytes: number
  guarded: boolean
}

function witness(seen: Seen): Observer {
  const cells = new Map<number, number>()
  const bytes = new Map<number, number>()
  const sum = (of: Map<number, number>): number => [...of.values()].reduce((all, one) => all + one, 0)
  return {
    ...silentObserver,
    processed: (_topic, records) => void (seen.processed += records),
    sketched: () => {
      seen.sketched++
      seen.guarded = true
    },
    stored: (partition, size, guarded) => {
      cells.set(partition, size.cells)
      bytes.set(partition, size.bytes)
      seen.mostCells = Math.max(seen.mostCells, sum(cells))
      seen.mostStoreBytes = Math.max(seen.mostStoreBytes, sum(bytes))
      seen.mostRssBytes = Math.max(seen.mostRssBytes, process.memoryUsage.rss())
      seen.guarded ||= guarded
    },
  }
}

/** Minted keys once each, honest keys spread evenly over them until each has come often enough. */
async function produce(producer: Producer, topic: string, minted: number): Promise<number> {
  let sent = 0
  const rounds = FOUND_AT + 5
  for (let round = 0; round < rounds; round++) {
    const honest = Array.from({ length: HONEST }, (_, n) => ({ key: `honest-${n}`, value: '1' }))
    const [from, end] = [round, round + 1].map((at) => Math.round((at / rounds) * minted))
    const attack = Array.from({ length: (end ?? 0) - (from ?? 0) }, (_, n) => ({
      key: `minted-${(from ?? 0) + n}`,
      value: '1',
    }))
    const messages = [...honest, ...attack]
    for (let at = 0; at < messages.length; at += BATCH) {
      await producer.send({ topic, messages: messages.slice(at, at + BATCH) })
    }
    sent += messages.length
  }
  return sent
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { keys: { type: 'string', default: '500000' } },
    allowPositionals: true,
  })
  const keys = Number(values.keys)
  const brokers = (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:19092').split(',')
  const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:16379'
  const name = `minted-${randomUUID()}`
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const topics = ['in', 'out', 'dlq'].map((end) => `${name}.${end}`)
  const plain = { partitions: PARTITIONS, replicationFactor: -1, configs: {} }
  await createTopics(
    admin,
    topics.map((topic) => ({ name: topic, ...plain })),
  )
  const producer = kafka.producer({ createPartitioner: javaPartitioner })
  await producer.connect()
  const redis = new Redis(redisUrl)
  const used = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? '0')
  const redisBefore = await used()
  const seen: Seen = {
    processed: 0,
    sketched: 0,
    mostCells: 0,
    mostStoreBytes: 0,
    mostRssBytes: 0,
    guarded: false,
  }
  const log = new KafkaLog({ ...defaultKafkaLogOptions, brokers }, systemClock, silentLogger)
  const store = new RedisStateStore({ url: redisUrl, prefix: `${name}:`, commandTimeoutMs: 10_000 })
  const services: EngineServices = {
    log,
    store,
    publisher: await log.publisher(),
    clock: systemClock,
    pause,
    partitionOf,
    keyCounter: () => new KeySketch(60_000),
    observer: witness(seen),
    probe: noProbe,
    options: OPTIONS,
    turns: Turns.inThread(),
  }
  const runner = new Runner(services, taskPlan(services, countingTopology(name)))
  await runner.start()
  const ended = Promise.withResolvers<undefined>()
  const running = runner.run(ended.promise)
  const startMs = Date.now()
  const sent = await produce(producer, `${name}.in`, keys)
  while (seen.processed + seen.sketched < sent) await pause(100)
  const seconds = (Date.now() - startMs) / 1_000
  ended.resolve(undefined)
  await running
  await runner.stop()
  const found = new Set<string>()
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const { key } of log.readToEnd(`${name}.out`, partition, 0)) found.add(key?.toString() ?? '')
  }
  const redisAfter = await used()
  await admin.deleteTopics({ topics })
  const left = await redis.keys(`${name}:*`)
  if (left.length > 0) await redis.unlink(...left)
  await Promise.all([admin.disconnect(), producer.disconnect(), redis.quit(), log.close(), store.close()])
  const honestFound = [...found].filter((key) => key.startsWith('honest')).length
  const result = {
    mintedKeys: keys,
    seconds: Math.round(seconds),
    recordsPerSecond: Math.round(sent / seconds),
    sketchTookOver: seen.guarded,
    recordsSketched: seen.sketched,
    mostCells: seen.mostCells,
    boundCells: PARTITIONS * OPTIONS.storeMaxCells,
    storeMiB: Math.round((seen.mostStoreBytes / MIB) * 10) / 10,
    redisGrownMiB: Math.round(((redisAfter - redisBefore) / MIB) * 10) / 10,
    peakRssMiB: Math.round(seen.mostRssBytes / MIB),
    honestFound,
    honest: HONEST,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
  if (honestFound !== HONEST || seen.mostCells > result.boundCells) process.exitCode = 1
}

await main()
