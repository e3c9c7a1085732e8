/**
 * Windows against what their sources keep: where the store is lost, windows are rebuilt from their sources, and what
 * reaches further back than a source does would stay wrong, with nobody told, until it has filled again.
 */
import { formatDuration } from '../domain/duration.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { CompiledTopology, FeatureSpec } from './model.ts'
import type { Problem } from './problem.ts'
import { sourceOf } from './sources.ts'

/** By topic, in milliseconds; null keeps for ever. */
export type Retentions = ReadonlyMap<string, number | null>

export function retentionProblems(
  topology: CompiledTopology,
  yaml: LocatedYaml,
  retentions: Retentions,
): readonly Problem[] {
  return tooLong(topology, retentions).map(({ feature, message }) =>
    yaml.problemAt(placeOf(feature), 'retention', message, HINT),
  )
}

/** The same for what runs already, in words: the places are in files that may be gone. */
export function retentionMessages(topology: CompiledTopology, retentions: Retentions): readonly string[] {
  return tooLong(topology, retentions).map(({ message }) => message)
}

function tooLong(
  { features, latenessMs }: CompiledTopology,
  retentions: Retentions,
): readonly { readonly feature: FeatureSpec; readonly message: string }[] {
  return features.flatMap((feature) => {
    const source = sourceOf(feature.collection)
    const keptMs = retentions.get(source) ?? Infinity
    if (feature.windowMs + latenessMs <= keptMs) return []
    const reach = `reaches back ${formatDuration(feature.windowMs)}, with a lateness of ${formatDuration(latenessMs)}`
    const message = `${feature.name} ${reach}: more than the ${formatDuration(keptMs)} that ${source} keeps`
    return [{ feature, message }]
  })
}

const HINT = 'take a shorter window, or give the topic a longer retention (topics.yaml)'

/** The word that says how far back it reaches. */
function placeOf({ name, shape }: FeatureSpec): Path {
  if (shape === 'lasting') return ['features', name]
  return ['features', name, shape === 'panes' ? 'window' : shape]
}
