/** The yardstick's job, put together for one process: Kafka in and out, state in Redis, default options. */
import { taskPlan } from '../../src/cli/compose/plans.ts'
import { pause } from '../../src/cli/pause.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { Logger } from '../../src/domain/logger.ts'
import type { Observer } from '../../src/engine/observer.ts'
import { defaultEngineOptions } from '../../src/engine/options.ts'
import type { Probe } from '../../src/engine/probe.ts'
import { Runner } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { Turns } from '../../src/engine/turns.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { yardstickTopology, type JobTopics, type Marks } from './topology.ts'

const COMMAND_TIMEOUT_MS = 5_000

export const consoleLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
}

export interface JobPlan {
  readonly name: string
  readonly broker: string
  readonly redisUrl: string
  readonly dropRepeats: boolean
  readonly marks: Marks
  readonly observer: Observer
  readonly probe: Probe
  readonly topics?: JobTopics
  readonly fetchLingerMs?: number
}

export interface OpenJob {
  /** Not started. */
  readonly runner: Runner
  /** Stops the runner, then closes what it worked with. */
  readonly stop: () => Promise<void>
}

export async function openJob(plan: JobPlan): Promise<OpenJob> {
  const { observer, probe, fetchLingerMs = defaultKafkaLogOptions.fetchLingerMs } = plan
  const kafka = { ...defaultKafkaLogOptions, brokers: [plan.broker], fetchLingerMs }
  const log = new KafkaLog(kafka, systemClock, consoleLogger)
  const store = new RedisStateStore({
    url: plan.redisUrl,
    prefix: 'yardstick',
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
  })
  await store.verify()
  const services: EngineServices = {
    log,
    store,
    publisher: await log.publisher(),
    clock: systemClock,
    pause,
    partitionOf,
    observer,
    probe,
    options: defaultEngineOptions,
    turns: Turns.inThread(),
  }
  const topology = yardstickTopology(plan.name, plan.dropRepeats, plan.marks, plan.topics)
  const runner = new Runner(services, taskPlan(services, topology))
  return {
    runner,
    stop: async () => {
      await runner.stop()
      await log.close()
      await store.close()
    },
  }
}
