/** What a membership asks of kafkajs' consumer, which keeps it in the group and is to do nothing else. */
import { Kafka, type Consumer, type ConsumerConfig, type ConsumerRunConfig } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { KafkaMembership } from '../../src/log/kafka/membership.ts'
import { defaultKafkaLogOptions, type KafkaLogOptions } from '../../src/log/kafka/options.ts'

/** A client whose consumers connect to nothing and write down what they are asked for. */
class WatchedKafka extends Kafka {
  readonly configs: ConsumerConfig[] = []
  readonly runs: ConsumerRunConfig[] = []

  override consumer(config: ConsumerConfig): Consumer {
    this.configs.push(config)
    return {
      ...super.consumer(config),
      connect: () => Promise.resolve(),
      subscribe: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      run: async (run) => void this.runs.push(run ?? {}),
    }
  }
}

async function joined(options: Partial<KafkaLogOptions>): Promise<WatchedKafka> {
  const kafka = new WatchedKafka({ brokers: ['127.0.0.1:1'] })
  const services = {
    kafka,
    options: { ...defaultKafkaLogOptions, brokers: ['127.0.0.1:1'], ...options },
    clock: systemClock,
    logger: silentLogger,
    committed: () => Promise.resolve([]),
  }
  const membership = new KafkaMembership(services, {
    group: 'bailiff.usage',
    topics: ['inference.usage.v1'],
    onAssigned: () => undefined,
    onBatch: () => undefined,
    onStopped: () => undefined,
  })
  await membership.join()
  await membership.leave()
  return kafka
}

const member = ({ configs }: WatchedKafka): ConsumerConfig | undefined =>
  configs.find(({ groupId }) => groupId === 'bailiff.usage')

describe('a membership', () => {
  it.each([50, 100, 30_000])(
    'whose fetches may wait %i ms lets the loop of kafkajs wait 200 ms at most (trap 13)',
    async (fetchWaitMs) => {
      const waitMs = member(await joined({ fetchWaitMs }))?.maxWaitTimeInMs
      expect(waitMs).toBeGreaterThan(0)
      expect(waitMs).toBeLessThanOrEqual(200)
    },
  )

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
