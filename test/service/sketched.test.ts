/** Keys are minted until a sketch stands before the store: who operates it reads so in the metrics (P7). */
import { expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { createEngineObserver } from '../../src/service/engine-observer.ts'
import { createMetrics } from '../../src/service/metrics.ts'
import { KeySketch } from '../../src/windows/key-sketch.ts'
import { createHarness, drain, START_MS, startRunner } from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS

it('metrics say that a sketch has taken over, and how many records met nothing else', async () => {
  const metrics = createMetrics()
  const harness = createHarness({ storeMaxCells: 100, sketchThreshold: 4 })
  for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(name, 1)
  const services = {
    ...(await harness.services()),
    observer: createEngineObserver('tally', metrics, silentLogger, new Map(), systemClock),
    keyCounter: () => new KeySketch(60_000),
  }
  const runner = await startRunner(services, tallyTopology({ limit: 10, closing: false }))
  const mint = async (keys: number, round: string): Promise<void> => {
    for (let n = 0; n < keys; n++) {
      const value = amountValue({ id: `${round}-${n}`, atMs: START_MS, amount: 1 })
      harness.log.append(numbers, { key: Buffer.from(`${round}-${n}`), value, headers: {} }, START_MS)
    }
    await drain(harness.log, runner)
    harness.clock.advanceTo(harness.clock.now() + 10_000)
  }
  const exposed = async (name: string): Promise<number> => {
    const lines = (await metrics.registry.metrics()).split('\n')
    return Number(lines.find((line) => line.startsWith(`${name}{`))?.split(' ')[1])
  }

  await mint(10, 'honest')
  expect(await exposed('bailiff_store_guarded')).toBe(0)
  for (let round = 0; round < 5; round++) await mint(80, `minted-${round}`)
  expect(await exposed('bailiff_store_guarded')).toBe(1)
  expect(await exposed('bailiff_records_sketched_total')).toBeGreaterThan(200)
})
