/**
 * Enforcement as the engine runs it: decides, evolves, and publishes what was decided.
 *
 * E1. What leaves and what is kept come from the same outcomes, committed together (P2).
 * E2. Live and shadow signals change standings that never read each other, and leave on topics apart (P11).
 * E3. Own sanctions that stand in the log but not in state are folded before anything is decided: a store that was
 *     set back never doubles one.
 * E4. One wall timer per standing, at the next thing that is due; which thing is read from the state.
 * E5. While a lost store is rebuilt, nothing is decided that would have to be published: what once was published
 *     is folded, and what was not shall not be now. Words, facts and what waits are taken in as ever.
 */
import {
  UNDIVIDED,
  type Context,
  type Decoded,
  type Event,
  type Former,
  type StateCodec,
  type TaskLogic,
  type Timer,
} from '../engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../engine/record.ts'
import { ObjectShelf } from '../engine/shelf.ts'
import type { Policy } from '../topology/policy.ts'
import { emptyStanding, type AccountStanding } from './account-standing.ts'
import { BudgetLedger } from './budget.ts'
import { claimsOf, templateUsesOf } from './claims.ts'
import { decide } from './decide.ts'
import { nextDueMs } from './decide-due.ts'
import type { EnforcementEvent, EnforcementInput } from './event.ts'
import { evolve } from './evolve.ts'
import { foldOutcome } from './fold.ts'
import type { CountedReason, Outcome } from './outcome.ts'
import { accountOf, publicationOf, standingPublication, type EnforcementOutput } from './publication.ts'
import { activeSanctions, standingOf } from './standing.ts'
import { decodeStandings, encodeStandings, type Standings } from './stored-standing.ts'
import { strikesOf } from './strikes.ts'
import { decodeTaskState, encodeTaskState } from './task-state.ts'
import { NO_TEMPLATES, TemplateLedger } from './templates.ts'
import { UNLIMITED, type Terms } from './terms.ts'

/** In the order that decides between equal times: who an account is, before what it did, before what people say. */
export const ENFORCEMENT_SOURCES = [
  'accounts.state.v1',
  'accounts.events.v1',
  'abuse.signals.v1',
  'abuse.signals.shadow.v1',
  'abuse.complaints.v1',
  'abuse.appeals.v1',
  'abuse.decisions.v1',
] as const

/** Rises when the meaning of stored standings changes. */
export const ENFORCEMENT_STATE_VERSION = 1

/** Whoever counts, counts here. No method may throw or wait. */
export interface EnforcementObserver {
  counted(reason: CountedReason, clause: string | null, detectorId: string | null, shadow: boolean): void
  issued(output: EnforcementOutput): void
}

/** What the logic needs from outside: bytes to input and outputs to bytes, the policy in force, who counts. */
export interface EnforcementParts {
  readonly prepare: (records: readonly SourceRecord[]) => Promise<void>
  readonly decode: (record: SourceRecord) => Decoded<EnforcementInput>
  readonly output: (output: EnforcementOutput) => OutputRecord
  /** An own output as it stands in the log; null for anything else. */
  readonly ownOutput: (record: SourceRecord) => EnforcementOutput | null
  /** The policy in force. */
  readonly policy: () => Policy
  /** Tasks that share the budgets: the partition count. */
  readonly tasks: number
  readonly enabledBy: Terms['enabledBy']
  readonly sanctionIds: Terms['sanctionIds']
  readonly delayShare: Terms['delayShare']
  readonly switchedOff: (detectorId: string, clause: string, nowMs: number) => boolean
  readonly observer: EnforcementObserver
}

/** Both standings of one account, and what of them is in the store. */
export interface AccountCell {
  standings: Standings
  saved: Standings | null
}

const SLOT = { name: 'facts', expiresAtMs: null }

