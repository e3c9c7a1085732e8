/**
 * Where an actor stands on a clause's ladder.
 *
 * L1. Strikes are counted over the whole account, so that minting keys gains nothing; only end users of a
 *     reseller, who are that customer's customers, have ladders of their own, and keys that others seem to hold. Whether
 *     they were a reseller's is told by the time of the conduct: when the grant ends, nobody inherits what was before.
 * L2. The last step repeats. A strike that has expired or was undone is not there.
 * L3. Evidence from before the last act took effect is spent: conduct that began before its author was told leads nowhere.
 */
import { actorPath, type Actor } from '../domain/actor.ts'
import type { SanctionAct, SanctionCause } from '../domain/sanction.ts'
import type { Clause, LadderStep } from '../topology/policy.ts'
import {
  isStrike,
  type AccountFacts,
  type AccountStanding,
  type Finding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'

const SANCTIONING: readonly SanctionAct[] = ['warning', 'restriction', 'suspension', 'termination']

/** What is judged on a ladder: conduct under a clause, by whom, and what lay behind it. */
export interface Matter {
  readonly clause: string
  readonly actor: Actor
  readonly cause?: SanctionCause | null
  /** When it was done; where that is not known, when it was told. */
  readonly atMs: number
}

export function matterOf({ clause, actor, cause, windowEndMs }: Finding): Matter {
  return { clause, actor, cause, atMs: windowEndMs }
}

export function matterOfStrike({ sanction, finding }: KeptSanction): Matter {
  const { clause, actor, cause, issuedAtMs } = sanction
  return { clause, actor, cause, atMs: finding?.windowEndMs ?? issuedAtMs }
}

/** A case says nothing of what lay behind the conduct. */
export function matterOfCase({ review, finding }: Pick<OpenReview, 'review' | 'finding'>): Matter {
  const { clause, actor, openedAtMs } = review
  return { clause, actor, atMs: finding?.windowEndMs ?? openedAtMs }
}

/** Whose strikes count together (L1). */
export function ladderKey(
  { actor, cause = null, atMs }: Omit<Matter, 'clause'>,
  facts: AccountFacts | null,
): string {
  if (cause !== null) return `${cause}/${actorPath(actor)}`
  return hasOwnLadder({ actor, atMs }, facts) ? actorPath(actor) : actor.accountId
}

/** Whether it is a customer's customer, for whose conduct nobody else is closed. */
export function hasOwnLadder(
  { actor, atMs }: Pick<Matter, 'actor' | 'atMs'>,
  facts: AccountFacts | null,
): boolean {
  return actor.level === 'endUser' && isReseller(facts, atMs)
}

function isReseller(facts: AccountFacts | null, atMs: number): boolean {
  const grant = facts?.reseller ?? null
  return grant !== null && (grant.untilMs === null || grant.untilMs > atMs)
}

/** Whether the other's strikes, warnings and cases stand on the same ladder of the clause. */
export function sameLadder({ facts }: AccountStanding, matter: Matter): (other: Matter) => boolean {
  const key = ladderKey(matter, facts)
  return (other) => other.clause === matter.clause && ladderKey(other, facts) === key
}

/** The sanctions of the ladder that count, oldest first. */
export function strikes(standing: AccountStanding, matter: Matter, nowMs: number): readonly KeptSanction[] {
  const same = sameLadder(standing, matter)
  return standing.sanctions.filter(
    (kept) => SANCTIONING.includes(kept.sanction.act) && isStrike(kept, nowMs) && same(matterOfStrike(kept)),
  )
}

/** Weight of the strikes; a sanction that another one replaced shares its ordinal and counts once. */
export function strikeWeight(counting: readonly KeptSanction[]): number {
  const byOrdinal = new Map(counting.map((kept) => [kept.sanction.strikeOrdinal, kept.strikeWeight]))
  return [...byOrdinal.values()].reduce((sum, weight) => sum + weight, 0)
}

export interface NextStep {
  readonly index: number
  readonly step: LadderStep
}

/** The step that follows the strikes so far (L2); undefined for a ladder without steps. */
export function nextStep(clause: Clause, weight: number): NextStep | undefined {
  const index = Math.min(Math.floor(weight), clause.ladder.steps.length - 1)
  const step = clause.ladder.steps[index]
  return step === undefined ? undefined : { index, step }
}

/** What people who uphold a finding confirm: the step that follows, or the gravest that is not a review. */
export function sanctioningStep(clause: Clause, weight: number): NextStep | undefined {
  const next = nextStep(clause, weight)
  if (next === undefined || next.step.act !== 'review') return next
  const index = clause.ladder.steps.findLastIndex((step) => step.act !== 'review')
  const step = clause.ladder.steps[index]
  return step === undefined ? undefined : { index, step }
}

/** From when on conduct counts anew after this act (L3); of a warning that nobody was told of, from its end. */
export function spentUntilMs(kept: KeptSanction): number {
  if (kept.sanction.act !== 'warning') return kept.sanction.effectiveAtMs
  const told = kept.endCause === 'remediated' ? null : kept.noticeAtMs
  return told ?? kept.endedAtMs ?? kept.sanction.effectiveAtMs
}

/** When matters of the ladder were closed by people. */
export function settledAtMs(standing: AccountStanding, matter: Matter): readonly number[] {
  const key = ladderKey(matter, standing.facts)
  return standing.settled
    .filter((one) => one.clause === matter.clause && one.ladderKey === key)
    .map((one) => one.atMs)
}

/** When the last automatic or human act of the ladder was, or a matter of it was closed; null for never. */
export function lastActMs(standing: AccountStanding, matter: Matter, nowMs: number): number | null {
  const acts = strikes(standing, matter, nowMs).map((kept) => kept.sanction.effectiveAtMs)
  const times = [...acts, ...settledAtMs(standing, matter)]
  return times.length === 0 ? null : Math.max(...times)
}

/** The latest end of spent evidence over the ladder's acts and closed matters; null where there were none. */
export function evidenceSpentUntilMs(
  standing: AccountStanding,
  matter: Matter,
  nowMs: number,
): number | null {
  const acts = strikes(standing, matter, nowMs).map(spentUntilMs)
  const times = [...acts, ...settledAtMs(standing, matter)]
  return times.length === 0 ? null : Math.max(...times)
}
