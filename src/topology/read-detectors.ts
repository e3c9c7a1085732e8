/** Detectors: conditions compiled, evidence bound, the actor's level decided. */
import type { Compiled } from './closures.ts'
import { celEnvironment, compileExpression, oneLine } from './expression.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type {
  Collection,
  CompiledDetector,
  DerivedFeature,
  DetectorScope,
  FeatureSpec,
  NamedReader,
} from './model.ts'
import { detectorNames, type NameOrigin, type Names } from './names.ts'
import { commonLevel, narrowingsOf } from './narrowing.ts'
import { meantHint, type Problem } from './problem.ts'
import { ACCOUNT_SOURCE, STANDING_SOURCE } from './sources.ts'
import type { RawDetector, RawTopology } from './topology-schema.ts'

export interface ReadDetectors {
  readonly detectors: readonly CompiledDetector[]
  readonly problems: readonly Problem[]
}

export function readDetectors(
  yaml: LocatedYaml,
  raw: RawTopology,
  features: readonly FeatureSpec[],
  derived: readonly DerivedFeature[],
): ReadDetectors {
  const reader = new DetectorReader(yaml, raw, features, derived)
  const detectors = raw.detectors.map((detector, at) => reader.read(detector, ['detectors', at]))
  return { detectors: detectors.filter((detector) => detector !== null), problems: reader.problems }
}

/** Compiles one expression of a file, or tells where it is wrong. */
export function compileAt(
  yaml: LocatedYaml,
  path: Path,
  text: string,
  names: Names<DetectorScope>,
  wanted: 'bool' | 'number',
  environment = celEnvironment(names),
): Compiled<DetectorScope> | { readonly problem: Problem } {
  const result = compileExpression(text, names, wanted, environment)
  if ('compiled' in result) return result.compiled
  const { code, message, hint, at } = result.mistake
  return { problem: yaml.problemAt(path, code, message, hint, at) }
}

/** By which source a kind of name is told. */
const TOLD_BY: Readonly<Partial<Record<NameOrigin['kind'], string>>> = {
  account: ACCOUNT_SOURCE,
  standing: STANDING_SOURCE,
}

/** For what depends on no detector. */
const NO_DETECTOR = { id: '', jitter: 0 }

class DetectorReader {
  readonly problems: Problem[] = []
  readonly #yaml: LocatedYaml
  readonly #raw: RawTopology
  readonly #features: readonly FeatureSpec[]
  readonly #derived: readonly DerivedFeature[]
  #names: Names<DetectorScope> = new Map()
  /** What the library knows of names is the same for all detectors. */
  readonly #environment: ReturnType<typeof celEnvironment>

  constructor(
    yaml: LocatedYaml,
    raw: RawTopology,
    features: readonly FeatureSpec[],
    derived: readonly DerivedFeature[],
  ) {
    this.#yaml = yaml
    this.#raw = raw
    this.#features = features
    this.#derived = derived
    this.#environment = celEnvironment(detectorNames(features, derived, Object.keys(raw.lists), NO_DETECTOR))
  }

