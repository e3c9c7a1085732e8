/** The active bundle from its folder: checked whole, refused with every problem at once. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../engine/errors.ts'
import type { ScenarioFile } from '../../simulate/scenario.ts'
import { checkBundle, type Bundle, type CheckedBundle } from '../../topology/bundle.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import { renderProblem } from '../../topology/problem.ts'
import { readScenarios, scenarioTexts } from '../scenarios/scenario-files.ts'

export type { Bundle } from '../../topology/bundle.ts'

export interface ReadBundle extends CheckedBundle {
  /** Scenario files without a mistake; none where they are not looked at. */
  readonly scenarios: readonly ScenarioFile[]
}

/** Where the scenarios of a folder of topologies stand. */
export function scenarioFolderOf(topologiesFolder: string): string {
  return join(topologiesFolder, '..', 'test', 'scenarios')
}

/** Checks every YAML file of the folder; scenarios too where their folder is there. */
export function readBundle(folder: string, scenarioFolder: string | null): ReadBundle {
  const files = new Map(bundleFiles(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const texts = scenarioFolder === null ? null : scenarioTexts(scenarioFolder)
  const named = texts === null ? null : [...texts.keys()].map((file) => file.replace(/\.yaml$/, ''))
  const { bundle, problems, warnings } = checkBundle(files, named)
  if (texts === null) return { bundle, problems, warnings, scenarios: [] }
  const detectors = bundle?.topologies.flatMap((one) => one.detectors.map(({ id }) => id)) ?? null
  const scenarios = readScenarios(texts, detectors)
  return {
    bundle: scenarios.problems.length === 0 ? bundle : null,
    problems: [...problems, ...scenarios.problems],
    warnings,
    scenarios: scenarios.files,
  }
}

/** Throws RefusedError with all problems, each with file, line and column. */
export function loadBundle(folder: string): Bundle {
  const { bundle, problems } = readBundle(folder, null)
  if (bundle === null) throw new RefusedError(problems.map((problem) => renderProblem(problem)).join('\n'))
  return bundle
}

export function topologyOf(bundle: Bundle, name: string): CompiledTopology {
  const found = bundle.topologies.find((topology) => topology.name === name)
  if (found === undefined) throw new RefusedError(`The bundle has no topology ${name}.`)
  return found
}

/** Names of the files that are a bundle, in order. */
export function bundleFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .sort()
  } catch {
    throw new RefusedError(`${folder} cannot be read; set BAILIFF_TOPOLOGIES to the folder of topologies.`)
  }
}
