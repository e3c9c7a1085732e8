/**
 * Traps of kafkajs 2.2.4 that can be shown without a broker; docs/kafkajs.md names the test of every other one.
 */
import kafkajs, { logLevel } from 'kafkajs'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Logger } from '../../src/domain/logger.ts'
import { RefusedError } from '../../src/engine/errors.ts'
import { createKafka, producerRetry, READER_RETRY } from '../../src/log/kafka/client.ts'
import { afterCrash } from '../../src/log/kafka/crash.ts'
import { classified } from '../../src/log/kafka/failure.ts'
import { registerCodecs } from '../../src/log/kafka/codecs.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { javaPartitioner } from '../../src/log/kafka/partitioner.ts'
import { quietRequestQueues } from '../../src/log/kafka/quiet-queues.ts'

it('trap 5: a retried send, which asks for the partition again, is given the same one', () => {
  const partition = javaPartitioner()
  const leaders = [0, 1, 2, 3, 4].map((partitionId) => {
    return { partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] }
  })
  for (const message of [
    { key: null, value: 'v' },
    { key: 'k', value: 'v' },
    { partition: 3, value: 'v' },
  ]) {
    const asked = Array.from({ length: 20 }, () =>
      partition({ topic: 't', partitionMetadata: leaders, message }),
    )
    expect(new Set(asked).size).toBe(1)
  }
})

it('trap 7: a transaction that meets its predecessor waits milliseconds, not the 300 of the default', () => {
  expect(producerRetry(20_000).initialRetryTime).toBeLessThanOrEqual(20)
})

it('trap 21: a connection looks for requests that wait only while some do', () => {
  quietRequestQueues()
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const queue = new RequestQueue({ maxInFlightRequests: null, logger: { debug: () => undefined } })
  queue.checkPendingRequests()
  expect(vi.getTimerCount()).toBe(0)

  let sent = 0
  queue.maybeThrottle(200)
  queue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest: () => void sent++ })
  expect(sent).toBe(0)
  vi.advanceTimersByTime(250)
  expect(sent).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})

it.each(['Snappy', 'LZ4', 'ZSTD'] as const)('trap 23: %s, which kafkajs lacks, is known to it', (name) => {
  registerCodecs()
  expect(kafkajs.CompressionCodecs[kafkajs.CompressionTypes[name]]?.()).toBeDefined()
})

it('trap 26: what belongs to every rebalance is not shouted, nor is a crash, which its membership tells', () => {
  const told: string[] = []
  const tell = (level: string) => (_fields: object, message: string) => void told.push(`${level} ${message}`)
  const logger: Logger = {
    debug: tell('debug'),
    info: tell('info'),
    warn: tell('warn'),
    error: tell('error'),
  }
  const kafka = createKafka({ ...defaultKafkaLogOptions, brokers: ['127.0.0.1:1'] }, logger, READER_RETRY)
  kafka.logger().setLogLevel(logLevel.ERROR)
  kafka.logger().error('The group is rebalancing, so a rejoin is needed', { error: 'REBALANCE_IN_PROGRESS' })
  kafka.logger().error('Crash: KafkaJSNonRetriableError')
  expect(told).toEqual([
    'debug The group is rebalancing, so a rejoin is needed',
    'debug Crash: KafkaJSNonRetriableError',
  ])
})

it('trap 18: a consumer that kafkajs gives up over passing trouble is run again, over refusals it is not', () => {
  const crash = (name: string) => {
    return afterCrash({ error: Object.assign(new Error('crashed'), { name }), restart: false, groupId: 'g' })
  }
  expect(crash('KafkaJSConnectionError')).toBe('runAgain')
  expect(crash('KafkaJSGroupCoordinatorNotFound')).toBe('runAgain')
  expect(crash('KafkaJSSASLAuthenticationError')).toBeInstanceOf(RefusedError)
})

it.each([
  ['a wrong password', 'KafkaJSSASLAuthenticationError', ''],
  ['a listener that knows no SASL', 'KafkaJSProtocolError', 'ILLEGAL_SASL_STATE'],
])('%s is refused with the settings to look at, not waited for', (_what, name, type) => {
  const failure = classified(Object.assign(new Error('no'), { name, type }), 'listing topics')
  expect(failure).toBeInstanceOf(RefusedError)
  expect(failure.message).toMatch(/^listing topics: no\. .*KAFKA_SASL_PASSWORD.*KAFKA_BROKERS/)
})
