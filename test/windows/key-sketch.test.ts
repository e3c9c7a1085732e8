import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeySketch } from '../../src/windows/key-sketch.ts'

const WINDOW_MS = 60_000

describe('a sketch of keys', () => {
  it('never counts too low, whatever else comes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 300, size: 'max' }), (keys) => {
        const sketch = new KeySketch(WINDOW_MS)
        const exact = new Map<number, number>()
        for (const key of keys) {
          const times = (exact.get(key) ?? 0) + 1
          exact.set(key, times)
          expect(sketch.count(`k${key}`, 0)).toBeGreaterThanOrEqual(Math.min(255, times))
        }
      }),
      { numRuns: 20 },
    )
  })

  it('of 200,000 keys that came once takes hardly any for one that came often', () => {
    const sketch = new KeySketch(WINDOW_MS)
    let tooHigh = 0
    for (let n = 0; n < 200_000; n++) {
      if (sketch.count(`minted-${n}`, n < 100_000 ? 0 : WINDOW_MS) >= 8) tooHigh++
    }
    expect(tooHigh).toBe(0)
  })

  it('remembers the window before, and nothing older', () => {
    const sketch = new KeySketch(WINDOW_MS)
    expect([0, 1, 2].map(() => sketch.count('k', 0))).toEqual([1, 2, 3])
    expect(sketch.count('k', WINDOW_MS)).toBe(4)
    expect(sketch.count('k', 2 * WINDOW_MS)).toBe(2)
    expect(sketch.count('k', 9 * WINDOW_MS)).toBe(1)
  })

  it('stops counting before its counters overflow', () => {
    const sketch = new KeySketch(WINDOW_MS)
    let last = 0
    for (let n = 0; n < 300; n++) last = sketch.count('k', 0)
    expect(last).toBe(255)
    expect(sketch.count('k', WINDOW_MS)).toBe(255)
  })
})