export const accountCellCodec: StateCodec<AccountCell> = {
  create: (key) => ({ standings: { live: emptyStanding(key, false), shadow: null }, saved: null }),
  decode(key, cells) {
    const cell = cells.get(SLOT.name)
    if (cell === undefined) return this.create(key)
    const standings = decodeStandings(key, cell)
    return { standings, saved: standings }
  },
  changes(state, write) {
    if (state.saved === state.standings) return
    if (state.saved === null && isUnheardOf(state.standings)) return
    write(SLOT, encodeStandings(state.standings))
    state.saved = state.standings
  },
  shelf: () => new ObjectShelf(),
  sizeBytes: ({ standings }) =>
    roughBytes(standings.live) + (standings.shadow ? roughBytes(standings.shadow) : 0),
  release: () => undefined,
}

function isUnheardOf({ live, shadow }: Standings): boolean {
  return (
    shadow === null &&
    nextDueMs(live) === null &&
    live.facts === null &&
    live.seen.length === 0 &&
    live.words.length === 0
  )
}

function roughBytes({ sanctions, reviews, pending, seen, words }: AccountStanding): number {
  return (
    400 +
    1_500 * sanctions.length +
    1_000 * reviews.length +
    600 * pending.length +
    120 * seen.length +
    50 * words.length
  )
}

type Track = 'live' | 'shadow'

/** @param former whose budgets and counts of templates go on; null where the task begins with an empty store */
export function enforcementLogic(
  parts: EnforcementParts,
  former: Former | null,
): TaskLogic<AccountCell, EnforcementInput> {
  const task = new EnforcementTask(parts, former?.taskState ?? null)
  return {
    state: accountCellCodec,
    layout: UNDIVIDED,
    prepare: (records) => parts.prepare(records),
    decode: (record) => parts.decode(record),
    process: (event, state, context) => task.process(event, state, context),
    onTimer: (timer, state, context) => task.onTimer(timer, state, context),
    fold: (record) => task.fold(record),
    taskState: () => task.stored(),
  }
}

class EnforcementTask {
  readonly #parts: EnforcementParts
  readonly #budgets: BudgetLedger
  readonly #templates: TemplateLedger

  constructor(parts: EnforcementParts, taskState: string | null) {
    const { budgets, templates } = decodeTaskState(taskState)
    const policy = parts.policy()
    this.#parts = parts
    this.#budgets = new BudgetLedger(policy.budgets, parts.tasks, budgets)
    this.#templates = new TemplateLedger(policy.templates, parts.tasks, templates)
  }

  stored(): string {
    return encodeTaskState({ budgets: this.#budgets.stored(), templates: this.#templates.stored() })
  }

  process(event: Event<EnforcementInput>, cell: AccountCell, context: Context): void {
    const { body, key } = event
    if (isShadow(event)) return this.#hear('shadow', body, key, cell, context)
    this.#hear('live', body, key, cell, context)
    if (body.kind === 'accountState' && cell.standings.shadow !== null)
      this.#hear('shadow', body, key, cell, context)
  }

  onTimer(timer: Timer, cell: AccountCell, context: Context): void {
    const track = timer.name === 'shadow' ? 'shadow' : 'live'
    this.#hear(track, { kind: 'due' }, timer.key, cell, context)
    const dueMs = nextDueMs(standingOn(track, timer.key, cell))
    if (dueMs !== null) context.setTimer({ key: timer.key, name: track, kind: 'wall', dueMs })
  }

  fold(record: SourceRecord): ReturnType<TaskLogic<AccountCell, EnforcementInput>['fold']> {
    const output = this.#parts.ownOutput(record)
    if (output === null) return null
    const accountId = accountOf(output)
    const track = output.topic.includes('.shadow.') ? 'shadow' : 'live'
    return {
      key: accountId,
      apply: (cell, context) => {
        const before = standingOn(track, accountId, cell)
        const { policy, sanctionIds } = this.#parts
        const outcome = foldOutcome(before, output, record.appendTimeMs, policy(), sanctionIds)
        this.#keep(track, before, evolve(before, outcome), cell, context)
      },
    }
  }

  #hear(track: Track, event: EnforcementEvent, key: string, cell: AccountCell, context: Context): void {
    const before = standingOn(track, key, cell)
    const terms = this.#terms(track, context.nowMs)
    const decided = decide(before, event, terms)
    const outcomes = context.rebuilding ? this.#quietly(decided, before.shadow, context) : decided
    const after = outcomes.reduce(evolve, before)
    for (const claim of claimsOf(before, outcomes, terms)) this.#budgets.spend(claim, context.nowMs)
    for (const use of templateUsesOf(before, outcomes)) this.#templates.note(use, context.nowMs)
    for (const outcome of outcomes) this.#publish(outcome, after, context)
    if (outcomes.some(changesStanding)) this.#publishStanding(before, after, context)
    this.#keep(track, before, after, cell, context)
  }

  /** What changes the standing without a word to anybody (E5); the rest is counted by the engine. */
  #quietly(outcomes: readonly Outcome[], shadow: boolean, context: Context): readonly Outcome[] {
    return outcomes.filter((outcome) => {
      const output = publicationOf(outcome, shadow)
      if (output !== null) context.emit(this.#parts.output(output))
      return output === null && outcome.kind !== 'counted'
    })
  }

  #terms(track: Track, nowMs: number): Terms {
    const { policy, enabledBy, sanctionIds, delayShare, switchedOff } = this.#parts
    const isShadow = track === 'shadow'
    return {
      policy: policy(),
      nowMs,
      budget: isShadow ? UNLIMITED : this.#budgets.at(nowMs),
      templates: isShadow ? NO_TEMPLATES : this.#templates.at(nowMs),
      enabledBy,
      sanctionIds,
      delayShare,
      switchedOff: (detectorId, clause) => switchedOff(detectorId, clause, nowMs),
    }
  }

