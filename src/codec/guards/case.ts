/** Work for people, words from people, and what governs all processes. */
import {
  DECISION_KINDS,
  type Appeal,
  type Complaint,
  type Decision,
  type Preservation,
  type Referral,
  type ReviewCase,
  type ReviewReason,
  type Snooze,
} from '../../domain/case.ts'
import {
  KILL_SWITCH_TARGETS,
  MOST_LISTED,
  type AccountList,
  type ActivePolicy,
  type Control,
  type KillSwitch,
  type PolicyFile,
  type TestedPolicy,
} from '../../domain/control.ts'
import { listOf, nullOr, recordOf, refined } from '../guard.ts'
import { count, eventTimeMs, flag, hex, id, symbol, symbolOf, text, timeMs } from './leaves.ts'
import { actor, ids, refund, scope, severity } from './sanction.ts'

/** Reasons are sentences of people. */
const words = text(10_000)
const signature = nullOr(text(16_384))
/** Of a bundle, which a compact JWS holds once more. */
const bundleSignature = nullOr(text(4_000_000))
const MOST_FILES = 100

const reviewReason = symbol<ReviewReason>({
  beforeTermination: true,
  protectedAccount: true,
  budgetExceeded: true,
  underReview: true,
  reviewOnlyDetector: true,
  appeal: true,
  complaint: true,
  suspectedCompromise: true,
  snoozed: true,
  templateQuarantined: true,
})

export const reviewCase = recordOf<ReviewCase>({
  id,
  accountId: id,
  actor,
  clause: id,
  severity,
  reason: reviewReason,
  status: symbol<ReviewCase['status']>({ open: true, closed: true }),
  openedAtMs: timeMs,
  revisedAtMs: nullOr(timeMs),
  dueAtMs: timeMs,
  proposedAct: id,
  proposedScope: scope,
  signalIds: ids,
  sanctionId: nullOr(id),
  templateHash: nullOr(id),
})

export const preservation = recordOf<Preservation>({
  id,
  accountId: id,
  requestIds: ids,
  askedAtMs: timeMs,
  untilMs: timeMs,
  basis: words,
  signalId: id,
})

export const referral = recordOf<Referral>({
  id,
  accountId: id,
  clause: id,
  legalBasis: words,
  recipientKind: id,
  requestedAtMs: timeMs,
  dueAtMs: timeMs,
  holdUntilMs: timeMs,
  seenByPerson: flag,
  decidedBy: ids,
  signalIds: ids,
})

export const decision = refined(
  recordOf<Decision>({
    id,
    accountId: id,
    caseId: nullOr(id),
    sanctionId: nullOr(id),
    kind: symbolOf(DECISION_KINDS),
    decidedBy: id,
    decidedAtMs: eventTimeMs,
    reason: words,
    sawContent: flag,
    refund: nullOr(refund),
    narrowToScope: nullOr(scope),
    narrowToTarget: nullOr(id),
    snooze: nullOr(recordOf<Snooze>({ detectorId: nullOr(id), untilMs: timeMs })),
    signature,
  }),
  'snooze where that is decided',
  ({ kind, snooze }) => (kind === 'snooze') === (snooze !== null),
)

export const appeal = recordOf<Appeal>({ id, accountId: id, sanctionId: id, submittedAtMs: eventTimeMs })

const complaintKind = symbol<Complaint['kind']>({
  report: true,
  question: true,
  rights: true,
  victimNotice: true,
  threatToLife: true,
  childSafety: true,
})

export const complaint = recordOf<Complaint>({
  id,
  accountId: nullOr(id),
  mediaSha256: nullOr(hex(64)),
  kind: complaintKind,
  reporterId: id,
  receivedAtMs: eventTimeMs,
  clause: nullOr(id),
})

const policy = recordOf<ActivePolicy>({
  policyVersion: count,
  bundleSha256: hex(64),
  approvedBy: ids,
  files: listOf(recordOf<PolicyFile>({ name: id, text: text(1_000_000) }), MOST_FILES),
  tested: nullOr(recordOf<TestedPolicy>({ scenarios: count, scenariosSha256: hex(64) })),
})
const killSwitch = recordOf<KillSwitch>({
  stops: symbolOf(KILL_SWITCH_TARGETS),
  target: nullOr(id),
  engaged: flag,
})

export const control = refined(
  recordOf<Control>({
    id,
    version: count,
    issuedBy: id,
    issuedAtMs: timeMs,
    reason: words,
    expiresAtMs: nullOr(timeMs),
    policy: nullOr(policy),
    killSwitch: nullOr(killSwitch),
    list: nullOr(recordOf<AccountList>({ name: id, accountIds: listOf(id, MOST_LISTED) })),
    signature: bundleSignature,
  }),
  'policy, killSwitch or list',
  ({ policy, killSwitch, list }) => [policy, killSwitch, list].filter((one) => one !== null).length === 1,
)
