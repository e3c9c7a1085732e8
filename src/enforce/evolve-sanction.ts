/** What a sanction, a lifting or a reversal does to a standing. */
import { isActive, isStrike, MOST, type AccountStanding, type KeptSanction } from './account-standing.ts'
import { isWithdrawal, type Sanction } from '../domain/sanction.ts'
import type { SanctionOutcome } from './issue.ts'
import { rememberedFinding } from './finding.ts'
import { matterOfStrike } from './ladder.ts'
import { seen } from './seen.ts'
import { settle } from './settle.ts'

/** A new sanction, and with it a strike. */
export function issued(standing: AccountStanding, outcome: SanctionOutcome): AccountStanding {
  const { sanction } = outcome
  if (standing.sanctions.some((kept) => kept.sanction.id === sanction.id)) return standing
  const { clause, signalIds, strikeOrdinal } = sanction
  const marked = signalIds.reduce(
    (state, id) => seen(state, id, sanction.statement.windowEndMs, { judged: true, known: true }),
    standing,
  )
  return {
    ...marked,
    ordinals: { ...standing.ordinals, [clause]: Math.max(standing.ordinals[clause] ?? 0, strikeOrdinal) },
    sanctions: bounded(
      [...withCause(standing.sanctions, sanction), kept(standing, outcome)],
      sanction.issuedAtMs,
    ),
    pending: standing.pending.filter((one) => !one.finding.signalIds.some((id) => signalIds.includes(id))),
  }
}

/** What lay behind a sanction lay behind those in whose place it stands: they are one strike. */
function withCause(sanctions: readonly KeptSanction[], by: Sanction): readonly KeptSanction[] {
  const { clause, strikeOrdinal, cause } = by
  if (cause === null) return sanctions
  return sanctions.map((one) =>
    one.sanction.clause === clause && one.sanction.strikeOrdinal === strikeOrdinal
      ? { ...one, sanction: { ...one.sanction, cause } }
      : one,
  )
}

function kept(standing: AccountStanding, outcome: SanctionOutcome): KeptSanction {
  const { sanction, strikeExpiresAtMs, strikeWeight } = outcome
  const { statement, ...core } = sanction
  const known = outcome.finding ?? rememberedFinding(standing, sanction.signalIds)
  const finding = known === null ? null : { ...known, cause: sanction.cause }
  const graceUntilMs = statement.remediateByMs ?? sanction.effectiveAtMs
  return {
    sanction: {
      ...core,
      detectorId: core.detectorId ?? finding?.detectorId ?? null,
      detectorVersion: core.detectorVersion ?? finding?.detectorVersion ?? null,
    },
    appealUntilMs: statement.appealUntilMs,
    graceMs: graceUntilMs - sanction.effectiveAtMs,
    finding,
    strikeWeight,
    strikeExpiresAtMs,
    voided: false,
    endedAtMs: null,
    endCause: null,
    // Nobody is told of a trial: its notices count as delivered at once, so that it shows what would follow.
    noticeAtMs: sanction.shadow && sanction.act === 'warning' ? sanction.effectiveAtMs : null,
    unheeded: null,
    appealed: false,
    reviewed: false,
  }
}

/** Forgets what is over, forgotten as a strike and past its appeal; then the oldest that is over. */
function bounded(sanctions: readonly KeptSanction[], nowMs: number): readonly KeptSanction[] {
  const relevant = sanctions.filter(
    (one) => one.endedAtMs === null || isStrike(one, nowMs) || one.appealUntilMs > nowMs,
  )
  let excess = relevant.length - MOST.sanctions
  return relevant.filter((one) => isActive(one, nowMs) || excess-- <= 0)
}

/** `lifting` ends a sanction and leaves its strike; `reversal` takes the strike with it. */
export function ended(standing: AccountStanding, { sanction }: SanctionOutcome): AccountStanding {
  const target = standing.sanctions.find((one) => one.sanction.id === sanction.endsSanctionId)
  if (target === undefined) return standing
  const { clause, strikeOrdinal } = target.sanction
  const voids = (one: KeptSanction) =>
    sanction.act === 'reversal' &&
    one.sanction.clause === clause &&
    one.sanction.strikeOrdinal === strikeOrdinal
  const ends = (one: KeptSanction) => one === target && one.endedAtMs === null
  // Be it that a graver strike had taken it over or that another sanction stood in its place: people say now that it was wrong.
  const withdraws = (one: KeptSanction) =>
    one === target && one.endCause === 'superseded' && isWithdrawal(sanction)
  return {
    ...standing,
    settled: isWithdrawal(sanction)
      ? settle(standing, sanction.issuedAtMs, matterOfStrike(target))
      : standing.settled,
    sanctions: standing.sanctions.map((one) => ({
      ...one,
      voided: one.voided || voids(one),
      endedAtMs: ends(one) ? sanction.issuedAtMs : one.endedAtMs,
      endCause: ends(one) || withdraws(one) ? sanction.endCause : one.endCause,
    })),
  }
}
