/** Three-valued logic, one number kind, and what a closure tells of what it reads. */
import { describe, expect, it } from 'vitest'
import { compileExpression } from '../../src/topology/expression.ts'
import { NAMES, type Sample } from './expression-samples.ts'

const SAMPLE: Sample = { a: 3, b: null, flag: true, word: 'ok', quota: 0 }

function valueOf(text: string, wanted: 'bool' | 'number' = 'bool', sample = SAMPLE): number {
  const result = compileExpression(text, NAMES, wanted)
  if ('mistake' in result) throw new Error(result.mistake.message)
  return result.compiled.evaluate(sample)
}

describe('unknown', () => {
  it.each([
    ['b > 1', NaN],
    ['b == b', NaN],
    ['b != 1', NaN],
    ['!(b > 1)', NaN],
    ['b > 1 && a > 1', NaN],
    ['a > 1 && b > 1', NaN],
    ['b > 1 && a > 5', 0],
    ['a > 5 && b > 1', 0],
    ['b > 1 || a > 1', 1],
    ['a > 1 || b > 1', 1],
    ['b > 1 || a > 5', NaN],
    ['b in [1, 2]', NaN],
    ['a / account.quota > 1', NaN],
    ['!(a / account.quota > 1)', NaN],
    ['(b > 1 ? a : a) > 1', NaN],
    ['(a > 1 ? a : b) > 1', 1],
    ['max(a, b) > 1', NaN],
    ['logistic(a, 1, 0) > 0', NaN],
  ])('%s is %s', (text, value) => {
    expect(valueOf(text)).toBe(value)
  })

  it('is a text that is not known, in every comparison', () => {
    const sample = { ...SAMPLE, word: null }
    for (const text of ['word == "ok"', 'word != "ok"', 'word in ["ok"]', '!(word in ["ok"])'])
      expect(valueOf(text, 'bool', sample)).toBeNaN()
  })
})

describe('numbers', () => {
  it('are of one kind: whole ones and others mix, and division is not cut', () => {
    expect(valueOf('a == 3 && 2 * a == 6.0 && a in [1, 3]')).toBe(1)
    expect(valueOf('5 / 2', 'number')).toBe(2.5)
  })
})

describe('what a closure reads', () => {
  it('is told once for each name that it meets', () => {
    const result = compileExpression('a > 1 && account.quota > b', NAMES, 'bool')
    expect('compiled' in result && result.compiled.reads).toHaveLength(3)
  })
})
