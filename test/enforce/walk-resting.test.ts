/**
 * What rests on a strike that people call wrong, over every sequence of up to so many words (`WALK_DEPTH`, three in the
 * suite) from where an account has climbed its ladder.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { isWithdrawal, STRICTNESS, type Sanction } from '../../src/domain/sanction.ts'
import { isActive, isSameStrike } from '../../src/enforce/account-standing.ts'
import { decision } from './support/fixtures.ts'
import { after, heard, MOVES, walk, type Edge, type Place } from './support/walk.ts'
import { atEach, isUnder, last, ownDoing, sanctionsOf, strikesUnder } from './support/walk-words.ts'

const DEPTH = Number(process.env['WALK_DEPTH'] ?? 3)
const RESTRICTED = ['scraping', 'notice', 'scraping', 'wait 2 d']
const PROLOGUES = [RESTRICTED, [...RESTRICTED, 'scraping']]

const PLACES: Place[] = []
beforeAll(() => {
  for (const prologue of PROLOGUES) walk(after(prologue), MOVES, DEPTH, (place) => void PLACES.push(place))
})

describe('after every short sequence of words on a ladder that was climbed', () => {
  it('the machine’s own steps stand no higher than the strikes that people left', () => {
    let higherBefore = 0
    everyWithdrawal(({ before, after: then, atMs }, wrong) => {
      for (const kept of then.sanctions.filter((one) => isActive(one, atMs) && ownDoing(then, one)))
        if (wrong.some((one) => isUnder(one, kept.sanction)))
          expect(kept.sanction.step).toBeLessThanOrEqual(strikesUnder(then, kept))
      higherBefore += before.sanctions.filter((kept) => kept.sanction.step > strikesUnder(then, kept)).length
    })
    expect(higherBefore).toBeGreaterThan(0)
  })

  it('nothing else changes, what people decided least of all, and nothing becomes stricter', () => {
    let stayed = 0
    everyWithdrawal(({ before, after: then, atMs }, wrong) => {
      for (const kept of before.sanctions.filter((one) => isActive(one, atMs))) {
        const now = then.sanctions.findLast((one) => isSameStrike(kept, one))
        if (now === undefined || now.voided) continue
        expect(STRICTNESS[now.sanction.act]).toBeLessThanOrEqual(STRICTNESS[kept.sanction.act])
        if (wrong.some((one) => isUnder(one, kept.sanction)) && ownDoing(before, kept)) continue
        expect(now.sanction.id).toBe(kept.sanction.id)
        stayed++
      }
    })
    expect(stayed).toBeGreaterThan(0)
  })

  it('open cases propose what follows where they are upheld', () => {
    let [held, lower] = [0, 0]
    atEach(PLACES, (place) => {
      const edge = last(place)
      const revised =
        edge?.outcomes.flatMap((one) => (one.kind === 'reviewRevised' ? [one.review] : [])) ?? []
      for (const { id, sanctionId, proposedAct } of revised.filter((one) => one.sanctionId === null)) {
        const upheld = heard(place, place.nowMs + 1, decision('uphold', 'dan', { caseId: id, sanctionId }))
        const [act] = sanctionsOf(last(upheld)?.outcomes ?? []).map((one) => one.act)
        if (proposedAct !== 'termination' && act !== undefined) expect(act).toBe(proposedAct)
        lower += act === proposedAct ? 1 : 0
        held++
      }
    })
    expect(held).toBeGreaterThan(0)
    expect(lower).toBeGreaterThan(0)
  })
})

/** Looks at every decision that called a strike wrong. */
function everyWithdrawal(look: (edge: Edge, wrong: readonly Sanction[]) => void): void {
  atEach(PLACES, (place) => {
    const edge = last(place)
    const wrong = sanctionsOf(edge?.outcomes ?? []).filter(isWithdrawal)
    if (edge?.input?.kind === 'decision' && wrong.length > 0) look(edge, wrong)
  })
}
