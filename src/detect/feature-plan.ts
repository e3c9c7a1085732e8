/**
 * How a topology's features lie in state. Features of one pane length share a cell per key and pane, so that a
 * commit rewrites only the newest panes; within it, features of one sub-key share a row. The slot's name carries
 * a digest of the layout, so that cells of another layout are told from ours.
 */
import { formatDuration } from '../domain/duration.ts'
import type { Collection, CompiledTopology, FeatureSpec } from '../topology/model.ts'
import { canLeave, figureStart, isFigure, type FigureKind } from '../windows/figures.ts'
import { hash31 } from '../windows/hash.ts'
import { planMoving, type MovingPlan } from './moving-plan.ts'
import { RECHECK_SPAN_MS } from './recheck.ts'

/** The features of one pane length. */
export interface PaneClass {
  /** Position among the plan's classes. */
  readonly index: number
  readonly label: string
  readonly paneMs: number
  readonly groups: readonly FeatureGroup[]
  /** Panes that the longest window needs. */
  readonly maxPanes: number
  /**
   * From a pane's end until nothing can read it any more: the longest window, the allowed lateness, and how long
   * a judgement may wait for a pool.
   */
  readonly reachMs: number
}

/** The features of one pane length and one sub-key (or none): one row a pane and sub-key. */
export interface FeatureGroup {
  readonly classIndex: number
  /** Position among the groups of its class. */
  readonly index: number
  readonly by: FeatureSpec['by']
  readonly features: readonly PlannedFeature[]
  /** What the figures of an empty row are. */
  readonly start: readonly number[]
  readonly hasParts: boolean
  readonly hasTrails: boolean
  /** Whether a pane can be taken out of a merged row again. */
  readonly slides: boolean
  /** Whether an event is judged by what earlier ones left in the window (early retries). */
  readonly remembers: boolean
}

export interface PlannedFeature {
  readonly spec: FeatureSpec
  readonly classIndex: number
  readonly groupIndex: number
  /** The kind of figure; null for a feature that is a part. */
  readonly figure: FigureKind | null
  /** Its first slot among the row's figures, or its slot among the row's parts. */
  readonly at: number
  /** Its slot among the row's trails; -1 where it keeps none. */
  readonly trailAt: number
  /** Panes of its window; 1 is a tumbling window. */
  readonly panes: number
}

/** The features of one group that one collection feeds. */
export interface FeedGroup {
  readonly group: FeatureGroup
  readonly features: readonly PlannedFeature[]
}

export interface FeaturePlan {
  readonly classes: readonly PaneClass[]
  /** By the feature's index in the topology; of features over panes. */
  readonly features: readonly (PlannedFeature | undefined)[]
  /** The others; null where there are none. */
  readonly moving: MovingPlan | null
  readonly byCollection: ReadonlyMap<Collection, readonly FeedGroup[]>
  readonly sources: readonly string[]
  readonly maxSubKeys: number
}

export function planFeatures(whole: CompiledTopology): FeaturePlan {
  const topology = { ...whole, features: whole.features.filter(({ shape }) => shape === 'panes') }
  const paneLengths = [...new Set(topology.features.map((feature) => feature.paneMs))].sort((a, b) => a - b)
  const classes = paneLengths.map((paneMs, index) => paneClass(index, paneMs, topology))
  const groups = classes.flatMap((one) => one.groups)
  const planned = new Map(groups.flatMap((one) => one.features).map((one) => [one.spec.index, one]))
  const features = whole.features.map(({ index }) => planned.get(index))
  const collections = [...new Set(topology.features.map((feature) => feature.collection))]
  const byCollection = new Map(collections.map((one) => [one, feedGroups(groups, one)]))
  const { sources, maxSubKeys } = topology
  return { classes, features, moving: planMoving(whole), byCollection, sources, maxSubKeys }
}

function feedGroups(groups: readonly FeatureGroup[], collection: Collection): FeedGroup[] {
  return groups
    .map((group) => ({
      group,
      features: group.features.filter((feature) => feature.spec.collection === collection),
    }))
    .filter((feed) => feed.features.length > 0)
}

function paneClass(index: number, paneMs: number, topology: CompiledTopology): PaneClass {
  const specs = topology.features.filter((feature) => feature.paneMs === paneMs)
  const names = [...new Set(specs.map((spec) => spec.by?.name ?? ''))]
  const groups = names.map((name, at) =>
    featureGroup(
      index,
      at,
      specs.filter((spec) => (spec.by?.name ?? '') === name),
    ),
  )
  const windowMs = Math.max(...specs.map((spec) => spec.windowMs))
  return {
    index,
    label: `${formatDuration(paneMs)}.${hash31(specs.map(layoutOf).join(';')).toString(36)}`,
    paneMs,
    groups,
    maxPanes: windowMs / paneMs,
    reachMs: windowMs + topology.latenessMs + (topology.poolWindowMs > 0 ? RECHECK_SPAN_MS : 0),
  }
}

function layoutOf({ name, collection, aggregate, by, windowMs }: FeatureSpec): string {
  const limit = 'exactLimit' in aggregate ? aggregate.exactLimit : 0
  return [name, collection, aggregate.kind, limit, by?.name ?? '', windowMs].join('/')
}

function featureGroup(classIndex: number, index: number, specs: readonly FeatureSpec[]): FeatureGroup {
  const start: number[] = []
  const features: PlannedFeature[] = []
  let parts = 0
  let trails = 0
  for (const spec of specs) {
    const { kind } = spec.aggregate
    const figure = isFigure(kind) ? kind : null
    const at = figure === null ? parts++ : start.length
    if (figure !== null) start.push(...figureStart(figure))
    const trailAt = keepsTrail(spec) ? trails++ : -1
    const panes = spec.windowMs / spec.paneMs
    features.push({ spec, classIndex, groupIndex: index, figure, at, trailAt, panes })
  }
  const slides = features.every(({ figure }) => figure === null || canLeave(figure))
  const remembers = features.some((feature) => feature.figure === 'earlyRetries')
  return {
    classIndex,
    index,
    by: specs[0]?.by ?? null,
    features,
    start,
    hasParts: parts > 0,
    hasTrails: trails > 0,
    slides,
    remembers,
  }
}

/** Content is proven by single records, volume by the volume: only the former are pointed at one by one. */
function keepsTrail(spec: FeatureSpec): boolean {
  return spec.collection === 'verdicts' && spec.where !== null
}
