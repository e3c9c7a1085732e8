import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { Entropy } from '../../src/windows/entropy.ts'

const LIMIT = 16
const few = fc.array(fc.nat(LIMIT - 1), { minLength: 1, maxLength: 60 })
const many = fc.array(fc.nat(90), { minLength: 1, maxLength: 400 })

function entropyOf(values: readonly number[], limit: number): Entropy {
  const entropy = new Entropy(limit)
  for (const value of values) entropy.add(value)
  return entropy
}

function exactBits(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].reduce(
    (bits, n) => bits - (n / values.length) * Math.log2(n / values.length),
    0,
  )
}

function restored(entropy: Entropy, limit: number): Entropy {
  const writer = new ByteWriter()
  entropy.encode(writer)
  return Entropy.decode(limit, new ByteReader(writer.take()))
}

describe('entropy', () => {
  it('is 0 for one value, log2(n) for n that come equally often, and unknown of nothing', () => {
    expect(entropyOf([7, 7, 7], LIMIT).value()).toBe(0)
    expect(entropyOf([1, 2, 3, 4, 1, 2, 3, 4], LIMIT).value()).toBe(2)
    expect(new Entropy(LIMIT).value()).toBeNaN()
  })

  it('is exact while no pane holds more values than its limit, also over several panes', () => {
    fc.assert(
      fc.property(fc.array(few, { minLength: 1, maxLength: 4 }), (panes) => {
        const window = new Entropy(Infinity)
        for (const pane of panes) window.merge(restored(entropyOf(pane, LIMIT), LIMIT))
        expect(window.value()).toBeCloseTo(exactBits(panes.flat()), 4)
      }),
    )
  })

  it('is the same to the last digit in any order and grouping, and when a pane has left', () => {
    fc.assert(
      fc.property(few, few, few, (a, b, c) => {
        const inTurn = entropyOf([...c, ...a, ...b], Infinity)
        const merged = new Entropy(Infinity)
        for (const pane of [a, b, c]) merged.merge(entropyOf(pane, LIMIT))
        expect(merged.value()).toBe(inTurn.value())
        merged.leave(entropyOf(b, LIMIT))
        expect(merged.value()).toBe(entropyOf([...a, ...c], Infinity).value())
      }),
    )
  })

  it('past the limit is never too high, and too low by at most what was given up allows', () => {
    fc.assert(
      fc.property(fc.array(many, { minLength: 1, maxLength: 4 }), (panes) => {
        const window = new Entropy(Infinity)
        for (const pane of panes) window.merge(entropyOf(pane, LIMIT))
        const values = panes.flat()
        const exact = exactBits(values)
        expect(window.value()).toBeLessThanOrEqual(exact + 1e-4)
        expect(window.value()).toBeGreaterThanOrEqual(exact - 1 - Math.log2(values.length))
      }),
    )
  })

  it('says when it has given values up, so that a window is merged anew', () => {
    const entropy = entropyOf(
      Array.from({ length: LIMIT }, (_, at) => at),
      LIMIT,
    )
    expect(entropy.add(LIMIT)).toBe(true)
    expect(entropy.add(LIMIT)).toBe(false)
  })
})
