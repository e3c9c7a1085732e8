/** What a feature may be called: nothing that conditions read as something else. */
import { unnameable } from './cel.ts'
import type { LocatedYaml } from './located-yaml.ts'
import { detectorNames, RECORDED_JITTER } from './names.ts'
import type { Problem } from './problem.ts'
import type { RawTopology } from './topology-schema.ts'

export function nameProblems(yaml: LocatedYaml, raw: RawTopology): readonly Problem[] {
  return unnameable(Object.keys(raw.features), TAKEN).map((name) =>
    yaml.problemAtKey(['features', name], 'reserved-name', `conditions read ${name} as something else`, HINT),
  )
}

/** The roots of what conditions can read beside features. */
const TAKEN: readonly string[] = [
  ...new Set([...detectorNames([], [], ['any'], RECORDED_JITTER).keys()].map(rootOf)),
]

const HINT = 'a feature needs a name of its own, as in requests_1h'

function rootOf(name: string): string {
  return name.split('.')[0] ?? name
}
