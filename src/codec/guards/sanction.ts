/** What detectors and the ladder say: signals, sanctions, standing. */
import { ACTOR_LEVELS, type Actor } from '../../domain/actor.ts'
import {
  SANCTION_ACTS,
  SANCTION_CAUSES,
  SANCTION_SCOPES,
  SEVERITIES,
  type BandedFact,
  type EndCause,
  type Sanction,
  type StatementOfReasons,
} from '../../domain/sanction.ts'
import type { DetectorMode, Evidence, EvidencePointer, Reading, Signal } from '../../domain/signal.ts'
import {
  KEY_DOUBTS,
  type ActiveSanction,
  type KeyFlag,
  type Standing,
  type StandingSnooze,
  type Strike,
} from '../../domain/standing.ts'
import { listOf, mapOf, nullOr, recordOf } from '../guard.ts'
import {
  amount,
  count,
  eventTimeMs,
  finite,
  flag,
  hex,
  id,
  position,
  ratio,
  symbol,
  symbolOf,
  text,
  timeMs,
} from './leaves.ts'

/** Entries of any list on a signal or a sanction. */
const MOST_ENTRIES = 10_000

export const ids = listOf(id, MOST_ENTRIES)
export const scope = symbolOf(SANCTION_SCOPES)
export const severity = symbolOf(SEVERITIES)
export const refund = symbol<Sanction['refund']>({ none: true, proRata: true, legalHold: true })
export const actor = recordOf<Actor>({ accountId: id, level: symbolOf(ACTOR_LEVELS), id })

const pointer = recordOf<EvidencePointer>({
  requestId: id,
  topic: id,
  partition: count,
  offset: position,
  templateHash: nullOr(id),
})
const reading = recordOf<Reading>({
  name: id,
  value: nullOr(finite),
  text: nullOr(text(1_000)),
  error: nullOr(finite),
})

export const signal = recordOf<Signal>({
  id,
  detectorId: id,
  detectorVersion: count,
  mode: symbol<DetectorMode>({ shadow: true, canary: true, live: true }),
  clause: id,
  actor,
  confidence: ratio,
  occurredAtMs: eventTimeMs,
  windowStartMs: timeMs,
  windowEndMs: timeMs,
  episode: position,
  evidence: listOf(recordOf<Evidence>({ name: id, value: finite }), MOST_ENTRIES),
  readings: listOf(reading, MOST_ENTRIES),
  pointers: listOf(pointer, MOST_ENTRIES),
  capability: nullOr(id),
  poolId: nullOr(id),
  policyVersion: count,
  bundleSha256: nullOr(hex(64)),
  broadcastOffsets: mapOf(position, MOST_ENTRIES),
})

const statement = recordOf<StatementOfReasons>({
  language: text(64),
  text: text(100_000),
  facts: listOf(recordOf<BandedFact>({ name: id, band: text(1_000) }), MOST_ENTRIES),
  windowStartMs: timeMs,
  windowEndMs: timeMs,
  automatedDetection: flag,
  automatedDecision: flag,
  howToAppeal: text(10_000),
  appealUntilMs: timeMs,
  remediate: nullOr(text(10_000)),
  remediateByMs: nullOr(timeMs),
})

const endCause = symbol<EndCause>({
  expired: true,
  remediated: true,
  decision: true,
  appeal: true,
  superseded: true,
})

const cause = nullOr(symbolOf(SANCTION_CAUSES))

export const sanction = recordOf<Sanction>({
  id,
  accountId: id,
  actor,
  act: symbolOf(SANCTION_ACTS),
  scope,
  scopeTarget: nullOr(id),
  rateCeilingPerMinute: nullOr(amount),
  clause: id,
  reasonCode: id,
  severity,
  step: count,
  strikeOrdinal: count,
  issuedAtMs: timeMs,
  effectiveAtMs: timeMs,
  endsAtMs: nullOr(timeMs),
  endsSanctionId: nullOr(id),
  endCause: nullOr(endCause),
  automated: flag,
  underReview: flag,
  decidedBy: ids,
  signalIds: ids,
  detectorId: nullOr(id),
  detectorVersion: nullOr(count),
  refund,
  statement,
  cause,
  policyVersion: count,
  shadow: flag,
})

const activeSanction = recordOf<ActiveSanction>({
  sanctionId: id,
  act: symbolOf(SANCTION_ACTS),
  scope,
  scopeTarget: nullOr(id),
  rateCeilingPerMinute: nullOr(amount),
  actorLevel: symbolOf(ACTOR_LEVELS),
  actorId: id,
  reasonCode: id,
  effectiveAtMs: timeMs,
  endsAtMs: nullOr(timeMs),
})

const strike = recordOf<Strike>({
  sanctionId: id,
  act: symbolOf(SANCTION_ACTS),
  scope,
  scopeTarget: nullOr(id),
  rateCeilingPerMinute: nullOr(amount),
  actorLevel: symbolOf(ACTOR_LEVELS),
  actorId: id,
  reasonCode: id,
  cause,
  step: count,
  strikeOrdinal: count,
  issuedAtMs: timeMs,
  endsAtMs: nullOr(timeMs),
  endedAtMs: nullOr(timeMs),
  appealUntilMs: timeMs,
  expiresAtMs: timeMs,
})

const keyFlag = recordOf<KeyFlag>({
  keyId: id,
  fromMs: timeMs,
  raisedAtMs: timeMs,
  endsAtMs: timeMs,
  replaced: flag,
  doubt: symbolOf(KEY_DOUBTS),
  countsUntilMs: timeMs,
})

const standingSnooze = recordOf<StandingSnooze>({ id, untilMs: timeMs })

export const standing = recordOf<Standing>({
  accountId: id,
  updatedAtMs: timeMs,
  active: listOf(activeSanction, MOST_ENTRIES),
  shadow: flag,
  strikes: nullOr(listOf(strike, MOST_ENTRIES)),
  keyFlags: nullOr(listOf(keyFlag, MOST_ENTRIES)),
  snoozes: nullOr(listOf(standingSnooze, MOST_ENTRIES)),
})
