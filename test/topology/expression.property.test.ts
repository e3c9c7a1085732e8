/** X2 of `src/topology/expression.ts`: the library is the oracle, and what is known does not hang on what is not. */
import fc from 'fast-check'
import { parse } from '@marcbachmann/cel-js'
import { describe, expect, it } from 'vitest'
import { asDoubles } from '../../src/topology/cel.ts'
import { celEnvironment, compileExpression } from '../../src/topology/expression.ts'
import type { Expression } from '../../src/topology/model.ts'
import { amounts, conditions, known, NAMES, partlyKnown, type Sample } from './expression-samples.ts'

const RUNS = { numRuns: 2_000 }
const environment = celEnvironment(NAMES)

function compiled(text: string, wanted: 'bool' | 'number'): Expression<Sample> {
  const result = compileExpression(text, NAMES, wanted)
  if ('mistake' in result) throw new Error(`${text}: ${result.mistake.message}`)
  return result.compiled.evaluate
}

/** What the library makes of the same expression. */
function oracle(text: string, { quota, ...sample }: Sample): number {
  const value: unknown = environment.evaluate(asDoubles(text, parse(text).ast).text, {
    ...sample,
    account: { quota },
  })
  return Number(value)
}

/** Only a division and a scale of zero make known things unknown. */
const mayDivide = /\/|logistic/

describe.each([
  ['conditions', conditions, 'bool'],
  ['amounts', amounts, 'number'],
] as const)('compiled %s', (_, texts, wanted) => {
  it('have the value that the library gives them, where everything is known', () => {
    fc.assert(
      fc.property(texts, known, (text, sample) => {
        const value = compiled(text, wanted)(sample)
        if (Number.isNaN(value)) expect(text).toMatch(mayDivide)
        else expect(value).toBe(oracle(text, sample))
      }),
      RUNS,
    )
  })

  it('never change a known value when more becomes known', () => {
    fc.assert(
      fc.property(texts, partlyKnown, (text, { part, whole }) => {
        const evaluate = compiled(text, wanted)
        const before = evaluate(part)
        if (!Number.isNaN(before)) expect(evaluate(whole)).toBe(before)
      }),
      RUNS,
    )
  })
})
