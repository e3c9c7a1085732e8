/** Batches of like length within their limits. */
import { describe, expect, it } from 'vitest'
import { batchesOf, bucketOf } from '../../../src/classify/model/batches.ts'

describe('batches', () => {
  it('hold each window once, the like together, within items and padded tokens', () => {
    const lengths = [100, 3, 50, 4, 5, 300, 6, 60]
    const batches = batchesOf(lengths, { items: 3, tokens: 130 })
    expect(batches.map((batch) => batch.map((index) => lengths[index]))).toEqual([
      [3, 4, 5],
      [6, 50],
      [60],
      [100],
      [300],
    ])
    expect(batches.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(batchesOf([], { items: 3, tokens: 130 })).toEqual([])
  })

  it('are padded to few shapes, by a third at most', () => {
    expect([1, 16, 17, 25, 33, 49, 65, 100, 129, 512].map(bucketOf)).toEqual([
      16, 16, 24, 32, 48, 64, 96, 128, 192, 512,
    ])
  })
})
