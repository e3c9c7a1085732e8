/**
 * What follows when a key breaks with its own habits, when its owner says that it was stolen, and when it is replaced.
 *
 * K1. Neither a finding nor a report sanctions anybody: the key is flagged, and what stands for conduct on it becomes
 *     a sanction of the key alone.
 * K2. Replacing the key lifts what stands because of it.
 * K3. A second one within the policy's time, on whichever key of the account, is a person's to believe. Until then it
 *     closes the key alone as the first did; but what stood before is left, and replacing the key lifts nothing.
 * K4. So is what a snoozed detector finds, and it prolongs nothing. What the owner says is no finding.
 */
import type { AccountEvent } from '../domain/account.ts'
import { actorPath, type Actor } from '../domain/actor.ts'
import type { Decision } from '../domain/case.ts'
import { NO_CLAUSE, type Signal } from '../domain/signal.ts'
import type { KeyFlag } from '../domain/standing.ts'
import {
  isActive,
  isSameStrike,
  keptById,
  MOST,
  type AccountStanding,
  type Finding,
  type KeptSanction,
  type OpenReview,
} from './account-standing.ts'
import { unfounded } from './decide-word.ts'
import { evolve } from './evolve.ts'
import { findingOf, findingOfSanction } from './finding.ts'
import { end, issue } from './issue.ts'
import { isOf } from './key-flags.ts'
import { counted, type Outcome } from './outcome.ts'
import { broughtDown } from './resting.ts'
import { closeReview, openReview } from './reviews.ts'
import { isSnoozed } from './snoozes.ts'
import { clauseOf, type Terms } from './terms.ts'

/** Habits are kept by the day: a break that is found began within the last one. */
const DAY_MS = 86_400_000

/** A finding or a report that somebody else holds a key. */
interface Suspicion {
  readonly keyId: string
  readonly atMs: number
  readonly fromMs: number
  readonly finding: Finding
  /** Id of the signal or the event. */
  readonly anchor: string
  readonly reported: boolean
}

export function isPrecaution({ detectorId, clause }: Signal, { policy }: Terms): boolean {
  return clause === NO_CLAUSE && policy.precautions.includes(detectorId)
}

export function decideKeyFound(standing: AccountStanding, signal: Signal, terms: Terms): readonly Outcome[] {
  const { actor, detectorId, occurredAtMs, windowStartMs } = signal
  if (terms.switchedOff(detectorId, NO_CLAUSE)) return [counted('switchedOff', NO_CLAUSE, detectorId)]
  if (actor.level !== 'key') return [counted('nothingToDo', NO_CLAUSE, detectorId)]
  const fromMs = Math.max(windowStartMs, occurredAtMs - DAY_MS)
  const what = { keyId: actor.id, atMs: occurredAtMs, fromMs, anchor: signal.id, reported: false }
  return suspected(standing, { ...what, finding: findingOf(signal) }, terms)
}

export function decideKeyReported(
  standing: AccountStanding,
  { eventId, keyId, occurredAtMs }: AccountEvent,
  terms: Terms,
): readonly Outcome[] {
  if (keyId === null) return [counted('nothingToDo', NO_CLAUSE)]
  if (standing.words.includes(eventId)) return [counted('duplicate')]
  const actor: Actor = { accountId: standing.accountId, level: 'key', id: keyId }
  const finding = { ...unfounded(standing, NO_CLAUSE, terms, []), actor }
  const fromMs = Math.min(
    occurredAtMs,
    ...conductOn(standing, actor, terms).map(({ windowStartMs }) => windowStartMs),
  )
  const what = { keyId, atMs: occurredAtMs, fromMs, finding, anchor: eventId, reported: true }
  return [{ kind: 'wordSeen', id: eventId }, ...suspected(standing, what, terms)]
}

/** Of what stands against the key: its owner says that this was not his doing. */
function conductOn(standing: AccountStanding, actor: Actor, terms: Terms): readonly Finding[] {
  return standing.sanctions
    .filter((kept) => isActive(kept, terms.nowMs) && actorPath(kept.sanction.actor) === actorPath(actor))
    .map((kept) => kept.finding ?? findingOfSanction(kept))
}

