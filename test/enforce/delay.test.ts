/** Automatic sanctions that take effect a while after they were decided, so that nobody learns by trying. */
import { describe, expect, it } from 'vitest'
import { activeSanctions } from '../../src/enforce/standing.ts'
import { keyedDelay } from '../../src/enforce/delay.ts'
import type { EnforcementOutput } from '../../src/enforce/publication.ts'
import type { LadderStep, Policy } from '../../src/topology/policy.ts'
import { Driver, type Snapshot } from './support/driver.ts'
import {
  accountEvent,
  accountState,
  appeal,
  clause,
  CSAM,
  DAY,
  decision,
  FULL_LADDER,
  HOUR,
  MALWARE,
  policy,
  SANCTION_IDS,
  SCRAPING,
  signal,
  step,
  T0,
} from './support/fixtures.ts'
import { given } from './support/given.ts'

const SUSPENDING = [step('suspension', DAY, { scope: 'api' }), step('review', 0)]

/** Scraping is suspended at once and waits up to two hours; so would malware, if it were allowed to. */
function delayed(steps: readonly LadderStep[] = SUSPENDING): Policy {
  const others = policy().clauses.filter(({ id }) => id !== SCRAPING && id !== MALWARE)
  const delayMs = 2 * HOUR
  return policy({
    clauses: [
      clause(SCRAPING, 'S2', steps, { delayMs }),
      clause(MALWARE, 'S1', SUSPENDING, { delayMs }),
      ...others,
    ],
  })
}

const HALF = { policy: delayed(), delayShare: () => 0.5 }
const EFFECT = T0 + HOUR

describe('a delayed suspension', () => {
  it('is published when it is decided, holds from its effect on, and for its whole length', () => {
    const { act, standing } = given(HALF, accountState()).hear(T0, signal())
    expect(act).toMatchObject({ issuedAtMs: T0, effectiveAtMs: EFFECT, endsAtMs: EFFECT + DAY })
    expect(act.statement.appealUntilMs).toBe(EFFECT + 180 * DAY)
    expect(activeSanctions(standing)).toMatchObject([{ effectiveAtMs: EFFECT, endsAtMs: EFFECT + DAY }])
  })

  it('makes no strike of what is done before it holds: nobody was told', () => {
    const account = given(HALF, accountState()).hear(T0, signal())
    const between = signal({ atMs: EFFECT + HOUR / 2, windowMs: HOUR })
    account.hear(EFFECT + 3 * HOUR, between).expectOnlyCounted('overlapsLastAct')
    account.hear(EFFECT + HOUR, signal({ atMs: EFFECT + HOUR, windowMs: HOUR }))
    account.expectOnlyCounted('cooldown')
  })

  it('of which a warning is, is remediated from its effect on at the earliest', () => {
    const account = given({ ...HALF, policy: delayed(FULL_LADDER) }, accountState()).hear(T0, signal())
    expect(account.act).toMatchObject({ act: 'warning', effectiveAtMs: EFFECT })
    expect(account.act.statement.remediateByMs).toBe(EFFECT + DAY)
    account.passTo(EFFECT + DAY - 1).expectActs()
    expect(account.opened).toEqual([])
    expect(account.passTo(EFFECT + DAY).opened).toMatchObject([{ reason: 'underReview' }])
  })

  it('of which a warning is gives its whole time, also where its notice came before', () => {
    const account = given({ ...HALF, policy: delayed(FULL_LADDER) }, accountState()).hear(T0, signal())
    const { id, statement } = account.act
    account.hear(T0 + 1, accountEvent('noticeDelivered', id, T0 + 1))
    const early = signal({ atMs: EFFECT - 1, windowMs: HOUR / 2 })
    account.hear(EFFECT - 1, early).expectOnlyCounted('beforeNotice')
    expect(statement.remediateByMs).toBe(EFFECT + DAY)
    account.passTo(EFFECT + DAY - 1).expectActs()
    account.passTo(EFFECT + DAY).expectActs({ act: 'lifting', endCause: 'expired' })
  })

  it('that people reverse before it holds never does', () => {
    const account = given(HALF, accountState()).hear(T0, signal())
    const { id } = account.act
    account.hear(T0 + 1, decision('reverse', 'ann', { sanctionId: id }))
    account.expectActs({ act: 'reversal', effectiveAtMs: T0 + 1 })
    expect(activeSanctions(account.standing)).toEqual([])
    account.passTo(T0 + 10 * DAY).expectActs()
  })

  it('that people narrow before it holds still waits, and ends when it would have', () => {
    const account = given(HALF, accountState()).hear(T0, signal())
    const { id } = account.act
    account.hear(T0 + 1, appeal(id, { submittedAtMs: T0 + 1 }))
    const word = { sanctionId: id, narrowToScope: 'key', narrowToTarget: 'key-1' } as const
    account.hear(T0 + 2, decision('narrow', 'ann', word))
    expect(account.acts[0]).toMatchObject({ scope: 'key', effectiveAtMs: EFFECT, endsAtMs: EFFECT + DAY })
  })
})

