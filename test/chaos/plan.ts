/**
 * What the platform does during a run, from the seed alone: who sends what, when. Pure.
 *
 * P1. A burst lies within one pane of its detector, clear of both edges, and its account is quiet in the panes
 *     beside it: what a window counts does not hang on how windows are cut.
 * P2. Events are in order of event time, ids are unique, nothing is late: what must be found does not hang on how
 *     sources interleave.
 * P3. One near miss for every few findings: one record counted twice would make it a finding.
 */
import type { AccountTier } from '../../src/domain/account.ts'
import { Random } from '../../src/simulate/random.ts'
import type { TopicTypes } from '../../src/codec/topic-types.ts'
import { accountState, pressure, usageRecord, verdict, type Deed } from './records.ts'

export type PlatformTopic =
  'inference.usage.v1' | 'inference.verdicts.v1' | 'accounts.state.v1' | 'abuse.pool-pressure.v1'

/** One record to be sent once its time has come. */
export type PlannedEvent = {
  readonly [T in PlatformTopic]: {
    readonly topic: T
    readonly key: string
    readonly atMs: number
    readonly value: TopicTypes[T]
  }
}[PlatformTopic]

export interface LoadPlan {
  /** Sent before the workers start: every account that will act. */
  readonly before: readonly PlannedEvent[]
  /** In order of `atMs`. */
  readonly events: readonly PlannedEvent[]
  readonly startMs: number
  readonly endMs: number
}

const SLOT_MS = 20_000
const MINUTE_MS = 60_000
/** How far a burst keeps from the edges of its pane. */
const CLEAR_MS = 1_500
/** Bursts that begin in each slot. */
const BURSTS_PER_SLOT = 60
/** From one burst of an account to its next, so that the first act has been made even while servers are away. */
const NEXT_BURST_SLOTS = 3
const NEAR_MISS_SHARE = 0.25
const HOT = 'pool-hot'
const COLD = 'pool-cold'

export const TICK_MODEL = 'tick'

/** `startMs` is a minute's edge. `tickAccounts`: one account for each partition, so that time moves in all. */
export function planLoad(
  seed: number,
  startMs: number,
  minutes: number,
  tickAccounts: readonly string[],
): LoadPlan {
  const planner = new Planner(seed, startMs, startMs + minutes * MINUTE_MS)
  return planner.plan(tickAccounts)
}

class Planner {
  readonly #random: Random
  readonly #startMs: number
  readonly #endMs: number
  readonly #events: PlannedEvent[] = []
  readonly #accounts: string[] = []
  #serial = 0

  constructor(seed: number, startMs: number, endMs: number) {
    this.#random = new Random(seed, 'load')
    this.#startMs = startMs
    this.#endMs = endMs
  }

  plan(tickAccounts: readonly string[]): LoadPlan {
    for (let atMs = this.#startMs; atMs < this.#endMs; atMs += SLOT_MS) this.#slot(atMs)
    for (let atMs = this.#startMs; atMs < this.#endMs; atMs += MINUTE_MS) this.#poolMinute(atMs)
    for (let atMs = this.#startMs; atMs < this.#endMs; atMs += 1_000) this.#second(atMs, tickAccounts)
    const before = [...this.#accounts, ...tickAccounts].map((accountId) =>
      stateEvent(accountId, 'payAsYouGo', this.#startMs - 3_600_000),
    )
    const events = this.#events.sort((a, b) => a.atMs - b.atMs)
    return { before, events, startMs: this.#startMs, endMs: this.#endMs }
  }

  #slot(slotMs: number): void {
    for (let n = 0; n < BURSTS_PER_SLOT; n++) {
      const kind = this.#random.pick([
        'burst',
        'burst',
        'pair',
        'join',
        'stopped',
        'switched',
        'case',
      ] as const)
      const accountId = this.#newAccount(kind)
      if (kind === 'join') this.#join(accountId, slotMs)
      else if (kind === 'case') this.#burst(accountId, kind, slotMs, this.#count(6))
      else this.#twice(kind, accountId, slotMs)
    }
  }

  /** A burst, and often a second one later: what leads further, or corroborates. */
  #twice(model: 'burst' | 'pair' | 'stopped' | 'switched', accountId: string, slotMs: number): void {
    const least = model === 'pair' ? 4 : 6
    this.#burst(accountId, model, slotMs, this.#count(least))
    const nextMs = slotMs + NEXT_BURST_SLOTS * SLOT_MS
    if (this.#random.chance(0.6) && nextMs < this.#endMs) {
      this.#burst(accountId, model, nextMs, this.#count(least))
    }
  }

  #join(accountId: string, slotMs: number): void {
    const missing = this.#random.chance(NEAR_MISS_SHARE) ? this.#random.pick(['flag', 'use'] as const) : null
    const flagged = missing === 'flag' ? 2 : 3
    const used = missing === 'use' ? 2 : 3
    for (let n = 0; n < flagged; n++) this.#verdict(this.#deed(accountId, 'join', slotMs, SLOT_MS), 0.95)
    this.#verdict(this.#deed(accountId, 'join', slotMs, SLOT_MS), 0.2)
    for (let n = 0; n < used; n++) this.#use(this.#deed(accountId, 'join', slotMs, SLOT_MS))
  }

