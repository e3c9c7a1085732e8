/** A fulfilled condition as a signal: whom it names, since when, with which figures. */
import type { Actor, ActorLevel } from '../domain/actor.ts'
import { episodeOf, signalId } from '../domain/ids.ts'
import type { DetectorMode, Evidence, EvidencePointer, Reading, Signal } from '../domain/signal.ts'
import type { CompiledDetector, DetectorScope, Narrowing } from '../topology/model.ts'
import { hash31 } from '../windows/hash.ts'

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
  readonly policyVersion: number
  readonly bundleSha256: string | null
  readonly broadcastOffsets: Readonly<Record<string, number>>
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
    id: signalId(detector.id, actor, episode, mode === 'shadow'),
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
    readings: [...readingsOf(detector, scope), ...partsOf(detector, scope)],
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
  return detector.readings.map((reader): Reading => {
    if (reader.text !== null) return { name: reader.name, value: null, text: reader.text(scope) }
    return readingOf(reader.name, reader.value(scope))
  })
}

/** What of the condition's figures was told of a narrower actor: why that one is named, or is not. */
function partsOf({ narrowings }: CompiledDetector, scope: DetectorScope): readonly Reading[] {
  return narrowings.flatMap(({ figures }) =>
    figures.map(({ part }) => readingOf(part.name, scope.feature(part.index))),
  )
}

function readingOf(name: string, value: number): Reading {
  return { name, value: Number.isFinite(value) ? value : null, text: null }
}

/** Three decimals: enough to judge by, and the same on every machine. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
