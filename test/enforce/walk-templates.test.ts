/**
 * What rests on a template of many, over every sequence of up to so many words (`WALK_DEPTH`, here one more than in the
 * suite's other walks) from where an account begins and from where it was warned.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { after, TEMPLATE_MOVES, TEMPLATE_OF_MANY, walk, type Edge, type Place } from './support/walk.ts'
import { atEach, isNewStrike, issuedOf, last } from './support/walk-words.ts'

const DEPTH = Number(process.env['WALK_DEPTH'] ?? 3) + 1

const PLACES: Place[] = []
beforeAll(() => {
  for (const prologue of [[], ['scraping', 'notice']])
    walk(after(prologue), TEMPLATE_MOVES, DEPTH, (place) => void PLACES.push(place))
})

describe('after every short sequence of words', () => {
  it('the machine makes no strike of it alone', () => {
    let held = 0
    everywhere((edge) => {
      for (const sanction of issuedOf(edge).filter((one) => one.automated && isNewStrike(edge, one))) {
        const { finding } = edge.after.sanctions.find((kept) => kept.sanction.id === sanction.id) ?? {}
        expect(finding?.templateHash ?? null).not.toBe(TEMPLATE_OF_MANY)
      }
      held += opened(edge)
    })
    expect(held).toBeGreaterThan(0)
  })

  it('other evidence never waits because of it', () => {
    let [acts, besides] = [0, 0]
    everywhere((edge) => {
      if (edge.input?.kind !== 'signal') return
      const waits = edge.before.reviews.filter(({ review }) => review.reason === 'templateQuarantined')
      const others = edge.before.reviews.length - waits.length
      if (edge.input.signal.pointers.some(({ templateHash }) => templateHash !== null)) return
      const held = edge.outcomes.some((one) => one.kind === 'counted' && one.reason === 'heldForReview')
      if (waits.length > 0 && others === 0) expect(held).toBe(false)
      besides += waits.length
      acts += waits.length > 0 ? issuedOf(edge).length : 0
    })
    expect(besides).toBeGreaterThan(0)
    expect(acts).toBeGreaterThan(0)
  })
})

function opened({ outcomes }: Edge): number {
  return outcomes.filter((one) => one.kind === 'reviewOpened' && one.review.reason === 'templateQuarantined')
    .length
}

function everywhere(look: (edge: Edge) => void): void {
  expect(PLACES.length).toBeGreaterThan(100)
  atEach(PLACES, (place) => {
    const edge = last(place)
    if (edge !== undefined) look(edge)
  })
}
