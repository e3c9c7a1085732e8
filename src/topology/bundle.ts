/**
 * A bundle: the policy and the topologies that enforce it, checked together and known by a digest.
 *
 * B1. A bundle exists only without problems; every problem is told at once, each with its place.
 * B2. The digest is of the meaning: comments, order of words in a map and white space do not change it.
 */
import { createHash } from 'node:crypto'
import type { CompiledTopology } from './model.ts'
import type { Policy } from './policy.ts'
import type { Problem } from './problem.ts'
import { readPolicy } from './read-policy.ts'
import { readTopology, type ReadTopology } from './read-topology.ts'
import type { Retentions } from './retention.ts'
import { togetherProblems } from './together.ts'
import { weakConfidenceWarnings } from './weak-confidence.ts'

/** The file that is the policy; every other one is a topology. */
export const POLICY_FILE = 'aup.yaml'

export interface Bundle {
  readonly policy: Policy
  readonly topologies: readonly CompiledTopology[]
  /** SHA-256 over the content, lower-case hex. */
  readonly sha256: string
}

export interface CheckedBundle {
  /** By file and place. */
  readonly problems: readonly Problem[]
  /** What is no mistake and worth a second look, by file and place; none where there is any problem. */
  readonly warnings: readonly Problem[]
  /** Null where there is any problem. */
  readonly bundle: Bundle | null
}

/**
 * Checks a folder of topologies, given as file name to text.
 *
 * @param scenarios ids of the detectors that have a scenario file; null where scenarios are not looked at
 * @param retentions how long topics keep what windows are rebuilt from; none where that is not looked at
 */
export function checkBundle(
  files: ReadonlyMap<string, string>,
  scenarios: readonly string[] | null,
  retentions: Retentions = new Map(),
): CheckedBundle {
  if (!files.has(POLICY_FILE)) return { problems: [NO_POLICY], warnings: [], bundle: null }
  const policy = readPolicy(POLICY_FILE, files.get(POLICY_FILE) ?? '')
  const topologies = [...files]
    .filter(([file]) => file !== POLICY_FILE)
    .map(([file, text]) => readTopology(file, text))
  const alone = [...policy.problems, ...topologies.flatMap((one) => one.problems)]
  const problems =
    alone.length > 0 || policy.policy === null
      ? alone
      : togetherProblems({ policy: policy.policy, yaml: policy.yaml, topologies, scenarios, retentions })
  if (problems.length > 0 || policy.policy === null)
    return { problems: once(problems).sort(byPlace), warnings: [], bundle: null }
  const compiled = topologies.flatMap(({ topology }) => (topology === null ? [] : [topology]))
  const sha256 = digestOf([policy.yaml.value(), ...byName(topologies).map((one) => one.yaml.value())])
  const warnings = once([
    ...policy.warnings,
    ...topologies.flatMap((one) => one.warnings),
    ...weakConfidenceWarnings(policy.policy, topologies),
  ])
  return {
    problems: [],
    warnings: warnings.sort(byPlace),
    bundle: { policy: policy.policy, topologies: compiled, sha256 },
  }
}

const NO_POLICY: Problem = {
  file: POLICY_FILE,
  line: 1,
  column: 1,
  code: 'no-policy',
  message: 'this file is missing: it is the policy that the topologies enforce',
  hint: null,
  source: '',
}

function byName(topologies: readonly ReadTopology[]): readonly ReadTopology[] {
  return [...topologies].sort((a, b) => (a.yaml.file < b.yaml.file ? -1 : 1))
}

/** What is shared under a name (`*common`) is wrong in one place, however often it is used. */
function once(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map((one) => [`${one.file}:${one.line}:${one.column} ${one.message}`, one]))
  return [...seen.values()]
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

function digestOf(contents: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify(contents.map(canonical)))
    .digest('hex')
}

/** The same value with the words of every map in order (B2). */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([word, one]) => [word, canonical(one)]))
}