describe('nothing is delayed', () => {
  it('of S0 and S1, whatever the policy says', () => {
    const account = given(HALF, accountState())
    account.hear(T0, signal({ clause: MALWARE, detectorId: 'malware.generation' }))
    expect(account.act).toMatchObject({ severity: 'S1', effectiveAtMs: T0 })
    const more = { evidence: [{ name: 'exactMatch', value: 1 }] }
    account.hear(T0 + 1, signal({ clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + 1, more }))
    expect(account.act).toMatchObject({ severity: 'S0', effectiveAtMs: T0 + 1 })
  })

  it('that people decide', () => {
    const account = given(HALF, accountState({ protected: true })).hear(T0, signal())
    const { id } = account.openedCase
    account.hear(T0 + 1, decision('uphold', 'ann', { caseId: id }))
    account.expectActs({ act: 'suspension', effectiveAtMs: T0 + 1, decidedBy: ['ann'] })
  })
})

describe('the share of the delay', () => {
  const share = keyedDelay({ id: 'k1', secret: Buffer.from('a key for tests alone') })
  const NAMED = { clause: SCRAPING, step: 0, strikeOrdinal: 1, shadow: false }
  const ids = Array.from({ length: 2_000 }, (_, at) =>
    SANCTION_IDS.of({ ...NAMED, accountId: `account-${at}` }),
  )

  it('is the same whoever asks, another under another key, and lies anywhere', () => {
    const again = keyedDelay({ id: 'k2', secret: Buffer.from('a key for tests alone') })
    const other = keyedDelay({ id: 'k1', secret: Buffer.from('another key for tests') })
    expect(ids.map(again)).toEqual(ids.map(share))
    expect(ids.filter((id) => other(id) === share(id))).toEqual([])
    const shares = ids.map(share).sort((a, b) => a - b)
    for (const [at, one] of shares.entries()) expect(Math.abs(one - at / ids.length)).toBeLessThan(0.05)
  })
})

describe('across crashes', () => {
  const parts = { policy: () => delayed(), delayShare: () => 0.5 }
  const known = { atMs: T0 - 1, topic: 'accounts.state.v1', input: accountState() }
  const found = { atMs: T0, topic: 'abuse.signals.v1', input: signal() }
  const acts = (driver: Driver) =>
    driver
      .outputs('abuse.sanctions.v1')
      .flatMap(({ value }) => (value !== null && 'act' in value ? [value.act] : []))
  const fresh: Snapshot = { cell: null, timers: [] }

  it('the suspension ends once, at the end of its length, also by an owner that was down at the time', () => {
    const first = new Driver(fresh, parts).hear(known).hear(found)
    expect(acts(first)).toEqual(['suspension'])
    const second = new Driver(first.snapshot(), parts).passTo(EFFECT + DAY - 1)
    expect(acts(second)).toEqual([])
    const third = new Driver(second.snapshot(), parts).passTo(EFFECT + 3 * DAY)
    expect(acts(third)).toEqual(['lifting'])
    expect(acts(new Driver(third.snapshot(), parts).passTo(EFFECT + 9 * DAY))).toEqual([])
  })

  it('a lost store has the very same effect again from the log, and a repeat of the signal changes nothing', () => {
    const before = new Driver(fresh, parts).hear(known).hear(found)
    // Whatever chance would say now: what was published counts.
    const rebuilt = new Driver(fresh, { ...parts, delayShare: () => 0.9 }).fold(before.sent)
    rebuilt.hear(known).hear(found)
    expect(acts(rebuilt)).toEqual([])
    const active = (driver: Driver) => activeSanctions(driver.cell.standings.live)
    expect(active(rebuilt)).toEqual(active(before))
    expect(acts(rebuilt.passTo(EFFECT + DAY))).toEqual(['lifting'])
  })

  it('the same words lead to the same bytes', () => {
    const run = (): readonly EnforcementOutput[] =>
      new Driver(fresh, parts)
        .hear(known)
        .hear(found)
        .sent.map(({ output }) => output)
    expect(run()).toEqual(run())
  })
})
