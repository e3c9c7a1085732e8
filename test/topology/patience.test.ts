/** Q1 of `src/topology/patience.ts`: whoever leaves a condition alone for as long as it says misses nothing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileExpression } from '../../src/topology/expression.ts'
import type { Patience } from '../../src/topology/model.ts'
import { conditions, known, NAMES, partlyKnown, type Sample } from './expression-samples.ts'

function compiled(text: string) {
  const result = compileExpression(text, NAMES, 'bool')
  if ('mistake' in result) throw new Error(`${text}: ${result.mistake.message}`)
  return result.compiled
}

const NOTHING: Sample = { a: 0, b: null, flag: null, word: null, quota: null }

function patienceOf(text: string, sample: Partial<Sample>): number {
  const { patience } = compiled(text)
  return patience === null ? 0 : patience.events({ ...NOTHING, ...sample })
}

function collectionsOf(text: string): Patience<Sample>['collections'] | undefined {
  return compiled(text).patience?.collections
}

describe('a condition that does not hold', () => {
  it('is told to be left alone only until it could hold, whatever else changes', () => {
    const conjunctions = fc
      .tuple(conditions, fc.integer({ min: 0, max: 40 }), conditions, fc.constantFrom('&&', '||'))
      .map(([x, limit, y, sign]) => `(${x} ${sign} a >= ${limit}) && (a > ${limit / 2} || ${y})`)
    let waits = 0
    fc.assert(
      fc.property(
        fc.oneof(conditions, conjunctions),
        partlyKnown,
        fc.array(known),
        (text, { part }, others) => {
          const { evaluate, patience } = compiled(text)
          const events = Math.min(patience?.events(part) ?? 0, 300)
          if (events <= 0) return
          waits++
          expect(evaluate(part)).toBe(0)
          for (const [at, other] of others.entries()) {
            const climbed = (part.a ?? NaN) + Math.min(at, events - 1)
            // The account stays as it is, and the count climbs by one at most.
            expect(evaluate({ ...other, a: climbed, quota: part.quota })).toBe(0)
            expect(evaluate({ ...other, a: climbed - 7, quota: part.quota })).toBe(0)
          }
        },
      ),
      { numRuns: 3_000 },
    )
    expect(waits).toBeGreaterThan(50)
  })

  it('waits for what a count still has to climb', () => {
    expect(patienceOf('a >= 100', { a: 60 })).toBe(40)
    expect(patienceOf('a > 100', { a: 60 })).toBe(41)
    expect(patienceOf('100 < a', { a: 60 })).toBe(41)
    expect(patienceOf('a > 3 * account.quota', { a: 60, quota: 30.5 })).toBe(32)
    expect(patienceOf('a >= 100', { a: 100 })).toBe(0)
  })

  it('waits for all that must come together, and for the first that is enough', () => {
    expect(patienceOf('a >= 100 && a >= 20', { a: 10 })).toBe(90)
    expect(patienceOf('a >= 100 || a >= 20', { a: 10 })).toBe(10)
    expect(patienceOf('a >= 100 || b > 3', { a: 10, b: 0 })).toBe(0)
    expect(patienceOf('b > 3 && a >= 100', { a: 10, b: 9 })).toBe(90)
    expect(collectionsOf('b > 3 && a >= 100')).toEqual(new Set(['usage']))
  })

  it('waits for nothing where something is unknown', () => {
    expect(patienceOf('a >= 100', { a: null })).toBe(0)
    expect(patienceOf('a > account.quota', { a: 10, quota: null })).toBe(0)
  })
})
