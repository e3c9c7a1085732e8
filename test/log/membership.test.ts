/** What a membership asks of kafkajs' consumer, which keeps it in the group and is to do nothing else. */
import {
  type Consumer,
  type ConsumerConfig,
  type ConsumerCrashEvent,
  type ConsumerGroupJoinEvent,
  type ConsumerHeartbeatEvent,
  type ConsumerRunConfig,
  type PartitionAssigner,
} from 'kafkajs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger, type Logger } from '../../src/domain/logger.ts'
import { TransientError } from '../../src/engine/errors.ts'
import { KafkaClient } from '../../src/log/kafka/client.ts'
import { FetchCluster } from '../../src/log/kafka/cluster.ts'
import { KafkaMembership } from '../../src/log/kafka/membership.ts'
import { defaultKafkaLogOptions, type KafkaLogOptions } from '../../src/log/kafka/options.ts'
import { Outage } from '../../src/log/kafka/outage.ts'

const OPTIONS = { ...defaultKafkaLogOptions, brokers: ['127.0.0.1:1'] }

/** A client whose consumers connect to nothing and write down what they are asked for. */
class WatchedKafka extends KafkaClient {
  readonly configs: ConsumerConfig[] = []
  readonly runs: ConsumerRunConfig[] = []
  /** `run` and `stop`, in order. */
  readonly calls: string[] = []
  /** What its own loop was told to leave alone. */
  readonly paused: string[] = []
  /** So many runs more fail, for want of a broker. */
  failures = 0
  /** Tells of a crash as kafkajs does. */
  crash: (error: Error) => void = () => undefined
  /** Tells of a heartbeat as kafkajs does. */
  beat: () => void = () => undefined
  /** Asks what the member says of itself, as kafkajs does when it joins. */
  askToJoin: () => void = () => undefined
  /** Tells of what the member is to hold, as kafkajs does. */
  assign: (memberAssignment: Record<string, number[]>) => void = () => undefined

  override consumer(config: ConsumerConfig): Consumer {
    this.configs.push(config)
    const partitionAssigners = (config.partitionAssigners ?? []).map((made): PartitionAssigner => (given) => {
      const assigner = made(given)
      if (given.groupId === 'bailiff.usage')
        this.askToJoin = () => void assigner.protocol({ topics: ['inference.usage.v1'] })
      return assigner
    })
    const consumer = super.consumer({ ...config, partitionAssigners })
    return {
      ...consumer,
      connect: () => Promise.resolve(),
      subscribe: () => Promise.resolve(),
      // As kafkajs does while it is joining: nothing, and without a word.
      commitOffsets: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      run: async (run) => {
        this.calls.push('run')
        this.runs.push(run ?? {})
        if (this.failures-- > 0) throw Object.assign(new Error('away'), { name: 'KafkaJSConnectionError' })
      },
      stop: async () => void this.calls.push('stop'),
      pause: (topics) => {
        this.paused.push(...topics.map(({ topic, partitions }) => `${topic} ${partitions?.join() ?? 'all'}`))
      },
      on: (name, listener) => {
        if (hearsJoins(name, listener)) this.assign = (assignment) => listener(groupJoined(assignment))
        if (hearsBeats(name, listener)) this.beat = () => listener(heartbeat())
        if (hearsCrashes(name, listener)) this.crash = (error) => listener(crashed(error))
        return consumer.on(name, listener)
      },
    }
  }
}

function hearsCrashes(name: string, listener: unknown): listener is (event: ConsumerCrashEvent) => void {
  return name === 'consumer.crash' && typeof listener === 'function'
}

function hearsBeats(name: string, listener: unknown): listener is (event: ConsumerHeartbeatEvent) => void {
  return name === 'consumer.heartbeat' && typeof listener === 'function'
}

function heartbeat(): ConsumerHeartbeatEvent {
  const payload = { groupId: 'bailiff.usage', memberId: 'm', groupGenerationId: 1 }
  return { id: 'beat', type: 'consumer.heartbeat', timestamp: 0, payload }
}

