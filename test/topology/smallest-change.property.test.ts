/**
 * The change that `explain` tells is right, and the smallest: a condition that held does not hold after it, holds with any less
 * of it, and no lesser change of other figures would have done.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reading } from '../../src/domain/signal.ts'
import { explain, type Explanation } from '../../src/topology/explanation.ts'
import { detectorNames, RECORDED_JITTER } from '../../src/topology/names.ts'
import { detector, topologyOf } from '../detect/harness.ts'
import { propertyParameters } from '../support/property-parameters.ts'

const { features, derived } = topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
  refused_1h: { count: usage, where: 'status == "refused"', window: 1h }
  tokens_10m: { sum: usage.outputTokens, window: 10m }
  refusedShare_1h: { ratio: [refused_1h, requests_1h] }
detectors:
${detector('test.any', 'requests_1h > 1', 'once: 1h, evidence: [requests_1h]')}
`)
const names = detectorNames(features, derived, [], RECORDED_JITTER)

/** And within or, a share with a limit that jitters, two windows and a quota, limits that stand on the left. */
const CONDITIONS = [
  'requests_1h >= 50 && (tokens_10m > 2000 || refusedShare_1h > 0.5)',
  'refusedShare_1h > 0.4 * jitter && requests_1h >= 30',
  'requests_1h > 0.3 * jitter * account.quota.requestsPerHour || tokens_10m > 4000 * jitter',
  '(0.2 * jitter < refusedShare_1h || 700.0 / 3 <= requests_1h) && !(tokens_10m < 333.3333333 * jitter)',
]
/** What a customer does; the limits are ours. */
const MOVED = ['requests_1h', 'tokens_10m', 'refusedShare_1h']

const values = fc.record({
  requests_1h: fc.integer({ min: 0, max: 1_000 }),
  tokens_10m: fc.integer({ min: 0, max: 10_000 }),
  refusedShare_1h: fc.double({ min: 0, max: 1, noNaN: true }),
  jitter: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  'account.quota.requestsPerHour': fc.integer({ min: 100, max: 2_000 }),
})
/** How a change is shared among the figures, and whether each rises (W2 of `explanation.ts`: of the larger side). */
const efforts = fc.array(
  fc.record({ share: fc.double({ min: 0.001, max: 1, noNaN: true }), up: fc.boolean() }),
  { minLength: MOVED.length, maxLength: MOVED.length },
)
type Values = Readonly<Record<string, number>>

function explained(text: string, of: Values): Explanation {
  const readings = Object.entries(of).map(([name, value]): Reading => ({
    name,
    value,
    text: null,
    error: null,
  }))
  return explain(text, names, readings)
}

const WORDS = /^(\w+) (at most|less than|at least|more than) ([-\d.,]+), not [-\d.,]+$/
const SIDES = { 'at most': 0, 'at least': 0, 'less than': -1, 'more than': 1 } as const

/** The figures that are to change, each with the value that it is to have at the least. */
function told({ smallestChange }: Explanation): ReadonlyMap<string, number> {
  return new Map(
    (smallestChange?.words ?? []).map((words) => {
      const [, name = '', side = '', limit = ''] = WORDS.exec(words) ?? []
      expect(MOVED, words).toContain(name)
      const value = Number(limit.replaceAll(',', ''))
      const step = Object.entries(SIDES).find(([one]) => one === side)?.[1] ?? NaN
      return [name, value + step * Math.max(1e-9, Math.abs(value) * 1e-9)] as const
    }),
  )
}

describe.each(CONDITIONS)('of %s', (text) => {
  it('the change that is told turns it round, and less of it does not', () => {
    fc.assert(
      fc.property(values, (of) => {
        const explanation = explained(text, of)
        fc.pre(explanation.condition.truth === 'yes')
        const change = told(explanation)
        expect(change.size).toBeGreaterThan(0)
        expect(explained(text, { ...of, ...Object.fromEntries(change) }).condition.truth).toBe('no')
        for (const [name, value] of change) {
          const was = new Map(Object.entries(of)).get(name) ?? NaN
          // Told in six digits: so much less is less than what would have done.
          const nearly = value - Math.sign(value - was) * Math.abs(value) * 2e-5
          if (Math.abs(value - was) < Math.abs(value) * 1e-3) continue
          const less = { ...of, ...Object.fromEntries(change), [name]: nearly }
          expect(explained(text, less).condition.truth, name).toBe('yes')
        }
      }),
      propertyParameters(60),
    )
  })

  it('no lesser change of other figures turns it round', () => {
    fc.assert(
      fc.property(values, efforts, (of, effort) => {
        const { condition, smallestChange } = explained(text, of)
        fc.pre(condition.truth === 'yes')
        const all = effort.reduce((sum, { share }) => sum + share, 0)
        const moved = MOVED.map((name, at) => {
          const { share = 0, up = false } = effort[at] ?? {}
          const by = (0.9999 * (smallestChange?.distance ?? NaN) * share) / all
          const was = new Map(Object.entries(of)).get(name) ?? NaN
          return [name, up ? was / (1 - by) : was * (1 - by)] as const
        })
        expect(explained(text, { ...of, ...Object.fromEntries(moved) }).condition.truth).toBe('yes')
      }),
      propertyParameters(60),
    )
  })
})
