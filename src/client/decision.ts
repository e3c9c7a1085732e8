/**
 * What a gateway does with one request of one account, from the sanctions that are active on it. Pure.
 *
 * D1. A sanction holds from `effectiveAtMs` on and is over at `endsAtMs`, whether or not its end was announced.
 * D2. What it closes is its scope (domain/binding.ts). An id that the gateway does not give matches nothing.
 * D3. Of several the strictest decides; of several ceilings the lowest.
 * D4. A warning forbids nothing.
 */
import { isAbout } from '../domain/binding.ts'
import { STRICTNESS, type SanctionAct } from '../domain/sanction.ts'
import type { ActiveSanction } from '../domain/standing.ts'
import type { Active } from './standings.ts'

/** Who asks, and for what. What is left out matches no sanction that is narrower than the account. */
export interface Ask {
  readonly organizationId?: string
  readonly projectId?: string
  readonly keyId?: string
  readonly endUserId?: string
  /** The model that is to be used, as the platform's events name it. */
  readonly capability?: string
  readonly poolId?: string
}

export interface Decision {
  readonly allow: boolean
  /** Requests a minute that the account's actor may make; null where no ceiling was set. Count them at the gateway. */
  readonly ratePerMinute: number | null
  /** What to do with requests that are running already. */
  readonly inFlight: 'finish' | 'abort'
  /** The sanction that decided, for support and appeals; null where none did. */
  readonly sanctionId: string | null
  readonly reasonCode: string | null
  readonly act: SanctionAct | null
  /** From when on the answer may be another one; null where it stays. */
  readonly untilMs: number | null
  /** Whether the view did not know for certain, so that the setting decided: too old, or the standing unreadable. */
  readonly stale: boolean
}

export const ALLOWED: Decision = {
  allow: true,
  ratePerMinute: null,
  inFlight: 'finish',
  sanctionId: null,
  reasonCode: null,
  act: null,
  untilMs: null,
  stale: false,
}

/** The decision over all that is active on the account. */
export function decisionOf(active: Active, accountId: string, ask: Ask, nowMs: number): Decision {
  if (!isSeveral(active)) {
    const holding = holds(active, nowMs) && isAbout(active, accountId, ask)
    return holding ? decided(active, active.scope === 'rate') : ALLOWED
  }
  let closed: ActiveSanction | null = null
  let ceiling: ActiveSanction | null = null
  for (const sanction of active) {
    if (!holds(sanction, nowMs) || !isAbout(sanction, accountId, ask)) continue
    if (sanction.scope === 'rate') ceiling = lower(ceiling, sanction)
    else closed = stricter(closed, sanction)
  }
  if (closed !== null) return decided(closed, false)
  return ceiling === null ? ALLOWED : decided(ceiling, true)
}

function isSeveral(active: Active): active is readonly ActiveSanction[] {
  return Array.isArray(active)
}

function holds({ act, effectiveAtMs, endsAtMs }: ActiveSanction, nowMs: number): boolean {
  return (
    STRICTNESS[act] > STRICTNESS.warning && effectiveAtMs <= nowMs && (endsAtMs === null || nowMs < endsAtMs)
  )
}

function stricter(one: ActiveSanction | null, other: ActiveSanction): ActiveSanction {
  if (one === null) return other
  const difference = STRICTNESS[other.act] - STRICTNESS[one.act]
  if (difference !== 0) return difference > 0 ? other : one
  return (other.endsAtMs ?? Infinity) > (one.endsAtMs ?? Infinity) ? other : one
}

function lower(one: ActiveSanction | null, other: ActiveSanction): ActiveSanction {
  if (one === null) return other
  return (other.rateCeilingPerMinute ?? Infinity) < (one.rateCeilingPerMinute ?? Infinity) ? other : one
}

function decided(sanction: ActiveSanction, allow: boolean): Decision {
  const { act, sanctionId, reasonCode, rateCeilingPerMinute, endsAtMs } = sanction
  return {
    allow,
    ratePerMinute: allow ? rateCeilingPerMinute : null,
    inFlight: !allow && STRICTNESS[act] >= STRICTNESS.suspension ? 'abort' : 'finish',
    sanctionId,
    reasonCode,
    act,
    untilMs: endsAtMs,
    stale: false,
  }
}
