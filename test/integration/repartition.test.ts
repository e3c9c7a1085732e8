/** Partitions added to real topics, state moved in a real Redis: sums go on, each said once. */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import { repartition, type RepartitionPlan } from '../../src/engine/repartition.ts'
import { untilAvailable } from '../../src/engine/retry.ts'
import { Runner } from '../../src/engine/runner.ts'
import { groupMembers, groupPositions } from '../../src/log/kafka/admin.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { taskPlan } from '../../src/cli/compose/plans.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { until } from '../support/until.ts'
import { engineOn } from './engine-on.ts'
import { kafkaLogOptions, KafkaStrangers } from './log-fixtures.ts'

const { numbers, out } = TALLY_TOPICS
const TOPICS = [numbers, out, `late.${numbers}`, `dlq.${numbers}`]
/** One window, whenever a minute ends. */
const AT_MS = Date.now()
const PREFIX = 'repartition:'
const TORN_PREFIX = 'repartition-torn:'
const KEYS = Array.from({ length: 60 }, (_, n) => `key-${n}`)

describeIntegration('repartition on real servers', () => {
  const strangers = new KafkaStrangers()
  const base = tallyTopology({ limit: 10, closing: false })
  const topology = { ...base, name: `tally-${randomUUID()}` }
  let store: RedisStateStore
  let log: KafkaLog

  beforeAll(async () => {
    await strangers.connect()
    await strangers.admin.createTopics({
      topics: TOPICS.map((topic) => ({ topic, numPartitions: 2 })),
      waitForLeaders: true,
    })
    store = new RedisStateStore({
      url: services().redisUrl,
      prefix: PREFIX,
      commandTimeoutMs: 10_000,
    })
    log = new KafkaLog(kafkaLogOptions(), systemClock, silentLogger)
  })

  afterAll(async () => {
    await log.close()
    await store.close()
    await strangers.disconnect()
  })

  async function write(amount: number, partitions: number): Promise<void> {
    for (const key of KEYS) {
      const value = amountValue({ id: randomUUID(), atMs: AT_MS, amount })
      await strangers.write(numbers, partitionOf(Buffer.from(key), partitions), [
        { key: Buffer.from(key), value, headers: {} },
      ])
    }
  }

  /** The brokers elect leaders of new partitions a moment later. */
  function available<T>(operation: () => Promise<T>): Promise<T> {
    const patient = { observer: silentObserver, pause: (ms: number) => setTimeout(ms) }
    return untilAvailable(patient, -1, () => false, operation)
  }

  /** Runs the topology until all that was written has been processed, and `done` says so. */
  async function run(records: number, whileRunning: () => Promise<void>): Promise<void> {
    let processed = 0
    const engine = await engineOn(log, store, (records) => void (processed += records))
    const runner = new Runner(engine, taskPlan(engine, topology))
    await runner.start()
    const ended = Promise.withResolvers<undefined>()
    const running = runner.run(ended.promise)
    await Promise.race([until('all is processed', () => processed >= records, 60_000), running])
    await whileRunning()
    ended.resolve(undefined)
    await running
    await runner.stop()
  }

  /** A copy of the store in which Redis has done the last commit of one task in part: it is told, and gone without on demand. */
  async function expectTornRefused(plan: RepartitionPlan): Promise<void> {
    const redis = new Redis(services().redisUrl)
    const torn = new RedisStateStore({
      url: services().redisUrl,
      prefix: TORN_PREFIX,
      commandTimeoutMs: 10_000,
    })
    try {
      for (const key of await redis.keys(`${PREFIX}{${topology.name}:*`)) {
        await redis.copy(key, TORN_PREFIX + key.slice(PREFIX.length))
      }
      await redis.hincrby(`${TORN_PREFIX}{${topology.name}:1}:m`, 'begun', 1)
      const move = (withoutLost: boolean) =>
        available(() => repartition({ log, store: torn, partitionOf }, { ...plan, withoutLost }))
      await expect(move(false)).rejects.toThrow(`lost state of ${topology.name}/1,`)
      const { movedCells, ...moved } = await move(true)
      expect(moved).toMatchObject({ from: 2, to: 5, lost: [1], done: true })
      expect(movedCells).toBeGreaterThan(5)
    } finally {
      await torn.close()
      await redis.quit()
    }
  }

  it('moves what a live group had kept, and refuses to while it lives', async () => {
    const group = `bailiff.${topology.name}`
    await write(9, 2)
    await run(KEYS.length, async () => expect(await groupMembers(strangers.kafka, group)).toBe(1))
    expect(await groupMembers(strangers.kafka, group)).toBe(0)
    await strangers.admin.createPartitions({ topicPartitions: TOPICS.map((topic) => ({ topic, count: 5 })) })
    const plan = {
      topology: topology.name,
      stateVersion: topology.stateVersion,
      sources: [numbers],
      outputs: [out],
      committed: await groupPositions(strangers.kafka, group, [numbers]),
      withoutLost: false,
      dryRun: false,
      progress: () => undefined,
    }
    await log.close()
    log = new KafkaLog(kafkaLogOptions(), systemClock, silentLogger)
    await expectTornRefused(plan)
    const move = () => repartition({ log, store, partitionOf }, plan)
    const moved = await available(move)
    expect(moved).toMatchObject({ from: 2, to: 5, cells: 60, done: true })
    expect(moved.movedCells).toBeGreaterThan(25)
    // kafkajs drops what is written to a partition that its producer has not heard of.
    await strangers.disconnect()
    await strangers.connect()
    await write(2, 5)
    await run(KEYS.length, () => Promise.resolve())
    const said: string[] = []
    for (let partition = 0; partition < 5; partition++) {
      for await (const record of log.readToEnd(out, partition, 0)) said.push(record.key?.toString() ?? '')
    }
    expect(said.sort()).toEqual([...KEYS].sort())
  })
})
