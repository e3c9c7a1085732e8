/**
 * Conditions that most often are not what was meant: comparisons that can never hold, or not for some accounts, or not
 * beside each other; a window against a quota of another length; what is written out and decides alone. No mistakes, and
 * worth a second look.
 */
import { formatDuration } from '../domain/duration.ts'
import { boundsOfFields, boundsOfNames, type Bounds, type BoundsByName } from './bounds.ts'
import {
  comparisonsOf,
  conjunctionsOf,
  figureAndLimit,
  limitsOf,
  termOf,
  treeOf,
  type Comparison,
  type Limited,
} from './comparisons.ts'
import { contradictionsIn } from './contradictions.ts'
import { celEnvironment, oneLine } from './expression.ts'
import { literalDoubts } from './literals.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { CompiledTopology, FeatureSpec } from './model.ts'
import { detectorNames, eventNames, RECORDED_JITTER } from './names.ts'
import type { Problem } from './problem.ts'
import type { RawTopology } from './topology-schema.ts'
import { vocabularyOf } from './vocabulary.ts'

interface Doubt {
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** With its offset in the expression. */
type PlacedDoubt = Doubt & { readonly at: number }

type Environment = ReturnType<typeof celEnvironment>

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000
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
  const ofDetectors = raw.detectors.flatMap(({ when, confidence, jitter }, at) => {
    const ofComparisons = comparisonsOf(when, environment).flatMap((one): readonly PlacedDoubt[] => {
      const limited = figureAndLimit(one, jitter)
      const doubt =
        neverHolds(one, limited, bounds) ??
        neverForSome(one, limited, bounds) ??
        oneForSome(one, limited, features) ??
        ageOfMoments(one, limited) ??
        otherLength(one, features)
      return doubt === null ? [] : [{ ...doubt, at: one.at }]
    })
    const ofConditions = [...ofComparisons, ...textDoubts(when, environment, jitter)]
    const ofConfidence = [...confidenceDoubts(confidence), ...writtenOut(confidence, environment)]
    return [
      ...problemsOf(ofConditions, ['detectors', at, 'when'], yaml),
      ...problemsOf(ofConfidence, ['detectors', at, 'confidence'], yaml),
    ]
  })
  return [...ofDetectors, ...filterWarnings(features, raw, yaml)]
}

/** Of a condition, whatever its figures may be. */
function textDoubts(
  text: string,
  environment: Environment | undefined,
  jitter: number,
): readonly PlacedDoubt[] {
  const contradictions = conjunctionsOf(text, environment).flatMap((group) => contradictionsIn(group, jitter))
  const never = contradictions.map(({ one, other }) => {
    const message = `${other.text} never holds where ${one.text} does`
    return { code: 'never', message, hint: 'write || where either is enough', at: other.at }
  })
  return [...never, ...writtenOut(text, environment)]
}

function writtenOut(text: string, environment: Environment | undefined): readonly PlacedDoubt[] {
  return literalDoubts(treeOf(text, environment), text).map((one) => ({ code: 'written-out', ...one }))
}

/** A formula that is a number alone. */
function confidenceDoubts(text: string): readonly PlacedDoubt[] {
  const value = Number(text)
  if (Number.isNaN(value) || (value >= 0 && value <= 1)) return []
  const message = `${oneLine(text)} is no confidence: it counts as ${Math.min(1, Math.max(0, value))}`
  return [{ code: 'written-out', message, hint: 'from 0, a guess, to 1, a proof', at: 0 }]
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
    const where = raw.features[name]?.where ?? ''
    const ofComparisons = comparisonsOf(where, environment).flatMap((one): readonly PlacedDoubt[] => {
      const doubt = neverHolds(one, figureAndLimit(one, 0), bounds)
      return doubt === null ? [] : [{ ...doubt, at: one.at }]
    })
    const doubts = [...ofComparisons, ...textDoubts(where, environment, 0)]
    return problemsOf(doubts, ['features', name, 'where'], yaml)
  })
}

function problemsOf(doubts: readonly PlacedDoubt[], path: Path, yaml: LocatedYaml): readonly Problem[] {
  return doubts.map(({ code, message, hint, at }) => yaml.problemAt(path, code, message, hint, at))
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

/** The age of an account against less than a second: days are meant. */
function ageOfMoments({ text }: Comparison, limited: Limited | null): Doubt | null {
  if (limited?.name !== 'account.ageMs' || limited.limit <= 0 || limited.limit >= SECOND_MS) return null
  const message = `${text}: that is ${limited.limit} milliseconds`
  return { code: 'odd-duration', message, hint: `an hour is ${HOUR_MS}, a day ${24 * HOUR_MS}` }
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
