/**
 * Sanctions as OpenID Shared Signals: security event tokens' claims (RFC 8417) with RISC and CAEP events, one event each,
 * for account services and gateways that know them. Who sends them signs them.
 *
 * S1. An account is disabled while anything closes it, and enabled when nothing does any more: of two suspensions the
 *     end of the first says nothing.
 * S2. Events come when their sanctions take effect: one that was ended before says nothing.
 * S3. A measure is over at its end, whether or not that was announced, for an account service as for a gateway.
 * S4. Nothing says why: no clause, no reason code.
 * S5. The log is read once and not kept: of it remain the measures that close an account, and their ends.
 */
import type { Each } from '../domain/each.ts'
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

/** What remains of a sanction that closes an account, or of the end of one. */
type Turn = Pick<Sanction, 'id' | 'accountId' | 'effectiveAtMs' | 'endsAtMs' | 'automated' | 'endsSanctionId'>

export interface SecurityEventsOptions {
  readonly issuer: string
  readonly audience: string
  /** Ends that lie behind it have come (S3). */
  readonly nowMs: number
}

/** The events that follow from the log, by the time of effect. The log is in order within each account. */
export async function securityEvents(
  log: Each<Sanction>,
  { issuer, audience, nowMs }: SecurityEventsOptions,
): Promise<readonly SecurityEvent[]> {
  const closing = new Map<string, Set<string>>()
  return inEffect(await turnsOf(log), nowMs).flatMap((turn) => {
    const open = closing.get(turn.accountId) ?? new Set<string>()
    closing.set(turn.accountId, open)
    const wasOpen = open.size > 0
    if (turn.endsSanctionId === null) open.add(turn.id)
    else open.delete(turn.endsSanctionId)
    if (wasOpen === open.size > 0) return []
    const about = { turn, issuer, audience }
    return wasOpen
      ? [event(about, `${RISC}/account-enabled`, {})]
      : [event(about, `${RISC}/account-disabled`, {}), event(about, `${CAEP}/session-revoked`, revoked(turn))]
  })
}

async function turnsOf(log: Each<Sanction>): Promise<readonly Turn[]> {
  const turns: Turn[] = []
  const closings = new Set<string | null>()
  for await (const one of log) {
    const { id, accountId, effectiveAtMs, endsAtMs, automated, endsSanctionId } = one
    if (endsSanctionId === null && closes(one)) closings.add(id)
    else if (endsSanctionId === null || !closings.has(endsSanctionId)) continue
    turns.push({ id, accountId, effectiveAtMs, endsAtMs, automated, endsSanctionId })
  }
  return turns
}

/** By the time of effect, without what was ended before it (S2), with the ends that nobody announced in time (S3). */
function inEffect(turns: readonly Turn[], nowMs: number): readonly Turn[] {
  const endedAtMs = new Map(turns.map((one) => [one.endsSanctionId, one.effectiveAtMs]))
  const ends = (id: string): number => endedAtMs.get(id) ?? Infinity
  const starts = turns.filter((one) => one.endsSanctionId === null)
  const due = starts.filter(({ id, endsAtMs }) => endsAtMs !== null && endsAtMs <= Math.min(nowMs, ends(id)))
  const announced = turns.filter((one) => one.endsSanctionId !== null)
  // Of one moment: what goes on closed is not opened in between, and an end is told as it was before it was announced.
  return [...starts, ...due.map(endOf), ...announced]
    .filter((one) => ends(one.id) > one.effectiveAtMs)
    .toSorted((a, b) => a.effectiveAtMs - b.effectiveAtMs)
}

function endOf(turn: Turn): Turn {
  const { id, accountId, effectiveAtMs, endsAtMs } = turn
  return {
    id: uuidV5('expiry', id),
    accountId,
    effectiveAtMs: endsAtMs ?? effectiveAtMs,
    endsAtMs: null,
    automated: true,
    endsSanctionId: id,
  }
}

function closes({ act, scope }: Sanction): boolean {
  const whole = scope === 'account' || scope === 'api'
  return act === 'termination' || (whole && (act === 'suspension' || act === 'restriction'))
}

function revoked({ effectiveAtMs, automated }: Turn): Readonly<Record<string, unknown>> {
  return { event_timestamp: seconds(effectiveAtMs), initiating_entity: automated ? 'policy' : 'admin' }
}

function event(
  about: { readonly turn: Turn; readonly issuer: string; readonly audience: string },
  type: string,
  claims: Readonly<Record<string, unknown>>,
): SecurityEvent {
  const { turn, issuer, audience } = about
  return {
    iss: issuer,
    aud: audience,
    jti: uuidV5('securityEvent', turn.id, type),
    iat: seconds(turn.effectiveAtMs),
    sub_id: { format: 'opaque', id: turn.accountId },
    events: { [type]: claims },
  }
}

function seconds(timeMs: number): number {
  return Math.floor(timeMs / 1_000)
}
