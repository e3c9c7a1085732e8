/**
 * How the features of a topology whose windows do not move in panes lie in state: each by itself, in cells by pane
 * (sliding) or by the hour of its newest end (sessions). The label carries the length of what a cell's number
 * counts, and what tells the feature from others, so that no cell is taken for another one's.
 */
import { formatDuration } from '../domain/duration.ts'
import type { Aggregate, Collection, CompiledTopology, FeatureSpec } from '../topology/model.ts'
import { hash31 } from '../windows/hash.ts'
import type { LastingAggregate } from './lasting-window.ts'
import type { MovingForm, MovingWindow } from './moving-window.ts'
import { openerOf } from './open-moving.ts'
import { reachOf, type StateLayout } from './state-layout.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export interface MovingFeature extends MovingForm {
  /** An empty window of one key. */
  readonly open: () => MovingWindow
}

/** A feature that has no window, and is kept without a date. */
export interface LastingFeature {
  readonly spec: FeatureSpec
  readonly aggregate: LastingAggregate
  /** Tells it from others in the store: a digest of what it counts. */
  readonly label: number
  /** Position among the lasting ones. */
  readonly place: number
  /** On how many days before that of stream time an event may still come. */
  readonly lateDays: number
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
export function planMoving(topology: CompiledTopology, layout: StateLayout): MovingPlan | null {
  const features = topology.features.flatMap((spec) => movingFeature(spec, topology, layout) ?? [])
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

export function planLasting(topology: CompiledTopology, layout: StateLayout): LastingPlan {
  const { features, maxSubKeys, latenessMs } = topology
  const lateDays = Math.ceil(latenessMs / DAY_MS)
  const lasting: LastingFeature[] = []
  for (const spec of features) {
    const { aggregate } = spec
    if (!isLasting(aggregate)) continue
    const label = hash31(layout.idOf(spec))
    lasting.push({ spec, aggregate, label, place: lasting.length, lateDays, maxSubKeys })
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

function movingFeature(
  spec: FeatureSpec,
  topology: CompiledTopology,
  layout: StateLayout,
): MovingFeature | null {
  const { shape } = spec
  if (shape !== 'sliding' && shape !== 'session') return null
  const cellMs = shape === 'sliding' ? spec.paneMs : HOUR_MS
  const form: MovingForm = {
    spec,
    label: `${shape}.${formatDuration(cellMs)}.${layout.idOf(spec)}`,
    sinceMs: layout.sinceMs(spec),
    cellMs,
    reachMs: reachOf([spec], topology),
    maxSubKeys: topology.maxSubKeys,
  }
  return { ...form, open: openerOf(form) }
}