function hearsJoins(name: string, listener: unknown): listener is (event: ConsumerGroupJoinEvent) => void {
  return name === 'consumer.group_join' && typeof listener === 'function'
}

function groupJoined(memberAssignment: Record<string, number[]>): ConsumerGroupJoinEvent {
  const names = { groupId: 'bailiff.usage', memberId: 'm', leaderId: 'm', groupProtocol: 'ours' }
  const payload = { ...names, duration: 0, isLeader: true, memberAssignment }
  return { id: 'join', type: 'consumer.group_join', timestamp: 0, payload }
}

function crashed(error: Error): ConsumerCrashEvent {
  const payload = { error, groupId: 'bailiff.usage', restart: false }
  return { id: 'crash', type: 'consumer.crash', timestamp: 0, payload }
}

async function joined(options: Partial<KafkaLogOptions>): Promise<WatchedKafka> {
  const { kafka, membership } = await joining(options)
  await membership.leave()
  return kafka
}

async function joining(options: Partial<KafkaLogOptions>, logger: Logger = silentLogger) {
  const stopped: unknown[] = []
  const kafka = new WatchedKafka({ brokers: ['127.0.0.1:1'] })
  const services = {
    kafka,
    cluster: new FetchCluster(kafka, OPTIONS),
    options: { ...OPTIONS, ...options },
    clock: systemClock,
    logger,
    outage: new Outage(systemClock, logger),
    committed: () => Promise.resolve([]),
  }
  const membership = new KafkaMembership(services, {
    group: 'bailiff.usage',
    topics: ['inference.usage.v1'],
    onAssigned: () => undefined,
    onBatch: () => undefined,
    onStopped: (error) => void stopped.push(error),
  })
  await membership.join()
  return { kafka, membership, stopped }
}

const member = ({ configs }: WatchedKafka): ConsumerConfig | undefined =>
  configs.find(({ groupId }) => groupId === 'bailiff.usage')

describe('a membership', () => {
  it('says that positions were not told, where kafkajs tells nobody and says nothing (trap 41)', async () => {
    const { membership } = await joining({})
    const position = { topic: 'inference.usage.v1', partition: 0, offset: 3, metadata: '' }
    await expect(membership.commitOffsets([position])).rejects.toThrow(TransientError)
    await membership.leave()
  })

  it.each([50, 100, 30_000])(
    'whose fetches may wait %i ms lets the loop of kafkajs wait 200 ms at most (trap 13)',
    async (fetchWaitMs) => {
      const waitMs = member(await joined({ fetchWaitMs }))?.maxWaitTimeInMs
      expect(waitMs).toBeGreaterThan(0)
      expect(waitMs).toBeLessThanOrEqual(200)
    },
  )

  it('leaves nothing of what it is assigned to the loop of kafkajs, in the event itself (trap 10)', async () => {
    const { kafka, membership } = await joining({})
    kafka.assign({ 'inference.usage.v1': [0, 3] })
    expect(kafka.paused).toEqual(['inference.usage.v1 0,3'])
    await membership.leave()
  })

  it('sends ten heartbeats a session, from a loop that no batch holds up (trap 16)', async () => {
    const kafka = await joined({ sessionTimeoutMs: 6_000 })
    expect(member(kafka)).toMatchObject({ sessionTimeout: 6_000, heartbeatInterval: 600 })
    for (const { eachBatch, eachMessage } of kafka.runs) {
      expect(eachMessage).toBeUndefined()
      // Takes nothing, and so can do nothing with it.
      expect(eachBatch).toHaveLength(0)
    }
    expect(kafka.runs).toHaveLength(1)
  })
})