  #poolMinute(minuteMs: number): void {
    for (const pool of [HOT, COLD]) {
      this.#events.push(pressureEvent(pool, minuteMs - MINUTE_MS))
      for (let n = 0; n < BURSTS_PER_SLOT / 4; n++) {
        const accountId = this.#newAccount('pool')
        for (let left = this.#count(5); left > 0; left--)
          this.#use({ ...this.#deed(accountId, 'pool', minuteMs, MINUTE_MS), poolId: pool })
      }
    }
  }

  /** Time moves on in every partition, and accounts change in ways that change nothing. */
  #second(atMs: number, tickAccounts: readonly string[]): void {
    for (const accountId of tickAccounts) this.#events.push(tick(accountId, atMs))
    const accountId = this.#random.pick(this.#accounts)
    this.#events.push(stateEvent(accountId, this.#random.pick(['contract', 'payAsYouGo'] as const), atMs))
  }

  #burst(accountId: string, model: string, slotMs: number, count: number): void {
    for (let n = 0; n < count; n++) this.#use(this.#deed(accountId, model, slotMs, SLOT_MS))
  }

  /** As many as it takes, one more, or one too few (P3). */
  #count(least: number): number {
    if (this.#random.chance(NEAR_MISS_SHARE)) return least - 1
    return least + (this.#random.chance(0.5) ? 1 : 0)
  }

  #deed(accountId: string, model: string, paneMs: number, lengthMs: number): Deed {
    const atMs = Math.floor(this.#random.between(paneMs + CLEAR_MS, paneMs + lengthMs - CLEAR_MS))
    const id = `${accountId}-${this.#serial++}`
    return { id, accountId, keyId: `${accountId}-key`, model, poolId: null, atMs }
  }

  #use(deed: Deed): void {
    const { accountId: key, atMs } = deed
    this.#events.push({ topic: 'inference.usage.v1', key, atMs, value: usageRecord(deed) })
  }

  #verdict(deed: Deed, malware: number): void {
    const { accountId: key, atMs } = deed
    this.#events.push({ topic: 'inference.verdicts.v1', key, atMs, value: verdict(deed, malware) })
  }

  #newAccount(kind: string): string {
    const accountId = `${kind}-${this.#accounts.length}`
    this.#accounts.push(accountId)
    return accountId
  }
}

/** A record that only moves time. */
export function tick(accountId: string, atMs: number): PlannedEvent {
  const id = `${accountId}-${atMs}`
  const value = usageRecord({ id, accountId, keyId: 'tick', model: TICK_MODEL, poolId: null, atMs })
  return { topic: 'inference.usage.v1', key: accountId, atMs, value }
}

function stateEvent(accountId: string, tier: AccountTier, atMs: number): PlannedEvent {
  const value = accountState(accountId, tier, atMs)
  return { topic: 'accounts.state.v1', key: accountId, atMs, value }
}

/** A minute of a pool is told when it is over. */
function pressureEvent(poolId: string, startMs: number): PlannedEvent {
  const value = pressure(poolId, startMs, poolId === HOT)
  return { topic: 'abuse.pool-pressure.v1', key: poolId, atMs: startMs + MINUTE_MS, value }
}
