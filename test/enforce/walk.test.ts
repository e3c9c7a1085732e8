/**
 * The ladder's laws over every sequence of up to so many words (`WALK_DEPTH`, three in the suite), from where an account
 * begins and from the places that short walks do not reach.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { isWithdrawal } from '../../src/domain/sanction.ts'
import {
  emptyStanding,
  isActive,
  isSameStrike,
  isStrike,
  keptById,
  type AccountStanding,
} from '../../src/enforce/account-standing.ts'
import { evolve } from '../../src/enforce/evolve.ts'
import { findingOf } from '../../src/enforce/finding.ts'
import { foldOutcome } from '../../src/enforce/fold.ts'
import { publicationOf } from '../../src/enforce/publication.ts'
import { ACCOUNT, appeal, decision, JAILBREAK, policy, SANCTION_IDS } from './support/fixtures.ts'
import {
  after,
  begin,
  heard,
  KEY_MOVES,
  MOST_DELAY_MS,
  MOVES,
  walk,
  wordsHeard,
  type Edge,
  type Place,
} from './support/walk.ts'
import {
  atEach,
  bound,
  isHeldExactMatch,
  isNewStrike,
  issuedOf,
  last,
  sanctionsOf,
  strikesInForce,
  voters,
} from './support/walk-words.ts'

const DEPTH = Number(process.env['WALK_DEPTH'] ?? 3)

/** Where walks begin. */
const PROLOGUES: readonly (readonly string[])[] = [
  [],
  ['scraping', 'notice'],
  ['scraping', 'notice', 'scraping', 'wait 2 d'],
  ['scraping', 'notice', 'scraping', 'wait 2 d', 'scraping'],
  ['csam, exact', 'ann terminates'],
  ['csam, request one', 'appeal'],
  ['malware', 'malware', 'wait 2 d'],
  ['csam, reviewed', 'csam, request one'],
]

/** Where walks about a key begin: warned before it was found, and robbed for a second time. */
const KEY_PROLOGUES: readonly (readonly string[])[] = [
  [],
  ['scraping by key', 'notice', 'key found'],
  ['key found', 'key rotated', 'wait 2 d', 'key reported'],
]

/** Walked once for all laws. */
const PLACES: Place[] = []
beforeAll(() => {
  const keep = (place: Place): void => void PLACES.push(place)
  for (const prologue of PROLOGUES) walk(after(prologue), MOVES, DEPTH, keep)
  for (const prologue of KEY_PROLOGUES) walk(after(prologue), KEY_MOVES, DEPTH, keep)
})

/** Looks at every place. */
function everywhere(look: (place: Place) => void): void {
  expect(PLACES.length).toBeGreaterThan(PROLOGUES.length + KEY_PROLOGUES.length)
  atEach(PLACES, look)
}

