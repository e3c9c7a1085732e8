/** What `bailiff run` tells of trouble: enough for whoever is woken by it, and no flood. */
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { createEngineObserver, type Stalls } from '../../src/service/engine-observer.ts'
import { createMetrics, type Metrics } from '../../src/service/metrics.ts'

const MINUTE_MS = 60_000

describe('the observer of a topology', () => {
  let clock: ManualClock
  let metrics: Metrics
  let stalls: Stalls
  let told: string[]
  let observer: ReturnType<typeof createEngineObserver>

  beforeEach(() => {
    clock = new ManualClock(1_000_000)
    metrics = createMetrics()
    stalls = new Map()
    told = []
    const tell = (fields: object, message: string) => void told.push(`${message} ${JSON.stringify(fields)}`)
    observer = createEngineObserver(
      'usage',
      metrics,
      { ...silentLogger, info: tell, warn: tell },
      stalls,
      clock,
    )
  })

  const exposed = (name: string): Promise<string> => metrics.registry.getSingleMetricAsString(name)

  it('tells once that a service is away, with the setting to look at, and once that it is back', () => {
    for (const partition of [0, 1, 2, 0, 1, 2])
      observer.stalled(partition, 'redis', `refused at ${partition}`)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/waiting for redis.*goes on by itself.*REDIS_URL.*refused at 0/)
    for (const partition of [0, 1]) observer.stalled(partition, null, '')
    expect(told).toHaveLength(1)
    observer.stalled(2, null, '')
    expect(told.slice(1)).toEqual(['no longer waiting for redis {"service":"redis"}'])
  })

  it.each([
    ['redis', "OOM command not allowed when used memory > 'maxmemory'.", /Redis is full.*maxmemory/],
    ['redis', 'NOREPLICAS Not enough good replicas to write.', /takes no writes/],
    ['redis', 'not connected: connect ECONNREFUSED', /Is Redis there.*REDIS_URL/],
    ['kafka', 'listing topics: socket disconnected before secure TLS connection', /KAFKA_SSL/],
    ['kafka', 'listing topics: connect ECONNREFUSED', /Is Kafka there.*KAFKA_BROKERS/],
  ])('says of %s what its answer tells a person to look at: %s', (service, reason, advice) => {
    observer.stalled(0, service, reason)
    expect(told[0]).toMatch(advice)
  })

  it('does not say that a service is back where the last that waited for it was let go', () => {
    observer.stalled(0, 'kafka', 'publishing took too long')
    observer.released(0)
    expect(told.slice(1)).toEqual([
      'no partition here waits for kafka any more: the last was let go {"service":"kafka"}',
      'task released {"partition":0}',
    ])
  })

  it('keeps no gauge of a partition that has gone: it would wake somebody for ever', async () => {
    observer.acquired(3, 'resumed', 5)
    observer.lag('inference.usage.v1', 3, 17)
    observer.cached(3, 5, 500)
    observer.stored(3, { cells: 5, bytes: 500 }, false)
    observer.stalled(3, 'kafka', 'publishing took too long')
    expect(await exposed('bailiff_stalled')).toContain('partition="3"} 1')
    observer.released(3)
    expect(stalls.size).toBe(0)
    for (const name of ['stalled', 'consumer_lag_records', 'state_entries', 'state_bytes', 'store_bytes'])
      expect(await exposed(`bailiff_${name}`)).not.toContain('partition="3"')
  })

  it('tells of the first records that are set aside for one reason, and that there are more, each minute', async () => {
    const reject = (offset: number): void =>
      observer.rejected(
        { topic: 'inference.usage.v1', partition: 0, offset },
        { stage: 'validate', reason: 'future', detail: 'an hour ahead' },
      )
    for (let offset = 0; offset < 5_000; offset++) reject(offset)
    expect(told).toHaveLength(21)
    expect(told[0]).toMatch(/record set aside.*"offset":0/)
    expect(told[20]).toMatch(/more records.*dlq\.inference\.usage\.v1/)
    clock.advanceTo(clock.now() + MINUTE_MS)
    reject(5_000)
    expect(told[21]).toMatch(/record set aside.*"offset":5000/)
    expect(await exposed('bailiff_dlq_records_total')).toContain('} 5001')
  })

  it('says once a minute that many records come too late, and where they go', () => {
    for (let record = 0; record < 20; record++) observer.late('inference.usage.v1')
    expect(told).toEqual([])
    for (let record = 0; record < 500; record++) observer.late('inference.usage.v1')
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/later than their source allows.*clock.*late\.inference\.usage\.v1/)
  })
})
