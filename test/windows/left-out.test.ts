/** How far off a figure may be that leaves something out: no part of what was left out moves it further than is told. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  distinctTallying,
  entropyTallying,
  enumerationTallying,
  quantileTallying,
  topShareTallying,
} from '../../src/windows/accumulator-tallies.ts'
import { hashNumber31 } from '../../src/windows/hash.ts'
import type { Tallying } from '../../src/windows/tally.ts'

/** Lets tallyings of several kinds stand side by side. */
function kind<I, T>(tallying: Tallying<I, T>, itemOf: (value: number) => I) {
  const told = (panes: readonly (readonly number[])[]): T => {
    const window = tallying.openWindow()
    for (const values of panes) {
      const pane = tallying.open()
      for (const value of values) tallying.add(pane, itemOf(value))
      tallying.merge(window, pane)
    }
    return window
  }
  return {
    value: (...panes: readonly (readonly number[])[]) => tallying.value(told(panes), NaN),
    error: (there: readonly number[], left: readonly number[]) =>
      tallying.error(told([there]), left.length === 0 ? null : told([left])),
  }
}

const EXACT = 1_000
const FEW = 6
const kinds: Readonly<Record<string, ReturnType<typeof kind>>> = {
  distinct: kind(distinctTallying(EXACT), hashNumber31),
  topShare: kind(topShareTallying(EXACT), hashNumber31),
  'topShare of a few': kind(topShareTallying(FEW), hashNumber31),
  entropy: kind(entropyTallying(EXACT), hashNumber31),
  'entropy of a few': kind(entropyTallying(FEW), hashNumber31),
  median: kind(quantileTallying(0.5, EXACT), (value) => value),
  'median of a few': kind(quantileTallying(0.5, FEW), (value) => value),
  'high quantile': kind(quantileTallying(0.93, EXACT), (value) => value),
  enumeration: kind(enumerationTallying(), (value) => ({ template: value % 2, ordinal: value })),
}

/** Values of which some are frequent, so that what is left out may look like what is there, or not. */
const values = fc.oneof(
  fc.array(fc.nat(12), { maxLength: 80 }),
  fc.array(fc.integer({ min: 5, max: 60 }), { maxLength: 80 }),
  fc.tuple(fc.nat(60), fc.nat(80)).map(([value, times]) => new Array<number>(times).fill(value)),
)

describe('what is told of less than all', () => {
  it.each(Object.keys(kinds))('%s is no further off than is told, whatever part belongs to it', (name) => {
    const [told, exact] = [kinds[name], kinds[name.replace(' of a few', '')]]
    if (told === undefined || exact === undefined) throw new Error(`no ${name}`)
    fc.assert(
      fc.property(values, values, fc.nat(100), fc.nat(100), (there, left, from, length) => {
        const part = left.slice(from % (left.length + 1), (from % (left.length + 1)) + length)
        const value = told.value(there)
        const whole = exact.value(there, part)
        if (Number.isNaN(value) || Number.isNaN(whole)) return
        expect(Math.abs(value - whole)).toBeLessThanOrEqual(told.error(there, left) + 1e-5)
      }),
      { numRuns: 2_000 },
    )
  })

  it('has an error of 0 where nothing was left out and nothing given up', () => {
    for (const [name, { error }] of Object.entries(kinds))
      if (!name.endsWith('few')) expect([name, error([1, 2, 3, 3], [])]).toEqual([name, 0])
  })
})
