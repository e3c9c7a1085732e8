/** The active bundle from its folder: checked whole, refused with every problem at once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../engine/errors.ts'
import { checkBundle, type Bundle, type CheckedBundle } from '../../topology/bundle.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import { renderProblem } from '../../topology/problem.ts'

export type { Bundle } from '../../topology/bundle.ts'

/** Checks every YAML file of the folder; scenarios too where their folder is there. */
export function readBundle(folder: string, scenarioFolder: string | null): CheckedBundle {
  const files = new Map(yamlFiles(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const scenarios =
    scenarioFolder === null || !existsSync(scenarioFolder)
      ? null
      : yamlFiles(scenarioFolder).map((file) => file.replace(/\.yaml$/, ''))
  return checkBundle(files, scenarios)
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

function yamlFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .sort()
  } catch {
    throw new RefusedError(`${folder} cannot be read; set BAILIFF_TOPOLOGIES to the folder of topologies.`)
  }
}
