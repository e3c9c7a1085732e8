/** Partitions that are added to a source while a topology with state runs: it is told without a record that lies elsewhere. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { taskPlan } from '../../src/cli/compose/plans.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { RefusedError } from '../../src/engine/errors.ts'
import { Runner } from '../../src/engine/runner.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { amountValue, tallyTopology } from '../support/tally-topology.ts'
import { until } from '../support/until.ts'
import { engineOn } from './engine-on.ts'
import { kafkaLogOptions, KafkaStrangers } from './log-fixtures.ts'

/** What a process ends with. */
type End = Promise<unknown>

const PARTITIONS = 2
/** A key of each partition. */
const KEYS = [0, 1].map((partition) => {
  const keys = Array.from({ length: 100 }, (_, n) => Buffer.from(`key-${n}`))
  return keys.find((key) => partitionOf(key, PARTITIONS) === partition) ?? Buffer.alloc(0)
})

describeIntegration('a running topology whose source gains partitions', () => {
  const strangers = new KafkaStrangers()
  const cleaning: (() => Promise<unknown>)[] = []
  let store: RedisStateStore

  beforeAll(async () => {
    await strangers.connect()
    store = new RedisStateStore({ url: services().redisUrl, prefix: 'grown:', commandTimeoutMs: 10_000 })
  })

  afterAll(async () => {
    for (const clean of cleaning.splice(0).reverse()) await clean()
    await store.close()
    await strangers.disconnect()
  })

  /** Processes of one topology over two partitions, each with its own and with state; gives what each of them ends with. */
  async function running(processes: number, sources: readonly string[]): Promise<readonly End[]> {
    const topology = {
      ...tallyTopology({ limit: 10, closing: false }, sources),
      name: `tally-${randomUUID()}`,
    }
    const runners: Runner[] = []
    let processed = 0
    for (let at = 0; at < processes; at++) {
      const log = new KafkaLog({ ...kafkaLogOptions(), metadataMaxAgeMs: 1_000 }, systemClock, silentLogger)
      cleaning.push(() => log.close())
      const engine = await engineOn(log, store, (records) => void (processed += records))
      const runner = new Runner(engine, taskPlan(engine, { ...topology, outputs: [] }))
      cleaning.push(() => runner.stop())
      await runner.start()
      runners.push(runner)
    }
    const ends = runners.map((runner) =>
      runner.run(new Promise(() => undefined)).catch((error: unknown) => error),
    )
    const held = (): number[] => runners.map((runner) => runner.assignment.ready.length)
    await until('each has its own', () => held().every((count) => count === PARTITIONS / processes), 30_000)
    for (const [partition, key] of KEYS.entries()) {
      const value = amountValue({ id: randomUUID(), atMs: Date.now(), amount: 1 })
      await strangers.write(sources[0] ?? '', partition, [{ key, value, headers: {} }])
    }
    await until('all have state', () => processed === PARTITIONS, 30_000)
    return ends
  }

  it('refuses to go on in every process, also where none of the new ones comes to it', async () => {
    const source = await strangers.createTopic('grown', PARTITIONS)
    const ends = await running(2, [source])
    await strangers.admin.createPartitions({ topicPartitions: [{ topic: source, count: 3 }] })
    for (const error of await Promise.all(ends)) {
      expect(error).toBeInstanceOf(RefusedError)
      expect(String(error)).toMatch(/have 3 partitions, its state was written for 2: keys have moved/)
    }
  })

  it('says so where one of two sources has gained them', async () => {
    const sources = [
      await strangers.createTopic('grown', PARTITIONS),
      await strangers.createTopic('grown', PARTITIONS),
    ]
    const ends = await running(1, sources)
    await strangers.admin.createPartitions({ topicPartitions: [{ topic: sources[0] ?? '', count: 3 }] })
    const [error] = await Promise.all(ends)
    expect(error).toBeInstanceOf(RefusedError)
    expect(String(error)).toMatch(/must have equally many partitions/)
  })
})
