/**
 * How the features of a topology whose windows do not move in panes lie in state: each by itself, in cells by pane
 * (sliding) or by the hour of its newest end (sessions). The label carries the length of what a cell's number
 * counts, and a digest of the feature, so that cells of another one are told from ours.
 */
import { formatDuration } from '../domain/duration.ts'
import type { Aggregate, Collection, CompiledTopology, FeatureSpec, NumberField } from '../topology/model.ts'
import { hash31 } from '../windows/hash.ts'
import type { TotalsKind } from '../windows/totals.ts'
import type { LastingAggregate } from './lasting-window.ts'
import { RECHECK_SPAN_MS } from './recheck.ts'

const HOUR_MS = 3_600_000
/** Milliseconds with events that a pane of a sliding window tells apart. */
const EXACT_MOMENTS = 256

const TOTALS: readonly TotalsKind[] = ['count', 'sum', 'mean', 'min', 'max']

export interface MovingFeature {
  readonly spec: FeatureSpec
  readonly kind: TotalsKind
  /** What of an event is added; null for what counts as one. */
  readonly field: NumberField | null
  readonly label: string
  /** What a cell's number counts. */
  readonly cellMs: number
  /** From a cell's end until nothing can read it any more. */
  readonly reachMs: number
  readonly exactMoments: number
  readonly maxSubKeys: number
}

/** A feature that has no window, and is kept without a date. */
export interface LastingFeature {
  readonly spec: FeatureSpec
  readonly aggregate: LastingAggregate
  /** Tells it from others in the store: a digest of its name and kind. */
  readonly label: number
  /** Position among the lasting ones. */
  readonly place: number
  readonly maxSubKeys: number
}

export interface LastingPlan {
  readonly byCollection: ReadonlyMap<string, readonly LastingFeature[]>
  /** By the feature's index in the topology; of features without a window. */
  readonly byIndex: readonly (LastingFeature | undefined)[]
}

export interface MovingPlan {
  readonly features: readonly MovingFeature[]
  /** Positions among `features`. */
  readonly byCollection: ReadonlyMap<Collection, readonly number[]>
  /** By the feature's index in the topology, its position among `features`. */
  readonly byIndex: ReadonlyMap<number, number>
}

/** Null for a topology that has none. */
export function planMoving(topology: CompiledTopology): MovingPlan | null {
  const features = topology.features.flatMap((spec) => movingFeature(spec, topology) ?? [])
  if (features.length === 0) return null
  const collections = [...new Set(features.map(({ spec }) => spec.collection))]
  const of = (collection: Collection): number[] =>
    features.flatMap(({ spec }, at) => (spec.collection === collection ? [at] : []))
  return {
    features,
    byCollection: new Map(collections.map((one) => [one, of(one)])),
    byIndex: new Map(features.map(({ spec }, at) => [spec.index, at])),
  }
}

export function planLasting({ features, maxSubKeys }: CompiledTopology): LastingPlan {
  const lasting: LastingFeature[] = []
  for (const spec of features) {
    const { aggregate } = spec
    if (!isLasting(aggregate)) continue
    lasting.push({ spec, aggregate, label: hash31(layoutOf(spec)), place: lasting.length, maxSubKeys })
  }
  const collections = [...new Set(lasting.map(({ spec }) => spec.collection))]
  return {
    byCollection: new Map(
      collections.map((one) => [one, lasting.filter(({ spec }) => spec.collection === one)]),
    ),
    byIndex: features.map((spec) => lasting.find((feature) => feature.spec === spec)),
  }
}

function isLasting(aggregate: Aggregate): aggregate is LastingAggregate {
  return aggregate.kind === 'evidence' || aggregate.kind === 'novelty' || aggregate.kind === 'change'
}

function movingFeature(spec: FeatureSpec, topology: CompiledTopology): MovingFeature | null {
  const { aggregate, shape, windowMs } = spec
  if (shape === 'panes' || !isTotals(aggregate)) return null
  const cellMs = shape === 'sliding' ? spec.paneMs : HOUR_MS
  return {
    spec,
    kind: aggregate.kind,
    field: 'field' in aggregate ? aggregate.field : null,
    label: `${shape}.${formatDuration(cellMs)}.${hash31(layoutOf(spec)).toString(36)}`,
    cellMs,
    reachMs: windowMs + topology.latenessMs + (topology.poolWindowMs > 0 ? RECHECK_SPAN_MS : 0),
    exactMoments: EXACT_MOMENTS,
    maxSubKeys: topology.maxSubKeys,
  }
}

function isTotals(aggregate: Aggregate): aggregate is Extract<Aggregate, { readonly kind: TotalsKind }> {
  return TOTALS.some((kind) => kind === aggregate.kind)
}

function layoutOf({ name, collection, aggregate, fields, by, windowMs }: FeatureSpec): string {
  return [name, collection, aggregate.kind, fields.join(','), by?.name ?? '', windowMs].join('/')
}
