/** A fulfilled condition as a signal: whom it names, since when, with which figures. */
import type { Actor, ActorLevel } from '../domain/actor.ts'
import { episodeOf } from '../domain/ids.ts'
import type { DetectorMode, Evidence, EvidencePointer, Reading, Signal } from '../domain/signal.ts'
import type { CompiledDetector, DetectorScope, NamedReader, Narrowing } from '../topology/model.ts'
import { hash31 } from '../windows/hash.ts'
import type { SignalId } from './signal-ids.ts'

/** The names under which an event knows its actor; null where it does not say. */
export type ActorNames = {
  readonly accountId: string
  readonly keyId: string | null
  readonly projectId: string | null
  readonly endUserId: string | null
  readonly organizationId: string | null
  readonly conversationId: string | null
  readonly poolId: string | null
  readonly model: string | null
}

export interface FindingContext {
  readonly names: ActorNames
  readonly timeMs: number
  readonly pointers: readonly EvidencePointer[]
  readonly windowMs: number
  readonly signalId: SignalId
  readonly policyVersion: number
  readonly bundleSha256: string | null
  readonly broadcastOffsets: Readonly<Record<string, number>>
  /** How far a feature, by index, may be from the exact figure; 0 where it is exact. */
  readonly errorOf: (feature: number) => number
}

/** The actor at that level; the account where the event does not name it. */
export function actorAt(level: ActorLevel, names: ActorNames): Actor {
  const ids = {
    organization: names.organizationId,
    account: names.accountId,
    project: names.projectId,
    key: names.keyId,
    endUser: names.endUserId,
  }
  const id = ids[level]
  return id === null
    ? { accountId: names.accountId, level: 'account', id: names.accountId }
    : { accountId: names.accountId, level, id }
}

/**
 * Whom the finding names: the event's own key, project or end user where that one carries it, else the actor at the detector's
 * level. What is unknown carries nothing.
 */
export function carrierOf(detector: CompiledDetector, names: ActorNames, scope: DetectorScope): Actor {
  const found = detector.narrowings.find((one) => carries(one, detector.narrowShare, scope))
  return actorAt(found?.level ?? detector.level, names)
}

/** An end user's id is the customer's word: it counts of those alone who sell to others. */
function carries({ level, figures }: Narrowing, share: number, scope: DetectorScope): boolean {
  if (level === 'endUser' && scope.granted('reseller') !== 1) return false
  return figures.every(({ part, whole }) => scope.feature(part.index) / scope.feature(whole.index) >= share)
}

/** Outside its share of accounts a canary is a shadow. The share is stable: a hash of detector and account. */
export function effectiveMode(detector: CompiledDetector, accountId: string): DetectorMode {
  if (detector.mode !== 'canary') return detector.mode
  const place = hash31(`${detector.id}/${accountId}`) / 2 ** 31
  return place < detector.canaryShare ? 'canary' : 'shadow'
}

export function signalOf(
  detector: CompiledDetector,
  actor: Actor,
  mode: DetectorMode,
  scope: DetectorScope,
  context: FindingContext,
): Signal {
  const episode = episodeOf(context.timeMs, detector.onceMs)
  return {
    id: context.signalId(detector.id, actor, episode, mode === 'shadow'),
    detectorId: detector.id,
    detectorVersion: detector.version,
    mode,
    clause: detector.clause,
    actor,
    confidence: confidenceOf(detector.confidence(scope)),
    occurredAtMs: context.timeMs,
    windowStartMs: context.timeMs - context.windowMs,
    windowEndMs: context.timeMs,
    episode,
    evidence: evidenceOf(detector, scope),
    readings: readingsWithErrors(detector, scope, context.errorOf),
    pointers: context.pointers,
    capability: detector.collections.includes('verdicts') ? context.names.model : null,
    poolId: detector.readsPool ? context.names.poolId : null,
    policyVersion: context.policyVersion,
    bundleSha256: context.bundleSha256,
    broadcastOffsets: context.broadcastOffsets,
  }
}

function confidenceOf(value: number): number {
  return Number.isNaN(value) ? 0.5 : Math.min(1, Math.max(0, rounded(value)))
}

/** The figures that are known: an unknown one is left out rather than told as some number. */
function evidenceOf(detector: CompiledDetector, scope: DetectorScope): readonly Evidence[] {
  return detector.evidence
    .map(({ name, value }) => ({ name, value: rounded(value(scope)) }))
    .filter(({ value }) => Number.isFinite(value))
}

/** What each name of the condition told, to the last digit: explained later, it must decide as it did. */
export function readingsOf(detector: CompiledDetector, scope: DetectorScope): readonly Reading[] {
  return detector.readings.map((reader) => readingOf(reader, scope))
}

function readingOf(reader: NamedReader, scope: DetectorScope): Reading {
  if (reader.text !== null) return { name: reader.name, value: null, text: reader.text(scope), error: null }
  const value = reader.value(scope)
  return { name: reader.name, value: Number.isFinite(value) ? value : null, text: null, error: null }
}

/** The same with how far off each figure may be; and what was told of a narrower actor: why that one is named, or is not. */
function readingsWithErrors(
  { readings, narrowings }: CompiledDetector,
  scope: DetectorScope,
  errorOf: FindingContext['errorOf'],
): readonly Reading[] {
  const parts = narrowings.flatMap(({ figures }) =>
    figures.map(({ part: { name, index } }): NamedReader => {
      return { name, features: [index], value: (read) => read.feature(index), text: null }
    }),
  )
  return [...readings, ...parts].map((reader) => {
    const reading = readingOf(reader, scope)
    return { ...reading, error: errorIn(reader, reading, scope, errorOf) }
  })
}

/** Of what is worked out from several the shares by which they may be off add up. */
function errorIn(
  { features }: NamedReader,
  { value }: Reading,
  scope: DetectorScope,
  errorOf: FindingContext['errorOf'],
): number | null {
  if (value === null) return null
  const [only = -1, ...others] = features
  if (others.length === 0) return errorOf(only)
  const shares = features.map((index) => errorOf(index) / Math.abs(scope.feature(index)))
  return Math.abs(value) * shares.filter((share) => share > 0).reduce((sum, share) => sum + share, 0)
}

/** Three decimals: enough to judge by, and the same on every machine. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