function suspected(standing: AccountStanding, what: Suspicion, terms: Terms): readonly Outcome[] {
  const known = standing.keyFlags.findLast((flag) => isKnown(flag, what))
  if (known !== undefined) return again(standing, known, what, terms)
  if (standing.keyFlags.length >= MOST.keyFlags) return [counted('reviewsFull', NO_CLAUSE)]
  const isSecond = standing.keyFlags.some((flag) => flag.countsUntilMs > what.atMs)
  if (isSecond || isHeldBack(standing, what, terms)) return asked(standing, what, terms)
  const flag = flagOf(what, 'none', terms)
  return [{ kind: 'keyFlagged', flag }, ...narrowedToKey(standing, flag, what.anchor, terms)]
}

function isHeldBack({ snoozes }: AccountStanding, what: Suspicion, { nowMs }: Terms): boolean {
  return !what.reported && isSnoozed(snoozes, what.finding, nowMs)
}

/** One theft is found and reported many times, not always in the order of its times. */
function isKnown({ keyId, raisedAtMs, endsAtMs }: KeyFlag, what: Suspicion): boolean {
  return (
    keyId === what.keyId &&
    what.atMs >= raisedAtMs - DAY_MS &&
    (what.atMs < endsAtMs || what.atMs === raisedAtMs)
  )
}

/** Found again, the flag stands for longer; saying it again prolongs nothing. */
function again(standing: AccountStanding, flag: KeyFlag, what: Suspicion, terms: Terms): readonly Outcome[] {
  const same = [counted('duplicate', NO_CLAUSE, what.finding.detectorId)]
  if (flag.doubt === 'rejected' || flag.replaced || isHeldBack(standing, what, terms)) return same
  const { standsMs } = terms.policy.suspectedCompromise
  const untilMs = what.reported ? 0 : Math.min(what.atMs + standsMs, flag.countsUntilMs)
  const longer = {
    ...flag,
    fromMs: Math.min(flag.fromMs, what.fromMs),
    endsAtMs: Math.max(flag.endsAtMs, untilMs),
  }
  if (longer.fromMs === flag.fromMs && longer.endsAtMs === flag.endsAtMs) return same
  const flagged: Outcome = { kind: 'keyFlagged', flag: longer }
  return flag.doubt === 'none' ? [flagged, ...narrowedToKey(standing, longer, what.anchor, terms)] : [flagged]
}

/** K3; one case for all keys of the account. */
function asked(standing: AccountStanding, what: Suspicion, terms: Terms): readonly Outcome[] {
  const flagged: Outcome = { kind: 'keyFlagged', flag: flagOf(what, 'open', terms) }
  if (standing.reviews.some(isAboutKeys))
    return [flagged, counted('heldForReview', NO_CLAUSE, what.finding.detectorId)]
  const proposal = {
    reason: 'suspectedCompromise' as const,
    clause: NO_CLAUSE,
    severity: 'S2' as const,
    finding: what.finding,
    act: 'none',
    scope: 'key' as const,
    sanctionId: null,
    anchor: what.anchor,
    withinMs: terms.policy.suspectedCompromise.reviewWithinMs,
  }
  const opened = openReview(standing, proposal, terms)
  return opened.some(({ kind }) => kind === 'reviewOpened') ? [flagged, ...opened] : opened
}

function flagOf(what: Suspicion, doubt: KeyFlag['doubt'], { policy }: Terms): KeyFlag {
  const { standsMs, againMs } = policy.suspectedCompromise
  return {
    keyId: what.keyId,
    fromMs: what.fromMs,
    raisedAtMs: what.atMs,
    endsAtMs: what.atMs + standsMs,
    replaced: false,
    doubt,
    countsUntilMs: what.atMs + Math.max(standsMs, againMs),
  }
}

/** K1: in its place, with its time and its strike; nothing where people are looking at it. */
function narrowedToKey(
  standing: AccountStanding,
  flag: KeyFlag,
  anchor: string,
  terms: Terms,
): readonly Outcome[] {
  return standing.sanctions
    .filter((kept) => isHeldAgainst(standing, kept, flag, terms))
    .flatMap((kept) => {
      const by = keySanction(standing, kept, anchor, terms)
      return by === null ? [] : [by, end(standing, kept, 'lifting', 'superseded', [], terms)]
    })
}

/** The machine's sanctions for conduct on the key since it seems to be in other hands. */
function isHeldAgainst(
  standing: AccountStanding,
  kept: KeptSanction,
  flag: KeyFlag,
  { nowMs }: Terms,
): boolean {
  const { sanction } = kept
  if (!isActive(kept, nowMs) || !sanction.automated || sanction.cause !== null) return false
  const withPeople = standing.reviews.some(
    ({ review }) =>
      review.reason === 'underReview' && isSameStrike(kept, keptById(standing, review.sanctionId)),
  )
  const { windowEndMs } = kept.finding ?? findingOfSanction(kept)
  return isOf(flag, sanction.actor) && windowEndMs >= flag.fromMs && !withPeople
}

