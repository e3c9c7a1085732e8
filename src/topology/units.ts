/** Units of numbers in conditions. `none` is a bare number, which fits any unit. */
import type { Unit } from './model.ts'

/** The common unit of what is added, compared or chosen between; null where the two do not belong together. */
export function commonUnit(a: Unit, b: Unit): Unit | null {
  if (a === b || b === 'none') return a
  return a === 'none' ? b : null
}

export function productUnit(a: Unit, b: Unit): Unit {
  if (isFactor(b)) return isFactor(a) && b === 'ratio' ? b : a
  return isFactor(a) ? b : 'none'
}

export function quotientUnit(a: Unit, b: Unit): Unit {
  if (b === 'none') return a
  if (a === b) return 'ratio'
  return b === 'ratio' ? a : 'none'
}

const UNIT_NAMES: Readonly<Partial<Record<Unit, string>>> = {
  count: 'a count',
  perMinute: 'a rate per minute',
  ms: 'milliseconds',
  ratio: 'a ratio',
  logRatio: 'log-likelihood ratios',
  none: 'a bare number',
}

/** A unit as people are told of it. */
export function unitName(unit: Unit): string {
  return UNIT_NAMES[unit] ?? unit
}

/** What to write instead, where one unit can be turned into the other. */
export function conversionHint(a: Unit, b: Unit): string {
  const both = [a, b]
  if (both.includes('seconds') && both.includes('ms')) return 'divide the milliseconds by 1000'
  if (both.includes('perMinute') && both.includes('count'))
    return 'take `rate`, or `count` over a window of 1m'
  return 'compare like with like, or divide by something of the same unit first'
}

function isFactor(unit: Unit): boolean {
  return unit === 'none' || unit === 'ratio'
}
