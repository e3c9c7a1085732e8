/** Random expressions over a few declared names, and scopes to read them from, for the property tests. */
import fc from 'fast-check'
import type { Pace } from '../../src/topology/model.ts'
import type { Name, Names } from '../../src/topology/names.ts'

/** What the samples read. Null is unknown. */
export interface Sample {
  readonly a: number | null
  readonly b: number | null
  readonly flag: boolean | null
  readonly word: string | null
  readonly quota: number | null
}

const from = { kind: 'event' } as const
/** `a` climbs by one at most with each step of feature 7, as counts do. */
const pace: Pace<Sample> = {
  features: [7],
  whole: true,
  warmsUp: false,
  stepsTo: ({ a }, limit) => (a === null ? 0 : Math.max(0, Math.ceil(limit - a))),
}
const number = (read: (sample: Sample) => number | boolean | null) => (sample: Sample) => {
  const value = read(sample)
  return value === null ? NaN : Number(value)
}

export const NAMES: Names<Sample> = new Map<string, Name<Sample>>([
  ['a', { type: 'number', unit: 'none', pace, read: number((sample) => sample.a), from }],
  ['b', { type: 'number', unit: 'none', pace: 'any', read: number((sample) => sample.b), from }],
  ['flag', { type: 'bool', unit: 'none', pace: 'any', read: number((sample) => sample.flag), from }],
  ['word', { type: 'text', unit: 'none', read: (sample: Sample) => sample.word, from }],
  [
    'account.quota',
    { type: 'number', unit: 'none', pace: 'settled', read: number((sample) => sample.quota), from },
  ],
])

const WORDS = ['ok', 'error', "it's"]
const figure = fc.oneof(
  fc.integer({ min: -2, max: 3 }),
  fc.integer({ min: -1_000, max: 1_000 }).map((n) => n / 8),
)
const literal = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 3 }).map(String), weight: 4 },
  { arbitrary: fc.constantFrom('0.5', '2.25', '100.0', '20'), weight: 1 },
)
const text = fc.constantFrom(...WORDS.map((word) => JSON.stringify(word)))

/** A scope in which everything is known. */
export const known: fc.Arbitrary<Sample> = fc.record({
  a: fc.oneof(fc.integer({ min: -2, max: 3 }), fc.integer({ min: -125, max: 125 })),
  b: figure,
  flag: fc.boolean(),
  word: fc.constantFrom(...WORDS),
  quota: figure,
})

/** A known scope, and the same one with some of its values taken away. */
export const partlyKnown: fc.Arbitrary<{ readonly whole: Sample; readonly part: Sample }> = fc
  .tuple(known, fc.subarray(['a', 'b', 'flag', 'word', 'quota'] as const))
  .map(([whole, hidden]) => ({
    whole,
    part: { ...whole, ...Object.fromEntries(hidden.map((name) => [name, null])) },
  }))

const { condition, amount } = fc.letrec<{ condition: string; amount: string }>((tie) => ({
  amount: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal,
    fc.constantFrom('a', 'b', 'account.quota'),
    fc
      .tuple(tie('amount'), fc.constantFrom('+', '-', '*', '/'), tie('amount'))
      .map(([x, sign, y]) => `(${x} ${sign} ${y})`),
    tie('amount').map((x) => `-(${x})`),
    fc
      .tuple(fc.constantFrom('min', 'max'), tie('amount'), tie('amount'))
      .map(([f, x, y]) => `${f}(${x}, ${y})`),
    tie('amount').map((x) => `abs(${x})`),
    fc.tuple(tie('amount'), tie('amount'), tie('amount')).map(([x, y, z]) => `logistic(${x}, ${y}, ${z})`),
    fc.tuple(tie('condition'), tie('amount'), tie('amount')).map(([c, x, y]) => `(${c} ? ${x} : ${y})`),
  ),
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('flag', 'true', 'false'),
    fc.tuple(fc.constantFrom('==', '!='), text).map(([sign, word]) => `word ${sign} ${word}`),
    fc.array(text, { maxLength: 3 }).map((words) => `word in [${words.join(', ')}]`),
    fc
      .tuple(tie('amount'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('amount'))
      .map(([x, sign, y]) => `${x} ${sign} ${y}`),
    fc
      .tuple(tie('amount'), fc.array(literal, { minLength: 1, maxLength: 3 }))
      .map(([x, list]) => `${x} in [${list.join(', ')}]`),
    fc
      .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
      .map(([x, sign, y]) => `(${x} ${sign} ${y})`),
    tie('condition').map((x) => `!(${x})`),
  ),
}))

export const conditions: fc.Arbitrary<string> = condition
export const amounts: fc.Arbitrary<string> = amount
