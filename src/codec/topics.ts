/**
 * For every topic: what a value must look like and which key it is written under.
 */
import { fingerprintKey } from '../domain/sighting.ts'
import type { Guard } from './guard.ts'
import { accountEvent, accountState, gpuTelemetry, poolPressure } from './guards/account.ts'
import { appeal, complaint, control, decision, preservation, referral, reviewCase } from './guards/case.ts'
import { inferenceRequest, inferenceResponse } from './guards/inference.ts'
import { sanction, signal, standing } from './guards/sanction.ts'
import { mediaEntry, sighting, usageRecord, verdict } from './guards/usage.ts'
import type { Topic, TopicTypes } from './topic-types.ts'

/** What a value of each topic must look like. */
export const TOPIC_GUARDS: { readonly [T in Topic]: Guard<TopicTypes[T]> } = {
  'inference.requests.v1': inferenceRequest,
  'inference.responses.v1': inferenceResponse,
  'inference.usage.v1': usageRecord,
  'inference.verdicts.v1': verdict,
  'accounts.state.v1': accountState,
  'accounts.events.v1': accountEvent,
  'gpu.telemetry.v1': gpuTelemetry,
  'abuse.pool-pressure.v1': poolPressure,
  'abuse.sightings.v1': sighting,
  'abuse.signals.v1': signal,
  'abuse.signals.shadow.v1': signal,
  'abuse.sanctions.v1': sanction,
  'abuse.sanctions.shadow.v1': sanction,
  'abuse.standing.v1': standing,
  'abuse.standing.shadow.v1': standing,
  'abuse.reviews.v1': reviewCase,
  'abuse.preservation.v1': preservation,
  'abuse.referrals.v1': referral,
  'abuse.decisions.v1': decision,
  'abuse.appeals.v1': appeal,
  'abuse.complaints.v1': complaint,
  'abuse.media-lists.v1': mediaEntry,
  'bailiff.control.v1': control,
}

interface AccountKeyed {
  readonly accountId: string
}

const byAccount = (value: AccountKeyed): string => value.accountId
const byPool = (value: { readonly poolId: string }): string => value.poolId

const TOPIC_KEYS: { readonly [T in Topic]: (value: TopicTypes[T]) => string } = {
  'inference.requests.v1': byAccount,
  'inference.responses.v1': byAccount,
  'inference.usage.v1': byAccount,
  'inference.verdicts.v1': byAccount,
  'accounts.state.v1': byAccount,
  'accounts.events.v1': byAccount,
  'gpu.telemetry.v1': byPool,
  'abuse.pool-pressure.v1': byPool,
  'abuse.sightings.v1': fingerprintKey,
  'abuse.signals.v1': (value) => value.actor.accountId,
  'abuse.signals.shadow.v1': (value) => value.actor.accountId,
  'abuse.sanctions.v1': byAccount,
  'abuse.sanctions.shadow.v1': byAccount,
  'abuse.standing.v1': byAccount,
  'abuse.standing.shadow.v1': byAccount,
  'abuse.reviews.v1': byAccount,
  'abuse.preservation.v1': byAccount,
  'abuse.referrals.v1': byAccount,
  'abuse.decisions.v1': byAccount,
  'abuse.appeals.v1': byAccount,
  'abuse.complaints.v1': (value) => value.accountId ?? value.mediaSha256 ?? value.id,
  'abuse.media-lists.v1': (value) => value.id,
  'bailiff.control.v1': (value) => value.id,
}

/** Whether a name is one of the topics of the design. */
export function isTopic(name: string): name is Topic {
  return Object.hasOwn(TOPIC_GUARDS, name)
}

/** All topics of the design, in the order in which data meets them. */
export function allTopics(): readonly Topic[] {
  return Object.keys(TOPIC_GUARDS).filter(isTopic)
}

/** The record key under which a value is written to the topic. */
export function keyOf<T extends Topic>(topic: T, value: TopicTypes[T]): string {
  return TOPIC_KEYS[topic](value)
}
