import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena } from '../../src/windows/arena.ts'
import { MAX_COUNT, MAX_PACKED, NONE, PackedCounts } from '../../src/windows/packed-counts.ts'

const MAX_HASH = 0x7fffffff
const hash = fc.oneof(fc.nat(20), fc.nat(MAX_HASH), fc.constant(MAX_HASH))
const by = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
  fc.constantFrom(MAX_COUNT - 3, MAX_COUNT),
)
const step = fc.record({ hash, by, takes: fc.boolean() })

function held(packed: PackedCounts, handle: number): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (let index = 0; index < packed.size(handle); index++) {
    counts.set(packed.hashAt(handle, index), packed.countAt(handle, index))
  }
  return counts
}

describe('packed counts', () => {
  it('count as a map does, up to their bound, and give all memory back', () => {
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: MAX_PACKED }), (steps, max) => {
        const arena = new Arena()
        const packed = new PackedCounts(arena)
        const oracle = new Map<number, number>()
        let handle = NONE
        for (const { hash, by, takes } of steps) {
          const known = oracle.get(hash) ?? 0
          if (takes) {
            // Nothing is ever taken that was not added.
            if (by > known) continue
            handle = packed.take(handle, hash, by)
            if (by === known) oracle.delete(hash)
            else oracle.set(hash, known - by)
          } else {
            const next = packed.add(handle, hash, by, max)
            const tooMany = known === 0 && oracle.size === max
            expect(next === NONE).toBe(tooMany || known + by > MAX_COUNT)
            if (next === NONE) continue
            handle = next
            oracle.set(hash, known + by)
          }
          expect(held(packed, handle)).toEqual(oracle)
          expect(packed.count(handle, hash)).toBe(oracle.get(hash) ?? 0)
        }
        const counts = [...oracle.values()]
        const share = Math.max(...counts) / counts.reduce((sum, count) => sum + count, 0)
        expect(packed.topShare(handle)).toBe(counts.length === 0 ? NaN : share)
        packed.free(handle)
        expect(arena.usedBytes).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('take no memory for one value that came once', () => {
    const arena = new Arena()
    const packed = new PackedCounts(arena)
    expect(packed.size(packed.add(NONE, MAX_HASH, 1, MAX_PACKED))).toBe(1)
    expect(arena.usedBytes).toBe(0)
  })
})
