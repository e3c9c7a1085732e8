/** Every scenario of this folder, as `bailiff test` runs it; each is as it says. */
import { describe, expect, it } from 'vitest'
import { readBundle } from '../../src/cli/compose/bundle.ts'
import { runScenario } from '../../src/cli/scenarios/run-scenario.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'

const flows = loadFlows()
const { bundle, scenarios, problems } = readBundle('topologies', 'test/scenarios', flows.table)

it('the topologies and their scenarios have no mistake', () => {
  expect(problems).toEqual([])
})

describe.each(scenarios)('$detector', ({ scenarios: own }) => {
  it.each(own)('$name', async (scenario) => {
    if (bundle === null) throw new Error('mistakes come first')
    expect((await runScenario(flows, bundle, scenario)).misses).toEqual([])
  })
})