describe('after every short sequence of words', () => {
  it('nobody is terminated or referred without two different people (P10)', () => {
    let [terminations, referrals] = [0, 0]
    everywhere((place) => {
      const outcomes = last(place)?.outcomes ?? []
      if (sanctionsOf(outcomes).some(({ act }) => act === 'termination')) {
        terminations++
        expect(voters(place, 'terminate')).toBeGreaterThanOrEqual(2)
      }
      if (outcomes.some(({ kind }) => kind === 'referral')) {
        referrals++
        expect(voters(place, 'refer')).toBeGreaterThanOrEqual(2)
      }
    })
    expect(terminations).toBeGreaterThan(0)
    expect(referrals).toBeGreaterThan(0)
  })

  it('every sanction has an end that it does not outlive, an automated suspension within the cap', () => {
    const { automatedSuspensionCapMs } = policy()
    everywhere((place) => {
      for (const edge of place.path.slice(-1)) {
        for (const one of issuedOf(edge)) {
          if (one.act === 'termination') continue
          expect(one.endsAtMs).toBeGreaterThan(one.issuedAtMs)
          if (one.automated && one.act === 'suspension')
            expect((one.endsAtMs ?? Infinity) - one.effectiveAtMs).toBeLessThanOrEqual(
              automatedSuspensionCapMs,
            )
        }
      }
      for (const kept of place.standing.sanctions)
        expect(isActive(kept, place.nowMs) || kept.endedAtMs !== null).toBe(true)
    })
  })

  it('what is gravest and what people decide holds at once, all else within its clause’s delay', () => {
    let delayed = 0
    everywhere((place) => {
      for (const edge of place.path.slice(-1)) {
        for (const one of issuedOf(edge)) {
          const waitsMs = one.effectiveAtMs - one.issuedAtMs
          const { clause, strikeOrdinal } = one
          const before = edge.before.sanctions.filter(
            ({ sanction }) => sanction.clause === clause && sanction.strikeOrdinal === strikeOrdinal,
          )
          const atOnce = one.severity <= 'S1' || (!one.automated && before.length === 0)
          expect(waitsMs).toBeGreaterThanOrEqual(0)
          expect(waitsMs).toBeLessThanOrEqual(atOnce ? 0 : MOST_DELAY_MS)
          if (waitsMs > 0) delayed++
        }
      }
    })
    expect(delayed).toBeGreaterThan(0)
  })

  it('what weighs sanctions nobody, opens no case and makes no strike, alone or beside what waits', () => {
    const weighs = (input: Edge['input']) => input?.kind === 'signal' && input.signal.detectorId === JAILBREAK
    let [heardAlone, tipped] = [0, 0]
    everywhere((place) => {
      const edge = last(place)
      if (edge !== undefined && weighs(edge.input)) {
        const kinds = edge.outcomes.map(({ kind }) => kind)
        expect(['signalSeen', 'preservation', 'counted', 'pending']).toEqual(expect.arrayContaining(kinds))
        expect(bound(edge.after)).toEqual(bound(edge.before))
      }
      const findings = wordsHeard(place).filter(({ kind }) => kind === 'signal')
      if (findings.length > 0 && findings.every(weighs)) {
        heardAlone++
        expect(place.standing).toMatchObject({ sanctions: [], reviews: [], ordinals: {} })
      }
      for (const { sanction, finding } of place.standing.sanctions) {
        expect(sanction.detectorId).not.toBe(JAILBREAK)
        if (finding?.otherDetectors.includes(JAILBREAK) === true) tipped++
      }
    })
    expect(heardAlone).toBeGreaterThan(0)
    expect(tipped).toBeGreaterThan(0)
  })

  it('an exact match of S0 leaves the account closed, or people with a case of it', () => {
    let closed = 0
    everywhere(({ path, standing, nowMs }) => {
      const input = path.at(-1)?.input
      if (input?.kind !== 'signal' || findingOf(input.signal).exactMatch === false) return
      const acts = standing.sanctions.filter(
        (kept) =>
          isActive(kept, nowMs) && kept.sanction.scope === 'account' && kept.sanction.severity === 'S0',
      )
      if (acts.length > 0) closed++
      expect(acts.length + standing.reviews.filter(isHeldExactMatch).length).toBeGreaterThan(0)
    })
    expect(closed).toBeGreaterThan(0)
  })

  it('a sanction is issued once and ended once', () => {
    everywhere((place) => {
      const ids = place.path.flatMap(({ outcomes }) => sanctionsOf(outcomes).map(({ id }) => id))
      expect(new Set(ids).size).toBe(ids.length)
    })
  })

  it('no step of the machine precedes the notice and the grace of the warning before it', () => {
    everywhere((place) => {
      for (const { before, outcomes, atMs } of place.path.slice(-1)) {
        const steps = sanctionsOf(outcomes).filter(
          (one) => one.automated && one.endsSanctionId === null && isNewStrike({ before }, one),
        )
        for (const step of steps) {
          const waiting = before.sanctions.filter(
            (kept) =>
              kept.sanction.act === 'warning' &&
              kept.sanction.clause === step.clause &&
              // A key that others seem to hold has a ladder of its own.
              kept.sanction.cause === step.cause &&
              kept.endedAtMs === null &&
              (kept.noticeAtMs === null ||
                atMs < Math.max(kept.noticeAtMs, kept.sanction.effectiveAtMs) + kept.graceMs),
          )
          expect(waiting).toEqual([])
        }
      }
    })
  })

  it('every sanction can be appealed, and the appeal granted', () => {
    everywhere((place) => {
      for (const { id } of place.path.slice(-1).flatMap(issuedOf)) {
        const appealed = heard(place, place.nowMs + 1, appeal(id, { submittedAtMs: place.nowMs + 1 }))
        const opened = last(appealed)?.outcomes.flatMap((one) =>
          one.kind === 'reviewOpened' ? [one.review] : [],
        )
        expect(opened).toMatchObject([{ reason: 'appeal', sanctionId: id }])
        const granted = heard(
          appealed,
          appealed.nowMs + 1,
          decision('reject', 'cat', { caseId: opened?.[0]?.id ?? '' }),
        )
        expect(granted.standing.sanctions.find((kept) => kept.sanction.id === id)).toMatchObject({
          voided: true,
        })
      }
    })
  })

  it('no request is in the strikes of two clauses', () => {
    let several = 0
    everywhere(({ standing, nowMs }) => {
      const strikes = standing.sanctions.filter((kept) => isStrike(kept, nowMs))
      const clausesOf = new Map<string, Set<string>>()
      for (const { sanction, finding } of strikes)
        for (const id of finding?.requestIds ?? [])
          clausesOf.set(id, (clausesOf.get(id) ?? new Set()).add(sanction.clause))
      if (clausesOf.size > 1) several++
      expect([...clausesOf.values()].filter(({ size }) => size > 1)).toEqual([])
    })
    expect(several).toBeGreaterThan(0)
  })

  it('what people called wrong is in no case any more', () => {
    let voided = 0
    everywhere(({ path, standing }) => {
      const said = path.flatMap(({ outcomes }) => sanctionsOf(outcomes)).filter(isWithdrawal)
      const wrong = standing.sanctions.filter((kept) =>
        said.some(({ endsSanctionId }) => endsSanctionId === kept.sanction.id),
      )
      voided += wrong.length
      const about = standing.reviews.map(({ review }) => keptById(standing, review.sanctionId))
      expect(wrong.filter((kept) => about.some((other) => isSameStrike(kept, other)))).toEqual([])
    })
    expect(voided).toBeGreaterThan(0)
  })

  it('a reversal restores what stood before; only what was over already may stay forgiven', () => {
    everywhere((place) => {
      for (const edge of place.path.slice(-1)) {
        for (const { id } of issuedOf(edge).filter((one) => isNewStrike(edge, one))) {
          const reversed = heard(place, place.nowMs + 1, decision('reverse', 'cat', { sanctionId: id }))
          const [now, then] = [bound(reversed.standing), bound(edge.before)]
          expect(now.binding).toEqual(then.binding)
          expect(then.strikes).toEqual(expect.arrayContaining([...now.strikes]))
          expect(now.strikes).toEqual(expect.arrayContaining([...strikesInForce(edge.before, place.nowMs)]))
        }
      }
    })
  })

  it('hearing any of the words again changes nothing', () => {
    everywhere((place) => {
      for (const input of wordsHeard(place)) {
        const again = heard(place, place.nowMs, input)
        expect(bound(again.standing)).toEqual(bound(place.standing))
        const acts = (last(again)?.outcomes ?? []).filter(({ kind }) =>
          ['sanction', 'reviewOpened', 'reviewClosed', 'referral', 'preservation', 'approval'].includes(kind),
        )
        expect(acts).toEqual([])
      }
    })
  })

  it('the log tells where the account stands: what is in force, and what counts', () => {
    everywhere((place) => {
      let rebuilt = emptyStanding(ACCOUNT, false)
      for (const { outcomes, atMs } of place.path) {
        for (const outcome of outcomes) {
          const output = publicationOf(outcome, false)
          if (output !== null)
            rebuilt = evolve(rebuilt, foldOutcome(rebuilt, output, atMs, policy(), SANCTION_IDS))
        }
      }
      expect(bound(rebuilt)).toEqual(bound(place.standing))
      expect(rebuilt.reviews.map(({ review }) => review)).toEqual(
        place.standing.reviews.map(({ review }) => review),
      )
    })
  })
})