  read(raw: RawDetector, path: Path): CompiledDetector | null {
    this.#names = detectorNames(this.#features, this.#derived, Object.keys(this.#raw.lists), raw)
    const condition = this.#compile(raw.when, [...path, 'when'], 'bool')
    const confidence = this.#compile(raw.confidence, [...path, 'confidence'], 'number')
    const evidence = raw.evidence.map((name, at) => this.#evidence(name, [...path, 'evidence', at]))
    if (condition === null || confidence === null || evidence.some((one) => one === null)) return null
    const read = this.#featuresOf(condition.reads)
    if (read.length === 0)
      return this.#say([...path, 'when'], 'no-feature', 'the condition reads no feature', EVENTS)
    const shown = evidence.filter((one) => one !== null)
    const level = raw.actor ?? commonLevel(this.#featuresOf(shown.map((one) => one.from)))
    const narrowing = narrowingsOf(raw, level, this.#raw, this.#features, read)
    if ('mistake' in narrowing) {
      const { at, code, message, hint } = narrowing.mistake
      return this.#say([...path, 'narrowTo', at], code, message, hint)
    }
    return {
      id: raw.id,
      version: raw.version,
      clause: raw.clause,
      mode: raw.mode,
      canaryShare: raw.mode === 'canary' ? raw.canaryShare : 1,
      condition: condition.evaluate,
      patience: condition.patience,
      cost: condition.cost,
      confidence: confidence.evaluate,
      onceMs: raw.once,
      level,
      narrowings: narrowing.narrowings,
      narrowShare: raw.narrowShare,
      readsFeatures: read.map((feature) => feature.index),
      readsPool: condition.reads.some((origin) => origin.kind === 'pool'),
      readsLists: condition.reads.some((origin) => origin.kind === 'list'),
      needsPool: condition.needsPool,
      readsAccount: condition.reads.some((origin) => origin.kind === 'account'),
      evidence: shown.map(({ name, value }) => ({ name, value })),
      readings: readersOf(condition.names, this.#names),
      collections: [...new Set(read.map((feature): Collection => feature.collection))],
      description: raw.description,
      owner: raw.owner,
      lookAlikes: raw.lookAlikes,
      references: raw.references,
      text: { when: oneLine(raw.when), confidence: oneLine(raw.confidence) },
    }
  }

  #compile(text: string, path: Path, wanted: 'bool' | 'number'): Compiled<DetectorScope> | null {
    const result = compileAt(this.#yaml, path, text, this.#names, wanted, this.#environment)
    if ('problem' in result) {
      this.problems.push(result.problem)
      return null
    }
    return result.reads.every((origin) => this.#offered(origin, path, text)) ? result : null
  }

  /** Whether what a name reads comes to this topology at all. */
  #offered(origin: NameOrigin, path: Path, text = ''): boolean {
    const source = TOLD_BY[origin.kind]
    if (source !== undefined && !this.#raw.sources.includes(source)) {
      const message = `${origin.kind}.… comes from ${source}, which is no source here`
      this.#say(path, 'no-source', message, 'add it to `sources`', text.indexOf(`${origin.kind}.`))
      return false
    }
    if (origin.kind !== 'pool' || this.#raw.pool !== undefined) return true
    const message = 'pool.… is read over a window that this topology does not name'
    this.#say(path, 'no-source', message, 'add pool: { window: 10m }', text.indexOf('pool.'))
    return false
  }

  #evidence(
    name: string,
    path: Path,
  ): (CompiledDetector['evidence'][number] & { readonly from: NameOrigin }) | null {
    const found = this.#names.get(name)
    if (found !== undefined && found.type !== 'text')
      return this.#offered(found.from, path) ? { name, value: found.read, from: found.from } : null
    if (found !== undefined)
      return this.#say(path, 'evidence', `${name} is a text; evidence is figures`, null)
    const hint =
      meantHint(name, this.#names.keys()) ??
      'evidence names a feature, or a figure of account, standing or pool'
    return this.#say(path, 'unknown-name', `unknown evidence ${name}`, hint)
  }

  /** The features among what is read, in their order, each once. */
  #featuresOf(reads: readonly NameOrigin[]): readonly FeatureSpec[] {
    return this.#features.filter((feature) =>
      reads.some((origin) => origin.kind === 'feature' && origin.indices.includes(feature.index)),
    )
  }

  #say(path: Path, code: string, message: string, hint: string | null, within = 0): null {
    this.problems.push(this.#yaml.problemAt(path, code, message, hint, Math.max(0, within)))
    return null
  }
}

function readersOf(read: readonly string[], names: Names<DetectorScope>): readonly NamedReader[] {
  return read.flatMap((name): readonly NamedReader[] => {
    const found = names.get(name)
    if (found === undefined) return []
    const features = found.from.kind === 'feature' ? found.from.indices : []
    return found.type === 'text'
      ? [{ name, features, value: null, text: found.read }]
      : [{ name, features, value: found.read, text: null }]
  })
}

const EVENTS = 'a detector is evaluated when a feature changes; name at least one'
