/**
 * One scenario through the real pipeline (capacity, usage, enforcement) in memory, and what is to be said of it:
 * what must fire fires in time, and nothing else does. The same file gives the same outcome, always.
 */
import type { Flows } from '../../codec/schema-files.ts'
import type { Signal } from '../../domain/signal.ts'
import { scenarioEvents } from '../../simulate/scenario-events.ts'
import type { Scenario } from '../../simulate/scenario.ts'
import type { Bundle } from '../../topology/bundle.ts'
import { EmbeddedPlatform } from '../compose/embedded-platform.ts'
import { missesOf, type Miss } from './expectation.ts'
import { watched, type Look } from './watch.ts'

/** When scenarios begin. */
export const START_MS = Date.UTC(2026, 5, 1, 9)
const STEP_MS = 30_000
const SETTLE_MS = 5 * 60_000
const SEED = 7

export interface ScenarioOutcome {
  readonly misses: readonly Miss[]
  /** Every judgement of the detectors that missed, in order; empty where nothing did. */
  readonly looks: readonly Look[]
}

export async function runScenario(
  flows: Flows,
  bundle: Bundle,
  scenario: Scenario,
): Promise<ScenarioOutcome> {
  const misses = missesOf(scenario.must, await signalsOf(flows, bundle, scenario), START_MS)
  if (misses.length === 0) return { misses, looks: [] }
  const looks: Look[] = []
  const missed = misses.map((miss) => miss.detectorId)
  await signalsOf(
    flows,
    watched(bundle, missed, (look) => void looks.push(look)),
    scenario,
  )
  return { misses, looks }
}

async function signalsOf(flows: Flows, bundle: Bundle, scenario: Scenario): Promise<readonly Signal[]> {
  const platform = await EmbeddedPlatform.start({
    flows,
    bundle,
    hashKey: { id: 'scenario', secret: Buffer.from('a key for scenarios') },
    classifier: null,
    startMs: START_MS,
    onDetectorOff: (detectorId, error) => {
      throw new Error(`${detectorId} threw`, { cause: error })
    },
  })
  let nowMs = START_MS
  for (const event of scenarioEvents(scenario, START_MS, SEED)) {
    // Whatever is between two events happens in one step: nothing waits for the steps.
    if (event.atMs >= nowMs + STEP_MS) {
      nowMs += Math.floor((event.atMs - nowMs) / STEP_MS) * STEP_MS
      await platform.advance(nowMs)
    }
    platform.append(event.topic, event.value, event.atMs, event.key)
  }
  await platform.advance(nowMs + SETTLE_MS)
  const live = await platform.taken('abuse.signals.v1')
  const shadow = await platform.taken('abuse.signals.shadow.v1')
  await platform.stop()
  return [...live, ...shadow].sort((a, b) => a.occurredAtMs - b.occurredAtMs)
}
