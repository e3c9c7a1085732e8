/** Detectors: conditions compiled, evidence bound, the actor's level decided. */
import type { ActorLevel } from '../domain/actor.ts'
import { compileExpression } from './expression.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import type { Collection, CompiledDetector, DetectorScope, Expression, FeatureSpec } from './model.ts'
import { detectorNames, type NameOrigin, type Names } from './names.ts'
import { didYouMean, type Problem } from './problem.ts'
import type { RawDetector, RawTopology } from './topology-schema.ts'

export interface ReadDetectors {
  readonly detectors: readonly CompiledDetector[]
  readonly problems: readonly Problem[]
}

export function readDetectors(
  yaml: LocatedYaml,
  raw: RawTopology,
  features: readonly FeatureSpec[],
): ReadDetectors {
  const reader = new DetectorReader(yaml, features, detectorNames(features, raw.pool !== undefined))
  const detectors = raw.detectors.map((detector, at) => reader.read(detector, ['detectors', at]))
  return { detectors: detectors.filter((detector) => detector !== null), problems: reader.problems }
}

/** Compiles one expression of a file, or tells where it is wrong. */
export function compileAt<T extends 'bool' | 'number'>(
  yaml: LocatedYaml,
  path: Path,
  text: string,
  names: Names<DetectorScope>,
  wanted: T,
):
  | { readonly evaluate: Expression<DetectorScope>; readonly reads: readonly NameOrigin[] }
  | { readonly problem: Problem } {
  const result = compileExpression(text, names, wanted)
  if ('compiled' in result) return result.compiled
  const { code, message, hint, at } = result.mistake
  return { problem: yaml.problemAt(path, code, message, hint, at) }
}

class DetectorReader {
  readonly problems: Problem[] = []
  readonly #yaml: LocatedYaml
  readonly #features: readonly FeatureSpec[]
  readonly #names: Names<DetectorScope>

  constructor(yaml: LocatedYaml, features: readonly FeatureSpec[], names: Names<DetectorScope>) {
    this.#yaml = yaml
    this.#features = features
    this.#names = names
  }

  read(raw: RawDetector, path: Path): CompiledDetector | null {
    const condition = this.#compile(raw.when, [...path, 'when'], 'bool')
    const confidence = this.#compile(raw.confidence, [...path, 'confidence'], 'number')
    const evidence = raw.evidence.map((name, at) => this.#evidence(name, [...path, 'evidence', at]))
    if (condition === null || confidence === null || evidence.some((one) => one === null)) return null
    const readsFeatures = featureIndices(condition.reads)
    const read = readsFeatures
      .map((index) => this.#features[index])
      .filter((feature) => feature !== undefined)
    return {
      id: raw.id,
      version: raw.version,
      clause: raw.clause,
      mode: raw.mode,
      canaryShare: raw.mode === 'canary' ? raw.canaryShare : 1,
      condition: condition.evaluate,
      confidence: confidence.evaluate,
      onceMs: raw.once,
      level: raw.actor ?? narrowestLevel(read),
      readsFeatures,
      readsPool: condition.reads.some((origin) => origin.kind === 'pool'),
      readsAccount: condition.reads.some((origin) => origin.kind === 'account'),
      evidence: evidence.filter((one) => one !== null),
      collections: collectionsOf(read),
      description: raw.description,
      owner: raw.owner,
    }
  }

  #compile(text: string, path: Path, wanted: 'bool' | 'number') {
    const result = compileAt(this.#yaml, path, text, this.#names, wanted)
    if (!('problem' in result)) return result
    this.problems.push(result.problem)
    return null
  }

  #evidence(name: string, path: Path): CompiledDetector['evidence'][number] | null {
    const found = this.#names.get(name)
    if (found !== undefined && found.type !== 'text') return { name, value: found.read }
    const near = didYouMean(name, this.#names.keys())
    const hint = near === null ? null : `did you mean ${near}?`
    this.problems.push(this.#yaml.problemAt(path, 'unknown-name', `unknown evidence ${name}`, hint))
    return null
  }
}

function featureIndices(reads: readonly NameOrigin[]): readonly number[] {
  const indices = reads.flatMap((origin) => (origin.kind === 'feature' ? [origin.index] : []))
  return [...new Set(indices)].sort((a, b) => a - b)
}

/** A feature without a collection of its own event cannot complete a condition on that event. */
function collectionsOf(features: readonly FeatureSpec[]): readonly Collection[] {
  return [...new Set(features.map((feature) => feature.collection))]
}

const LEVEL_OF_SUB_KEY: Readonly<Record<string, ActorLevel>> = {
  keyId: 'key',
  projectId: 'project',
  endUserId: 'endUser',
}

/** The narrowest level by which some evidence is kept: a sanction takes the narrowest actor that carries it. */
function narrowestLevel(features: readonly FeatureSpec[]): ActorLevel {
  const levels = features.map((feature) => LEVEL_OF_SUB_KEY[feature.by?.name ?? ''])
  return levels.includes('endUser')
    ? 'endUser'
    : levels.includes('key')
      ? 'key'
      : levels.includes('project')
        ? 'project'
        : 'account'
}
