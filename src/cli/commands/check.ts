/**
 * `bailiff check`: topologies and policy read together, every mistake told with its place. Exit 1 for any. Warnings, and what
 * detectors are estimated to cost, are told beside and change nothing; so is the bundle in words.
 */
import { loadFlows } from '../../codec/schema-files.ts'
import type { Bundle } from '../../topology/bundle.ts'
import { describePolicy, describeTopology } from '../../topology/describe.ts'
import { estimatedCosts, type EstimatedCost } from '../../topology/estimated-cost.ts'
import { renderProblem } from '../../topology/problem.ts'
import { readBundle, scenarioFolderOf } from '../compose/bundle.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'
import { JSON_SCHEMAS, jsonSchemaText } from '../json-schemas.ts'
import { table as columns } from '../terminal.ts'

export interface CheckOptions {
  readonly json: boolean
  /** Whether the estimated cost of each detector is listed; the JSON always holds it. */
  readonly costs: boolean
  /** Whether the bundle is told in words: what is computed, when each detector fires, what follows. */
  readonly words: boolean
  /** Where the scenarios are; null: beside the topologies, under `test/scenarios`; false: they are not looked at. */
  readonly scenarios: string | false | null
  /** A kind of file whose JSON Schema is printed instead; null checks. */
  readonly jsonSchema: string | null
}

export function check(
  context: CommandContext,
  folder: string | null,
  { json, costs, words, jsonSchema, scenarios: beside }: CheckOptions,
): Promise<number> {
  const schema = JSON_SCHEMAS[jsonSchema ?? '']
  if (schema !== undefined) {
    context.print(jsonSchemaText(schema()))
    return Promise.resolve(EXIT.ok)
  }
  const topologies = folder ?? context.settings.topologiesFolder
  const { table } = loadFlows({}, context.settings.schemasFolder)
  const scenarioFolder = beside === false ? null : (beside ?? scenarioFolderOf(topologies))
  const { bundle, problems, warnings, scenarios } = readBundle(topologies, scenarioFolder, table)
  const counts = {
    clauses: bundle?.policy.clauses.length ?? 0,
    detectors: bundle?.topologies.reduce((sum, topology) => sum + topology.detectors.length, 0) ?? 0,
    features: bundle?.topologies.reduce((sum, topology) => sum + topology.features.length, 0) ?? 0,
    scenarios: scenarios.reduce((sum, file) => sum + file.scenarios.length, 0),
    sha256: bundle?.sha256 ?? null,
    problems,
    warnings,
    costs: bundle?.topologies.flatMap(estimatedCosts) ?? [],
  }
  if (json) context.print(JSON.stringify(counts))
  else {
    for (const problem of problems) context.print(renderProblem(problem))
    for (const warning of warnings) context.print(`warning: ${renderProblem(warning)}`)
    if (costs) for (const line of costLines(counts.costs)) context.print(line)
    if (words && bundle !== null) context.print(inWords(bundle))
    const { clauses, detectors, features } = counts
    const counted = `${clauses} clauses, ${detectors} detectors, ${features} features, ${counts.scenarios} scenarios`
    const found = problems.length === 0 ? 'no problems' : `${problems.length} problems`
    context.stderr.line(bundle === null ? found : `${counted}: ${found}`)
  }
  return Promise.resolve(problems.length === 0 ? EXIT.ok : EXIT.failed)
}

function inWords({ policy, topologies }: Bundle): string {
  return [describePolicy(policy), ...topologies.map(describeTopology)].join('\n').trimEnd()
}

/** The dearest first, in readings of a count of the whole key (E1 of `estimated-cost.ts`). */
function costLines(costs: readonly EstimatedCost[]): readonly string[] {
  const rows = costs.map(
    ({ detectorId, readingsPerEvent, waits, first, all, windows, windowsAlone, askedOn }) => [
      detectorId,
      readingsPerEvent.toFixed(1),
      `first ${first}, all ${all}${waits ? ', waits' : ''}`,
      `${windows.figures} + ${windows.bySubKey} + ${windows.merged} windows, ${windowsAlone} alone`,
      askedOn.join(', '),
    ],
  )
  return ['estimated readings for each event that may ask it (docs/language.md):', ...columns(rows)]
}
