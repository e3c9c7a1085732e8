/**
 * `bailiff test`: the scenarios of detectors through the real pipeline in memory. Exit 1 where one is not as it
 * says, with what its condition read over time; exit 2 where a file has mistakes.
 */
import { existsSync } from 'node:fs'
import { loadFlows } from '../../codec/schema-files.ts'
import type { ScenarioFile } from '../../simulate/scenario.ts'
import { renderProblem } from '../../topology/problem.ts'
import { readBundle, scenarioFolderOf } from '../compose/bundle.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { looksTable } from '../scenarios/looks-table.ts'
import { runScenarios, type Tested } from '../scenarios/run-scenarios.ts'

export interface TestOptions {
  /** Ids of detectors, or beginnings of them; all where there are none. */
  readonly only: readonly string[]
  /** Null: beside the topologies, under `test/scenarios`. */
  readonly scenarios: string | null
  readonly json: boolean
}

/** @param named the folder of topologies; null: that of the settings */
export async function test(
  context: CommandContext,
  named: string | null,
  options: TestOptions,
): Promise<number> {
  if (named !== null && !existsSync(named))
    throw new CommandError(`There is no folder ${named}; --only ${named} chooses detectors.`, EXIT.usage)
  const folder = named ?? context.settings.topologiesFolder
  const flows = loadFlows({}, context.settings.schemasFolder)
  const checked = readBundle(folder, options.scenarios ?? scenarioFolderOf(folder), flows.table)
  if (checked.bundle === null) {
    const told = checked.problems.map((problem) => renderProblem(problem))
    const first = `These mistakes come first (topologies: ${folder}):`
    throw new CommandError([first, ...told].join('\n'), EXIT.usage)
  }
  const files = chosen(checked.scenarios, options.only)
  if (files.length === 0) throw new CommandError('There are no scenarios.', EXIT.usage)
  const { bundle } = checked
  const tested = await runScenarios(flows, bundle, files, {
    begins: (at) => context.stderr.status(at),
    tested: (one) => {
      if (!options.json) tell(context, bundle, one)
    },
  })
  const failed = tested.filter(({ outcome }) => outcome.misses.length > 0).length
  if (options.json) context.print(JSON.stringify(report(tested)))
  else context.stderr.line(`${tested.length - failed} scenarios passed, ${failed} failed`)
  return failed === 0 ? EXIT.ok : EXIT.failed
}

function chosen(files: readonly ScenarioFile[], wanted: readonly string[]): readonly ScenarioFile[] {
  const unknown = wanted.filter((one) => !files.some(({ detector }) => detector.startsWith(one)))
  if (unknown.length > 0) {
    const known = files.map(({ detector }) => `  ${detector}`)
    throw new CommandError(
      [`No scenarios of ${unknown.join(', ')}; there are those of:`, ...known].join('\n'),
      EXIT.usage,
    )
  }
  return wanted.length === 0
    ? files
    : files.filter(({ detector }) => wanted.some((one) => detector.startsWith(one)))
}

function tell(
  context: CommandContext,
  bundle: Parameters<typeof looksTable>[0],
  { detector, scenario, outcome }: Tested,
): void {
  const { stdout } = context
  const passed = outcome.misses.length === 0
  const mark = passed ? stdout.paint('green', 'pass') : stdout.paint('red', 'FAIL')
  context.stderr.status('')
  stdout.line(`${mark}  ${detector}: ${scenario.name}`)
  for (const miss of outcome.misses) {
    stdout.line(`      ${miss.detectorId} of ${miss.accountId} ${miss.message}`)
    for (const line of looksTable(bundle, miss, outcome.looks)) stdout.line(`        ${line}`)
  }
}

function report(tested: readonly Tested[]): object {
  const failed = tested.filter(({ outcome }) => outcome.misses.length > 0)
  return {
    passed: tested.length - failed.length,
    failed: failed.length,
    scenarios: tested.map(({ detector, scenario: { name, kind }, outcome: { misses } }) => ({
      detector,
      name,
      kind,
      passed: misses.length === 0,
      misses,
    })),
  }
}
