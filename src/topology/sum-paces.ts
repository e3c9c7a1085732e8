/**
 * How fast sums move (`patience.ts`): up by no more than what an event brings, in windows of the whole key that hop. What
 * is summed must never be below nothing, for a negative summand that leaves its window would raise the sum: of the
 * fields, seconds and tokens are guarded so (`codec/guards/leaves.ts`).
 */
import type { DetectorScope, FeatureSpec, NumberField } from './model.ts'
import type { Name, Names } from './names.ts'
import type { Pace } from './patience.ts'

/** The names, those of sums with their pace. */
export function withSumPaces(
  names: Names<DetectorScope>,
  features: readonly FeatureSpec[],
): Names<DetectorScope> {
  const paces = new Map(features.map((spec) => [spec.name, sumPace(spec)]))
  return new Map([...names].map(([name, found]) => [name, paced(found, paces.get(name) ?? null)]))
}

function paced<S>(name: Name<S>, pace: Pace | null): Name<S> {
  return pace === null || name.type === 'text' ? name : { ...name, pace }
}

function sumPace(spec: FeatureSpec): Pace | null {
  const { aggregate, by, shape, told, unit, windowMs, paneMs, collection } = spec
  const neverNegative = unit === 'seconds' || unit === 'tokens'
  if (aggregate.kind !== 'sum' || shape !== 'panes' || by !== null || told !== null) return null
  return windowMs === paneMs || !neverNegative
    ? null
    : { collection, broughtBy: summand(spec, aggregate.field) }
}

/** What an event adds to the sum. */
function summand({ where }: FeatureSpec, field: NumberField): NumberField {
  return where === null ? field : (body) => (where(body) === 1 ? field(body) : null)
}
