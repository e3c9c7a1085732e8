import { describe, expect, it } from 'vitest'
import { Recent } from '../../src/classify/recent.ts'
import { VerdictCache } from '../../src/classify/verdict-cache.ts'

describe('what is recent', () => {
  it('is bounded, and what is asked for stays', () => {
    const recent = new Recent<number>(2)
    recent.set('a', 1)
    recent.set('b', 2)
    expect(recent.get('a')).toBe(1)
    recent.set('c', 3)
    expect([recent.get('a'), recent.get('b'), recent.get('c'), recent.size]).toEqual([1, undefined, 3, 2])
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
