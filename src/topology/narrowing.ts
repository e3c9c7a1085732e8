/**
 * Whom a signal names: the level that a detector says, or that all of its evidence is kept by; and, of the whole account, the
 * one key, project or end user that carries what the condition counts, where features say how much of it is its own.
 *
 * N1. Such a feature is the part, by a sub-key, of a figure of the whole account that the condition reads, and counts the same in
 *     all else. Shares of counts and sums add up to one, so that more than half is carried by one actor alone; different values
 *     may be had by two, and then the one who acts is named.
 */
import type { ActorLevel } from '../domain/actor.ts'
import { oneLine } from './expression.ts'
import type { FeatureSpec, Narrowing } from './model.ts'
import { nameHint } from './problem.ts'
import type { RawDetector, RawFeature, RawTopology } from './topology-schema.ts'

interface Mistake {
  /** Which of the features that are named. */
  readonly at: number
  readonly code: string
  readonly message: string
  readonly hint: string
}

const LEVEL_OF_SUB_KEY: Readonly<Record<string, ActorLevel>> = {
  keyId: 'key',
  projectId: 'project',
  endUserId: 'endUser',
}

const NARROWEST_FIRST: readonly ActorLevel[] = ['endUser', 'key', 'project']
/** What parts of a whole can be told of. */
const SHARED = ['count', 'sum', 'distinct'] as const

/** The narrowest actor that carries all of the evidence: one sub-key that every shown feature is kept by. */
export function commonLevel(shown: readonly FeatureSpec[]): ActorLevel {
  const levels = new Set(shown.map((feature) => levelOf(feature) ?? 'account'))
  const [level = 'account'] = levels
  return levels.size === 1 ? level : 'account'
}

/**
 * The parts to which a finding can be narrowed, the narrowest first.
 *
 * @param read features of the condition
 */
export function narrowingsOf(
  { id, narrowTo }: RawDetector,
  level: ActorLevel,
  topology: RawTopology,
  features: readonly FeatureSpec[],
  read: readonly FeatureSpec[],
): { readonly narrowings: readonly Narrowing[] } | { readonly mistake: Mistake } {
  if (narrowTo.length > 0 && level !== 'account') {
    const message = `${id} names the ${level} already`
    return { mistake: { at: 0, code: 'narrowing', message, hint: 'leave `narrowTo` out' } }
  }
  const figures = narrowTo.map((name, at) => figureOf(name, at, topology, features, read))
  for (const figure of figures) if ('mistake' in figure) return figure
  const known = figures.flatMap((figure) => ('part' in figure ? [figure] : []))
  const narrowings = NARROWEST_FIRST.map((one) => ({
    level: one,
    figures: known.filter(({ part }) => levelOf(part) === one),
  }))
  return { narrowings: narrowings.filter((one) => one.figures.length > 0) }
}

function figureOf(
  name: string,
  at: number,
  topology: RawTopology,
  features: readonly FeatureSpec[],
  read: readonly FeatureSpec[],
): Narrowing['figures'][number] | { readonly mistake: Mistake } {
  const part = features.find((feature) => feature.name === name)
  const bySubKey = features.filter((feature) => levelOf(feature) !== undefined)
  if (part === undefined) {
    const hint = nameHint(
      name,
      bySubKey.map((feature) => feature.name),
    )
    return { mistake: { at, code: 'unknown-name', message: `unknown feature ${name}`, hint } }
  }
  if (!bySubKey.includes(part)) {
    const message = `${name} is of no key, project or end user`
    return { mistake: { at, code: 'narrowing', message, hint: 'as in by: keyId' } }
  }
  const own = topology.features[name]
  const whole = read.find(({ name: other, by }) => by === null && isSame(own, topology.features[other]))
  if (whole !== undefined) return { part, whole }
  const message = `${name} is the part of no figure that the condition reads`
  const hint = 'the same count, sum or distinct, with the same where and window, and without `by`'
  return { mistake: { at, code: 'narrowing', message, hint } }
}

/** Whether both count the same, whoever's it is. */
function isSame(one: RawFeature | undefined, other: RawFeature | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return (
    SHARED.some((word) => one[word] !== undefined && one[word] === other[word]) &&
    oneLine(one.where ?? '') === oneLine(other.where ?? '') &&
    one.session === undefined &&
    one.window === other.window &&
    one.sliding === other.sliding &&
    one.pane === other.pane
  )
}

function levelOf({ by }: FeatureSpec): ActorLevel | undefined {
  return LEVEL_OF_SUB_KEY[by?.name ?? '']
}
