/**
 * Conditions that most often are not what was meant: comparisons that can never hold, or not for some accounts, a window
 * against a quota of another length. No mistakes, and worth a second look.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import { formatDuration } from '../domain/duration.ts'
import { boundsOfFields, boundsOfNames, type Bounds, type BoundsByName } from './bounds.ts'
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

/** A figure times a number, and perhaps times `jitter`. */
interface Term {
  readonly name: string
  readonly factor: number
  readonly jittered: boolean
}

/** A figure held against a number that is written out, in this order. */
interface Limited {
  readonly name: string
  readonly operator: string
  readonly limit: number
  /** By how much of itself the limit may lie higher or lower; 0 where `jitter` does not multiply it. */
  readonly jitter: number
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
  const ofDetectors = raw.detectors.flatMap(({ when, jitter }, at) =>
    comparisonsOf(when, environment).flatMap((one) => {
      const limited = figureAndLimit(one, jitter)
      const doubt =
        neverHolds(one, limited, bounds) ??
        neverForSome(one, limited, bounds) ??
        oneForSome(one, limited, features) ??
        otherLength(one, features)
      return doubt === null ? [] : [problemOf(doubt, ['detectors', at, 'when'], one, yaml)]
    }),
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
      const doubt = neverHolds(one, figureAndLimit(one, 0), bounds)
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
function neverHolds({ text }: Comparison, limited: Limited | null, bounds: BoundsByName): Doubt | null {
  const between = bounds.get(limited?.name ?? '')
  if (limited === null || between === undefined) return null
  const [least, most] = limitsOf(limited)
  if (!isBeyond(limited, least, between) || !isBeyond(limited, most, between)) return null
  const message = `${text} never holds: ${limited.name} is ${endOf(limited, between)}`
  return { code: 'never', message, hint: 'what waits for it never fires, or counts nothing' }
}

/** The limit can be reached, and with some accounts' jitter it cannot. */
function neverForSome({ text }: Comparison, limited: Limited | null, bounds: BoundsByName): Doubt | null {
  const between = bounds.get(limited?.name ?? '')
  if (limited === null || between === undefined) return null
  const beyond = limitsOf(limited).find((limit) => isBeyond(limited, limit, between))
  if (beyond === undefined) return null
  const message = `${text} never holds for some accounts: jitter makes of the limit ${rounded(beyond)}, and ${limited.name} is ${endOf(limited, between)}`
  return { code: 'never', message, hint: 'take a milder limit, or a smaller `jitter`' }
}

/** Of what is counted one by one a limit that lies below 1 for some accounts and weeks asks nothing of them. */
function oneForSome(
  { text }: Comparison,
  limited: Limited | null,
  features: readonly FeatureSpec[],
): Doubt | null {
  const spec = features.find(({ name }) => name === limited?.name)
  if (limited === null || limited.jitter === 0 || spec?.unit !== 'count' || spec.told !== null) return null
  const [least, most] = limitsOf(limited)
  if (!limited.operator.startsWith('>') || least >= 1 || most < 1) return null
  const message = `${text}: jitter makes of the limit ${rounded(least)} to ${rounded(most)}, so that one is enough of some accounts and not of others`
  return { code: 'jitter-of-one', message, hint: 'take what is counted in ones without `jitter`' }
}

/** The least and the most that jitter makes of the limit. */
function limitsOf({ limit, jitter }: Limited): readonly [number, number] {
  const ends = [limit * (1 - jitter), limit * (1 + jitter)]
  return [Math.min(...ends), Math.max(...ends)]
}

/** Whether no value that the figure can have is on the wanted side of the limit. */
function isBeyond({ operator }: Limited, limit: number, { least, most }: Bounds): boolean {
  if (operator === '>') return limit >= most
  if (operator === '>=') return limit > most
  if (operator === '<') return limit <= least
  if (operator === '<=') return limit < least
  return limit > most || limit < least
}

function endOf({ operator, limit }: Limited, { least, most }: Bounds): string {
  const isTooHigh = operator.startsWith('>') || (operator === '==' && limit > most)
  return isTooHigh ? `at most ${most}` : `at least ${least}`
}

/** Null for what is something else than a figure beside a number. */
function figureAndLimit({ operator, left, right }: Comparison, jitter: number): Limited | null {
  const [a, b] = [termOf(left), termOf(right)]
  if (a === null || b === null) return null
  const mirrored = MIRRORED[operator]
  if (isFigure(a) && b.name === '') return limitedBy(a.name, operator, b, jitter)
  return isFigure(b) && a.name === '' && mirrored !== undefined
    ? limitedBy(b.name, mirrored, a, jitter)
    : null
}

function limitedBy(name: string, operator: string, { factor, jittered }: Term, jitter: number): Limited {
  return { name, operator, limit: factor, jitter: jittered ? jitter : 0 }
}

function isFigure({ name, factor, jittered }: Term): boolean {
  return name !== '' && factor === 1 && !jittered
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
  if (name !== null) return { name: name === 'jitter' ? '' : name, factor: 1, jittered: name === 'jitter' }
  const operands: readonly unknown[] = Array.isArray(node.args) ? node.args : [node.args]
  if (node.op === 'value') return numberOf(node.args)
  const terms = operands.map((one) => (isNode(one) ? termOf(one) : null))
  const [a = null, b = null] = terms
  if (node.op === '-_') return a === null ? null : { ...a, factor: -a.factor }
  if (a === null || b === null || (a.name !== '' && b.name !== '') || (a.jittered && b.jittered)) return null
  const jittered = a.jittered || b.jittered
  if (node.op === '*') return { name: a.name + b.name, factor: a.factor * b.factor, jittered }
  return node.op === '/' && b.name === '' && !b.jittered
    ? { name: a.name, factor: a.factor / b.factor, jittered }
    : null
}

function numberOf(value: unknown): Term | null {
  const isNumber = typeof value === 'bigint' || typeof value === 'number'
  return isNumber ? { name: '', factor: Number(value), jittered: false } : null
}
