/** What the platform's account service says of a sanction: half a minute later its customer has been told. */
import type { AccountEvent } from '../domain/account.ts'
import type { Sanction } from '../domain/sanction.ts'

const DELIVERY_MS = 30_000

export function noticeOf(sanction: Sanction, nowMs: number): AccountEvent {
  return {
    eventId: `notice-${sanction.id}`,
    accountId: sanction.accountId,
    kind: 'noticeDelivered',
    occurredAtMs: nowMs + DELIVERY_MS,
    keyId: null,
    resource: null,
    sanctionId: sanction.id,
  }
}
