/** A producer with librdkafka's default partitioner (crc32) beside one with Java's: noticed, told once, nothing lost. */
import { crc32 } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger, type Logger } from '../../src/domain/logger.ts'
import { createEngineObserver } from '../../src/service/engine-observer.ts'
import { createMetrics, type Metrics } from '../../src/service/metrics.ts'
import { createHarness, drain, recordsOf, START_MS, startRunner } from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const PARTITIONS = 6

describe('a source whose producers disagree on where keys belong', () => {
  let metrics: Metrics
  let told: { readonly fields: object; readonly message: string }[]
  let warnings: number

  beforeEach(() => {
    metrics = createMetrics()
    told = []
    warnings = 0
  })

  /** Works off records that were placed by murmur2 and by crc32; gives how many were set aside. */
  async function work(murmur2: number, byCrc32: number): Promise<number> {
    const logger: Logger = {
      ...silentLogger,
      warn: () => void warnings++,
      error: (fields, message) => void told.push({ fields, message }),
    }
    const harness = createHarness()
    for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) {
      harness.log.createTopic(name, PARTITIONS)
    }
    const record = (name: string) => ({
      key: Buffer.from(name),
      value: amountValue({ id: name, atMs: START_MS, amount: 1 }),
      headers: {},
    })
    for (let n = 0; n < murmur2; n++) harness.log.append(numbers, record(`java-${n}`), START_MS)
    for (let n = 0; n < byCrc32; n++) {
      const one = record(`rdkafka-${n}`)
      harness.log.appendTo(numbers, crc32(one.key) % PARTITIONS, one, START_MS)
    }
    const observer = createEngineObserver('tally', metrics, logger, new Map(), systemClock)
    const services = { ...(await harness.services()), observer }
    const runner = await startRunner(services, tallyTopology({ limit: 10, closing: false }))
    await drain(harness.log, runner)
    return (await recordsOf(harness.log, `dlq.${numbers}`)).length
  }

  const exposed = (): Promise<string> => metrics.registry.metrics()

  it('is told once, with its share and what to do, and shows in a metric', async () => {
    const setAside = await work(500, 300)
    expect(setAside).toBeGreaterThan(200)
    expect(told).toHaveLength(1)
    expect(told[0]?.fields).toMatchObject({ topic: numbers })
    expect(told[0]?.message).toMatch(/partitioner=murmur2_random.*dead-letter topic/)
    expect(warnings).toBeLessThan(25)
    expect(await exposed()).toContain('bailiff_source_disagrees{topology="tally",topic="numbers.v1"} 1')
    expect(await exposed()).toMatch(
      new RegExp(`bailiff_dlq_records_total\\{.*reason="wrongPartition"\\} ${setAside}`),
    )
  })

  it('is not told for a few records that went astray', async () => {
    expect(await work(500, 10)).toBeGreaterThan(4)
    expect(told).toEqual([])
    expect(await exposed()).not.toContain('bailiff_source_disagrees{')
  })
})
