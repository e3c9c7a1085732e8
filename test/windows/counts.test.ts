import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Counts } from '../../src/windows/counts.ts'

describe('counts of values', () => {
  it('counts as a map does, in the order of first arrival, however few or many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 9 }))), (additions) => {
        const counts = new Counts()
        const oracle = new Map<number, number>()
        for (const [hash, by] of additions) {
          oracle.set(hash, (oracle.get(hash) ?? 0) + by)
          expect(counts.add(hash, by)).toBe(oracle.get(hash))
        }
        const seen: [number, number][] = []
        counts.forEach((hash, count) => seen.push([hash, count]))
        expect(seen).toEqual([...oracle])
        expect(counts.size).toBe(oracle.size)
        for (let hash = 0; hash <= 60; hash++) expect(counts.has(hash)).toBe(oracle.has(hash))
      }),
    )
  })
})
