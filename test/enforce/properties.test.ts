/** Laws that hold over any sequence of words: random signals, people, notices and time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/domain/account.ts'
import type { EnforcementInput } from '../../src/enforce/event.ts'
import { isActive } from '../../src/enforce/account-standing.ts'
import { evolve } from '../../src/enforce/evolve.ts'
import { matterOfStrike, sameLadder } from '../../src/enforce/ladder.ts'
import type { Outcome } from '../../src/enforce/outcome.ts'
import { person } from '../../src/enforce/approvals.ts'
import { UNLIMITED, type BudgetView, type Terms } from '../../src/enforce/terms.ts'
import { Driver, type Heard } from './support/driver.ts'
import {
  accountEvent,
  accountState,
  appeal,
  complaint,
  CSAM,
  decision,
  endUser,
  grantOf,
  HOUR,
  key,
  MALWARE,
  policy,
  SCRAPING,
  signal,
  T0,
} from './support/fixtures.ts'
import { Account, sanctionsOf } from './support/given.ts'
import { ownDoing, strikesUnder } from './support/walk-words.ts'

/** What happens next; people and notices speak of whatever the account has by then. */
interface Move {
  readonly kind:
    | 'signal'
    | 'vote'
    | 'notice'
    | 'remedy'
    | 'decision'
    | 'appeal'
    | 'complaint'
    | 'state'
    | 'grant'
    | 'switch'
    | 'budget'
    | 'wait'
  readonly afterMs: number
  readonly pick: number
  readonly which: number
  readonly flag: boolean
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom<Move['kind']>(
    'signal',
    'signal',
    'signal',
    'notice',
    'notice',
    'remedy',
    'decision',
    'decision',
    'vote',
    'vote',
    'appeal',
    'complaint',
    'state',
    'grant',
    'switch',
    'budget',
    'wait',
  ),
  afterMs: fc.integer({ min: 0, max: 80 }).map((quarters) => (quarters * HOUR) / 4),
  pick: fc.nat(30),
  which: fc.nat(30),
  flag: fc.boolean(),
})
const moves = fc.array(move, { minLength: 1, maxLength: 40 })

const CLAUSES = [SCRAPING, SCRAPING, MALWARE, CSAM]
const KINDS = [
  'uphold',
  'reject',
  'narrow',
  'terminate',
  'terminate',
  'terminate',
  'reverse',
  'lift',
  'refer',
  'snooze',
] as const
const PEOPLE = ['ann', 'Ann ', 'ben', 'cat']

function from<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)]
}

function inputOf(one: Move, account: Account, atMs: number): EnforcementInput | null {
  const { sanctions, reviews } = account.standing
  const sanction = from(sanctions, one.pick)?.sanction.id ?? null
  const caseId = from(reviews, one.pick)?.review.id ?? null
  switch (one.kind) {
    case 'signal':
      return signalInput(one, atMs)
    case 'notice':
      return accountEvent('noticeDelivered', sanction, atMs)
    case 'remedy':
      return accountEvent('remediated', sanction, atMs)
    case 'decision':
      return decision(from(KINDS, one.which) ?? 'lift', from(PEOPLE, one.pick) ?? 'ann', {
        snooze: { detectorId: one.flag ? null : 'scraping.bulk-harvest', untilMs: atMs + one.pick * HOUR },
        caseId,
        sanctionId: one.flag ? sanction : null,
        sawContent: one.which % 5 !== 0,
        narrowToScope: 'key',
        narrowToTarget: 'k1',
      })
    case 'vote':
      return decision(one.flag ? 'terminate' : 'refer', from(PEOPLE, one.which) ?? 'ann', { caseId })
    case 'appeal':
      return sanction === null ? null : appeal(sanction, { submittedAtMs: atMs })
    case 'complaint':
      return complaint({ receivedAtMs: atMs })
    case 'state':
      return accountState({ updatedAtMs: atMs, protected: one.which === 0 })
    case 'grant':
      return accountState({ updatedAtMs: atMs, grants: grantsOf(one, atMs) })
    case 'switch':
    case 'budget':
    case 'wait':
      return null
  }
}

/** None, a reseller's with an end or without, or one that a warning asks for. */
function grantsOf(one: Move, atMs: number): readonly Grant[] {
  const expiresAtMs = one.flag ? atMs + one.pick * HOUR : null
  return (
    from<readonly Grant[]>(
      [[], [grantOf('reseller', { expiresAtMs })], [grantOf('scraping', { expiresAtMs })]],
      one.which,
    ) ?? []
  )
}

