/** What meter, classify and usage make of the inputs: usage records, verdicts, sightings; and lists of known media. */
import { CONTENT_ROLES } from '../../domain/content.ts'
import {
  MEDIA_MATCHES,
  type KnownMedia,
  type MediaEntry,
  type MediaFinding,
} from '../../domain/known-media.ts'
import { FINISH_REASONS, OPERATIONS, RESPONSE_STATUSES } from '../../domain/inference.ts'
import { FINGERPRINT_KINDS, type Sighting } from '../../domain/sighting.ts'
import type { UsageRecord } from '../../domain/usage-record.ts'
import {
  MOST_HOST_HASHES,
  VERDICT_LABELS,
  type LabelScore,
  type SlotKind,
  type Verdict,
} from '../../domain/verdict.ts'
import { listOf, nullOr, recordOf, refined } from '../guard.ts'
import { count, finite, flag, id, milliseconds, position, ratio, seconds } from './leaves.ts'
import { eventTimeMs, hex, integerWithin, symbol, symbolOf, timeMs, tokens } from './leaves.ts'

const MOST_SCORES = 1_000

export const usageRecord = recordOf<UsageRecord>({
  phase: symbol<UsageRecord['phase']>({ arrived: true, completed: true }),
  eventId: id,
  requestId: id,
  accountId: id,
  keyId: id,
  organizationId: nullOr(id),
  projectId: nullOr(id),
  endUserId: nullOr(id),
  conversationId: nullOr(id),
  operationName: symbolOf(OPERATIONS),
  model: id,
  poolId: nullOr(id),
  serverAddress: nullOr(id),
  occurredAtMs: eventTimeMs,
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadInputTokens: tokens,
  gpuSeconds: seconds,
  gpuSecondsEstimated: flag,
  status: nullOr(symbolOf(RESPONSE_STATUSES)),
  finishReason: nullOr(symbolOf(FINISH_REASONS)),
  queueTimeMs: nullOr(milliseconds),
  durationMs: nullOr(milliseconds),
  retryAfterMs: nullOr(milliseconds),
  billed: nullOr(flag),
  clientAddressHash: nullOr(id),
  clientNetworkHash: nullOr(id),
  userAgentHash: nullOr(id),
  hashKeyId: id,
})

const labelScore = recordOf<LabelScore>({
  label: symbolOf(VERDICT_LABELS),
  score: ratio,
  logLikelihoodRatio: finite,
})

const knownMedia = recordOf<KnownMedia>({
  match: symbolOf(MEDIA_MATCHES),
  list: id,
  entryId: id,
  clause: id,
  vetted: flag,
  quarantined: flag,
  distance: nullOr(integerWithin(0, 256)),
})

const mediaFinding = recordOf<MediaFinding>({
  direction: symbol<MediaFinding['direction']>({ upload: true, output: true }),
  facePresent: nullOr(flag),
  sexualScore: nullOr(ratio),
  faceUploaded: nullOr(flag),
  known: nullOr(knownMedia),
})

export const verdict = recordOf<Verdict>({
  eventId: id,
  requestId: id,
  accountId: id,
  keyId: id,
  projectId: nullOr(id),
  endUserId: nullOr(id),
  conversationId: nullOr(id),
  operationName: symbolOf(OPERATIONS),
  model: id,
  poolId: nullOr(id),
  occurredAtMs: eventTimeMs,
  side: symbol<Verdict['side']>({ prompt: true, response: true, exchange: true }),
  role: symbolOf(CONTENT_ROLES),
  task: symbol<Verdict['task']>({ generate: true, transform: true, classify: true, unknown: true }),
  outcome: symbol<Verdict['outcome']>({ asked: true, complied: true, refused: true, unknown: true }),
  segment: count,
  scored: flag,
  scores: listOf(labelScore, MOST_SCORES),
  disguises: listOf(id, MOST_SCORES),
  opaque: flag,
  containsCode: flag,
  mentions: nullOr(listOf(id, MOST_SCORES)),
  characters: count,
  contentDigest: id,
  templateHash: nullOr(id),
  askedTemplateHash: nullOr(id),
  slotHash: nullOr(id),
  slotOrdinal: nullOr(finite),
  slotKind: nullOr(symbol<SlotKind>({ address: true, mail: true, identifier: true })),
  hostHashes: nullOr(listOf(id, MOST_HOST_HASHES)),
  hostCount: nullOr(count),
  simHash: nullOr(id),
  media: nullOr(mediaFinding),
  hashKeyId: id,
  modelId: id,
  modelVersion: id,
})

export const sighting = recordOf<Sighting>({
  accountId: id,
  fingerprintKind: symbolOf(FINGERPRINT_KINDS),
  fingerprintHash: id,
  hashKeyId: id,
  hourStartMs: timeMs,
  count: position,
})

export const mediaEntry = refined(
  recordOf<MediaEntry>({
    id,
    list: id,
    clause: id,
    vetted: flag,
    quarantined: flag,
    sha256: nullOr(hex(64)),
    md5: nullOr(hex(32)),
    pdq: nullOr(hex(64)),
    addedAtMs: timeMs,
    addedBy: id,
    expiresAtMs: nullOr(timeMs),
  }),
  'a hash',
  (entry) => (entry.sha256 ?? entry.md5 ?? entry.pdq) !== null,
)
