/** Every scenario of a set, in order. */
import type { Flows } from '../../codec/schema-files.ts'
import type { Scenario, ScenarioFile } from '../../simulate/scenario.ts'
import type { Bundle } from '../../topology/bundle.ts'
import { runScenario, type ScenarioOutcome } from './run-scenario.ts'

export interface Tested {
  readonly detector: string
  readonly scenario: Scenario
  readonly outcome: ScenarioOutcome
}

export interface Progress {
  /** Before each. */
  begins(at: string): void
  /** After each. */
  tested(one: Tested): void
}

export async function runScenarios(
  flows: Flows,
  bundle: Bundle,
  files: readonly ScenarioFile[],
  progress: Progress,
): Promise<readonly Tested[]> {
  const total = files.reduce((sum, file) => sum + file.scenarios.length, 0)
  const all: Tested[] = []
  for (const { detector, scenarios } of files) {
    for (const scenario of scenarios) {
      progress.begins(`${all.length}/${total} ${detector}: ${scenario.name}`)
      const one = { detector, scenario, outcome: await runScenario(flows, bundle, scenario) }
      progress.tested(one)
      all.push(one)
    }
  }
  return all
}

/** What is not as the scenarios say, a line each. */
export function missLines({ detector, scenario, outcome }: Tested): readonly string[] {
  return outcome.misses.map(
    (miss) => `${detector}: ${scenario.name}: ${miss.detectorId} of ${miss.accountId} ${miss.message}`,
  )
}
