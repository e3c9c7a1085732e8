/**
 * Between what a figure lies, whatever happens. What is not known to have a bound has none.
 */
import { oneLine } from './expression.ts'
import type { Collection, FeatureSpec, Unit } from './model.ts'
import {
  AGGREGATE_KEYWORDS,
  type AggregateKeyword,
  type RawFeature,
  type RawTopology,
} from './topology-schema.ts'
import { vocabularyOf } from './vocabulary.ts'
import { partsOf } from '../windows/active-parts.ts'

export interface Bounds {
  readonly least: number
  readonly most: number
}

export type BoundsByName = ReadonlyMap<string, Bounds>

const MINUTE_MS = 60_000
const ANYTHING: Bounds = { least: -Infinity, most: Infinity }
const NOT_NEGATIVE: Bounds = { least: 0, most: Infinity }
const SHARE: Bounds = { least: 0, most: 1 }

/** Figures whose value is a share, of whatever field. */
const SHARES: readonly AggregateKeyword[] = ['topShare', 'enumeration', 'regularity', 'dutyCycle', 'novelty']
/** Figures that lie between the smallest and the largest value of their field. */
const OF_VALUES: readonly AggregateKeyword[] = ['mean', 'min', 'max', 'quantile']
/** Figures of which a part is no more than the whole. */
const ADDED_UP = ['count', 'sum'] as const

/** Of what a detector's condition may read, as far as there are bounds. */
export function boundsOfNames(raw: RawTopology, features: readonly FeatureSpec[]): BoundsByName {
  const kept = features.map((spec) => [spec.name, keptBounds(raw.features[spec.name], spec)] as const)
  const known = new Map(kept)
  const derived = Object.entries(raw.features).flatMap(([name, { ratio, exceeding }]) => {
    if (exceeding !== undefined) return [[name, { least: 0, most: Object.keys(exceeding).length }] as const]
    return ratio === undefined ? [] : [[name, ratioBounds(ratio, raw, known)] as const]
  })
  return new Map([...kept, ...derived, ...poolBounds(raw)])
}

/** Of what `where` may read of the collection's events. */
export function boundsOfFields(collection: Collection): BoundsByName {
  const fields = Object.entries(vocabularyOf(collection))
  return new Map(
    fields.flatMap(([name, field]) =>
      field.type === 'number' ? [[name, unitBounds(field.unit)] as const] : [],
    ),
  )
}

function keptBounds(raw: RawFeature | undefined, { shape, windowMs, paneMs, unit }: FeatureSpec): Bounds {
  const keyword = AGGREGATE_KEYWORDS.find((one) => raw?.[one] !== undefined)
  if (keyword === undefined) return ANYTHING
  if (SHARES.includes(keyword)) return SHARE
  if (keyword === 'streak') return { least: 0, most: partsOf(windowMs, paneMs) }
  if (keyword === 'firstSeen' || keyword === 'lastSeen')
    return shape === 'session' ? NOT_NEGATIVE : { least: 0, most: windowMs }
  if (OF_VALUES.includes(keyword)) return unitBounds(unit)
  return unitBounds(unit) === ANYTHING ? ANYTHING : NOT_NEGATIVE
}

/** Ratios among the fields of events are shares; bare numbers and likelihoods may be anything. */
function unitBounds(unit: Unit): Bounds {
  if (unit === 'ratio') return SHARE
  return unit === 'none' || unit === 'logRatio' ? ANYTHING : NOT_NEGATIVE
}

function ratioBounds([of, to]: readonly [string, string], raw: RawTopology, known: BoundsByName): Bounds {
  if (isPart(raw.features[of], raw.features[to]) && known.get(of)?.least === 0) return SHARE
  return [of, to].every((name) => known.get(name)?.least === 0) ? NOT_NEGATIVE : ANYTHING
}

/** Whether all that the one counts, the other counts too. */
function isPart(one: RawFeature | undefined, other: RawFeature | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return (
    ADDED_UP.some((word) => one[word] !== undefined && one[word] === other[word]) &&
    (other.where === undefined || oneLine(other.where) === oneLine(one.where ?? '')) &&
    (other.by === undefined || other.by === one.by) &&
    one.window !== undefined &&
    one.window === other.window &&
    one.pane === other.pane
  )
}

function poolBounds({ pool }: RawTopology): readonly (readonly [string, Bounds])[] {
  const minutes = { least: 0, most: (pool?.window ?? 0) / MINUTE_MS }
  const told = ['minutes', 'saturatedMinutes', 'degradedMinutes']
  return told.map((name) => [`pool.${name}`, minutes] as const)
}
