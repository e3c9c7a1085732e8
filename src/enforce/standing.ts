/**
 * What gateways and billing may know of an account: what is in force, until when, under neutral codes (P9).
 *
 * N1. Of several sanctions on one scope of one actor only those are told that no other outdoes: one is outdone by
 *     an act at least as strict that begins no later and lasts at least as long.
 * N2. Null when nothing is in force, nothing counts as a strike, no key is flagged and nothing snoozed: the compacted topic forgets the account.
 * N3. Derived from what has not been ended; readers treat `endsAtMs` as the end, whether or not it was announced.
 */
import { snoozeId } from '../domain/ids.ts'
import { STRICTNESS } from '../domain/sanction.ts'
import type { ActiveSanction, Standing, StandingSnooze } from '../domain/standing.ts'
import type { AccountStanding, SanctionCore } from './account-standing.ts'
import { strikesOf } from './strikes.ts'

export function standingOf(standing: AccountStanding, nowMs: number): Standing | null {
  const active = activeSanctions(standing)
  const strikes = strikesOf(standing)
  const snoozes = snoozesAt(standing, nowMs)
  const { accountId, shadow, keyFlags } = standing
  if ([active, strikes, keyFlags, snoozes].every(({ length }) => length === 0)) return null
  return { accountId, updatedAtMs: nowMs, active, shadow, strikes, keyFlags, snoozes }
}

function snoozesAt({ snoozes }: AccountStanding, nowMs: number): readonly StandingSnooze[] {
  return snoozes
    .filter(({ untilMs }) => untilMs > nowMs)
    .map(({ detectorId, untilMs }) => ({ id: snoozeId(detectorId), untilMs }))
}

/** Oldest first; the order is part of the record (P5). */
export function activeSanctions(standing: AccountStanding): readonly ActiveSanction[] {
  const open = standing.sanctions.filter((kept) => kept.endedAtMs === null).map((kept) => kept.sanction)
  return open
    .filter((one) => !open.some((other) => other !== one && outdoes(other, one, open)))
    .sort((a, b) => a.effectiveAtMs - b.effectiveAtMs || (a.id < b.id ? -1 : 1))
    .map(published)
}

/** Equal ones outdo each other; the earlier in the list stays. */
function outdoes(other: SanctionCore, one: SanctionCore, open: readonly SanctionCore[]): boolean {
  if (place(other) !== place(one) || !coversTime(other, one) || !isStricter(other, one)) return false
  const mutual = coversTime(one, other) && isStricter(one, other)
  return !mutual || open.indexOf(other) < open.indexOf(one)
}

function place(sanction: SanctionCore): string {
  return JSON.stringify([sanction.scope, sanction.scopeTarget, sanction.actor.level, sanction.actor.id])
}

function coversTime(other: SanctionCore, one: SanctionCore): boolean {
  return (
    other.effectiveAtMs <= one.effectiveAtMs && (other.endsAtMs ?? Infinity) >= (one.endsAtMs ?? Infinity)
  )
}

/** At least as strict: graver, or as grave with no higher ceiling. */
function isStricter(other: SanctionCore, one: SanctionCore): boolean {
  const difference = STRICTNESS[other.act] - STRICTNESS[one.act]
  if (difference !== 0) return difference > 0
  return (other.rateCeilingPerMinute ?? 0) <= (one.rateCeilingPerMinute ?? 0)
}

function published(sanction: SanctionCore): ActiveSanction {
  return {
    sanctionId: sanction.id,
    act: sanction.act,
    scope: sanction.scope,
    scopeTarget: sanction.scopeTarget,
    rateCeilingPerMinute: sanction.rateCeilingPerMinute,
    actorLevel: sanction.actor.level,
    actorId: sanction.actor.id,
    reasonCode: sanction.reasonCode,
    effectiveAtMs: sanction.effectiveAtMs,
    endsAtMs: sanction.endsAtMs,
  }
}
