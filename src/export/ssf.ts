/**
 * Sanctions as OpenID Shared Signals: security event tokens' claims (RFC 8417) with RISC and CAEP events, one event each,
 * for account services and gateways that know them. Who sends them signs them.
 *
 * S1. An account is disabled while anything closes it, and enabled when nothing does any more: of two suspensions the
 *     end of the first says nothing.
 * S2. Events come when their sanctions take effect: one that was ended before says nothing.
 * S3. Nothing says why: no clause, no reason code.
 */
import { uuidV5 } from '../domain/ids.ts'
import type { Sanction } from '../domain/sanction.ts'

const RISC = 'https://schemas.openid.net/secevent/risc/event-type'
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type'

/** Claims of one security event token. Times are seconds, as in any JWT. */
export interface SecurityEvent {
  readonly iss: string
  readonly aud: string
  readonly jti: string
  readonly iat: number
  readonly sub_id: { readonly format: 'opaque'; readonly id: string }
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The events that follow from the log, in its order. */
export function securityEvents(
  log: readonly Sanction[],
  issuer: string,
  audience: string,
): readonly SecurityEvent[] {
  const closing = new Map<string, Set<string>>()
  return inEffect(log).flatMap((sanction) => {
    const open = closing.get(sanction.accountId) ?? new Set<string>()
    closing.set(sanction.accountId, open)
    const wasOpen = open.size > 0
    if (sanction.endsSanctionId !== null) open.delete(sanction.endsSanctionId)
    else if (closes(sanction)) open.add(sanction.id)
    if (wasOpen === open.size > 0) return []
    const about = { sanction, issuer, audience }
    return wasOpen
      ? [event(about, `${RISC}/account-enabled`, {})]
      : [
          event(about, `${RISC}/account-disabled`, {}),
          event(about, `${CAEP}/session-revoked`, revoked(sanction)),
        ]
  })
}

/** By the time of effect, without what was ended before it. (S2) */
function inEffect(log: readonly Sanction[]): readonly Sanction[] {
  const endedAtMs = new Map(log.map((one) => [one.endsSanctionId, one.effectiveAtMs]))
  return log
    .filter((one) => (endedAtMs.get(one.id) ?? Infinity) > one.effectiveAtMs)
    .toSorted((a, b) => a.effectiveAtMs - b.effectiveAtMs)
}

function closes({ act, scope }: Sanction): boolean {
  const whole = scope === 'account' || scope === 'api'
  return act === 'termination' || (whole && (act === 'suspension' || act === 'restriction'))
}

function revoked({ effectiveAtMs, automated }: Sanction): Readonly<Record<string, unknown>> {
  return { event_timestamp: seconds(effectiveAtMs), initiating_entity: automated ? 'policy' : 'admin' }
}

function event(
  about: { readonly sanction: Sanction; readonly issuer: string; readonly audience: string },
  type: string,
  claims: Readonly<Record<string, unknown>>,
): SecurityEvent {
  const { sanction, issuer, audience } = about
  return {
    iss: issuer,
    aud: audience,
    jti: uuidV5('securityEvent', sanction.id, type),
    iat: seconds(sanction.effectiveAtMs),
    sub_id: { format: 'opaque', id: sanction.accountId },
    events: { [type]: claims },
  }
}

function seconds(timeMs: number): number {
  return Math.floor(timeMs / 1_000)
}