function keySanction(
  standing: AccountStanding,
  kept: KeptSanction,
  anchor: string,
  terms: Terms,
): Outcome | null {
  const { sanction } = kept
  const clause = clauseOf(terms.policy, sanction.clause)
  const { act, endsAtMs } = sanction
  if (clause === undefined || endsAtMs === null || act === 'lifting' || act === 'reversal') return null
  const finding = { ...(kept.finding ?? findingOfSanction(kept)), cause: 'suspectedCompromise' as const }
  return issue(
    standing,
    {
      clause,
      finding,
      act,
      scope: { scope: 'key', scopeTarget: sanction.actor.id, rateCeilingPerMinute: null },
      step: sanction.step,
      durationMs: act === 'warning' ? kept.graceMs : endsAtMs - sanction.effectiveAtMs,
      underReview: false,
      decidedBy: [],
      refund: sanction.refund,
      replaces: { kept, decisionId: anchor },
    },
    terms,
  )
}

/** K2, also where the flag has run out by then. Whoever replaced the key before it was flagged replaced another one. */
export function decideKeyReplaced(
  standing: AccountStanding,
  { keyId, occurredAtMs }: AccountEvent,
  terms: Terms,
): readonly Outcome[] {
  if (keyId === null) return []
  const flags = standing.keyFlags.filter((flag) => flag.keyId === keyId)
  if (flags.some((flag) => flag.raisedAtMs > occurredAtMs)) return []
  const flagged = flags
    .filter(({ replaced, doubt, endsAtMs }) => !replaced && doubt !== 'rejected' && occurredAtMs < endsAtMs)
    .map((flag) => ({
      kind: 'keyFlagged' as const,
      flag: { ...flag, replaced: true, endsAtMs: occurredAtMs },
    }))
  const isAsked = flags.some(({ doubt }) => doubt === 'open')
  return isAsked ? flagged : [...flagged, ...lifted(standing, keyId, [], terms)]
}

function lifted(
  standing: AccountStanding,
  keyId: string,
  decidedBy: readonly string[],
  terms: Terms,
): readonly Outcome[] {
  return standing.sanctions
    .filter((kept) => kept.endedAtMs === null && kept.sanction.cause === 'suspectedCompromise')
    .filter(({ sanction }) => sanction.actor.level === 'key' && sanction.actor.id === keyId)
    .map((kept) => end(standing, kept, 'lifting', 'remediated', decidedBy, terms))
}

/** A case in which a person is asked whether keys were stolen. */
export function isAboutKeys({ review }: OpenReview): boolean {
  return review.reason === 'suspectedCompromise' && review.clause === NO_CLAUSE
}

/** `uphold`: they were; `reject`: they were not, and the owner answers for what was done with them. */
export function decideTheft(
  standing: AccountStanding,
  open: OpenReview,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const doubted = standing.keyFlags.filter((flag) => flag.doubt === 'open')
  const closed = closeReview(open, terms.nowMs, false)
  if (decision.kind === 'reject')
    return [
      ...doubted.map((flag) => ({
        kind: 'keyFlagged' as const,
        flag: { ...flag, doubt: 'rejected' as const },
      })),
      closed,
    ]
  if (decision.kind !== 'uphold') return [counted('nothingToDo', NO_CLAUSE)]
  return [...doubted.flatMap((flag) => believed(standing, flag, decision, terms)), closed]
}

function believed(
  standing: AccountStanding,
  flag: KeyFlag,
  decision: Decision,
  terms: Terms,
): readonly Outcome[] {
  const { decidedBy, id } = decision
  const flagged: Outcome = { kind: 'keyFlagged', flag: { ...flag, doubt: 'none' } }
  if (!flag.replaced) return [flagged, ...narrowedToKey(standing, flag, id, terms)]
  const undone = standing.sanctions.filter((kept) => isHeldAgainst(standing, kept, flag, terms))
  const outcomes = [
    flagged,
    ...lifted(standing, flag.keyId, [decidedBy], terms),
    ...undone.map((kept) => end(standing, kept, 'reversal', 'decision', [decidedBy], terms)),
  ]
  const withdrawal = { undone, cause: 'decision' as const, decision }
  return [...outcomes, ...broughtDown(outcomes.reduce(evolve, standing), withdrawal, terms)]
}
