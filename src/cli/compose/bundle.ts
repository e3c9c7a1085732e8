/** The active bundle: topologies and policy from their folder, refused with every problem at once. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../engine/errors.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import type { Policy } from '../../topology/policy.ts'
import { renderProblem, type Problem } from '../../topology/problem.ts'
import { readPolicy } from '../../topology/read-policy.ts'
import { readTopology } from '../../topology/read-topology.ts'

export interface Bundle {
  readonly policy: Policy
  readonly topologies: readonly CompiledTopology[]
  /** SHA-256 over the files, lower-case hex. */
  readonly sha256: string
}

const TOPOLOGY_FILES = ['usage.yaml', 'capacity.yaml']

/** Throws RefusedError with all problems, each with file, line and column. */
export function loadBundle(folder: string): Bundle {
  const texts = new Map(['aup.yaml', ...TOPOLOGY_FILES].map((file) => [file, readText(folder, file)]))
  const read = TOPOLOGY_FILES.map((file) => readTopology(file, texts.get(file) ?? ''))
  const policy = readPolicy('aup.yaml', texts.get('aup.yaml') ?? '')
  const problems: readonly Problem[] = [...policy.problems, ...read.flatMap((one) => one.problems)]
  if (problems.length > 0 || policy.policy === null) {
    throw new RefusedError(problems.map((problem) => renderProblem(problem)).join('\n'))
  }
  const digest = createHash('sha256')
  for (const [file, text] of texts) digest.update(`${file}\n${text}`)
  return {
    policy: policy.policy,
    topologies: read.flatMap((one) => (one.topology === null ? [] : [one.topology])),
    sha256: digest.digest('hex'),
  }
}

export function topologyOf(bundle: Bundle, name: string): CompiledTopology {
  const found = bundle.topologies.find((topology) => topology.name === name)
  if (found === undefined) throw new RefusedError(`The bundle has no topology ${name}.`)
  return found
}

function readText(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch {
    throw new RefusedError(
      `${join(folder, file)} cannot be read; set BAILIFF_TOPOLOGIES to the folder of topologies.`,
    )
  }
}
