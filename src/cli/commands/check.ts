/** `bailiff check`: topologies and policy read together, every mistake told with its place. Exit 1 for any. */
import { renderProblem } from '../../topology/problem.ts'
import { readBundle, scenarioFolderOf } from '../compose/bundle.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'
import { JSON_SCHEMAS, jsonSchemaText } from '../json-schemas.ts'

export interface CheckOptions {
  readonly json: boolean
  /** A kind of file whose JSON Schema is printed instead; null checks. */
  readonly jsonSchema: string | null
}

export function check(
  context: CommandContext,
  folder: string | null,
  { json, jsonSchema }: CheckOptions,
): Promise<number> {
  const schema = JSON_SCHEMAS[jsonSchema ?? '']
  if (schema !== undefined) {
    context.print(jsonSchemaText(schema()))
    return Promise.resolve(EXIT.ok)
  }
  const topologies = folder ?? context.settings.topologiesFolder
  const { bundle, problems, scenarios } = readBundle(topologies, scenarioFolderOf(topologies))
  const counts = {
    clauses: bundle?.policy.clauses.length ?? 0,
    detectors: bundle?.topologies.reduce((sum, topology) => sum + topology.detectors.length, 0) ?? 0,
    features: bundle?.topologies.reduce((sum, topology) => sum + topology.features.length, 0) ?? 0,
    scenarios: scenarios.reduce((sum, file) => sum + file.scenarios.length, 0),
    sha256: bundle?.sha256 ?? null,
    problems,
  }
  if (json) context.print(JSON.stringify(counts))
  else {
    for (const problem of problems) context.print(renderProblem(problem))
    const { clauses, detectors, features } = counts
    const counted = `${clauses} clauses, ${detectors} detectors, ${features} features, ${counts.scenarios} scenarios`
    const found = problems.length === 0 ? 'no problems' : `${problems.length} problems`
    context.stderr.line(bundle === null ? found : `${counted}: ${found}`)
  }
  return Promise.resolve(problems.length === 0 ? EXIT.ok : EXIT.failed)
}
