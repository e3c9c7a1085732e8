import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Recent } from '../../src/classify/recent.ts'
import { VerdictCache } from '../../src/classify/verdict-cache.ts'
import { propertyParameters } from '../support/property-parameters.ts'

describe('what is recent', () => {
  it('is bounded, and what is asked for stays', () => {
    const recent = new Recent<number>(2)
    recent.set('a', 1)
    recent.set('b', 2)
    expect(recent.get('a')).toBe(1)
    recent.set('c', 3)
    expect([recent.get('a'), recent.get('b'), recent.get('c'), recent.size]).toEqual([1, undefined, 3, 2])
  })

  it('forgets what was not asked for longest, whatever was asked and set before', () => {
    const key = fc.nat(6).map(String)
    const step = fc.record({ key, sets: fc.boolean() })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 200, size: 'max' }),
        (capacity, steps) => {
          const recent = new Recent<number>(capacity)
          // The last asked for stands last.
          let kept: readonly string[] = []
          for (const { key, sets } of steps) {
            if (sets) recent.set(key, 1)
            else expect(recent.get(key)).toBe(kept.includes(key) ? 1 : undefined)
            if (sets || kept.includes(key))
              kept = [...kept.filter((one) => one !== key), key].slice(-capacity)
            expect(recent.size).toBe(kept.length)
          }
        },
      ),
      propertyParameters(500),
    )
  })
})

describe('the verdict cache', () => {
  it('remembers who told a turn first', () => {
    const cache = new VerdictCache(10)
    cache.keepTold('turn', 'e1')
    cache.keepTold('turn', 'e2')
    expect(cache.toldByAnother('turn', 'e1')).toBe(false)
    expect(cache.toldByAnother('turn', 'e2')).toBe(true)
    expect(cache.toldByAnother('another', 'e2')).toBe(false)
  })
})
