/**
 * Conditions that most often are not what was meant: comparisons that can never hold, a window against a quota of another length.
 * No mistakes, and worth a second look.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import { formatDuration } from '../domain/duration.ts'
import { boundsOfFields, boundsOfNames, type BoundsByName } from './bounds.ts'
import { checkedTree, isNode, pathOf } from './cel.ts'
import { celEnvironment, oneLine } from './expression.ts'
import type { LocatedYaml } from './located-yaml.ts'
import type { CompiledTopology, FeatureSpec } from './model.ts'
import { detectorNames, eventNames, RECORDED_JITTER } from './names.ts'
import type { Problem } from './problem.ts'
import type { RawTopology } from './topology-schema.ts'
import { vocabularyOf } from './vocabulary.ts'

/** A comparison as it stands in a condition. */
interface Comparison {
  readonly operator: string
  readonly left: ASTNode
  readonly right: ASTNode
  readonly text: string
  /** Offset in the condition. */
  readonly at: number
}

interface Doubt {
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** A figure times a number. */
interface Term {
  readonly name: string
  readonly factor: number
}

const HOUR_MS = 3_600_000
/** A comparison as it is with its sides changed. */
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' }
/** What conditions read that is told by the hour. */
const BY_THE_HOUR = /^account\.(quota\.\w+PerHour|grantCaps\.\w+)$/

/** @param raw of a topology without problems */
export function doubtWarnings(
  { features, derived }: CompiledTopology,
  raw: RawTopology,
  yaml: LocatedYaml,
): readonly Problem[] {
  const names = detectorNames(features, derived, Object.keys(raw.lists), RECORDED_JITTER)
  const environment = celEnvironment(names)
  const bounds = boundsOfNames(raw, features)
  const ofDetectors = raw.detectors.flatMap(({ when }, at) =>
    comparisonsOf(when, environment).flatMap((one) =>
      [neverHolds(one, bounds) ?? otherLength(one, features)].flatMap((doubt) =>
        doubt === null ? [] : [problemOf(doubt, ['detectors', at, 'when'], one, yaml)],
      ),
    ),
  )
  return [...ofDetectors, ...filterWarnings(features, raw, yaml)]
}

function filterWarnings(
  features: readonly FeatureSpec[],
  raw: RawTopology,
  yaml: LocatedYaml,
): readonly Problem[] {
  const collections = [...new Set(features.map(({ collection }) => collection))]
  const environments = new Map(
    collections.map((one) => [one, celEnvironment(eventNames(vocabularyOf(one)))] as const),
  )
  return features.flatMap(({ name, collection }) => {
    const environment = environments.get(collection)
    const bounds = boundsOfFields(collection)
    return comparisonsOf(raw.features[name]?.where ?? '', environment).flatMap((one) => {
      const doubt = neverHolds(one, bounds)
      return doubt === null ? [] : [problemOf(doubt, ['features', name, 'where'], one, yaml)]
    })
  })
}

function problemOf(
  { code, message, hint }: Doubt,
  path: readonly (string | number)[],
  { at }: Comparison,
  yaml: LocatedYaml,
): Problem {
  return yaml.problemAt(path, code, message, hint, at)
}

/** Null where it may hold, and where nothing is known. */
function neverHolds(comparison: Comparison, bounds: BoundsByName): Doubt | null {
  const figure = figureAndLimit(comparison)
  const between = bounds.get(figure?.name ?? '')
  if (figure === null || between === undefined) return null
  const { name, operator, limit } = figure
  const { least, most } = between
  const tooHigh = operator === '>' ? limit >= most : (operator === '>=' || operator === '==') && limit > most
  const tooLow = operator === '<' ? limit <= least : (operator === '<=' || operator === '==') && limit < least
  if (!tooHigh && !tooLow) return null
  const end = tooHigh ? `at most ${most}` : `at least ${least}`
  const message = `${comparison.text} never holds: ${name} is ${end}`
  return { code: 'never', message, hint: 'what waits for it never fires, or counts nothing' }
}

/** A name beside a number that is written out, in this order. */
function figureAndLimit({ operator, left, right }: Comparison): {
  readonly name: string
  readonly operator: string
  readonly limit: number
} | null {
  const [a, b] = [termOf(left), termOf(right)]
  if (a === null || b === null) return null
  const mirrored = MIRRORED[operator]
  if (a.factor === 1 && a.name !== '' && b.name === '') return { name: a.name, operator, limit: b.factor }
  if (b.factor === 1 && b.name !== '' && a.name === '' && mirrored !== undefined)
    return { name: b.name, operator: mirrored, limit: a.factor }
  return null
}

/**
 * What was counted in ten minutes is held against what was bought for an hour, whole or more than that; or what was
 * counted in a day against less than its hours.
 */
function otherLength({ left, right }: Comparison, features: readonly FeatureSpec[]): Doubt | null {
  const terms = [termOf(left), termOf(right)]
  const quota = terms.find((term) => BY_THE_HOUR.test(term?.name ?? '')) ?? null
  const figure = terms.find((term) => term !== quota) ?? null
  const spec = features.find(({ name }) => name === figure?.name)
  if (quota === null || figure === null || spec === undefined || !isAmount(spec)) return null
  const hours = spec.windowMs / HOUR_MS
  const times = quota.factor / figure.factor
  if (hours === 1 || (hours < 1 ? times < 1 : times >= hours)) return null
  const message = `${spec.name} is counted over ${formatDuration(spec.windowMs)}, and ${quota.name} is for 1h`
  const meant = hours < 1 ? `${quota.name} / ${rounded(1 / hours)}` : `${rounded(hours)} * ${quota.name}`
  return {
    code: 'quota-window',
    message,
    hint: `take a window of 1h, or say how much of it is meant, as in ${meant}`,
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

/** What grows with the length of its window. */
function isAmount({ aggregate: { kind }, shape, told }: FeatureSpec): boolean {
  return (kind === 'count' || kind === 'sum') && (shape === 'panes' || shape === 'sliding') && told === null
}

function comparisonsOf(
  text: string,
  environment: ReturnType<typeof celEnvironment> | undefined,
): readonly Comparison[] {
  if (text === '' || environment === undefined) return []
  const checked = checkedTree(text, environment)
  return 'error' in checked ? [] : comparisonsIn(checked.tree, text)
}

function comparisonsIn(node: unknown, text: string): readonly Comparison[] {
  if (Array.isArray(node)) return node.flatMap((one) => comparisonsIn(one, text))
  if (!isNode(node)) return []
  const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : []
  const [left, right] = operands
  if (!Object.hasOwn(MIRRORED, node.op) || !isNode(left) || !isNode(right))
    return comparisonsIn(node.args, text)
  return [{ operator: node.op, left, right, text: oneLine(text.slice(node.start, node.end)), at: node.start }]
}

/** Null for what is no single figure times a number; a number alone has no name. */
function termOf(node: ASTNode): Term | null {
  const name = pathOf(node)
  if (name !== null) return { name, factor: 1 }
  const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : [node.args]
  if (node.op === 'value') return numberOf(node.args)
  const terms = operands.map((one) => (isNode(one) ? termOf(one) : null))
  const [a = null, b = null] = terms
  if (node.op === '-_') return a === null ? null : { ...a, factor: -a.factor }
  if (a === null || b === null || (a.name !== '' && b.name !== '')) return null
  if (node.op === '*') return { name: a.name + b.name, factor: a.factor * b.factor }
  return node.op === '/' && b.name === '' ? { name: a.name, factor: a.factor / b.factor } : null
}

function numberOf(value: unknown): Term | null {
  return typeof value === 'bigint' || typeof value === 'number' ? { name: '', factor: Number(value) } : null
}
