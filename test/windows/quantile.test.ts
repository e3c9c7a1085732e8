import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { Quantile, QUANTILE_ERROR } from '../../src/windows/quantile.ts'

const LIMIT = 16
const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40 })
const shares = fc.double({ min: 0.01, max: 0.99, noNaN: true })

function quantileOf(given: readonly number[], share: number, limit = LIMIT): Quantile {
  const quantile = new Quantile(share, limit)
  for (const value of given) quantile.add(value)
  return quantile
}

/** The smallest value of which at least that share is at most as large. */
function exactOf(given: readonly number[], share: number): number {
  const ascending = given.toSorted((a, b) => a - b)
  return ascending[Math.max(1, Math.ceil(share * given.length)) - 1] ?? NaN
}

function restored(quantile: Quantile, share: number): Quantile {
  const writer = new ByteWriter()
  quantile.encode(writer)
  return Quantile.decode(share, LIMIT, new ByteReader(writer.take()))
}

describe('a quantile', () => {
  it('is exact up to the limit, and unknown of nothing', () => {
    expect(new Quantile(0.5, LIMIT).value()).toBeNaN()
    fc.assert(
      fc.property(values, shares, (given, share) => {
        const some = given.slice(0, LIMIT)
        expect(quantileOf(some, share).value()).toBe(exactOf(some, share))
      }),
    )
  })

  it('past the limit is within 1 % of the value', () => {
    fc.assert(
      fc.property(values, values, shares, (one, other, share) => {
        const given = [...one, ...other, ...one]
        const exact = exactOf(given, share)
        const error = Math.abs(quantileOf(given, share, 1).value() - exact)
        expect(error).toBeLessThanOrEqual(Math.max(exact * QUANTILE_ERROR * 1.000001, 1e-6))
      }),
    )
  })

  it('is the same in any order and grouping', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), shares, (panes, share) => {
        const window = new Quantile(share, LIMIT)
        for (const pane of panes.toReversed()) window.merge(restored(quantileOf(pane, share), share))
        expect(window.value()).toBe(quantileOf(panes.flat(), share).value())
      }),
    )
  })

  it('lets a pane go while all is exact, and says when it cannot', () => {
    const window = quantileOf([1, 2, 3], 0.5)
    window.merge(quantileOf([9, 9], 0.5))
    expect(window.leave(quantileOf([1, 2], 0.5))).toBe(true)
    expect(window.value()).toBe(9)
    const full = quantileOf(
      Array.from({ length: LIMIT + 1 }, (_, at) => at),
      0.5,
    )
    expect(full.leave(quantileOf([1], 0.5))).toBe(false)
  })
})
