/** The active bundle from its folder: checked whole, refused with every problem at once. */
import { join } from 'node:path'
import type { TopicTable } from '../../codec/topic-table.ts'
import { RefusedError } from '../../engine/errors.ts'
import type { ScenarioFile } from '../../simulate/scenario.ts'
import { checkBundle, type Bundle, type CheckedBundle } from '../../topology/bundle.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import { renderProblem, type Problem } from '../../topology/problem.ts'
import type { Retentions } from '../../topology/retention.ts'
import { readScenarios } from '../scenarios/scenario-files.ts'
import { readYamlFolder, type YamlFolder } from './yaml-folder.ts'

export type { Bundle } from '../../topology/bundle.ts'

export interface ReadBundle extends CheckedBundle {
  /** Scenario files without a mistake; none where they are not looked at. */
  readonly scenarios: readonly ScenarioFile[]
  /** What was read, by the names of the files. */
  readonly texts: ReadonlyMap<string, string>
  readonly scenarioTexts: ReadonlyMap<string, string>
}

/** Where the scenarios of a folder of topologies stand. */
export function scenarioFolderOf(topologiesFolder: string): string {
  return join(topologiesFolder, '..', 'test', 'scenarios')
}

/**
 * Checks every YAML file of the folder, and the scenarios of its detectors.
 *
 * @param scenarioFolder null: scenarios are not looked at
 * @param table null: whether windows can be rebuilt from their sources is not looked at
 */
export function readBundle(
  folder: string,
  scenarioFolder: string | null,
  table: TopicTable | null,
): ReadBundle {
  const files = readYamlFolder(folder)
  if (files === null)
    throw new RefusedError(
      `${folder} cannot be read: name the folder of topologies, or set BAILIFF_TOPOLOGIES.`,
    )
  const { texts, problems: unreadable } = files
  const scenarios = scenarioFolder === null ? null : scenarioFiles(scenarioFolder)
  const scenarioTexts = scenarios?.texts ?? new Map<string, string>()
  const read = { texts, scenarioTexts }
  const first = [...unreadable, ...(scenarios?.problems ?? [])]
  if (first.length > 0) return { ...read, bundle: null, problems: first, warnings: [], scenarios: [] }
  const named =
    scenarios === null ? null : [...scenarioTexts.keys()].map((file) => file.replace(/\.yaml$/, ''))
  const { bundle, problems, warnings } = checkBundle(texts, named, retentionsOf(table))
  const told = readScenarios(scenarioTexts, {
    detectors: bundle === null ? null : evidenceByDetector(bundle),
    lists: bundle?.topologies.flatMap((one) => Object.keys(one.lists)) ?? null,
  })
  return {
    ...read,
    bundle: told.problems.length === 0 ? bundle : null,
    problems: [...problems, ...told.problems],
    warnings,
    scenarios: told.files,
  }
}

/** What each detector tells as evidence, by its id. */
export function evidenceByDetector({ topologies }: Bundle): ReadonlyMap<string, readonly string[]> {
  const detectors = topologies.flatMap((one) => one.detectors)
  return new Map(detectors.map(({ id, evidence }) => [id, evidence.map(({ name }) => name)]))
}

function retentionsOf(table: TopicTable | null): Retentions {
  return new Map(table?.topics.map(({ name, retentionMs }) => [name, retentionMs]))
}

function scenarioFiles(folder: string): YamlFolder {
  return readYamlFolder(folder) ?? { texts: new Map(), problems: [missingScenarios(folder)] }
}

/** Nothing may pass as tested for want of tests. */
function missingScenarios(file: string): Problem {
  const message = 'this folder is missing: the scenarios of the detectors stand in it'
  const hint = 'say where they are (--scenarios), or check without them (check --no-scenarios)'
  return { file, line: 1, column: 1, code: 'no-scenarios', message, hint, source: '' }
}

/** Throws RefusedError with all problems, each with file, line and column. */
export function loadBundle(folder: string): Bundle {
  const { bundle, problems } = readBundle(folder, null, null)
  if (bundle === null) throw new RefusedError(problems.map((problem) => renderProblem(problem)).join('\n'))
  return bundle
}

export function topologyOf(bundle: Bundle, name: string): CompiledTopology {
  const found = bundle.topologies.find((topology) => topology.name === name)
  if (found === undefined) throw new RefusedError(`The bundle has no topology ${name}.`)
  return found
}
