/**
 * What one file cannot know alone: whether policy, topologies and scenarios fit each other.
 *
 * T1. Every detector belongs to a clause that lists it, and every listed detector exists and is named by a verb.
 * T2. A verb's detector exists; a planned one does not yet.
 * T3. A detector that belongs to no clause says so (`clause: none`), and so does the policy (`precautions`).
 * T4. Every detector has scenarios.
 * T5. What rests on jailbreak scores sanctions nobody alone: its detector weighs.
 * T6. Every topology is one that some process runs, and none of theirs is missing: they could not go on.
 * T7. No window reaches further back than its source.
 */
import { NO_CLAUSE } from '../domain/signal.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { CompiledDetector, FeatureSpec } from './model.ts'
import type { Clause, ClauseVerb, Policy } from './policy.ts'
import { meantHint, nameHint, type Problem } from './problem.ts'
import type { ReadTopology } from './read-topology.ts'
import { retentionProblems, type Retentions } from './retention.ts'

export interface Together {
  readonly policy: Policy
  readonly yaml: LocatedYaml
  readonly topologies: readonly ReadTopology[]
  /** Ids of the detectors that have a scenario file; null where scenarios are not looked at. */
  readonly scenarios: readonly string[] | null
  readonly retentions: Retentions
}

/** Fields of verdicts that accuse nobody by themselves. */
const WEIGHING_FIELDS: readonly string[] = ['jailbreak', 'jailbreakRatio']

/** Of what is listed and is nowhere. */
const WRITE_OR_DROP = 'write it, or take it out here'

interface Placed {
  readonly detector: CompiledDetector
  readonly features: readonly FeatureSpec[]
  readonly yaml: LocatedYaml
  readonly path: Path
}

export function togetherProblems(together: Together): readonly Problem[] {
  const placed = together.topologies.flatMap(({ topology, yaml }) =>
    (topology?.detectors ?? []).map((detector, at): Placed => {
      const features = detector.readsFeatures.flatMap((index) => topology?.features[index] ?? [])
      return { detector, features, yaml, path: ['detectors', at] }
    }),
  )
  return [
    ...repeatedTopologies(together.topologies),
    ...runProblems(together),
    ...together.topologies.flatMap(({ topology, yaml }) =>
      topology === null ? [] : retentionProblems(topology, yaml, together.retentions),
    ),
    ...placed.flatMap((one) => detectorProblems(one, placed, together)),
    ...together.policy.clauses.flatMap((clause, at) => clauseProblems(clause, at, placed, together)),
    ...precautionProblems(placed, together),
  ]
}

/** The topologies that are data: what else runs has no file. */
const RUN: readonly string[] = ['capacity', 'usage']

function runProblems({ topologies, yaml: policy }: Together): readonly Problem[] {
  const strange = topologies.filter(({ topology }) => !RUN.includes(topology?.name ?? ''))
  const missing = RUN.filter((name) => !topologies.some(({ topology }) => topology?.name === name))
  const unknown = strange.map(({ topology, yaml }) => {
    const name = topology?.name ?? ''
    const hint = meantHint(name, missing) ?? `known: ${RUN.join(', ')}`
    return yaml.problemAt(['topology'], 'unknown-topology', `no process runs a topology ${name}`, hint)
  })
  // Those that have another name, or one twice, are most often what is missing.
  const told = missing.slice(topologies.length - (RUN.length - missing.length))
  const absent = told.map((name) =>
    policy.problemAt(
      [],
      'no-topology',
      `no file is the topology ${name}`,
      `one has to say topology: ${name}`,
    ),
  )
  return [...unknown, ...absent]
}

function repeatedTopologies(topologies: readonly ReadTopology[]): readonly Problem[] {
  return topologies.flatMap(({ topology, yaml }, at) => {
    const first = topologies.findIndex((other) => other.topology?.name === topology?.name)
    if (first === at) return []
    const message = `a second topology ${topology?.name ?? ''}, after ${topologies[first]?.yaml.file ?? ''}`
    return [yaml.problemAt(['topology'], 'repeated-id', message, 'one of them needs another name')]
  })
}

function detectorProblems(
  one: Placed,
  placed: readonly Placed[],
  { policy, scenarios }: Together,
): readonly Problem[] {
  const { detector, yaml, path } = one
  const { id, clause } = detector
  const problems: Problem[] = []
  const first = placed.find((other) => other.detector.id === id)
  if (first !== undefined && first.detector !== detector) {
    const message = `a second detector ${id}, after ${first.yaml.file}`
    problems.push(yaml.problemAt([...path, 'id'], 'repeated-id', message, 'one of them needs another id'))
  }
  const found = policy.clauses.find((one) => one.id === clause)
  if (clause === NO_CLAUSE && !policy.precautions.includes(id)) {
    const hint = `add it to the policy's precautions, or name its clause`
    const message = `${id} has no clause, and is no precaution of the policy`
    problems.push(yaml.problemAt([...path, 'clause'], 'unlisted-detector', message, hint))
  } else if (clause !== NO_CLAUSE && found === undefined) {
    const hint = nameHint(
      clause,
      policy.clauses.map((one) => one.id),
    )
    problems.push(
      yaml.problemAt([...path, 'clause'], 'unknown-clause', `the policy has no clause ${clause}`, hint),
    )
  } else if (found?.detectors.includes(id) === false) {
    const hint = `add it to the detectors of ${clause}, and say which verb it sees`
    problems.push(
      yaml.problemAt(
        [...path, 'id'],
        'unlisted-detector',
        `${clause} does not list the detector ${id}`,
        hint,
      ),
    )
  }
  return [...problems, ...weightProblems(one, found), ...scenarioProblems(one, scenarios)]
}