/** What people stop, and what is left of the budget, from now on. */
function termsAfter(one: Move, terms: Terms): Terms {
  if (one.kind === 'budget') return { ...terms, budget: one.flag ? SPENT : UNLIMITED }
  if (one.kind !== 'switch') return terms
  const detector = `detector-${one.which % 4}`
  const stops = from([() => false, () => true, (id: string) => id === detector], one.pick)
  return { ...terms, switchedOff: stops ?? terms.switchedOff }
}

const SPENT: BudgetView = { allows: () => false, without: () => SPENT }

function signalInput(one: Move, atMs: number): EnforcementInput {
  const actor = from([undefined, key('k1'), endUser('u1'), endUser('u2'), endUser('u3')], one.pick)
  const windowMs = one.flag ? HOUR : HOUR / 4
  return signal({
    clause: from(CLAUSES, one.which) ?? SCRAPING,
    detectorId: `detector-${one.which % 4}`,
    atMs,
    windowMs,
    requests: [`r${one.which}`],
    more: { capability: one.flag ? 'image' : null },
    ...(actor === undefined ? {} : { actor }),
  })
}

/** What was heard, and when; and the account that heard it. */
function story(all: readonly Move[]): { readonly account: Account; readonly heard: readonly Heard[] } {
  const account = new Account()
  const heard: Heard[] = []
  let atMs = T0
  const hear = (input: EnforcementInput) => {
    heard.push({ atMs, topic: topicOf(input), input })
    account.hear(atMs, input)
  }
  hear(accountState())
  for (const one of all) {
    atMs += one.afterMs
    account.passTo(atMs)
    account.terms = termsAfter(one, account.terms)
    const input = inputOf(one, account, atMs)
    if (input !== null) hear(input)
  }
  return { account, heard }
}

function topicOf(input: EnforcementInput): string {
  const topics = {
    signal: 'abuse.signals.v1',
    decision: 'abuse.decisions.v1',
    appeal: 'abuse.appeals.v1',
    complaint: 'abuse.complaints.v1',
    accountEvent: 'accounts.events.v1',
    accountState: 'accounts.state.v1',
  }
  return topics[input.kind]
}

/** The same stories every time; more of them (`PROPERTY_RUNS`), and others (`PROPERTY_SEED`), are for whoever changes the ladder. */
const RUNS = {
  numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300),
  seed: Number(process.env['PROPERTY_SEED'] ?? 20_261_124),
}

describe('over any sequence of words', () => {
  it('no termination and no referral without two different people (P10)', () => {
    let terminations = 0
    fc.assert(
      fc.property(moves, (all) => {
        const { outcomes } = story(all).account
        const grave: readonly (readonly string[])[] = outcomes.flatMap((one: Outcome) => {
          if (one.kind === 'referral') return [one.referral.decidedBy]
          if (one.kind === 'sanction' && one.sanction.act === 'termination') return [one.sanction.decidedBy]
          return []
        })
        terminations += grave.length
        for (const people of grave) expect(new Set(people.map(person)).size).toBeGreaterThanOrEqual(2)
      }),
      RUNS,
    )
    expect(terminations).toBeGreaterThan(0)
  })

  it('no sanction outlives its end, and each ends at most once', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const { account } = story(all)
        const sanctions = sanctionsOf(account.outcomes)
        for (const one of sanctions.filter((s) => s.endsSanctionId === null)) {
          expect(one.act === 'termination' || (one.endsAtMs !== null && one.endsAtMs > one.issuedAtMs)).toBe(
            true,
          )
          expect(
            account.standing.sanctions.every(
              (kept) => isActive(kept, account.terms.nowMs) || kept.endedAtMs !== null,
            ),
          ).toBe(true)
        }
        expect(new Set(sanctions.map((one) => one.id)).size).toBe(sanctions.length)
      }),
      RUNS,
    )
  })

  it('no step follows a warning of its ladder before its notice', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const { account } = story(all)
        for (const warning of account.standing.sanctions.filter((kept) => kept.sanction.act === 'warning')) {
          if (warning.noticeAtMs !== null || warning.endedAtMs !== null || warning.voided) continue
          const ofLadder = sameLadder(account.standing, matterOfStrike(warning))
          const later = account.standing.sanctions.filter(
            (kept) =>
              kept.sanction.automated &&
              ofLadder(matterOfStrike(kept)) &&
              // What was there before the warning took another's place did not follow it.
              kept.sanction.issuedAtMs > warning.sanction.issuedAtMs &&
              kept.sanction.strikeOrdinal > warning.sanction.strikeOrdinal,
          )
          expect(later).toEqual([])
        }
      }),
      RUNS,
    )
  })

  it('the machine’s own steps stand no higher than the strikes that people left', () => {
    let steps = 0
    fc.assert(
      fc.property(moves, (all) => {
        const { standing, terms } = story(all).account
        const own = standing.sanctions.filter((one) => isActive(one, terms.nowMs) && ownDoing(standing, one))
        for (const kept of own) {
          expect(kept.sanction.step).toBeLessThanOrEqual(strikesUnder(standing, kept))
          steps += kept.sanction.step
        }
      }),
      RUNS,
    )
    expect(steps).toBeGreaterThan(0)
  })

  it('replaying all of it, at any later time, changes nothing that was decided', () => {
    fc.assert(
      fc.property(moves, fc.nat(), (all, seed) => {
        const { account, heard } = story(all)
        const again = heard.filter(({ input }) => input.kind !== 'accountEvent')
        const one = from(again, seed)
        if (one === undefined) return
        const before = account.standing
        account.terms = { ...account.terms }
        account.hear(account.terms.nowMs, one.input)
        expect(account.standing).toEqual(before)
      }),
      RUNS,
    )
  })

  it('an outcome that is applied again changes nothing (V1)', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const account = new Account()
        for (const { input, atMs } of story(all).heard) {
          account.hear(atMs, input)
          expect(account.latest.reduce(evolve, account.standing)).toEqual(account.standing)
        }
      }),
      RUNS,
    )
  })

  it('shadow never shows on live topics (P11)', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const driver = new Driver()
        for (const one of story(all).heard) {
          if (one.input.kind !== 'signal') continue
          const input: EnforcementInput = { kind: 'signal', signal: { ...one.input.signal, mode: 'shadow' } }
          driver.hear({ ...one, input })
        }
        driver.passTo(T0 + 1_000 * HOUR)
        expect(driver.sent.filter(({ output }) => !output.topic.includes('.shadow.'))).toEqual([])
      }),
      { ...RUNS, numRuns: 100 },
    )
  })
})