  #publish(outcome: Outcome, standing: AccountStanding, context: Context): void {
    if (outcome.kind === 'counted')
      this.#parts.observer.counted(outcome.reason, outcome.clause, outcome.detectorId, standing.shadow)
    const output = publicationOf(outcome, standing.shadow)
    if (output !== null) this.#emit(output, context)
  }

  #publishStanding(before: AccountStanding, after: AccountStanding, context: Context): void {
    if (toldOf(before) === toldOf(after)) return
    const standing = standingOf(after, context.nowMs)
    this.#emit(standingPublication(after.accountId, after.shadow, standing), context)
  }

  #emit(output: EnforcementOutput, context: Context): void {
    context.emit(this.#parts.output(output))
    this.#parts.observer.issued(output)
  }

  #keep(
    track: Track,
    before: AccountStanding,
    after: AccountStanding,
    cell: AccountCell,
    context: Context,
  ): void {
    if (before === after) return
    cell.standings = { ...cell.standings, [track]: after }
    const dueMs = nextDueMs(after)
    if (dueMs === nextDueMs(before)) return
    if (dueMs === null) context.clearTimer(after.accountId, track)
    else context.setTimer({ key: after.accountId, name: track, kind: 'wall', dueMs })
  }
}

function changesStanding({ kind }: Outcome): boolean {
  return TOLD.includes(kind)
}

const TOLD: readonly Outcome['kind'][] = [
  'sanction',
  'forgotten',
  'keyFlagged',
  'keyFlagForgotten',
  'snoozed',
]

/** What a standing record would tell, but for the time. */
function toldOf(standing: AccountStanding): string {
  return JSON.stringify([activeSanctions(standing), strikesOf(standing), standing.keyFlags, standing.snoozes])
}

/** By its topic and by its mode: either suffices to keep a signal out of the live standing. */
function isShadow({ body, record }: Event<EnforcementInput>): boolean {
  return body.kind === 'signal' && (body.signal.mode === 'shadow' || record.topic.includes('.shadow.'))
}

/** A shadow standing begins with what is known of the account, and with nothing that it did. */
function standingOn(track: Track, key: string, { standings }: AccountCell): AccountStanding {
  if (track === 'live') return standings.live
  return standings.shadow ?? { ...emptyStanding(key, true), facts: standings.live.facts }
}
