/** Laws that hold over any sequence of words: random signals, people, notices and time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EnforcementInput } from '../../src/enforce/event.ts'
import { isActive } from '../../src/enforce/account-standing.ts'
import { evolve } from '../../src/enforce/evolve.ts'
import type { Outcome } from '../../src/enforce/outcome.ts'
import { person } from '../../src/enforce/approvals.ts'
import { matterOfStrike, sameLadder } from '../../src/enforce/ladder.ts'
import { Driver, type Heard } from './support/driver.ts'
import { HOUR, policy, T0 } from './support/fixtures.ts'
import { Account, sanctionsOf } from './support/given.ts'
import { ownDoing, strikesUnder } from './support/walk-words.ts'
import { move, moves, from, story } from './support/story.ts'

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
