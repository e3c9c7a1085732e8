/** Figures are reported by these sums: an hour's slope decides whether something grows. */
import { expect, it } from 'vitest'
import { quantile, slopePerHour, spreadOf, trendOf } from '../../bench/statistics.ts'

it('finds the slope of an hour from uneven moments', () => {
  const points = [0, 1_000, 5_000, 9_000].map((atMs) => ({ atMs, value: 3 + (2 * atMs) / 3_600_000 }))
  expect(slopePerHour(points)).toBeCloseTo(2, 6)
})

it('does not take the growth of a beginning for a slope', () => {
  const points = Array.from({ length: 100 }, (_, at) => ({ atMs: at * 1_000, value: Math.min(at, 40) }))
  expect(trendOf(points)).toEqual({ first: 4.5, last: 40, slopePerHour: 0 })
})

it('has no slope of one moment', () => {
  expect(slopePerHour([{ atMs: 5, value: 1 }])).toBeNull()
})

it('gives quantiles of values in any order, and nulls of none', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect(spreadOf(values)).toEqual({ count: 100, p50: 51, p90: 91, p99: 100, max: 100 })
  expect(spreadOf([])).toEqual({ count: 0, p50: null, p90: null, p99: null, max: null })
  expect(quantile([1, 2, 3], 1)).toBe(3)
})
