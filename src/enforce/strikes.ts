/**
 * Strikes as the compacted standing keeps them, and how they are known again from it when the store is gone and the
 * log of sanctions no longer reaches back to them.
 *
 * R1. What the log of sanctions tells is better, because it is whole: a strike is taken from the standing only
 *     where its sanction is not known.
 * R2. A newer standing counts for what was taken from an older: it says what ended, was undone or forgotten since.
 * R3. The clause does not travel (P9). It is the one whose id the sanction bears, or that of the strike which it
 *     replaced; a strike whose clause the policy no longer has is not taken.
 */
import type { KeyFlag, Strike } from '../domain/standing.ts'
import type { Clause, Policy } from '../topology/policy.ts'
import type { AccountStanding, KeptSanction } from './account-standing.ts'
import type { SanctionIds } from './sanction-ids.ts'

/** What counts or may be appealed, oldest first. */
export function strikesOf(standing: AccountStanding): readonly Strike[] {
  return standing.sanctions.filter((kept) => !kept.voided).map(strikeOf)
}

function strikeOf(kept: KeptSanction): Strike {
  const { sanction } = kept
  return {
    sanctionId: sanction.id,
    act: sanction.act,
    scope: sanction.scope,
    scopeTarget: sanction.scopeTarget,
    rateCeilingPerMinute: sanction.rateCeilingPerMinute,
    actorLevel: sanction.actor.level,
    actorId: sanction.actor.id,
    reasonCode: sanction.reasonCode,
    cause: sanction.cause,
    step: sanction.step,
    strikeOrdinal: sanction.strikeOrdinal,
    issuedAtMs: sanction.issuedAtMs,
    endsAtMs: sanction.endsAtMs,
    endedAtMs: kept.endedAtMs,
    appealUntilMs: kept.appealUntilMs,
    expiresAtMs: kept.strikeExpiresAtMs,
  }
}

/** The strikes of a standing record as enforcement keeps them. */
export function keptStrikes(
  standing: AccountStanding,
  strikes: readonly Strike[],
  policy: Policy,
  ids: SanctionIds,
): readonly KeptSanction[] {
  const clauses = strikes.map((strike) => clauseOfId(standing, strike, policy, ids))
  return strikes.flatMap((strike, at) => {
    const clause =
      clauses[at] ?? clauses[strikes.findIndex((other, index) => replaced(strike, other, clauses[index]))]
    return clause === undefined ? [] : [keptOf(standing, strike, clause, policy)]
  })
}

function replaced(strike: Strike, other: Strike, clause: Clause | undefined): boolean {
  return (
    clause !== undefined &&
    other.reasonCode === strike.reasonCode &&
    other.strikeOrdinal === strike.strikeOrdinal
  )
}

function clauseOfId(
  { accountId, shadow }: AccountStanding,
  { sanctionId: id, step, strikeOrdinal }: Strike,
  policy: Policy,
  ids: SanctionIds,
): Clause | undefined {
  return policy.clauses.find((clause) =>
    ids.isOf(id, { accountId, clause: clause.id, step, strikeOrdinal, shadow }),
  )
}

function keptOf(standing: AccountStanding, strike: Strike, clause: Clause, policy: Policy): KeptSanction {
  return {
    sanction: {
      id: strike.sanctionId,
      accountId: standing.accountId,
      actor: { accountId: standing.accountId, level: strike.actorLevel, id: strike.actorId },
      act: strike.act,
      scope: strike.scope,
      scopeTarget: strike.scopeTarget,
      rateCeilingPerMinute: strike.rateCeilingPerMinute,
      clause: clause.id,
      reasonCode: strike.reasonCode,
      severity: clause.severity,
      step: strike.step,
      strikeOrdinal: strike.strikeOrdinal,
      issuedAtMs: strike.issuedAtMs,
      effectiveAtMs: strike.issuedAtMs,
      cause: strike.cause,
      endsAtMs: strike.endsAtMs,
      endsSanctionId: null,
      endCause: null,
      automated: true,
      underReview: false,
      decidedBy: [],
      signalIds: [],
      detectorId: null,
      detectorVersion: null,
      refund: 'none',
      policyVersion: policy.version,
      shadow: standing.shadow,
    },
    appealUntilMs: strike.appealUntilMs,
    // Who was told of a warning is not known any more: it stands to its end, and leads on to nothing by itself.
    graceMs: (strike.endsAtMs ?? strike.issuedAtMs) - strike.issuedAtMs,
    finding: null,
    strikeWeight: clause.ladder.strikeWeight,
    strikeExpiresAtMs: strike.expiresAtMs,
    voided: false,
    endedAtMs: strike.endedAtMs,
    endCause: strike.endedAtMs === null ? null : 'expired',
    noticeAtMs: null,
    unheeded: null,
    appealed: false,
    reviewed: false,
  }
}

/** Takes over what a standing record says (R1, R2). */
export function strikesKnown(
  before: AccountStanding,
  strikes: readonly KeptSanction[],
  keyFlags: readonly KeyFlag[] | null,
): AccountStanding {
  const standing = keyFlags === null ? before : { ...before, keyFlags }
  const stays = standing.sanctions.filter((kept) => !isFromStanding(kept))
  const known = new Set(stays.map((kept) => kept.sanction.id))
  const added = strikes.filter((kept) => !known.has(kept.sanction.id))
  if (added.length === 0 && stays.length === standing.sanctions.length) return standing
  const ordinals = { ...standing.ordinals }
  for (const { sanction } of added) {
    ordinals[sanction.clause] = Math.max(ordinals[sanction.clause] ?? 0, sanction.strikeOrdinal)
  }
  const sanctions = [...stays, ...added].sort((a, b) => a.sanction.issuedAtMs - b.sanction.issuedAtMs)
  return { ...standing, ordinals, sanctions }
}

/** A sanction rests on signals or on a person's word; what tells of neither was taken from a standing. */
function isFromStanding({ sanction, finding }: KeptSanction): boolean {
  return finding === null && sanction.signalIds.length === 0 && sanction.decidedBy.length === 0
}

/** When the sanction is over, no strike any more and past its appeal; null while it is in force. */
export function forgettableAtMs(kept: KeptSanction): number | null {
  if (kept.endedAtMs === null) return null
  return kept.voided ? kept.appealUntilMs : Math.max(kept.strikeExpiresAtMs, kept.appealUntilMs)
}