describe('a store that was set back', () => {
  /** Some of what the machine would do is past it. */
  const budgets = { ...policy().budgets, perHour: 2, perDetectorPerHour: 1 }
  const SCARCE = { policy: () => policy({ budgets }) }

  /** Everything, with a snapshot taken before record `cut`. */
  function run(heard: readonly Heard[], cut: number) {
    const driver = new Driver(undefined, SCARCE)
    heard.slice(0, cut).forEach((one) => driver.hear(one))
    const snapshot = driver.snapshot()
    const sentBefore = driver.sent.length
    heard.slice(cut).forEach((one) => driver.hear(one))
    return { driver, snapshot, lost: driver.sent.slice(sentBefore) }
  }

  it('folds its own outputs: the same standing as without, and nothing sent twice', () => {
    fc.assert(
      fc.property(moves, fc.nat(), (all, seed) => {
        const { heard } = story(all)
        const cut = seed % heard.length
        const { driver, snapshot, lost } = run(heard, cut)
        const restored = new Driver(snapshot, SCARCE).fold(lost)
        heard.slice(cut).forEach((one) => restored.hear(one))
        expect(idsOf(restored).filter((id) => idsOf({ sent: lost }).includes(id))).toEqual([])
        expect(active(restored)).toEqual(active(driver))
      }),
      RUNS,
    )
  })

  it('stands as it stood after signals alone; what still waits for corroboration is judged anew', () => {
    const signals = fc.array(
      move.map((one) => ({ ...one, kind: 'signal' as const })),
      { minLength: 1, maxLength: 30 },
    )
    fc.assert(
      fc.property(signals, fc.nat(), (all, seed) => {
        const { heard } = story(all)
        const cut = seed % heard.length
        const { driver, snapshot, lost } = run(heard, cut)
        const restored = new Driver(snapshot, SCARCE).fold(lost)
        heard.slice(cut).forEach((one) => restored.hear(one))
        expect(restored.sent).toEqual([])
        expect(settledPart(restored)).toEqual(settledPart(driver))
      }),
      RUNS,
    )
  })

  function idsOf({ sent }: Pick<Driver, 'sent'>): readonly string[] {
    return sent.flatMap(({ output }) => {
      if (output.topic === 'abuse.reviews.v1') return [`${output.value.id}/${output.value.status}`]
      return 'accountId' in output ? [] : [output.value.id]
    })
  }

  function settledPart({ cell }: Driver) {
    return { ...cell.standings.live, pending: [] }
  }

  function active(driver: Driver) {
    return driver.cell.standings.live.sanctions
      .filter((kept) => kept.endedAtMs === null)
      .map((kept) => kept.sanction.id)
      .sort()
  }
})