/** T5. */
function weightProblems(
  { detector: { id, clause }, features, yaml, path }: Placed,
  found: Clause | undefined,
): readonly Problem[] {
  const rests = features.find(({ fields }) => fields.some((field) => WEIGHING_FIELDS.includes(field)))
  if (rests === undefined || found?.weighs.some(({ detector }) => detector === id) === true) return []
  const hint = `say under \`weighs\` of ${found === undefined ? 'its clause' : clause} on which clauses it weighs`
  const message = `${id} rests on jailbreak scores (${rests.name}), and these sanction nobody alone`
  return [yaml.problemAt([...path, 'when'], 'jailbreak-alone', message, hint)]
}

function scenarioProblems(
  { detector: { id }, yaml, path }: Placed,
  scenarios: readonly string[] | null,
): readonly Problem[] {
  if (scenarios?.includes(id) !== false) return []
  const hint = `write test/scenarios/${id}.yaml: one that fires, two near misses, one evasion`
  return [yaml.problemAt([...path, 'id'], 'no-scenario', `the detector ${id} has no scenarios`, hint)]
}

function clauseProblems(
  clause: Clause,
  at: number,
  placed: readonly Placed[],
  { policy, yaml, scenarios }: Together,
): readonly Problem[] {
  const clauses = policy.clauses.map((one) => one.id)
  const ids = placed.map((one) => one.detector.id)
  const missing = clause.detectors.flatMap((id, index) => {
    const found = placed.find((one) => one.detector.id === id)
    // A detector whose clause is unknown has been told of where it stands.
    if (
      found !== undefined &&
      (found.detector.clause === clause.id || !clauses.includes(found.detector.clause))
    )
      return []
    const message =
      found === undefined
        ? `no topology has a detector ${id}`
        : `${id} is a detector of ${found.detector.clause}`
    return [
      yaml.problemAt(
        ['clauses', at, 'detectors', index],
        'unknown-detector',
        message,
        found === undefined ? (meantHint(id, ids) ?? WRITE_OR_DROP) : null,
      ),
    ]
  })
  const verbs = clause.verbs.flatMap((verb) =>
    verbProblems(verb, ['clauses', at, 'verbs'], ids, yaml, scenarios),
  )
  return [...missing, ...unnamedProblems(clause, at, placed, yaml), ...verbs]
}

/** Whoever reads the policy must see what each detector is for. */
function unnamedProblems(
  { id: clauseId, detectors, verbs }: Clause,
  at: number,
  placed: readonly Placed[],
  yaml: LocatedYaml,
): readonly Problem[] {
  const named = verbs.flatMap((verb) => ('detector' in verb ? [verb.detector] : []))
  return detectors.flatMap((id, index) => {
    const isHere = placed.some(({ detector }) => detector.id === id && detector.clause === clauseId)
    if (!isHere || named.includes(id)) return []
    const hint = `add the verb that it sees: { observable: …, detector: ${id}, act: …, scenario: ${id} }`
    const path = ['clauses', at, 'detectors', index]
    return [yaml.problemAt(path, 'unnamed-detector', `no verb of ${clauseId} names ${id}`, hint)]
  })
}

function precautionProblems(placed: readonly Placed[], { policy, yaml }: Together): readonly Problem[] {
  return policy.precautions.flatMap((id, at) => {
    if (placed.some(({ detector }) => detector.id === id && detector.clause === NO_CLAUSE)) return []
    const hint = meantHint(
      id,
      placed.map(({ detector }) => detector.id),
    )
    const message = `no detector ${id} says clause: ${NO_CLAUSE}`
    return [yaml.problemAt(['precautions', at], 'unknown-detector', message, hint ?? WRITE_OR_DROP)]
  })
}

function verbProblems(
  verb: ClauseVerb,
  path: Path,
  ids: readonly string[],
  yaml: LocatedYaml,
  scenarios: readonly string[] | null,
): readonly Problem[] {
  if ('planned' in verb && ids.includes(verb.planned)) {
    const hint = `write detector: ${verb.planned}, and its scenario`
    return [
      yaml.problemAt([...path, verb.verb, 'planned'], 'built', `${verb.planned} is there already`, hint),
    ]
  }
  if (!('scenario' in verb) || scenarios === null || scenarios.includes(verb.scenario)) return []
  if (verb.scenario === verb.detector && ids.includes(verb.detector)) return []
  const message = `no scenario file ${verb.scenario}`
  return [
    yaml.problemAt(
      [...path, verb.verb, 'scenario'],
      'no-scenario',
      message,
      meantHint(verb.scenario, scenarios) ?? 'write it, or name the one that shows the verb',
    ),
  ]
}
