/**
 * Windows against what their sources keep: where the store is lost, windows are rebuilt from their sources, and what
 * reaches further back than a source does would stay wrong, with nobody told, until it has filled again.
 */
import { formatDuration } from '../domain/duration.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { CompiledTopology, FeatureSpec } from './model.ts'
import type { Problem } from './problem.ts'
import { PRESSURE_SOURCE, sourceOf } from './sources.ts'

/** By topic, in milliseconds; null keeps for ever. */
export type Retentions = ReadonlyMap<string, number | null>

export function retentionProblems(
  topology: CompiledTopology,
  yaml: LocatedYaml,
  retentions: Retentions,
): readonly Problem[] {
  return tooLong(topology, retentions).map(({ path, message }) =>
    yaml.problemAt(path, 'retention', message, HINT),
  )
}

/** The same for what runs already, in words: the places are in files that may be gone. */
export function retentionMessages(topology: CompiledTopology, retentions: Retentions): readonly string[] {
  return tooLong(topology, retentions).map(({ message }) => message)
}

interface Window {
  readonly name: string
  readonly path: Path
  readonly windowMs: number
  readonly source: string
}

function tooLong(
  topology: CompiledTopology,
  retentions: Retentions,
): readonly { readonly path: Path; readonly message: string }[] {
  const { latenessMs } = topology
  return windowsOf(topology).flatMap(({ name, path, windowMs, source }) => {
    const keptMs = retentions.get(source) ?? Infinity
    if (windowMs + latenessMs <= keptMs) return []
    const reach = `reaches back ${formatDuration(windowMs)}, with a lateness of ${formatDuration(latenessMs)}`
    const message = `${name} ${reach}: more than the ${formatDuration(keptMs)} that ${source} keeps`
    return [{ path, message }]
  })
}

/** Those of features, and that over which the pool is told; an empty one reaches nowhere. */
function windowsOf({ features, poolWindowMs }: CompiledTopology): readonly Window[] {
  const pool = { name: 'pool', path: ['pool', 'window'], windowMs: poolWindowMs, source: PRESSURE_SOURCE }
  const own = features.map((feature) => {
    const { name, windowMs, collection } = feature
    return { name, path: placeOf(feature), windowMs, source: sourceOf(collection) }
  })
  return poolWindowMs > 0 ? [...own, pool] : own
}

const HINT = 'take a shorter window, or give the topic a longer retention (topics.yaml)'

/** The word that says how far back it reaches. */
function placeOf({ name, shape }: FeatureSpec): Path {
  if (shape === 'lasting') return ['features', name]
  return ['features', name, shape === 'panes' ? 'window' : shape]
}
