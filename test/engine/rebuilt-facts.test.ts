/** A lost store whose facts come first, from a compacted source: they move no time (rebuild.ts, B2). */
import { expect, it } from 'vitest'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import { drain, START_MS, startRunner } from '../support/engine-harness.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { withLogic } from '../support/with-logic.ts'

const { numbers, words } = TALLY_TOPICS

it('lets each timer find what it found before the store was lost', async () => {
  const harness = tallyHarness()
  const add = (topic: string, atMs: number): void => {
    const value = amountValue({ id: `a@${atMs}`, atMs: START_MS + atMs, amount: 1 })
    harness.log.append(topic, { key: Buffer.from('a'), value, headers: {} }, START_MS + atMs)
  }
  for (const atMs of [0, 30_000, 70_000]) add(numbers, atMs)
  add(words, 3_600_000)

  const found: string[] = []
  const base = tallyTopology({ limit: 1_000, closing: true }, [words, numbers])
  const sources = base.sources.map((source) => ({ ...source, compacted: source.topic === words }))
  const topology = withLogic({ ...base, sources }, (logic) => ({
    onTimer: (timer, tally, context) => {
      found.push([...tally.sums.values()].join('+'))
      logic.onTimer(timer, tally, context)
    },
    // What has been said is not known: every timer is set again.
    fold: () => null,
  }))
  const work = async (): Promise<readonly string[]> => {
    const services = { ...(await harness.services()), store: new MemoryStateStore() }
    const runner = await startRunner(services, topology)
    await drain(harness.log, runner)
    await runner.stop()
    return found.splice(0)
  }
  expect(await work()).toEqual(['2', '2+1'])
  // The fact's own minute comes first; the first minute is still told whole.
  expect(await work()).toEqual(['1+2'])
})
