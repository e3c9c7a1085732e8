/**
 * Words of a detector that change nothing as it stands, or name whoever happens to be there. No mistakes, and worth a second
 * look.
 */
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { CompiledTopology } from './model.ts'
import type { Problem } from './problem.ts'
import type { RawDetector, RawTopology } from './topology-schema.ts'

interface Doubt {
  readonly word: keyof RawDetector
  readonly message: string
  readonly hint: string
}

/** @param raw of a topology without problems */
export function idleWordWarnings(
  topology: CompiledTopology,
  raw: RawTopology,
  yaml: LocatedYaml,
): readonly Problem[] {
  return raw.detectors.flatMap((detector, at) => {
    const path: Path = ['detectors', at]
    const said = (word: keyof RawDetector): boolean => yaml.says([...path, word])
    const doubts = [...idleWords(detector, said), ...strangeActor(detector, topology)]
    return doubts.map(({ word, message, hint }) =>
      yaml.problemAt([...path, word], 'idle-word', message, hint),
    )
  })
}

/** @param said whether the word stands in the file; else it has its usual value */
function idleWords(detector: RawDetector, said: (word: keyof RawDetector) => boolean): readonly Doubt[] {
  const { mode, canaryShare, narrowTo, when, confidence } = detector
  const doubts: (Doubt | null)[] = [
    said('canaryShare') && mode !== 'canary'
      ? {
          word: 'canaryShare',
          message: `canaryShare changes nothing in mode: ${mode}`,
          hint: 'it is of mode: canary alone',
        }
      : null,
    mode === 'canary' && canaryShare === 0
      ? { word: 'canaryShare', message: 'a canary of no account at all', hint: 'that is mode: shadow' }
      : null,
    said('jitter') && !/\bjitter\b/.test(`${when} ${confidence}`)
      ? {
          word: 'jitter',
          message: 'jitter changes nothing: no limit is multiplied by it',
          hint: 'as in requests_1h > 100 * jitter',
        }
      : null,
    said('narrowShare') && narrowTo.length === 0
      ? {
          word: 'narrowShare',
          message: 'narrowShare changes nothing without narrowTo',
          hint: 'say under narrowTo by which figures a part of the account is named',
        }
      : null,
  ]
  return doubts.filter((one) => one !== null)
}

/** Who has sent the event that completes what others have done is named for all of it. */
function strangeActor(
  { actor, evidence }: RawDetector,
  { features, derived }: CompiledTopology,
): readonly Doubt[] {
  if (actor === undefined || actor === 'account') return []
  const read = evidence.flatMap((name) => derived.find((one) => one.name === name)?.reads ?? [])
  const own = features.filter(({ name, index }) => evidence.includes(name) || read.includes(index))
  if (own.some(({ by }) => by !== null)) return []
  const message = `actor: ${actor} names the one of the event at hand, and all evidence is of the whole account`
  return [{ word: 'actor', message, hint: 'take evidence that is kept `by` it, or say narrowTo instead' }]
}
