/**
 * What a detector will cost, estimated from how it is planned, before anything has run. The unit is one reading of a count
 * of the whole key; a window by sub-key is 3, one that may have to be merged 6, the pool 3 (`names.ts`).
 *
 * E1. An estimate for comparing detectors, and no time: what it costs in truth, which depends on the traffic, is
 *     measured while it runs (`bailiff_detector_seconds_total`).
 * E2. Assumed is that one judgement in `GETS_ON` goes beyond its first question, and that a condition which can be left
 *     alone (`patience.ts`) is asked on one event in `WAITED_FOR`.
 * E3. What it costs to keep windows is told as how many are kept for it alone: they are fed by each event, asked or not.
 */
import { isFigure } from '../windows/figures.ts'
import type { LocatedYaml } from './located-yaml.ts'
import type { Collection, CompiledDetector, CompiledTopology, FeatureSpec } from './model.ts'
import type { Problem } from './problem.ts'

const GETS_ON = 4
const WAITED_FOR = 16
/** As much as four windows that have to be merged for each event. */
export const DEAR = 24

export interface EstimatedCost {
  readonly detectorId: string
  /** Events of these ask it. */
  readonly askedOn: readonly Collection[]
  /** Whether it can be left alone until enough events have come. */
  readonly waits: boolean
  /** Readings for what it asks first, and for all that it may ask. */
  readonly first: number
  readonly all: number
  /** Windows that it reads: figures of the whole key, figures by sub-key, what may have to be merged. */
  readonly windows: { readonly figures: number; readonly bySubKey: number; readonly merged: number }
  /** Windows that no other detector reads. */
  readonly windowsAlone: number
  /** Readings for an event of those that may ask it, by E2. */
  readonly readingsPerEvent: number
}

/** The dearest first. */
export function estimatedCosts(topology: CompiledTopology): readonly EstimatedCost[] {
  const costs = topology.detectors.map((detector) => estimatedCost(detector, topology))
  return costs.sort((a, b) => b.readingsPerEvent - a.readingsPerEvent)
}

function estimatedCost(detector: CompiledDetector, topology: CompiledTopology): EstimatedCost {
  const { id, collections, patience, readsFeatures } = detector
  const { first, all } = detector.cost
  const kept = topology.features.filter(({ index }) => keeps(detector, index))
  const read = kept.filter(({ index }) => readsFeatures.includes(index))
  const others = topology.detectors.filter((other) => other !== detector)
  const alone = kept.filter(({ index }) => !others.some((other) => keeps(other, index)))
  const waits = patience !== null
  const asked = first + (all - first) / GETS_ON
  const figures = read.filter(isSimple)
  return {
    detectorId: id,
    askedOn: collections,
    waits,
    first,
    all,
    windows: {
      figures: figures.filter(({ by }) => by === null).length,
      bySubKey: figures.filter(({ by }) => by !== null).length,
      merged: read.length - figures.length,
    },
    windowsAlone: alone.length,
    readingsPerEvent: waits ? asked / WAITED_FOR : asked,
  }
}

/** For its condition, or to tell whom it names. */
function keeps({ readsFeatures, narrowings }: CompiledDetector, index: number): boolean {
  const parts = narrowings.flatMap(({ figures }) => figures.map(({ part }) => part.index))
  return readsFeatures.includes(index) || parts.includes(index)
}

function isSimple({ shape, aggregate }: FeatureSpec): boolean {
  return shape === 'panes' && isFigure(aggregate.kind)
}

/** Where a detector is dear: no mistake, and worth a second look. */
export function dearWarnings(topology: CompiledTopology, yaml: LocatedYaml): readonly Problem[] {
  return topology.detectors.flatMap((detector, at) => {
    const { readingsPerEvent, askedOn } = estimatedCost(detector, topology)
    if (readingsPerEvent <= DEAR) return []
    const readings = Math.round(readingsPerEvent)
    const message = `${detector.id} is dear: an estimated ${readings} readings for each event of ${askedOn.join(' and ')}, more than ${DEAR}`
    return [yaml.problemAt(['detectors', at, 'when'], 'dear', message, CHEAPER)]
  })
}

const CHEAPER = 'add a count of the whole key that must be reached first, as in requests_1h >= 50 && …'
