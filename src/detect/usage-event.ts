/** What `usage` takes in: one shape per kind of source, with the names by which it knows its actor. */
import type { AccountEvent, AccountState } from '../domain/account.ts'
import type { EvidencePointer } from '../domain/signal.ts'
import type { Standing } from '../domain/standing.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { Event } from '../engine/logic.ts'
import type { Collection } from '../topology/model.ts'
import type { ActorNames } from './finding.ts'

export type UsageEvent =
  | { readonly kind: 'usage'; readonly body: UsageRecord }
  | { readonly kind: 'verdict'; readonly body: Verdict }
  | { readonly kind: 'accountEvent'; readonly body: AccountEvent }
  /** Null: the platform has removed the account. */
  | { readonly kind: 'account'; readonly body: AccountState | null }
  /** Null: nothing is in force, and nothing counts. */
  | { readonly kind: 'standing'; readonly body: Standing | null }

/** The collection whose features an event feeds; null where it feeds none. */
export function collectionOf(event: UsageEvent): Collection | null {
  if (event.kind === 'usage') return event.body.phase === 'completed' ? 'usage' : 'arrivals'
  if (event.kind === 'verdict') return 'verdicts'
  return event.kind === 'accountEvent' ? 'accountEvents' : null
}

/** Tells apart what shares an event id: the same request as it came in, as it ended, segment by segment. */
export function eventIdOf(event: UsageEvent): string | null {
  if (event.kind === 'usage')
    return event.body.phase === 'completed' ? event.body.eventId : `arrived/${event.body.eventId}`
  if (event.kind === 'verdict') return `${event.body.side}/${event.body.segment}/${event.body.eventId}`
  return event.kind === 'accountEvent' ? event.body.eventId : null
}

const NOBODY = {
  keyId: null,
  projectId: null,
  endUserId: null,
  organizationId: null,
  conversationId: null,
  poolId: null,
  model: null,
}

export function namesOf(event: UsageEvent, accountId: string): ActorNames {
  if (event.kind === 'usage') {
    const { keyId, projectId, endUserId, organizationId, conversationId, poolId, model } = event.body
    return { accountId, keyId, projectId, endUserId, organizationId, conversationId, poolId, model }
  }
  if (event.kind === 'verdict') {
    const { keyId, projectId, endUserId, conversationId, poolId, model } = event.body
    return { ...NOBODY, accountId, keyId, projectId, endUserId, conversationId, poolId, model }
  }
  return { ...NOBODY, accountId, keyId: event.kind === 'accountEvent' ? event.body.keyId : null }
}

export function poolIdOf(event: UsageEvent): string | null {
  return event.kind === 'usage' || event.kind === 'verdict' ? event.body.poolId : null
}

function requestIdOf(event: UsageEvent): string {
  return event.kind === 'usage' || event.kind === 'verdict' ? event.body.requestId : ''
}

/** The template with which the request was asked, as far as it is known. */
function templateOf(event: UsageEvent): string | null {
  return event.kind === 'verdict' ? (event.body.askedTemplateHash ?? event.body.templateHash) : null
}

/** Where the event lies, and which request it tells of. */
export function pointerTo({ body, record }: Event<UsageEvent>): EvidencePointer {
  const { topic, partition, offset } = record
  return { requestId: requestIdOf(body), topic, partition, offset, templateHash: templateOf(body) }
}
