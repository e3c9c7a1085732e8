/** Features that are worked out from others when they are read: ratios of two, how many exceed their limits. */
import { parseDuration } from '../domain/duration.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { DerivedFeature, DetectorScope, FeatureSpec, Pace } from './model.ts'
import { featureNames, paceOf } from './names.ts'
import { ARITHMETIC } from './operators.ts'
import { nameHint, type Problem } from './problem.ts'
import type { RawTopology } from './topology-schema.ts'
import { conversionHint, quotientUnit, unitName } from './units.ts'

export interface ReadDerived {
  readonly derived: readonly DerivedFeature[]
  readonly problems: readonly Problem[]
}

export function readDerived(
  yaml: LocatedYaml,
  raw: RawTopology,
  features: readonly FeatureSpec[],
): ReadDerived {
  const problems: Problem[] = []
  const derived = Object.entries(raw.features).flatMap(([name, { ratio, exceeding }]) => {
    if (ratio === undefined && exceeding === undefined) return []
    const result =
      ratio === undefined
        ? countOf(yaml, name, exceeding ?? {}, features)
        : ratioOf(yaml, name, ratio, features)
    if (!('problem' in result)) return [result]
    problems.push(result.problem)
    return []
  })
  return { derived, problems }
}

function ratioOf(
  yaml: LocatedYaml,
  name: string,
  [of, to]: readonly [string, string],
  features: readonly FeatureSpec[],
): DerivedFeature | { readonly problem: Problem } {
  const path: Path = ['features', name, 'ratio']
  const one = features.find((feature) => feature.name === of)
  const other = features.find((feature) => feature.name === to)
  if (one === undefined) return unknown(yaml, [...path, 0], of, features)
  if (other === undefined) return unknown(yaml, [...path, 1], to, features)
  const unit = quotientUnit(one.unit, other.unit)
  if (unit !== 'ratio') {
    const message = `${of} is ${unitName(one.unit)} and ${to} ${unitName(other.unit)}: no ratio of the two`
    return { problem: yaml.problemAt(path, 'units', message, conversionHint(one.unit, other.unit)) }
  }
  const named = parseDuration(name.split('_')[1] ?? '')
  if (named !== null && (one.windowMs !== named || other.windowMs !== named)) {
    const hint = 'take features of that window, or leave it out of the name'
    const message = `${name} is no ratio over that window`
    return { problem: yaml.problemAtKey(['features', name], 'window-name', message, hint) }
  }
  const names = featureNames(features)
  const reads = [of, to].flatMap((word) => names.get(word) ?? [])
  const [a, b] = reads.flatMap((found) => (found.type === 'text' ? [] : [found.read]))
  const divide = ARITHMETIC['/']
  const value = a === undefined || b === undefined || divide === undefined ? () => NaN : divide(a, b)
  return { name, unit, reads: [one.index, other.index], value, pace: 'any', text: `ratio of ${of} to ${to}` }
}

/** How many are known to exceed their limit; unknown where all are. What is unknown exceeds nothing. */
function countOf(
  yaml: LocatedYaml,
  name: string,
  limits: Readonly<Record<string, number>>,
  features: readonly FeatureSpec[],
): DerivedFeature | { readonly problem: Problem } {
  const path: Path = ['features', name, 'exceeding']
  const words = Object.keys(limits)
  const found = words.flatMap((word) => features.filter((feature) => feature.name === word))
  const missing = words.find((word) => !features.some((feature) => feature.name === word))
  if (missing !== undefined) return unknown(yaml, [...path, missing], missing, features, true)
  const reads = found.map((feature) => feature.index)
  const bounds = found.map((feature) => limits[feature.name] ?? NaN)
  const value = (scope: DetectorScope): number => {
    let known = 0
    let count = 0
    for (let at = 0; at < reads.length; at++) {
      const told = scope.feature(reads[at] ?? -1)
      if (Number.isNaN(told)) continue
      known++
      if (told > (bounds[at] ?? NaN)) count++
    }
    return known === 0 ? NaN : count
  }
  const text = `how many of ${words.map((word) => `${word} > ${limits[word] ?? ''}`).join(', ')}`
  const pace = paceOfCount(found.map(paceOf), bounds)
  return { name, unit: 'count', reads, value, pace, text }
}

/** Until so many exceed their limits it takes as many steps as the last of those that are nearest. */
function paceOfCount(paces: readonly Pace<DetectorScope>[], limits: readonly number[]): Pace<DetectorScope> {
  // Asked of every account that the platform has: nothing is made anew for it.
  const nearest = new Float64Array(paces.length)
  return {
    features: paces.flatMap((pace) => (typeof pace === 'string' ? [] : pace.features)),
    whole: true,
    warmsUp: true,
    stepsTo: (scope, wanted) => {
      if (wanted <= 0) return 0
      for (let at = 0; at < paces.length; at++) {
        const pace = paces[at] ?? 'any'
        insert(nearest, at, typeof pace === 'string' ? 0 : pace.stepsTo(scope, limits[at] ?? NaN))
      }
      return nearest[Math.ceil(wanted) - 1] ?? Infinity
    },
  }
}

/** Puts the value in its place among the first `length`, which are sorted, the smallest first. */
function insert(sorted: Float64Array, length: number, value: number): void {
  let at = length
  for (; at > 0 && (sorted[at - 1] ?? 0) > value; at--) sorted[at] = sorted[at - 1] ?? 0
  sorted[at] = value
}

function unknown(
  yaml: LocatedYaml,
  path: Path,
  name: string,
  features: readonly FeatureSpec[],
  onKey = false,
): { readonly problem: Problem } {
  const known = features.map((feature) => feature.name)
  const hint = nameHint(name, known)
  const message = `unknown feature ${name}`
  const problem = onKey
    ? yaml.problemAtKey(path, 'unknown-name', message, hint)
    : yaml.problemAt(path, 'unknown-name', message, hint)
  return { problem }
}
