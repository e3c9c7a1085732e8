/** One topology file: read, checked and compiled, or all of its problems. */
import { doubtWarnings } from './doubts.ts'
import { dearWarnings } from './estimated-cost.ts'
import { oneLine } from './expression.ts'
import { nameProblems } from './feature-names.ts'
import { idleWordWarnings } from './idle-words.ts'
import { LocatedYaml } from './located-yaml.ts'
import type { CompiledInterval, CompiledTopology, DerivedFeature, FeatureSpec } from './model.ts'
import { featureNames } from './names.ts'
import { oddDurationsOfTopology } from './odd-durations.ts'
import { nameHint, type Problem } from './problem.ts'
import { readDerived } from './read-derived.ts'
import { compileAt, readDetectors } from './read-detectors.ts'
import { featureTexts, readFeatures } from './read-features.ts'
import { SOURCES } from './sources.ts'
import { topologySchema, type RawTopology } from './topology-schema.ts'

export interface ReadTopology {
  readonly topology: CompiledTopology | null
  readonly problems: readonly Problem[]
  /** What is no mistake and worth a second look; none where there is any problem. */
  readonly warnings: readonly Problem[]
  /** For checks over several files: where each detector stands. */
  readonly yaml: LocatedYaml
}

export function readTopology(file: string, text: string): ReadTopology {
  const yaml = new LocatedYaml(file, text)
  const syntax = yaml.syntaxProblems()
  if (syntax.length > 0) return { topology: null, problems: syntax, warnings: [], yaml }
  const shape = yaml.parse(topologySchema)
  if ('problems' in shape) return { topology: null, problems: shape.problems, warnings: [], yaml }
  const { topology, problems } = compile(yaml, shape.value)
  return {
    topology,
    problems,
    warnings: topology === null ? [] : warningsOf(topology, shape.value, yaml),
    yaml,
  }
}

function warningsOf(topology: CompiledTopology, raw: RawTopology, yaml: LocatedYaml): readonly Problem[] {
  return [
    ...dearWarnings(topology, yaml),
    ...doubtWarnings(topology, raw, yaml),
    ...idleWordWarnings(topology, raw, yaml),
    ...oddDurationsOfTopology(raw, yaml),
  ]
}

function compile(yaml: LocatedYaml, raw: RawTopology): Pick<ReadTopology, 'topology' | 'problems'> {
  const outline = [...sourceProblems(yaml, raw), ...placeProblems(yaml, raw), ...nameProblems(yaml, raw)]
  if (outline.length > 0) return { topology: null, problems: outline }
  const { features, problems: featureProblems } = readFeatures(yaml, raw)
  if (featureProblems.length > 0) return { topology: null, problems: featureProblems }
  const { derived, problems: derivedProblems } = readDerived(yaml, raw, features)
  if (derivedProblems.length > 0) return { topology: null, problems: derivedProblems }
  const { detectors, problems: detectorProblems } = readDetectors(yaml, raw, features, derived)
  const interval = readInterval(yaml, raw, features, derived)
  const problems = [...detectorProblems, ...interval.problems, ...repeatedIds(yaml, raw)]
  if (problems.length > 0) return { topology: null, problems }
  const topology: CompiledTopology = {
    name: raw.topology,
    key: raw.key,
    sources: raw.sources,
    latenessMs: raw.lateness,
    maxSubKeys: raw.maxSubKeys,
    poolWindowMs: raw.pool?.window ?? 0,
    lists: raw.lists,
    features,
    derived,
    featureTexts: featureTexts(raw),
    detectors,
    interval: interval.compiled,
  }
  return { topology, problems: [] }
}

function sourceProblems(yaml: LocatedYaml, raw: RawTopology): readonly Problem[] {
  return raw.sources.flatMap((source, at) => {
    const kind = Object.hasOwn(SOURCES, source) ? SOURCES[source] : undefined
    if (kind?.key === raw.key) return []
    const hint = nameHint(source, Object.keys(SOURCES))
    return kind === undefined
      ? [yaml.problemAt(['sources', at], 'unknown-source', `unknown source ${source}`, hint)]
      : [
          yaml.problemAt(
            ['sources', at],
            'source-key',
            `${source} is keyed by ${kind.key}`,
            `this topology by ${raw.key}`,
          ),
        ]
  })
}

/** Detectors judge accounts, intervals judge pools. */
function placeProblems(yaml: LocatedYaml, raw: RawTopology): readonly Problem[] {
  if (raw.key === 'poolId' && raw.detectors.length > 0)
    return [
      yaml.problemAt(
        ['detectors', 0],
        'place',
        'a detector judges accounts, a pool is none',
        'key: accountId',
      ),
    ]
  if (raw.key === 'accountId' && raw.interval !== undefined)
    return [
      yaml.problemAt(['interval'], 'place', 'an interval judges pools, an account is none', 'key: poolId'),
    ]
  return []
}

function readInterval(
  yaml: LocatedYaml,
  raw: RawTopology,
  features: readonly FeatureSpec[],
  derived: readonly DerivedFeature[],
): { readonly compiled: CompiledInterval | null; readonly problems: readonly Problem[] } {
  if (raw.interval === undefined) return { compiled: null, problems: [] }
  const names = featureNames(features, derived)
  const saturated = compileAt(yaml, ['interval', 'saturated'], raw.interval.saturated, names, 'bool')
  const degraded = compileAt(yaml, ['interval', 'degraded'], raw.interval.degraded, names, 'bool')
  if ('problem' in saturated || 'problem' in degraded) {
    const problems = [saturated, degraded].flatMap((one) => ('problem' in one ? [one.problem] : []))
    return { compiled: null, problems }
  }
  const text = { saturated: oneLine(raw.interval.saturated), degraded: oneLine(raw.interval.degraded) }
  return { compiled: { saturated: saturated.evaluate, degraded: degraded.evaluate, text }, problems: [] }
}

function repeatedIds(yaml: LocatedYaml, raw: RawTopology): readonly Problem[] {
  return raw.detectors.flatMap(({ id }, at) =>
    raw.detectors.findIndex((other) => other.id === id) === at
      ? []
      : [
          yaml.problemAt(
            ['detectors', at, 'id'],
            'repeated-id',
            `a second detector ${id}`,
            'one of them needs another id',
          ),
        ],
  )
}
