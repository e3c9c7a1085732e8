/**
 * How much memory very many accounts take: the yardstick's features over accounts that all stay in memory, through
 * the engine's tasks, with a Redis behind that takes every commit. Each account sends one request every few minutes
 * of one hour of event time. Ends with 1 where the process passes the bound, or where anything had to be read back
 * from the store.
 *
 *   npm run bench -- resident [--accounts 1000000] [--records 20] [--bound-mib 1024]
 *
 * Not measured: Kafka (records are made here and handed to the tasks, so their making is in the CPU figure), latency,
 * an account's facts and recent event ids, detectors that fire. Needs redis-server.
 */
import { resolve } from 'node:path'
import { cpuUsage, memoryUsage } from 'node:process'
import { parseArgs } from 'node:util'
import { pause } from '../src/cli/pause.ts'
import { systemClock } from '../src/domain/clock.ts'
import { acquireTask } from '../src/engine/acquire-task.ts'
import { silentObserver } from '../src/engine/observer.ts'
import { defaultEngineOptions } from '../src/engine/options.ts'
import { noProbe } from '../src/engine/probe.ts'
import type { SourceRecord } from '../src/engine/record.ts'
import type { EngineServices } from '../src/engine/services.ts'
import { Turns } from '../src/engine/turns.ts'
import type { PartitionWorker } from '../src/engine/partition-worker.ts'
import { MemoryLog } from '../src/log/memory/memory-log.ts'
import { partitionOf } from '../src/log/murmur2.ts'
import { RedisStateStore } from '../src/state/redis/redis-state-store.ts'
import { highWaterMiB } from './proc.ts'
import { writeResponse } from './yardstick/response.ts'
import { RESPONSES, SIGNALS, yardstickTopology } from './yardstick/topology.ts'
import { REDIS_URL, Yard } from './yardstick/yard.ts'

const PARTITIONS = 6
const START_MS = 1_767_225_600_000
const HOUR_MS = 3_600_000
const BATCH_RECORDS = 1_000
const MIB = 1_048_576

interface Plan {
  readonly accounts: number
  readonly records: number
}

/** One partition: its task, and the records that it will be given next. */
interface Home {
  readonly task: PartitionWorker
  nextOffset: number
  batch: SourceRecord[]
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      accounts: { type: 'string', default: '1000000' },
      records: { type: 'string', default: '20' },
      'bound-mib': { type: 'string', default: '1024' },
    },
  })
  const plan = { accounts: Number(values.accounts), records: Number(values.records) }
  const data = resolve(import.meta.dirname, '../.cache/resident')
  const redis = await new Yard(data, data).startRedis(`resident-${process.pid}`)
  const store = new RedisStateStore({ url: REDIS_URL, prefix: 'resident', commandTimeoutMs: 10_000 })
  try {
    const began = cpuUsage()
    const { peakRssMiB, loads } = await run(store, plan)
    const { user, system } = cpuUsage(began)
    const millions = (plan.accounts * plan.records) / 1e6
    const cpuSecondsPerMillion = Number(((user + system) / 1e6 / millions).toFixed(2))
    const redisPeakRssMiB = highWaterMiB(redis.pid)
    console.log(JSON.stringify({ ...plan, peakRssMiB, redisPeakRssMiB, loads, cpuSecondsPerMillion }))
    return peakRssMiB <= Number(values['bound-mib']) && loads === 0
  } finally {
    await store.close()
    await redis.stop()
  }
}

/** Sends all rounds through the tasks. `loads`: how often the store was asked for states. */
async function run(store: RedisStateStore, plan: Plan): Promise<{ peakRssMiB: number; loads: number }> {
  let loads = 0
  const services = await servicesOf(store, () => loads++)
  const marks = { taken: () => undefined, signal: () => undefined }
  const topology = yardstickTopology(`resident-${process.pid}`, false, marks)
  const homes = await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition): Promise<Home> => {
      return { task: await acquireTask(services, topology, partition, null), nextOffset: 0, batch: [] }
    }),
  )
  for (let round = 0; round < plan.records; round++) {
    await sendRound(homes, plan, round)
    const rss = Math.round(memoryUsage.rss() / MIB)
    console.log(`round ${round + 1} of ${plan.records}: ${rss} MiB`)
  }
  for (const { task } of homes) await task.stop()
  return { peakRssMiB: highWaterMiB(process.pid), loads }
}

async function sendRound(homes: readonly Home[], { accounts, records }: Plan, round: number): Promise<void> {
  for (let account = 0; account < accounts; account++) {
    const key = Buffer.from(`acct-${String(account).padStart(7, '0')}`)
    const partition = partitionOf(key, PARTITIONS)
    const home = homes[partition]
    if (home === undefined) continue
    const timeMs = START_MS + Math.floor(((round + account / accounts) * HOUR_MS) / records)
    home.batch.push({
      topic: RESPONSES,
      partition,
      offset: home.nextOffset++,
      appendTimeMs: timeMs,
      key,
      value: writeResponse(responseOf(String(key), account, round, timeMs)),
      headers: {},
    })
    if (home.batch.length === BATCH_RECORDS) await handOver(home)
  }
  for (const home of homes) await handOver(home)
}

/** Four addresses and sixteen templates an account, as in the yardstick. */
function responseOf(accountId: string, account: number, round: number, timeMs: number) {
  return {
    eventId: `${account}-${round}`,
    accountId,
    timeMs,
    clientAddress: `10.${account & 255}.${(account >> 8) & 255}.${(round * 7) % 4}`,
    gpuSeconds: (256 + ((account + round * 977) % 3_841)) / 1_024,
    templateHash: `${account}/${(round * 5) % 16}`.padStart(32, '0'),
  }
}

async function handOver(home: Home): Promise<void> {
  const records = home.batch
  home.batch = []
  const { task, nextOffset } = home
  const batch = { topic: RESPONSES, partition: task.partition, records, count: records.length, bytes: 0 }
  task.offer({ ...batch, nextOffset, highWatermark: nextOffset })
  for (;;) if (!(await task.step()).worked) return
}

async function servicesOf(store: RedisStateStore, onLoad: () => void): Promise<EngineServices> {
  const log = new MemoryLog({ clock: systemClock, autoDeliver: false, batchRecords: BATCH_RECORDS })
  for (const topic of [RESPONSES, SIGNALS]) log.createTopic(topic, PARTITIONS)
  return {
    log,
    store,
    publisher: await log.publisher(),
    clock: systemClock,
    pause,
    partitionOf,
    observer: silentObserver,
    probe: {
      reach: (point, side) => (point === 'load' && side === 'before' ? onLoad() : noProbe.reach(point, side)),
    },
    options: { ...defaultEngineOptions, cacheMaxBytes: 1_024 * MIB },
    turns: Turns.inThread(),
  }
}

process.exitCode = (await main()) ? 0 : 1
