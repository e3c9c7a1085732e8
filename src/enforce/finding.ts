/** From signals to the finding that a sanction or a case rests on. */
import { accountActor, actorPath, type Actor } from '../domain/actor.ts'
import { tellsExactMatch } from '../domain/known-media.ts'
import type { EvidencePointer, Signal } from '../domain/signal.ts'
import { MOST, type AccountStanding, type Finding, type KeptSanction } from './account-standing.ts'
import { bandedFacts } from './bands.ts'

export function findingOf(signal: Signal): Finding {
  return {
    actor: signal.actor,
    clause: signal.clause,
    detectorId: signal.detectorId,
    detectorVersion: signal.detectorVersion,
    otherDetectors: [],
    signalIds: [signal.id],
    requestIds: unique(signal.pointers.map((pointer) => pointer.requestId)).slice(0, MOST.requestIds),
    windowStartMs: signal.windowStartMs,
    windowEndMs: signal.windowEndMs,
    facts: bandedFacts(signal.evidence.filter((one) => !tellsExactMatch(one.name))),
    capability: signal.capability,
    poolId: signal.poolId,
    exactMatch: signal.evidence.some((one) => tellsExactMatch(one.name) && one.value > 0),
    templateHash: templateOf(signal.pointers),
    cause: null,
  }
}

/** The template of more than half of the records that are pointed at. */
function templateOf(pointers: readonly EvidencePointer[]): string | null {
  const hashes = pointers.map(({ templateHash }) => templateHash)
  return (
    hashes.find(
      (one) => one !== null && 2 * hashes.filter((other) => other === one).length > hashes.length,
    ) ?? null
  )
}

/** Every detector on whose findings it rests. */
export function detectorsOf({ detectorId, otherDetectors }: Finding): readonly string[] {
  return detectorId === null ? otherDetectors : [detectorId, ...otherDetectors]
}

/** Both together, told with the later one's facts and detector; the span and the actor cover both. */
export function joined(earlier: Finding, later: Finding): Finding {
  return {
    ...later,
    actor: covering(earlier.actor, later.actor),
    poolId: earlier.poolId === later.poolId ? later.poolId : null,
    otherDetectors: unique([...detectorsOf(earlier), ...later.otherDetectors])
      .filter((id) => id !== later.detectorId)
      .slice(-MOST.otherDetectors),
    signalIds: unique([...earlier.signalIds, ...later.signalIds]).slice(-MOST.signalIds),
    requestIds: unique([...earlier.requestIds, ...later.requestIds]).slice(-MOST.requestIds),
    windowStartMs: Math.min(earlier.windowStartMs, later.windowStartMs),
    windowEndMs: Math.max(earlier.windowEndMs, later.windowEndMs),
    exactMatch: earlier.exactMatch || later.exactMatch,
    templateHash: earlier.templateHash === later.templateHash ? later.templateHash : null,
  }
}

/** The narrowest actor that carries both; how keys, projects and end users lie in one another nobody tells us. */
function covering(one: Actor, other: Actor): Actor {
  return actorPath(one) === actorPath(other) ? other : accountActor(other.accountId)
}

/** How many of them, in their order, tell of a request that those before do not; what names none counts. */
export function independent(findings: readonly Finding[]): number {
  const known = new Set<string>()
  return findings.filter(({ requestIds }) => {
    const isNew = requestIds.length === 0 || requestIds.some((id) => !known.has(id))
    for (const id of requestIds) known.add(id)
    return isNew
  }).length
}

/** How many findings of different requests it may be at the most. */
export function supportOf({ signalIds, requestIds }: Finding): number {
  return requestIds.length === 0 ? signalIds.length : Math.min(signalIds.length, requestIds.length)
}

export function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}

/** What the standing holds already of these signals, for a record that was folded; null where nothing. */
export function rememberedFinding(standing: AccountStanding, signalIds: readonly string[]): Finding | null {
  const held = [
    ...standing.pending.map((one) => one.finding),
    ...standing.sanctions.flatMap((kept) => [kept.finding, kept.unheeded]),
    ...standing.reviews.map((open) => open.finding),
  ]
  return held
    .filter((one) => one !== null)
    .filter((one) => one.signalIds.length > 0 && one.signalIds.every((id) => signalIds.includes(id)))
    .sort((a, b) => a.windowEndMs - b.windowEndMs)
    .reduce<Finding | null>((earlier, one) => (earlier === null ? one : joined(earlier, one)), null)
}

/** What is known of a sanction that was folded from the log. */
export function findingOfSanction(kept: KeptSanction): Finding {
  const { sanction } = kept
  return {
    actor: sanction.actor,
    clause: sanction.clause,
    detectorId: sanction.detectorId,
    detectorVersion: sanction.detectorVersion,
    otherDetectors: [],
    signalIds: sanction.signalIds,
    requestIds: [],
    windowStartMs: sanction.issuedAtMs,
    windowEndMs: sanction.issuedAtMs,
    facts: [],
    capability: null,
    poolId: null,
    exactMatch: false,
    templateHash: null,
    cause: sanction.cause,
  }
}
