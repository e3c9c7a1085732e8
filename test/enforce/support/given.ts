/**
 * Given what an account has heard, when it hears one thing more, then that and nothing else follows. Time passes
 * between: whatever falls due before an event is heard first, as the engine's timers would.
 */
import { expect } from 'vitest'
import type { Sanction } from '../../../src/domain/sanction.ts'
import { NO_DELAY } from '../../../src/enforce/delay.ts'
import { emptyStanding, type AccountStanding } from '../../../src/enforce/account-standing.ts'
import { decide } from '../../../src/enforce/decide.ts'
import { nextDueMs } from '../../../src/enforce/decide-due.ts'
import type { EnforcementEvent } from '../../../src/enforce/event.ts'
import { evolve } from '../../../src/enforce/evolve.ts'
import type { CountedReason, Outcome } from '../../../src/enforce/outcome.ts'
import { NO_TEMPLATES } from '../../../src/enforce/templates.ts'
import { UNLIMITED, type Terms } from '../../../src/enforce/terms.ts'
import { ACCOUNT, accountState, policy, SANCTION_IDS, T0 } from './fixtures.ts'

export class Account {
  standing: AccountStanding
  readonly outcomes: Outcome[] = []
  terms: Terms
  /** What the last event led to. */
  latest: readonly Outcome[] = []

  constructor(terms: Partial<Terms> = {}, shadow = false) {
    this.standing = emptyStanding(ACCOUNT, shadow)
    this.terms = {
      policy: policy(),
      nowMs: T0,
      budget: UNLIMITED,
      sanctionIds: SANCTION_IDS,
      templates: NO_TEMPLATES,
      enabledBy: () => [],
      switchedOff: () => false,
      delayShare: NO_DELAY,
      ...terms,
    }
  }

  /** Hears the event at that time, and before it whatever has fallen due. */
  hear(atMs: number, event: EnforcementEvent): this {
    this.passTo(atMs)
    this.latest = this.#take(atMs, event)
    return this
  }

  /** Fires what falls due until then, each at its own time. */
  passTo(atMs: number): this {
    const fired: Outcome[] = []
    for (let due = nextDueMs(this.standing); due !== null && due <= atMs; due = nextDueMs(this.standing)) {
      fired.push(...this.#take(Math.max(due, this.terms.nowMs), { kind: 'due' }))
    }
    this.terms = { ...this.terms, nowMs: Math.max(atMs, this.terms.nowMs) }
    this.latest = fired
    return this
  }

  #take(atMs: number, event: EnforcementEvent): readonly Outcome[] {
    this.terms = { ...this.terms, nowMs: Math.max(atMs, this.terms.nowMs) }
    const outcomes = decide(this.standing, event, this.terms)
    this.standing = outcomes.reduce(evolve, this.standing)
    this.outcomes.push(...outcomes)
    return outcomes
  }

  /** The sanctions, liftings and reversals of the last event. */
  get acts(): readonly Sanction[] {
    return sanctionsOf(this.latest)
  }

  get act(): Sanction {
    const [only] = this.acts
    expect(this.acts.map((one) => one.act)).toHaveLength(1)
    if (only === undefined) throw new Error('nothing was issued')
    return only
  }

  get opened() {
    return this.latest.flatMap((one) => (one.kind === 'reviewOpened' ? [one.review] : []))
  }

  get openedCase() {
    const [only] = this.opened
    if (only === undefined) throw new Error('no case was opened')
    return only
  }

  expectActs(...acts: readonly Partial<Sanction>[]): this {
    expect(this.acts).toMatchObject(acts)
    return this
  }

  /** Nothing but a count, for this reason. */
  expectOnlyCounted(reason: CountedReason): this {
    expect(this.latest.flatMap((one) => (one.kind === 'counted' ? [one.reason] : []))).toEqual([reason])
    expect(this.acts).toEqual([])
    expect(this.opened).toEqual([])
    return this
  }
}

export function sanctionsOf(outcomes: readonly Outcome[]): readonly Sanction[] {
  return outcomes.flatMap((one) => (one.kind === 'sanction' ? [one.sanction] : []))
}

/** An account that is known, grown up and unprotected, or as stated. */
export function given(terms: Partial<Terms> = {}, state = accountState()): Account {
  return new Account(terms).hear(T0 - 1, state)
}
