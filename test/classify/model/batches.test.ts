/** Batches of like length within their limits. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchesOf, bucketOf } from '../../../src/classify/model/batches.ts'

describe('batches', () => {
  it('hold each window once, the like together, within items and padded tokens', () => {
    const lengths = [100, 3, 50, 4, 5, 300, 6, 60]
    const batches = batchesOf(lengths, { items: 3, tokens: 130, runTokens: 130 })
    expect(lengthsOf(lengths, batches)).toEqual([[3, 4], [5, 6], [50, 60], [100], [300]])
    expect(batches.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(batchesOf([], { items: 3, tokens: 130, runTokens: 130 })).toEqual([])
  })

  it('part where padding would cost more than a run', () => {
    const lengths = [10, 12, 40, 41]
    expect(lengthsOf(lengths, batchesOf(lengths, { items: 8, tokens: 512, runTokens: 15 }))).toEqual([
      [10, 12],
      [40, 41],
    ])
    expect(lengthsOf(lengths, batchesOf(lengths, { items: 8, tokens: 512, runTokens: 100 }))).toEqual([
      lengths,
    ])
  })

  it('cost the least of all ways to cut', () => {
    const length = fc.integer({ min: 1, max: 60 })
    const limits = { items: fc.integer({ min: 1, max: 4 }), tokens: fc.integer({ min: 1, max: 150 }) }
    fc.assert(
      fc.property(
        fc.array(length, { maxLength: 9 }),
        limits.items,
        limits.tokens,
        fc.nat(50),
        (lengths, ...args) => {
          const [items, tokens, runTokens] = args
          const cost = (batches: Batches) =>
            batches.reduce((sum, batch) => sum + runTokens + paddedOf(batch), 0)
          const ways = cutsOf([...lengths].sort((a, b) => a - b)).filter((batches) =>
            batches.every(
              (batch) => batch.length === 1 || (batch.length <= items && paddedOf(batch) <= tokens),
            ),
          )
          const chosen = lengthsOf(lengths, batchesOf(lengths, { items, tokens, runTokens }))
          expect(cost(chosen)).toBe(Math.min(...ways.map(cost)))
        },
      ),
    )
  })

  it('are padded to few shapes, by a third at most', () => {
    expect([1, 16, 17, 25, 33, 49, 65, 100, 129, 512].map(bucketOf)).toEqual([
      16, 16, 24, 32, 48, 64, 96, 128, 192, 512,
    ])
  })
})

type Batches = readonly (readonly number[])[]

function lengthsOf(lengths: readonly number[], batches: Batches): Batches {
  return batches.map((batch) => batch.map((index) => lengths[index] ?? 0))
}

function paddedOf(batch: readonly number[]): number {
  return batch.length * Math.max(...batch)
}

/** Every way to cut a row into runs of neighbours. */
function cutsOf(row: readonly number[]): Batches[] {
  if (row.length === 0) return [[]]
  return row.flatMap((_, at) => cutsOf(row.slice(at + 1)).map((rest) => [row.slice(0, at + 1), ...rest]))
}
