/**
 * Which noun travels on which topic. Everything typed in this folder hangs on this one table; `dlq.<topic>` and
 * `late.<topic>` carry the bytes of their source unchanged and have no type of their own.
 */
import type { AccountEvent, AccountState } from '../domain/account.ts'
import type { Appeal, Complaint, Decision, Preservation, Referral, ReviewCase } from '../domain/case.ts'
import type { Control } from '../domain/control.ts'
import type { InferenceRequest, InferenceResponse } from '../domain/inference.ts'
import type { MediaEntry } from '../domain/known-media.ts'
import type { Sanction } from '../domain/sanction.ts'
import type { Sighting } from '../domain/sighting.ts'
import type { Signal } from '../domain/signal.ts'
import type { Standing } from '../domain/standing.ts'
import type { GpuTelemetry, PoolPressure } from '../domain/telemetry.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import type { Verdict } from '../domain/verdict.ts'

export interface TopicTypes {
  'inference.requests.v1': InferenceRequest
  'inference.responses.v1': InferenceResponse
  'inference.usage.v1': UsageRecord
  'inference.verdicts.v1': Verdict
  'accounts.state.v1': AccountState
  'accounts.events.v1': AccountEvent
  'gpu.telemetry.v1': GpuTelemetry
  'abuse.pool-pressure.v1': PoolPressure
  'abuse.sightings.v1': Sighting
  'abuse.signals.v1': Signal
  'abuse.signals.shadow.v1': Signal
  'abuse.sanctions.v1': Sanction
  'abuse.sanctions.shadow.v1': Sanction
  'abuse.standing.v1': Standing
  'abuse.standing.shadow.v1': Standing
  'abuse.reviews.v1': ReviewCase
  'abuse.preservation.v1': Preservation
  'abuse.referrals.v1': Referral
  'abuse.decisions.v1': Decision
  'abuse.appeals.v1': Appeal
  'abuse.complaints.v1': Complaint
  'abuse.media-lists.v1': MediaEntry
  'bailiff.control.v1': Control
}

export type Topic = keyof TopicTypes
