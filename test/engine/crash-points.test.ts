/**
 * A crash before and after every await of acquire, commit and publish. The points are not typed here: the test
 * counts how often the engine's own hooks are reached in an undisturbed run, then crashes at each of them.
 */
import { describe, expect, it } from 'vitest'
import type { Probe, ProbePoint } from '../../src/engine/probe.ts'
import {
  createHarness,
  drain,
  START_MS,
  startRunner,
  valuesOf,
  type Harness,
} from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const topology = tallyTopology({ limit: 10, closing: true })

class Crash extends Error {}

/** Counts the hooks, and throws at the one with the given number; dead from then on. */
function crashingAt(number: number): Probe & { reached: number; points: Set<ProbePoint> } {
  const probe = {
    reached: 0,
    points: new Set<ProbePoint>(),
    reach: (point: ProbePoint) => {
      probe.points.add(point)
      if (probe.reached++ >= number) throw new Crash(point)
    },
  }
  return probe
}

function createInput(): Harness {
  const harness = createHarness({ commitMaxDirtyKeys: 4, chunkRecords: 5, cacheMaxBytes: 300 })
  for (const topic of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(topic, 2)
  for (let n = 0; n < 120; n++) {
    const key = `k${n % 10}`
    const value =
      n % 37 === 0
        ? Buffer.from('damaged')
        : amountValue({ id: `i${n}`, atMs: START_MS + n * 1_500, amount: 2 })
    harness.log.append(numbers, { key: Buffer.from(key), value, headers: {} }, START_MS + n * 1_500)
  }
  return harness
}

/** Runs to the end, or to the crash; tells whether it crashed. */
async function runOnce(harness: Harness, probe: Probe): Promise<boolean> {
  const runner = startRunner(await harness.services(probe), topology)
  try {
    const started = await runner
    await drain(harness.log, started)
    await started.stop()
    return false
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    await harness.log.close()
    return true
  }
}

describe('crash points', () => {
  it('nothing is lost and nothing doubled, wherever the owner dies (P2, P3)', async () => {
    const undisturbed = createInput()
    const counting = crashingAt(Infinity)
    expect(await runOnce(undisturbed, counting)).toBe(false)
    const expected = [...(await valuesOf(undisturbed.log, out))].sort()
    expect(counting.reached).toBeGreaterThan(40)
    for (let number = 0; number < counting.reached; number++) {
      const harness = createInput()
      await runOnce(harness, crashingAt(number))
      await runOnce(harness, crashingAt(Infinity))
      expect([...(await valuesOf(harness.log, out))].sort(), `crash at hook ${number}`).toEqual(expected)
    }
  })

  it('two crashes in a row, at every pair of a coarse grid', async () => {
    const undisturbed = createInput()
    await runOnce(undisturbed, crashingAt(Infinity))
    const expected = [...(await valuesOf(undisturbed.log, out))].sort()
    for (let first = 3; first < 80; first += 7) {
      for (let second = 1; second < 40; second += 5) {
        const harness = createInput()
        await runOnce(harness, crashingAt(first))
        await runOnce(harness, crashingAt(second))
        await runOnce(harness, crashingAt(Infinity))
        expect([...(await valuesOf(harness.log, out))].sort(), `crashes at ${first} and ${second}`).toEqual(
          expected,
        )
      }
    }
  })
})
