/**
 * How a topology's features lie in state: features of one pane length share a cell per key and pane, so that a
 * commit rewrites only the newest panes. The slot's name carries a digest of the layout: a changed set of
 * features begins cold instead of being misread.
 */
import { formatDuration } from '../domain/duration.ts'
import type { Collection, CompiledTopology, FeatureSpec } from '../topology/model.ts'
import { hash31 } from '../windows/hash.ts'

/** The features of one pane length. */
export interface PaneClass {
  /** Position among the plan's classes. */
  readonly index: number
  readonly label: string
  readonly paneMs: number
  readonly features: readonly PlannedFeature[]
  /** Panes that the longest window needs. */
  readonly maxPanes: number
}

export interface PlannedFeature {
  readonly spec: FeatureSpec
  readonly classIndex: number
  /** Position in the class. */
  readonly at: number
  /** Panes of its window; 1 is a tumbling window. */
  readonly panes: number
}

export interface FeaturePlan {
  readonly classes: readonly PaneClass[]
  /** By the feature's index in the topology. */
  readonly features: readonly PlannedFeature[]
  readonly byCollection: ReadonlyMap<Collection, readonly PlannedFeature[]>
  readonly latenessMs: number
  readonly maxSubKeys: number
}

export function planFeatures(topology: CompiledTopology): FeaturePlan {
  const paneLengths = [...new Set(topology.features.map((feature) => feature.paneMs))].sort((a, b) => a - b)
  const classes = paneLengths.map((paneMs, index) =>
    paneClass(
      index,
      paneMs,
      topology.features.filter((feature) => feature.paneMs === paneMs),
    ),
  )
  const features = classes.flatMap((one) => one.features).sort((a, b) => a.spec.index - b.spec.index)
  const byCollection = new Map<Collection, PlannedFeature[]>()
  for (const feature of features) {
    const siblings = byCollection.get(feature.spec.collection) ?? []
    byCollection.set(feature.spec.collection, [...siblings, feature])
  }
  const { latenessMs, maxSubKeys } = topology
  return { classes, features, byCollection, latenessMs, maxSubKeys }
}

function paneClass(index: number, paneMs: number, specs: readonly FeatureSpec[]): PaneClass {
  const features = specs.map((spec, at) => ({ spec, classIndex: index, at, panes: spec.windowMs / paneMs }))
  const layout = specs.map(
    (spec) => `${spec.name}/${spec.aggregate.kind}/${spec.by?.name ?? ''}/${spec.windowMs}`,
  )
  const digest = hash31(layout.join(';')).toString(36)
  return {
    index,
    label: `${formatDuration(paneMs)}.${digest}`,
    paneMs,
    features,
    maxPanes: Math.max(...features.map((feature) => feature.panes)),
  }
}
