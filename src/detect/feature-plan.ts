/**
 * How a topology's features lie in state. Features of one pane length share a cell per key and pane, so that a
 * commit rewrites only the newest panes; within it, features of one sub-key share a row. What lies in cells of another
 * set of features is told by `state-layout.ts`, and carried over feature by feature (`former-panes.ts`).
 */
import type { Collection, CompiledTopology, FeatureSpec } from '../topology/model.ts'
import { canLeave, figureStart, isFigure, type FigureKind } from '../windows/figures.ts'
import { planLasting, planMoving, type LastingPlan, type MovingPlan } from './moving-plan.ts'
import { specOf, type PaneForm } from './pane-form.ts'
import { keepsTrail, stateLayout, type StateLayout } from './state-layout.ts'

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
  /** Number of the first pane in which nothing of it can be missing. */
  readonly warmFrom: number
}

/** Panes as they were stored by another set of features of the same length. */
export interface FormerClass {
  readonly label: string
  readonly sources: readonly string[]
  /** To read and give back what was stored; nothing is added to it. */
  readonly paneClass: PaneClass
  /** The class whose panes they become. */
  readonly into: PaneClass
  /** Group by group, the features that both have. */
  readonly carried: readonly CarriedGroup[]
}

export interface CarriedGroup {
  readonly from: FeatureGroup
  readonly to: FeatureGroup
  readonly features: readonly (readonly [from: PlannedFeature, to: PlannedFeature])[]
}

/** The features of one group that one collection feeds. */
export interface FeedGroup {
  readonly group: FeatureGroup
  readonly features: readonly PlannedFeature[]
}

export interface FeaturePlan {
  readonly layout: StateLayout
  readonly classes: readonly PaneClass[]
  /** The newest first. */
  readonly former: readonly FormerClass[]
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
export const CLASS_WORDS = 6
/** Words of a pane before the rows of its groups. */
export const PANE_HEAD_WORDS = 2

export function planFeatures(
  topology: CompiledTopology,
  layout: StateLayout = stateLayout(topology, null),
): FeaturePlan {
  const ofPanes = topology.features.filter(({ shape }) => shape === 'panes')
  const classes: PaneClass[] = []
  let keyWords = 0
  for (const [index, form] of layout.current.entries()) {
    const specs = ofPanes.filter(({ paneMs }) => paneMs === form.paneMs)
    const planned = paneClass(index, form, keyWords, specs, (spec) => layout.sinceMs(spec))
    classes.push(planned)
    keyWords += CLASS_WORDS + planned.groups.length
  }
  const groups = classes.flatMap((one) => one.groups)
  const planned = new Map(groups.flatMap((one) => one.features).map((one) => [one.spec.index, one]))
  const collections = [...new Set(ofPanes.map((feature) => feature.collection))]
  return {
    layout,
    classes,
    former: layout.former.flatMap((form) => formerClass(form, layout, classes) ?? []),
    keyWords,
    features: topology.features.map(({ index }) => planned.get(index)),
    moving: planMoving(topology, layout),
    lasting: planLasting(topology, layout),
    byCollection: new Map(collections.map((one) => [one, feedGroups(groups, one)])),
    patient: topology.detectors.filter(({ patience }) => patience !== null).length,
    sources: topology.sources,
    maxSubKeys: topology.maxSubKeys,
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

function paneClass(
  index: number,
  { label, paneMs, reachMs }: PaneForm,
  keyAt: number,
  specs: readonly FeatureSpec[],
  sinceMs: (spec: FeatureSpec) => number,
): PaneClass {
  const names = [...new Set(specs.map((spec) => spec.by?.name ?? ''))].sort()
  const groups: FeatureGroup[] = []
  let paneWords = PANE_HEAD_WORDS
  for (const [at, name] of names.entries()) {
    const ofGroup = specs.filter((spec) => (spec.by?.name ?? '') === name)
    const group = featureGroup(index, at, paneWords, ofGroup, sinceMs)
    groups.push(group)
    paneWords += group.by === null ? group.rowWords : 1
  }
  const maxPanes = Math.max(...specs.map((spec) => spec.windowMs)) / paneMs
  return { index, label, paneMs, keyAt, paneWords, groups, maxPanes, reachMs }
}

/** Null where no feature has panes of that length any more. */
function formerClass(form: PaneForm, layout: StateLayout, classes: readonly PaneClass[]): FormerClass | null {
  const into = classes.find(({ paneMs }) => paneMs === form.paneMs)
  if (into === undefined) return null
  const specs = form.columns.map((column, index) => specOf(column, index, form.paneMs))
  const paneClassOf = paneClass(0, form, 0, specs, () => -Infinity)
  const carried = paneClassOf.groups.flatMap((from) => carriedGroup(from, into, layout) ?? [])
  return { label: form.label, sources: form.sources, paneClass: paneClassOf, into, carried }
}

function carriedGroup(from: FeatureGroup, into: PaneClass, layout: StateLayout): CarriedGroup | null {
  const to = into.groups.find(({ by }) => (by?.name ?? '') === (from.by?.name ?? ''))
  if (to === undefined) return null
  const kept = new Map(to.features.map((feature) => [layout.idOf(feature.spec), feature]))
  const features = from.features.flatMap((feature) => {
    const target = kept.get(feature.spec.name)
    return target === undefined ? [] : [[feature, target] as const]
  })
  return features.length === 0 ? null : { from, to, features }
}

function featureGroup(
  classIndex: number,
  index: number,
  paneAt: number,
  specs: readonly FeatureSpec[],
  sinceMs: (spec: FeatureSpec) => number,
): FeatureGroup {
  const start = specs.flatMap(({ aggregate }) =>
    isFigure(aggregate.kind) ? figureStart(aggregate.kind) : [],
  )
  const partsAt = start.length * 2
  const trailsAt = partsAt + specs.filter(({ aggregate }) => !isFigure(aggregate.kind)).length
  const next = { figure: 0, part: partsAt, trail: trailsAt }
  const features = specs.map((spec) => plannedFeature(spec, classIndex, index, next, sinceMs(spec)))
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
  sinceMs: number,
): PlannedFeature {
  const { kind } = spec.aggregate
  const figure = isFigure(kind) ? kind : null
  const at = figure === null ? next.part++ : next.figure
  if (figure !== null) next.figure += figureStart(figure).length
  const trailAt = keepsTrail(spec) ? next.trail++ : -1
  const panes = spec.windowMs / spec.paneMs
  // Whether a retry came early is known by a refusal of up to a window before it.
  const memory = kind === 'earlyRetries' ? panes : 0
  const warmFrom = Math.ceil(sinceMs / spec.paneMs) + memory
  return { spec, classIndex, groupIndex, figure, at, trailAt, panes, warmFrom }
}
