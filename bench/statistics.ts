/** The few sums that benchmarks report by. */

/** Of values in ascending order: the smallest that `share` of them do not pass; NaN of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export interface Spread {
  readonly count: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** Null where there was nothing to count: JSON knows no NaN. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number | null => (sorted.length === 0 ? null : rounded(quantile(sorted, share)))
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

export interface Point {
  readonly atMs: number
  readonly value: number
}

export interface Trend {
  /** Means of the first and the last tenth. */
  readonly first: number
  readonly last: number
  /** Least squares over the second half; null of fewer than two moments. */
  readonly slopePerHour: number | null
}

/** How a quantity moved; the first half is left out of the slope, because everything grows when it begins. */
export function trendOf(points: readonly Point[]): Trend {
  const tenth = Math.max(1, Math.floor(points.length / 10))
  return {
    first: rounded(meanOf(points.slice(0, tenth))),
    last: rounded(meanOf(points.slice(-tenth))),
    slopePerHour: slopePerHour(points.slice(Math.floor(points.length / 2))),
  }
}

const HOUR_MS = 3_600_000

export function slopePerHour(points: readonly Point[]): number | null {
  const meanMs = points.reduce((sum, { atMs }) => sum + atMs, 0) / points.length
  const mean = meanOf(points)
  let products = 0
  let squares = 0
  for (const { atMs, value } of points) {
    products += (atMs - meanMs) * (value - mean)
    squares += (atMs - meanMs) ** 2
  }
  return squares > 0 ? rounded((products / squares) * HOUR_MS) : null
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

function meanOf(points: readonly Point[]): number {
  return points.reduce((sum, { value }) => sum + value, 0) / points.length
}
