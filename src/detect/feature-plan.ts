/**
 * How a topology's features lie in state. Features of one pane length share a cell per key and pane, so that a
 * commit rewrites only the newest panes; within it, features of one sub-key share a row. The slot's name carries
 * a digest of the layout, so that cells of another layout are told from ours.
 */
import { formatDuration } from '../domain/duration.ts'
import type { Collection, CompiledTopology, FeatureSpec } from '../topology/model.ts'
import { canLeave, figureStart, isFigure, type FigureKind } from '../windows/figures.ts'
import { hash31 } from '../windows/hash.ts'
import { planLasting, planMoving, type LastingPlan, type MovingPlan } from './moving-plan.ts'
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
  /** Where its words begin in a key's block, and where the rows of its groups begin in a pane's. */
  readonly keyAt: number
  readonly paneWords: number
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
  /** Where in a row its parts begin, its trails, and its end, in words. */
  readonly partsAt: number
  readonly trailsAt: number
  readonly rowWords: number
  /** Where in a pane's block its row lies, or, of a group by sub-key, the word that points at its table. */
  readonly paneAt: number
  /** Panes that the shortest window needs. */
  readonly minPanes: number
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
  /** Its first double in a row, or, of a part, its word. */
  readonly at: number
  /** The word of its trail in a row; -1 where it keeps none. */
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
  /** Words of all classes in a key's block. */
  readonly keyWords: number
  /** By the feature's index in the topology; of features over panes. */
  readonly features: readonly (PlannedFeature | undefined)[]
  /** The others; null where there are none. */
  readonly moving: MovingPlan | null
  /** Those that have no window. */
  readonly lasting: LastingPlan
  readonly byCollection: ReadonlyMap<Collection, readonly FeedGroup[]>
  /** How many conditions can be left alone for a while. */
  readonly patient: number
  readonly sources: readonly string[]
  readonly maxSubKeys: number
}

/** Words of a class in a key's block before those of its groups (`key-block.ts`). */
export const CLASS_WORDS = 7
/** Words of a pane before the rows of its groups. */
export const PANE_HEAD_WORDS = 2

export function planFeatures(whole: CompiledTopology): FeaturePlan {
  const topology = { ...whole, features: whole.features.filter(({ shape }) => shape === 'panes') }
  const paneLengths = [...new Set(topology.features.map((feature) => feature.paneMs))].sort((a, b) => a - b)
  const classes: PaneClass[] = []
  let keyWords = 0
  for (const [index, paneMs] of paneLengths.entries()) {
    const planned = paneClass(index, paneMs, keyWords, topology)
    classes.push(planned)
    keyWords += CLASS_WORDS + planned.groups.length
  }
  const groups = classes.flatMap((one) => one.groups)
  const planned = new Map(groups.flatMap((one) => one.features).map((one) => [one.spec.index, one]))
  const features = whole.features.map(({ index }) => planned.get(index))
  const collections = [...new Set(topology.features.map((feature) => feature.collection))]
  const byCollection = new Map(collections.map((one) => [one, feedGroups(groups, one)]))
  const { sources, maxSubKeys } = topology
  return {
    classes,
    keyWords,
    features,
    moving: planMoving(whole),
    lasting: planLasting(whole),
    byCollection,
    patient: whole.detectors.filter(({ patience }) => patience !== null).length,
    sources,
    maxSubKeys,
  }
}

function feedGroups(groups: readonly FeatureGroup[], collection: Collection): FeedGroup[] {
  return groups
    .map((group) => ({
      group,
      features: group.features.filter((feature) => feature.spec.collection === collection),
    }))
    .filter((feed) => feed.features.length > 0)
}

function paneClass(index: number, paneMs: number, keyAt: number, topology: CompiledTopology): PaneClass {
  const specs = topology.features.filter((feature) => feature.paneMs === paneMs)
  const names = [...new Set(specs.map((spec) => spec.by?.name ?? ''))].sort()
  const groups: FeatureGroup[] = []
  let paneWords = PANE_HEAD_WORDS
  for (const [at, name] of names.entries()) {
    const ofGroup = specs.filter((spec) => (spec.by?.name ?? '') === name)
    const group = featureGroup(index, at, paneWords, ofGroup)
    groups.push(group)
    paneWords += group.by === null ? group.rowWords : 1
  }
  const windowMs = Math.max(...specs.map((spec) => spec.windowMs))
  return {
    index,
    label: `${formatDuration(paneMs)}.${hash31(specs.map(layoutOf).join(';')).toString(36)}`,
    paneMs,
    keyAt,
    paneWords,
    groups,
    maxPanes: windowMs / paneMs,
    reachMs: windowMs + topology.latenessMs + (topology.poolWindowMs > 0 ? RECHECK_SPAN_MS : 0),
  }
}

function layoutOf({ name, collection, aggregate, fields, by, windowMs }: FeatureSpec): string {
  const limit = 'exactLimit' in aggregate ? aggregate.exactLimit : 0
  return [name, collection, aggregate.kind, limit, fields.join(','), by?.name ?? '', windowMs].join('/')
}

function featureGroup(
  classIndex: number,
  index: number,
  paneAt: number,
  specs: readonly FeatureSpec[],
): FeatureGroup {
  const start = specs.flatMap(({ aggregate }) =>
    isFigure(aggregate.kind) ? figureStart(aggregate.kind) : [],
  )
  const partsAt = start.length * 2
  const trailsAt = partsAt + specs.filter(({ aggregate }) => !isFigure(aggregate.kind)).length
  const next = { figure: 0, part: partsAt, trail: trailsAt }
  const features = specs.map((spec) => plannedFeature(spec, classIndex, index, next))
  return {
    classIndex,
    index,
    by: specs[0]?.by ?? null,
    features,
    start,
    partsAt,
    trailsAt,
    // Even, so that the doubles of what follows lie where doubles may.
    rowWords: next.trail + (next.trail % 2),
    paneAt,
    minPanes: Math.min(...features.map(({ panes }) => panes)),
    slides: features.every(({ figure }) => figure === null || canLeave(figure)),
    remembers: features.some((feature) => feature.figure === 'earlyRetries'),
  }
}

function plannedFeature(
  spec: FeatureSpec,
  classIndex: number,
  groupIndex: number,
  next: { figure: number; part: number; trail: number },
): PlannedFeature {
  const { kind } = spec.aggregate
  const figure = isFigure(kind) ? kind : null
  const at = figure === null ? next.part++ : next.figure
  if (figure !== null) next.figure += figureStart(figure).length
  const trailAt = keepsTrail(spec) ? next.trail++ : -1
  return { spec, classIndex, groupIndex, figure, at, trailAt, panes: spec.windowMs / spec.paneMs }
}

/** Content is proven by single records, volume by the volume: only the former are pointed at one by one. */
function keepsTrail(spec: FeatureSpec): boolean {
  return spec.collection === 'verdicts' && spec.where !== null
}
