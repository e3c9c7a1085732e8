/** A harness whose log has all topics of the tally (tally-topology.ts): its sources, its outputs, and what is set aside. */
import type { EngineOptions } from '../../src/engine/options.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { createHarness, type Harness } from './engine-harness.ts'
import { TALLY_TOPICS } from './tally-topology.ts'

export function tallyHarness(
  options: Partial<EngineOptions> = {},
  partitions = 1,
  store?: StateStore,
): Harness {
  const harness = createHarness(options, store)
  const { numbers, words, out } = TALLY_TOPICS
  for (const topic of [numbers, words, out]) {
    for (const name of [topic, `late.${topic}`, `dlq.${topic}`]) harness.log.createTopic(name, partitions)
  }
  return harness
}