describe('after every short sequence of words about a key that others may hold', () => {
  /** Looks at the last step of every walk about the key. */
  function everyKeyStep(look: (edge: Edge, place: Place) => void): void {
    everywhere((place) => {
      const edge = last(place)
      if (edge !== undefined) look(edge, place)
    })
  }
  const standsOver = ({ keyFlags }: AccountStanding, atMs: number) =>
    keyFlags.some((flag) => flag.doubt !== 'rejected' && flag.raisedAtMs <= atMs && atMs < flag.endsAtMs)

  it('what the machine does while it is flagged closes the key and nothing more', () => {
    let closed = 0
    everyKeyStep((edge) => {
      if (!standsOver(edge.before, edge.atMs)) return
      for (const one of issuedOf(edge).filter(({ automated }) => automated)) {
        if (one.actor.level !== 'key') expect(['warning'], 'by time alone, or S0').toContain(one.act)
        else
          expect(one).toMatchObject({ scope: 'key', scopeTarget: one.actor.id, cause: 'suspectedCompromise' })
        closed++
      }
    })
    expect(closed).toBeGreaterThan(0)
  })

  it('finding and reporting it makes no strike, and takes away none but the key’s own', () => {
    everyKeyStep(({ input, outcomes, before, after: then }) => {
      const isPlea = input?.kind === 'accountEvent' && input.event.kind === 'keyReportedStolen'
      const isFound = input?.kind === 'signal' && input.signal.clause === 'none'
      if (!isPlea && !isFound) return
      expect(then.ordinals).toEqual(before.ordinals)
      for (const one of sanctionsOf(outcomes)) expect(one.actor).toMatchObject({ level: 'key' })
    })
  })

  it('the account’s own ladder counts no strike of a key that others seem to hold', () => {
    let own = 0
    everyKeyStep((edge) => {
      for (const one of issuedOf(edge)) {
        if (!one.automated || one.cause !== null || !isNewStrike(edge, one)) continue
        const counting = edge.before.sanctions.filter(
          ({ sanction, voided }) => sanction.clause === one.clause && sanction.cause === null && !voided,
        )
        const strikes = new Set(counting.map(({ sanction }) => sanction.strikeOrdinal)).size
        expect(one.step).toBeLessThanOrEqual(strikes)
        own++
      }
    })
    expect(own).toBeGreaterThan(0)
  })

  it('once it is replaced nothing stands because of it, unless a person is asked', () => {
    let lifted = 0
    everyKeyStep(({ input, outcomes, after: then }) => {
      if (input?.kind !== 'accountEvent' || input.event.kind !== 'keyRotated') return
      lifted += sanctionsOf(outcomes).filter(({ endCause }) => endCause === 'remediated').length
      if (then.keyFlags.some(({ doubt }) => doubt !== 'none')) return
      const standing = then.sanctions.filter(
        (kept) => kept.endedAtMs === null && kept.sanction.cause !== null,
      )
      expect(standing).toEqual([])
    })
    expect(lifted).toBeGreaterThan(0)
  })

  it('is believed once in the policy’s time; the second time a person is asked', () => {
    let asked = 0
    everyKeyStep(({ before, outcomes, after: then }) => {
      const raised = then.keyFlags.length > before.keyFlags.length ? then.keyFlags.at(-1) : undefined
      if (raised === undefined) return
      const second = before.keyFlags.some((flag) => flag.countsUntilMs > raised.raisedAtMs)
      expect(raised.doubt).toBe(second ? 'open' : 'none')
      if (!second) return
      expect(then.reviews.some(({ review }) => review.reason === 'suspectedCompromise')).toBe(true)
      expect(sanctionsOf(outcomes)).toEqual([])
      asked++
    })
    expect(asked).toBeGreaterThan(0)
  })
})

describe('on a shadow standing, after every short sequence of signals', () => {
  it('nothing leaves on a live topic, and nobody has work (P11)', () => {
    const signals = MOVES.filter(({ name }) => /scraping|malware|jailbreak|csam|wait/.test(name))
    let shown = 0
    walk(begin(true), signals, DEPTH, (place) => {
      for (const outcome of last(place)?.outcomes ?? []) {
        expect(['reviewOpened', 'preservation', 'referral']).not.toContain(outcome.kind)
        const topic = publicationOf(outcome, place.standing.shadow)?.topic
        if (topic === undefined) continue
        shown++
        expect(topic).toContain('.shadow.')
      }
    })
    expect(shown).toBeGreaterThan(0)
  })
})
