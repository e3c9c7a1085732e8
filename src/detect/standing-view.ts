/**
 * What an account stands under, as `usage` keeps it of `abuse.standing.v1`: for conditions, and for whoever counts what
 * gateways let through.
 *
 * S1. Bounded: the first `MAX_SANCTIONS` sanctions that take something, the `MAX_STRIKES` strikes that count longest,
 *     the first `MAX_SNOOZES` snoozes, which are as many as enforcement keeps.
 * S2. What another measure replaced is one strike with it: the one ended when the other was issued. Clauses do not travel
 *     (P9), so that strikes cannot be told by clause.
 */
import { STRICTNESS } from '../domain/sanction.ts'
import type { ActiveSanction, Standing, Strike } from '../domain/standing.ts'
import type { StandingView } from '../topology/model.ts'

const MAX_SANCTIONS = 32
const MAX_STRIKES = 32
const MAX_SNOOZES = 32

/** Of an account that stands under nothing, as nearly all do. */
export const CLEAR: StandingView = { sanctions: [], strikesUntilMs: [], snoozes: [] }

/** Null: enforcement has told nothing of the account, or that there is nothing any more. */
export function standingView(standing: Standing | null): StandingView {
  if (standing === null) return CLEAR
  const sanctions = standing.active.filter(takesSomething).slice(0, MAX_SANCTIONS)
  const strikesUntilMs = standing.strikes === null ? null : untilMs(standing.strikes)
  const snoozes = standing.snoozes?.slice(0, MAX_SNOOZES) ?? null
  return { sanctions, strikesUntilMs, snoozes }
}

export function isClear({ sanctions, strikesUntilMs, snoozes }: StandingView): boolean {
  return sanctions.length === 0 && strikesUntilMs?.length === 0 && snoozes?.length === 0
}

/** A warning asks, and takes nothing. */
function takesSomething({ act }: ActiveSanction): boolean {
  return STRICTNESS[act] > STRICTNESS.warning
}

function untilMs(strikes: readonly Strike[]): readonly number[] {
  return strikes
    .filter((strike) => !strikes.some((other) => replaces(other, strike)))
    .map(({ expiresAtMs }) => expiresAtMs)
    .sort((a, b) => b - a)
    .slice(0, MAX_STRIKES)
}

function replaces(other: Strike, strike: Strike): boolean {
  return (
    other.sanctionId !== strike.sanctionId &&
    other.reasonCode === strike.reasonCode &&
    other.strikeOrdinal === strike.strikeOrdinal &&
    other.issuedAtMs === strike.endedAtMs
  )
}
