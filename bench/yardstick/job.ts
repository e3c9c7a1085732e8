/**
 * The yardstick's job in our engine, one process, six tasks: Kafka in, state in Redis, exactly-once out, a
 * checkpoint every 100 ms. Prints `FIRST <ms>` at the first record and `DONE <ms> records <n> ...` when the last
 * one's commit and signals stand, which is how the peers are measured.
 *
 *   node bench/yardstick/job.ts NAME BROKER REDIS_URL [--repeats]
 *
 * `--repeats` also notes recent event ids per account, as `usage` does in production.
 */
import { taskPlan } from '../../src/cli/compose/plans.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { Logger } from '../../src/domain/logger.ts'
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import { defaultEngineOptions } from '../../src/engine/options.ts'
import { noProbe } from '../../src/engine/probe.ts'
import { Runner } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { RECORDS } from '../yardstick-stream.ts'
import { yardstickTopology } from './topology.ts'

const COMMAND_TIMEOUT_MS = 5_000

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
}

/** Counts the run and knows when it is over. */
class Progress {
  readonly finished = Promise.withResolvers<undefined>()
  late = 0
  signals = 0
  commits = 0
  cells = 0
  cellBytes = 0
  #records = 0
  #begun = false

  first(): void {
    if (this.#begun) return
    this.#begun = true
    console.log('FIRST', Date.now())
  }

  observer(): Observer {
    return {
      ...silentObserver,
      processed: (_topic, records) => this.#count(records),
      late: () => {
        this.late++
        this.#count(1)
      },
      rejected: (record, { detail }) => {
        throw new Error(`offset ${record.offset} of partition ${record.partition}: ${detail}`)
      },
      committed: (cells, bytes) => {
        this.commits++
        this.cells += cells
        this.cellBytes += bytes
      },
      stalled: (partition, service, reason) => console.error('stalled', partition, service, reason),
    }
  }

  #count(records: number): void {
    this.#records += records
    if (this.#records === RECORDS) this.finished.resolve(undefined)
  }

  tell(): void {
    const { late, signals, commits, cells, cellBytes } = this
    const figures = { records: this.#records, late, signals, commits, cells, cellBytes }
    console.log('DONE', Date.now(), ...Object.entries(figures).flat())
  }
}

async function main(name: string, broker: string, redisUrl: string, dropRepeats: boolean): Promise<void> {
  const progress = new Progress()
  const log = new KafkaLog({ ...defaultKafkaLogOptions, brokers: [broker] }, systemClock, logger)
  const store = new RedisStateStore({
    url: redisUrl,
    prefix: 'yardstick',
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
  })
  await store.verify()
  const services: EngineServices = {
    log,
    store,
    publisher: await log.publisher(),
    clock: systemClock,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    partitionOf,
    observer: progress.observer(),
    probe: noProbe,
    options: defaultEngineOptions,
  }
  const topology = yardstickTopology(name, dropRepeats, {
    first: () => progress.first(),
    signal: () => void progress.signals++,
  })
  const runner = new Runner(services, taskPlan(services, topology))
  await runner.start()
  await runner.run(progress.finished.promise)
  await runner.flush()
  progress.tell()
  await runner.stop()
  await log.close()
  await store.close()
}

const [name = 'yardstick', broker = '127.0.0.1:19192', redisUrl = 'redis://127.0.0.1:16398'] =
  process.argv.slice(2)
await main(name, broker, redisUrl, process.argv.includes('--repeats'))
