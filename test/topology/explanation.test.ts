import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reading } from '../../src/domain/signal.ts'
import { explain, type Part } from '../../src/topology/explanation.ts'
import { compileExpression } from '../../src/topology/expression.ts'
import { conditions, NAMES, partlyKnown, type Sample } from './expression-samples.ts'

function recorded(sample: Sample): readonly Reading[] {
  return [...NAMES].map(([name, reader]): Reading => {
    if (reader.type === 'text') return { name, value: null, text: reader.read(sample), error: null }
    const value = reader.read(sample)
    return { name, value: Number.isNaN(value) ? null : value, text: null, error: null }
  })
}

const nobody: Sample = { a: null, b: null, flag: null, word: null, quota: null }
const why = (text: string, sample: Partial<Sample>) =>
  explain(text, NAMES, recorded({ ...nobody, ...sample }))

describe('a condition explained', () => {
  it('tells what the condition told, whatever it is', () => {
    fc.assert(
      fc.property(conditions, partlyKnown, (text, { part }) => {
        const compiled = compileExpression(text, NAMES, 'bool')
        if ('mistake' in compiled) throw new Error(compiled.mistake.message)
        const truth = compiled.compiled.evaluate(part)
        const told = Number.isNaN(truth) ? 'unknown' : truth === 1 ? 'yes' : 'no'
        expect(explain(text, NAMES, recorded(part)).condition.truth).toBe(told)
      }),
      { numRuns: 1_000 },
    )
  })

  it('puts the values beside what was written, and what is unknown stays so', () => {
    const { condition } = why('a > 3.0 * account.quota && b < 2 && word == "ok"', { a: 7, quota: 2 })
    expect(parts(condition)).toEqual([
      {
        kind: 'comparison',
        text: 'a > 3.0 * account.quota',
        truth: 'yes',
        operator: '>',
        left: { text: 'a', value: 7 },
        right: { text: '3.0 * account.quota', value: 6 },
      },
      {
        kind: 'comparison',
        text: 'b < 2',
        truth: 'unknown',
        operator: '<',
        left: { text: 'b', value: null },
        right: { text: '2', value: 2 },
      },
      {
        kind: 'fact',
        text: 'word == "ok"',
        truth: 'unknown',
        told: [{ name: 'word', value: null, text: null, error: null }],
      },
    ])
  })

  it('lists what is joined by the same word, however many there are', () => {
    const { condition } = why('a > 1 && (b > 1 && flag) && !flag', { a: 2, b: 2, flag: true })
    expect(parts(condition).map((part) => part.text)).toEqual(['a > 1', 'b > 1', 'flag', '!flag'])
  })
})

describe('the smallest change', () => {
  it.each([
    ['the nearest of several', 'a > 10 && b >= 4', { a: 100, b: 5 }, ['b less than 4, not 5']],
    ['a flag counts as a whole', 'a > 10 && !flag', { a: 11, flag: false }, ['a at most 10, not 11']],
    [
      'all of several that would each do',
      'a > 10 || b > 10',
      { a: 11, b: 12 },
      ['a at most 10, not 11', 'b at most 10, not 12'],
    ],
    [
      'of what did not hold, what was missing',
      'a > 10 && b > 10',
      { a: 11, b: 8 },
      ['b more than 10, not 8'],
    ],
    ['a limit that is written first', '10 < a', { a: 20 }, ['a at most 10, not 20']],
    ['a text', 'word == "ok"', { word: 'ok' }, ['word == "ok" did not hold']],
  ] as const)('is %s', (_, text, sample, words) => {
    expect(why(text, sample).smallestChange?.words).toEqual(words)
  })

  it('is not told where what would have to change is unknown', () => {
    expect(why('a > 10', {}).smallestChange).toBeNull()
  })

  it('is a share of the larger side', () => {
    expect(why('a > 80', { a: 100 }).smallestChange?.distance).toBeCloseTo(0.2)
  })
})

function parts(part: Part): readonly Part[] {
  return part.kind === 'all' ? part.parts : [part]
}
