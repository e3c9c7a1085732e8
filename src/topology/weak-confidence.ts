/**
 * A finding that has just reached its limit and is less sure than its clause wants leads to nothing, and its episode holds
 * back the next one. Told where both can be worked out: `logistic` of a figure that must exceed a number.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import { figureAndLimit, requiredOf, termOf, treeOf, type Limited } from './comparisons.ts'
import { celEnvironment } from './expression.ts'
import type { CompiledDetector, DetectorScope } from './model.ts'
import { detectorNames, RECORDED_JITTER, type Names } from './names.ts'
import type { Clause, Policy } from './policy.ts'
import type { Problem } from './problem.ts'
import type { ReadTopology } from './read-topology.ts'

/** `logistic(name, midpoint, scale)`, with both written out. */
interface Logistic {
  readonly name: string
  readonly midpoint: number
  readonly scale: number
}

/** What a signal tells as 1. */
const ALL_BUT_SURE = 0.9995

export function weakConfidenceWarnings(
  { clauses }: Policy,
  topologies: readonly ReadTopology[],
): readonly Problem[] {
  return topologies.flatMap(({ topology, yaml }) => {
    if (topology === null) return []
    const { features, derived, lists } = topology
    const names = detectorNames(features, derived, Object.keys(lists), RECORDED_JITTER)
    const environment = celEnvironment(names)
    return topology.detectors.flatMap((detector, at) => {
      const clause = clauses.find(({ id }) => id === detector.clause)
      const doubt = clause === undefined ? null : weakness(detector, clause, names, environment)
      return doubt === null
        ? []
        : [yaml.problemAt(['detectors', at, 'confidence'], 'weak-confidence', doubt.message, doubt.hint)]
    })
  })
}

/** Of the limits as they are written, which `jitter` moves a little. */
function weakness(
  { text }: CompiledDetector,
  { id, ladder: { minConfidence: least } }: Clause,
  names: Names<DetectorScope>,
  environment: ReturnType<typeof celEnvironment>,
): { readonly message: string; readonly hint: string } | null {
  const formula = logisticOf(treeOf(text.confidence, environment))
  if (formula === null) return null
  const limits = requiredOf(text.when, environment).flatMap((one) => figureAndLimit(one, 0) ?? [])
  const isWhole = names.get(formula.name)?.unit === 'count'
  const limit = Math.max(...limits.flatMap((one) => leastOf(one, formula.name, isWhole)))
  const confidence = 1 / (1 + Math.exp(-(limit - formula.midpoint) / formula.scale))
  if (!Number.isFinite(limit) || rounded(confidence) >= least) return null
  const wanted = Math.min(least, ALL_BUT_SURE)
  const enough = formula.midpoint + formula.scale * Math.log(wanted / (1 - wanted))
  const message = `where ${formula.name} is just ${rounded(limit)} the confidence is ${rounded(confidence)}, and below ${least} ${id} does nothing`
  const hint = `only from ${rounded(enough)} on does anything follow: take another midpoint, or that limit`
  return { message, hint }
}

/** The least that the figure is where the comparison holds; none where it does not say. */
function leastOf({ name, operator, limit }: Limited, wanted: string, isWhole: boolean): readonly number[] {
  if (name !== wanted || operator.startsWith('<')) return []
  if (!isWhole) return [limit]
  return [operator === '>' ? Math.floor(limit) + 1 : Math.ceil(limit)]
}

function logisticOf(tree: ASTNode | null): Logistic | null {
  if (tree?.op !== 'call' || tree.args[0] !== 'logistic') return null
  const [x, midpoint, scale] = tree.args[1].map((one) => termOf(one))
  if (!x || !midpoint || !scale || x.name === '' || x.factor !== 1) return null
  if (midpoint.name !== '' || scale.name !== '' || scale.factor <= 0) return null
  return { name: x.name, midpoint: midpoint.factor, scale: scale.factor }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
