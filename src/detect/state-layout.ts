/**
 * What of a topology's features the store holds, and since when without a gap. Every feature is told by what it counts,
 * so that a changed set of features takes over all that is unchanged.
 *
 * Y1. A feature that the checkpoint's writer kept too is as warm as it was. One that is new, or counts something else,
 *     is unknown until its window begins after the last event that was taken without it: cold is not empty.
 * Y2. The panes of one length have a form: which features lie in them, in which order. A changed form is a new
 *     generation, with slots of its own. What was stored in an older one is read by that one's description, for as
 *     long as anything can read it.
 */
import { formatDuration } from '../domain/duration.ts'
import type { Former, Layout } from '../engine/logic.ts'
import type { Aggregate, CompiledTopology, FeatureSpec, WindowShape } from '../topology/model.ts'
import { hash47 } from '../windows/hash.ts'
import { decodeForm, encodeForm, type Column, type PaneForm } from './pane-form.ts'
import { RECHECK_SPAN_MS } from './recheck.ts'

export interface StateLayout extends Layout {
  /** By pane length, ascending. */
  readonly current: readonly PaneForm[]
  /** Those that cells may still be in, the newest first. */
  readonly former: readonly PaneForm[]
  /** Tells the feature from every other that is, was or will be kept. */
  idOf(feature: FeatureSpec): string
  /** From which event time on nothing is missing of the feature; -Infinity where nothing ever was. */
  sinceMs(feature: FeatureSpec): number
}

/** @param former what the checkpoint says; null where there is none, and so nothing that could be missing */
export function stateLayout(topology: CompiledTopology, former: Former | null): StateLayout {
  const ids = new Map(topology.features.map((feature) => [feature, partId(topology, feature)]))
  const parts = Object.fromEntries([...ids.values()].map((id) => [id, keptSince(id, former)]))
  const known = Object.entries(former?.layout.forms ?? {}).map(([label, text]) => decodeForm(label, text))
  const idOf = (feature: FeatureSpec): string => ids.get(feature) ?? ''
  const current = currentForms(topology, idOf, known)
  const older = known
    .filter(({ label }) => !current.some((one) => one.label === label))
    .map((form) => ({ ...form, goneMs: form.goneMs ?? goneMs(form, former) }))
    .filter((form) => (former?.streamTimeMs ?? -Infinity) < form.goneMs)
    .sort((a, b) => b.generation - a.generation)
  return {
    parts,
    forms: Object.fromEntries([...current, ...older].map((form) => [form.label, encodeForm(form)])),
    current,
    former: older,
    idOf,
    sinceMs: (feature) => parts[idOf(feature)] ?? -Infinity,
  }
}

/** Whether single records are pointed at: content is proven by them, volume by the volume. */
export function keepsTrail({ collection, where }: FeatureSpec): boolean {
  return collection === 'verdicts' && where !== null
}

/** How what is kept of a feature is cut into cells: another word where that has changed, so that no cell is read as what it is not. */
const CELLS_OF: Readonly<Record<WindowShape, string>> = {
  panes: 'panes',
  sliding: 'sliding',
  session: 'session by sub-key',
  lasting: 'lasting',
}

/** A digest of all that says what is kept of the feature. */
function partId({ featureTexts }: CompiledTopology, feature: FeatureSpec): string {
  const { name, index, collection, aggregate, fields, by, shape, windowMs, paneMs } = feature
  const { exactLimit, share } = limitsOf(aggregate)
  const text = featureTexts[index] ?? ''
  const words = [name, text, collection, aggregate.kind, by?.name ?? '', CELLS_OF[shape], fields]
  return hash47(JSON.stringify([...words, exactLimit, share, windowMs, paneMs])).toString(36)
}

function keptSince(id: string, former: Former | null): number | null {
  if (former === null) return null
  const known = former.layout.parts[id]
  if (known !== undefined) return known
  // Whatever came until then was taken without it.
  return Number.isFinite(former.newestEventMs) ? former.newestEventMs + 1 : null
}

function currentForms(
  topology: CompiledTopology,
  idOf: (feature: FeatureSpec) => string,
  known: readonly PaneForm[],
): readonly PaneForm[] {
  const ofPanes = topology.features.filter(({ shape }) => shape === 'panes')
  const lengths = [...new Set(ofPanes.map(({ paneMs }) => paneMs))].sort((a, b) => a - b)
  return lengths.map((paneMs) => {
    const features = ofPanes.filter((feature) => feature.paneMs === paneMs)
    const columns = features.map((feature) => columnOf(feature, idOf(feature)))
    const { sources } = topology
    const digest = hash47(JSON.stringify([sources, columns])).toString(36)
    const generation = generationOf(paneMs, digest, known)
    const label = labelOf(paneMs, generation, digest)
    return { label, generation, paneMs, reachMs: reachOf(features, topology), sources, columns, goneMs: null }
  })
}

/** That of the newest known form of the length where it is the same, else the one after it (Y2). */
function generationOf(paneMs: number, digest: string, known: readonly PaneForm[]): number {
  const ofLength = known.filter((form) => form.paneMs === paneMs)
  const newest = Math.max(0, ...ofLength.map(({ generation }) => generation))
  const same = ofLength.filter(({ generation }) => generation === newest)
  const isSame = same.length === 1 && same[0]?.label === labelOf(paneMs, newest, digest)
  return isSame ? newest : newest + 1
}

function labelOf(paneMs: number, generation: number, digest: string): string {
  return `${formatDuration(paneMs)}.${generation}.${digest}`
}

/** The longest window, the allowed lateness, and how long a judgement may wait for a pool. */
export function reachOf(
  features: readonly FeatureSpec[],
  { latenessMs, poolWindowMs }: CompiledTopology,
): number {
  const windowMs = Math.max(...features.map((feature) => feature.windowMs))
  return windowMs + latenessMs + (poolWindowMs > 0 ? RECHECK_SPAN_MS : 0)
}

function goneMs({ paneMs, reachMs }: PaneForm, former: Former | null): number {
  return (former?.newestEventMs ?? -Infinity) + paneMs + reachMs
}

function columnOf(feature: FeatureSpec, id: string): Column {
  const { aggregate, by } = feature
  return { id, by: by?.name ?? '', kind: aggregate.kind, ...limitsOf(aggregate), trail: keepsTrail(feature) }
}

function limitsOf(aggregate: Aggregate): Pick<Column, 'exactLimit' | 'share'> {
  return {
    exactLimit: 'exactLimit' in aggregate ? aggregate.exactLimit : 0,
    share: 'share' in aggregate ? aggregate.share : 0,
  }
}