describe('a membership of which nothing is heard (K5, trap 37)', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const quick = { sessionTimeoutMs: 6_000 }
  const runs = ({ calls }: WatchedKafka) => calls.filter((call) => call === 'run').length

  it('is run again a session later, by us, once', async () => {
    const { kafka, membership } = await joining(quick)
    kafka.assign({})
    await vi.advanceTimersByTimeAsync(6_000)
    expect(runs(kafka)).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(kafka.calls).toEqual(['run', 'stop', 'run'])
    // Whoever joins anew says so first; nobody is waited for until then.
    await vi.advanceTimersByTimeAsync(60_000)
    expect(runs(kafka)).toBe(2)
    await membership.leave()
  })

  it('is left alone while its heart beats', async () => {
    const { kafka, membership } = await joining(quick)
    kafka.assign({})
    for (let beats = 0; beats < 5; beats++) {
      await vi.advanceTimersByTimeAsync(5_000)
      kafka.beat()
    }
    expect(runs(kafka)).toBe(1)
    await vi.advanceTimersByTimeAsync(7_000)
    expect(runs(kafka)).toBe(2)
    await membership.leave()
  })

  it('has as long to join as the others may take', async () => {
    const { kafka, membership } = await joining({ ...quick, rebalanceTimeoutMs: 20_000 })
    kafka.assign({})
    await vi.advanceTimersByTimeAsync(1)
    kafka.askToJoin()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(runs(kafka)).toBe(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(runs(kafka)).toBe(2)
    await membership.leave()
  })

  it('is not run again once it has left', async () => {
    const { kafka, membership } = await joining(quick)
    kafka.assign({})
    await membership.leave()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(kafka.calls).toEqual(['run'])
  })

  it('keeps no process alive that has left it, however soon', async () => {
    const { membership } = await joining(quick)
    await membership.leave()
    await vi.advanceTimersByTimeAsync(1)
    const other = await joining(quick)
    await vi.advanceTimersByTimeAsync(1)
    await other.membership.leave()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a membership whose consumer has crashed (K4, trap 33)', () => {
  const trouble = (): Error => Object.assign(new Error('no broker'), { name: 'KafkaJSConnectionError' })
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is run again by us alone', async () => {
    const { kafka } = await joining({})
    expect(await member(kafka)?.retry?.restartOnFailure?.(trouble())).toBe(false)
    kafka.crash(trouble())
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kafka.calls).toEqual(['run', 'stop', 'run'])
  })

  it('is run once, where it joins anew before it is run again', async () => {
    const { kafka, membership } = await joining({})
    kafka.crash(trouble())
    await membership.rejoin()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kafka.calls).toEqual(['run', 'stop', 'run'])
  })

  it('is run again once, however often it is told of', async () => {
    const { kafka } = await joining({})
    kafka.crash(trouble())
    kafka.crash(trouble())
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kafka.calls).toEqual(['run', 'stop', 'run'])
  })

  it('is run until it runs, and nobody takes that for the end', async () => {
    const { kafka, stopped } = await joining({})
    kafka.failures = 2
    kafka.crash(trouble())
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kafka.calls).toEqual(['run', 'stop', 'run', 'stop', 'run', 'stop', 'run'])
    expect(stopped).toEqual([])
  })

  it('has as long as it takes to join anew: whoever cannot is told by kafkajs', async () => {
    const { kafka, membership } = await joining({ sessionTimeoutMs: 6_000 })
    kafka.assign({})
    await vi.advanceTimersByTimeAsync(1)
    kafka.crash(trouble())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(kafka.calls).toEqual(['run', 'stop', 'run'])
    await membership.leave()
  })

  it('is told of until it has joined anew', async () => {
    const told: string[] = []
    const note = (_fields: object, message: string) => void told.push(message)
    const logger = { debug: note, info: note, warn: note, error: note }
    const { kafka } = await joining({}, logger)
    kafka.crash(trouble())
    await vi.advanceTimersByTimeAsync(1_000)
    const before = told.length
    expect(before).toBeGreaterThan(0)
    kafka.assign({})
    expect(told.length).toBe(before + 1)
  })

  it('is stopped before it is run again, also where the crash is told while it joins anew', async () => {
    const { kafka, membership } = await joining({})
    const rejoined = membership.rejoin()
    kafka.crash(trouble())
    await rejoined
    await vi.advanceTimersByTimeAsync(10_000)
    expect(kafka.calls).toEqual(['run', 'stop', 'run', 'stop', 'run'])
  })
})
