/**
 * Every scenario of this folder through the real pipeline (capacity, usage, enforcement) in memory: what must
 * fire fires in time, and nothing else does.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadBundle, type Bundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import type { Signal } from '../../src/domain/signal.ts'
import { scenarioEvents } from '../../src/simulate/scenario-events.ts'
import { scenarioFileSchema, type Scenario } from '../../src/simulate/scenario.ts'

const FOLDER = 'test/scenarios'
const START_MS = Date.UTC(2026, 5, 1, 9)
const STEP_MS = 30_000
const SETTLE_MS = 5 * 60_000
const flows = loadFlows()
const bundle: Bundle = loadBundle('topologies')

const files = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({
    file,
    content: scenarioFileSchema.parse(parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))),
  }))

describe.each(files)('$file', ({ file, content }) => {
  it('is named after its detector, which exists', () => {
    expect(file).toBe(`${content.detector}.yaml`)
    const known = bundle.topologies.flatMap((topology) => topology.detectors.map((detector) => detector.id))
    expect(known).toContain(content.detector)
  })

  it('has one that fires, two near misses and an evasion', () => {
    const kinds = content.scenarios.map((scenario) => scenario.kind)
    expect(kinds).toContain('fires')
    expect(kinds).toContain('evasion')
    expect(kinds.filter((kind) => kind === 'nearMiss').length).toBeGreaterThanOrEqual(2)
  })

  it.each(content.scenarios)('$name', async (scenario) => {
    const signals = await signalsOf(scenario)
    const found = signals.map((signal) => `${signal.detectorId} ${signal.actor.accountId}`)
    expect([...new Set(found)].sort()).toEqual(
      scenario.must.map((must) => `${must.signal} ${must.account}`).sort(),
    )
    for (const must of scenario.must) expectInTime(signals, must)
  })
})

function expectInTime(signals: readonly Signal[], must: Scenario['must'][number]): void {
  const first = signals.find(
    (signal) => signal.detectorId === must.signal && signal.actor.accountId === must.account,
  )
  const afterMs = (first?.occurredAtMs ?? NaN) - START_MS
  expect(afterMs).toBeGreaterThanOrEqual(must.after)
  expect(afterMs).toBeLessThanOrEqual(must.before)
}

async function signalsOf(scenario: Scenario): Promise<Signal[]> {
  const platform = await EmbeddedPlatform.start({
    flows,
    bundle,
    hashKey: { id: 'test', secret: Buffer.from('a key for scenarios') },
    classifier: null,
    startMs: START_MS,
    onDetectorOff: (detectorId, error) => {
      throw new Error(`${detectorId} threw`, { cause: error })
    },
  })
  let nowMs = START_MS
  for (const event of scenarioEvents(scenario, START_MS, 7)) {
    while (event.atMs >= nowMs + STEP_MS) await platform.advance((nowMs += STEP_MS))
    platform.append(event.topic, event.value, event.atMs, event.key)
  }
  await platform.advance(nowMs + SETTLE_MS)
  const signals = await platform.taken('abuse.signals.v1')
  await platform.stop()
  return signals
}
