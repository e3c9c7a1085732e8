/**
 * Keys that somebody else seems to hold: what is done with them is not held against their owner.
 *
 * F1. Conduct on a flagged key closes that key and nothing else, on a ladder of the key's own: no strike of the
 *     account. Once the key is replaced, what was done with it before leads nowhere.
 * F2. Conduct in that time that names no key goes to people: whose it was, nobody can tell. Not of S0: harm would go
 *     on, and people look within the hour anyway.
 * F3. Where a person has said that nobody else held the key, its owner answers for all of it.
 */
import type { Actor } from '../domain/actor.ts'
import type { KeyFlag } from '../domain/standing.ts'
import { MOST, type AccountStanding, type Finding, type KeptSanction } from './account-standing.ts'

/** The finding with what lay behind it (F1). */
export function attributed(standing: AccountStanding, finding: Finding): Finding {
  const flag = flagBehind(standing, finding)
  return flag === undefined || isReplaced(flag) ? finding : { ...finding, cause: 'suspectedCompromise' }
}

/** Done by hands that hold the key no longer. */
export function isOver(standing: AccountStanding, finding: Finding): boolean {
  const flag = flagBehind(standing, finding)
  return flag !== undefined && isReplaced(flag)
}

/** F2. */
export function mayBeOthers(standing: AccountStanding, finding: Finding): boolean {
  const { level } = finding.actor
  const namesNoKey = level === 'account' || level === 'organization' || level === 'project'
  return namesNoKey && standing.keyFlags.some((flag) => overlaps(flag, finding))
}

/** The latest flag under which the conduct falls. */
function flagBehind(standing: AccountStanding, finding: Finding): KeyFlag | undefined {
  return standing.keyFlags.findLast((flag) => isOf(flag, finding.actor) && overlaps(flag, finding))
}

function overlaps(flag: KeyFlag, { windowStartMs, windowEndMs }: Finding): boolean {
  return flag.doubt !== 'rejected' && windowStartMs < flag.endsAtMs && windowEndMs >= flag.fromMs
}

/** While a person is asked, replacing the key settles nothing. */
function isReplaced({ replaced, doubt }: KeyFlag): boolean {
  return replaced && doubt === 'none'
}

export function isOf({ keyId }: KeyFlag, actor: Actor): boolean {
  return actor.level === 'key' && actor.id === keyId
}

/** When nothing hangs on it any more; null while a person is asked. */
export function flagForgettableAtMs({ endsAtMs, countsUntilMs, doubt }: KeyFlag): number | null {
  return doubt === 'open' ? null : Math.max(endsAtMs, countsUntilMs)
}

export function withoutFlag(flags: readonly KeyFlag[], flag: KeyFlag): readonly KeyFlag[] {
  return flags.filter((one) => one.keyId !== flag.keyId || one.raisedAtMs !== flag.raisedAtMs)
}

/** The order is part of the record (P5). */
export function keyFlagged(standing: AccountStanding, flag: KeyFlag): AccountStanding {
  const keyFlags = [...withoutFlag(standing.keyFlags, flag), flag]
    .sort((a, b) => a.raisedAtMs - b.raisedAtMs || (a.keyId < b.keyId ? -1 : 1))
    .slice(-MOST.keyFlags)
  return flag.doubt === 'rejected' ? { ...answeredFor(standing, flag), keyFlags } : { ...standing, keyFlags }
}

/** F3. */
function answeredFor(standing: AccountStanding, flag: KeyFlag): AccountStanding {
  const own = <T extends Finding | null>(finding: T): T =>
    finding === null || !isOf(flag, finding.actor) ? finding : { ...finding, cause: null }
  const ownSanction = (kept: KeptSanction): KeptSanction => {
    const { sanction } = kept
    if (!isOf(flag, sanction.actor) || sanction.issuedAtMs < flag.raisedAtMs) return kept
    return {
      ...kept,
      sanction: { ...sanction, cause: null },
      finding: own(kept.finding),
      unheeded: own(kept.unheeded),
    }
  }
  return {
    ...standing,
    sanctions: standing.sanctions.map(ownSanction),
    reviews: standing.reviews.map((open) => ({ ...open, finding: own(open.finding) })),
    pending: standing.pending.map((one) => ({ ...one, finding: own(one.finding) })),
  }
}
