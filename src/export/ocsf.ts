/**
 * Signals as OCSF Detection Findings (class 2004, schema 1.5), for a SIEM: who, which detector, how sure, where the
 * evidence lies. Never a prompt or a response: the profile's text fields stay empty (P9).
 */
import type { Severity } from '../domain/sanction.ts'
import type { Signal } from '../domain/signal.ts'

const CLASS = 2004
const CREATE = 1
const SCHEMA_VERSION = '1.5.0'
/** Low, Medium, High, Critical, as OCSF numbers them. */
const SEVERITY_ID: Readonly<Record<Severity, number>> = { S3: 2, S2: 3, S1: 4, S0: 5 }
const UNKNOWN = 0
const RULE = 1
/** Active, Suppressed, Experimental. */
const STATE_ID: Readonly<Record<Signal['mode'], number>> = { live: 1, canary: 1, shadow: 3 }

export interface DetectionFinding {
  readonly category_uid: 2
  readonly class_uid: 2004
  readonly activity_id: 1
  readonly type_uid: 200401
  readonly time: number
  readonly severity_id: number
  readonly is_alert: boolean
  readonly confidence_id: 1 | 2 | 3
  readonly confidence_score: number
  readonly start_time: number
  readonly end_time: number
  readonly status_id: 1
  readonly metadata: {
    readonly version: string
    readonly product: { readonly name: string; readonly vendor_name: string; readonly version: string }
    readonly uid: string
  }
  readonly finding_info: {
    readonly uid: string
    readonly title: string
    readonly types: readonly string[]
    readonly first_seen_time: number
    readonly last_seen_time: number
    readonly analytic: {
      readonly uid: string
      readonly name: string
      readonly version: string
      readonly type_id: number
      readonly state_id: number
    }
  }
  readonly resources: readonly { readonly uid: string; readonly type: string }[]
  readonly evidences: readonly { readonly data: Readonly<Record<string, unknown>> }[]
}

/** `severity` of the clause; null where the policy does not know it. `productVersion`: of this build. */
export function detectionFinding(
  signal: Signal,
  severity: Severity | null,
  productVersion: string,
): DetectionFinding {
  const { actor } = signal
  return {
    category_uid: 2,
    class_uid: CLASS,
    activity_id: CREATE,
    type_uid: 200401,
    time: signal.occurredAtMs,
    severity_id: severity === null ? UNKNOWN : SEVERITY_ID[severity],
    is_alert: signal.mode !== 'shadow',
    confidence_id: confidenceId(signal.confidence),
    confidence_score: Math.round(signal.confidence * 100),
    start_time: signal.windowStartMs,
    end_time: signal.windowEndMs,
    status_id: 1,
    metadata: {
      version: SCHEMA_VERSION,
      product: { name: 'Bailiff', vendor_name: 'Bailiff', version: productVersion },
      uid: signal.id,
    },
    finding_info: {
      uid: signal.id,
      title: `${signal.detectorId} on ${signal.clause}`,
      types: [signal.clause],
      first_seen_time: signal.windowStartMs,
      last_seen_time: signal.windowEndMs,
      analytic: {
        uid: signal.detectorId,
        name: signal.detectorId,
        version: String(signal.detectorVersion),
        type_id: RULE,
        state_id: STATE_ID[signal.mode],
      },
    },
    resources: [
      { uid: actor.accountId, type: 'account' },
      ...(actor.level === 'account' ? [] : [{ uid: actor.id, type: actor.level }]),
    ],
    evidences: [
      ...signal.evidence.map(({ name, value }) => ({ data: { name, value } })),
      ...signal.pointers.map(({ requestId, topic, partition, offset }) => ({
        data: { requestId, record: `${topic}/${partition}/${offset}` },
      })),
    ],
  }
}

function confidenceId(confidence: number): 1 | 2 | 3 {
  if (confidence >= 0.8) return 3
  return confidence >= 0.5 ? 2 : 1
}
