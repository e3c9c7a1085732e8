/** Q1 of `src/topology/patience.ts`: whoever leaves a condition alone for as long as it says misses nothing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileExpression } from '../../src/topology/expression.ts'
import type { Patience } from '../../src/topology/model.ts'
import type { Name, Names } from '../../src/topology/names.ts'
import { conditions, known, NAMES, partlyKnown, type Sample } from './expression-samples.ts'

/** `pool`, `attested`, which is told by the quota, and `w`, which climbs as `a` does and is known after 9 steps. */
const ALL_NAMES: Names<Sample> = new Map<string, Name<Sample>>([
  ...NAMES,
  ['pool', { type: 'number', unit: 'none', pace: 'any', read: ({ b }) => b ?? NaN, from: { kind: 'pool' } }],
  [
    'attested',
    {
      type: 'bool',
      unit: 'none',
      pace: 'settled',
      read: ({ quota }) => (quota === null ? NaN : Number(quota > 0)),
      from: { kind: 'account' },
    },
  ],
  [
    'w',
    {
      type: 'number',
      unit: 'none',
      pace: {
        features: [8],
        whole: true,
        warmsUp: true,
        stepsTo: ({ a }, limit) => Math.max(9, Math.ceil(limit - (a ?? 0))),
      },
      read: () => NaN,
      from: { kind: 'event' },
    },
  ],
])

function compiled(text: string) {
  const result = compileExpression(text, ALL_NAMES, 'bool')
  if ('mistake' in result) throw new Error(`${text}: ${result.mistake.message}`)
  return result.compiled
}

const NOTHING: Sample = { a: 0, b: null, flag: null, word: null, quota: null }

function patienceOf(text: string, sample: Partial<Sample>): number {
  return longest(compiled(text).patience, { ...NOTHING, ...sample })
}

function longest(patience: Patience<Sample> | null, sample: Sample): number {
  return Math.max(0, ...(patience?.parts.map(({ steps }) => steps(sample)) ?? []))
}

function featuresOf(text: string): readonly (readonly number[])[] | undefined {
  return compiled(text).patience?.parts.map(({ features }) => [...features])
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
          const steps = Math.min(longest(patience, part), 300)
          if (steps <= 0) return
          waits++
          expect(evaluate(part)).not.toBe(1)
          for (const [at, other] of others.entries()) {
            const climbed = (part.a ?? NaN) + Math.min(at, steps - 1)
            // The account stays as it is, and the count climbs by one at most.
            expect(evaluate({ ...other, a: climbed, quota: part.quota })).not.toBe(1)
            expect(evaluate({ ...other, a: climbed - 7, quota: part.quota })).not.toBe(1)
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
    expect(featuresOf('b > 3 && a >= 100 && w > 2')).toEqual([[7], [8]])
    expect(featuresOf('a >= 100 || w > 2')).toEqual([[7, 8]])
  })

  it('waits for nothing where what should climb is unknown', () => {
    expect(patienceOf('a >= 100', { a: null })).toBe(0)
  })

  it('waits for the account where a limit or a flag of it is unknown, but for a condition that reads the pool', () => {
    expect(patienceOf('a > account.quota', { a: 10, quota: null })).toBe(Infinity)
    expect(patienceOf('!attested && b > 3', { quota: null })).toBe(Infinity)
    expect(patienceOf('a > account.quota && pool > 1', { a: 10, quota: null })).toBe(0)
    expect(patienceOf('!attested && pool > 1', { quota: null })).toBe(0)
    expect(patienceOf('!attested && pool > 1', { quota: 3 })).toBe(Infinity)
    expect(patienceOf('a > account.quota && pool > 1', { a: 10, quota: 12 })).toBe(3)
  })

  it('waits for what becomes known by steps, but for a condition that reads the pool', () => {
    expect(patienceOf('w > 2', {})).toBe(9)
    expect(patienceOf('w > 2 && pool > 1', {})).toBe(0)
  })
})

it('a condition needs a pool where nothing but what is told of one can make it hold', () => {
  const needsPool = (text: string): boolean => compiled(text).needsPool
  for (const text of [
    'pool > 1',
    'a > 3 && !(pool > 1)',
    '(pool > 1 || b > pool) && flag',
    'max(pool, 1.0) > 0.5',
    '-pool < 3 + pool',
    'pool in [1, 2]',
    '(pool > 1 ? 1 : 2) > 1',
  ])
    expect([text, needsPool(text)]).toEqual([text, true])
  for (const text of ['a > 3', 'pool > 1 || a > 3', '(flag ? pool : b) > 1', 'word in ["ok"]'])
    expect([text, needsPool(text)]).toEqual([text, false])
})
