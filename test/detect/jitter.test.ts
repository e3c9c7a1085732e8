/** Thresholds that lie elsewhere for each account and week: the same for every process, unknown to those outside. */
import { describe, expect, it } from 'vitest'
import { Jitter, NO_JITTER, weeklyHash } from '../../src/detect/jitter.ts'

const WEEK_MS = 7 * 86_400_000
const NOW_MS = Date.UTC(2026, 5, 1)
const KEY = { id: 'one', secret: Buffer.from('a secret of enough bytes') }
const OTHER = { id: 'two', secret: Buffer.from('another one of enough bytes') }

function jitterOf(accountId: string, timeMs: number, salt = 7, key = KEY): number {
  return new Jitter(weeklyHash(key)).of(accountId, timeMs, salt)
}

describe('jitter', () => {
  it('is the same for an account, week and detector, whoever works it out', () => {
    expect(jitterOf('a', NOW_MS)).toBe(jitterOf('a', NOW_MS))
    const jitter = new Jitter(weeklyHash(KEY))
    const [first, again, later, back] = [NOW_MS, NOW_MS + 1, NOW_MS + WEEK_MS, NOW_MS].map((timeMs) =>
      jitter.of('a', timeMs, 7),
    )
    expect([again, back]).toEqual([first, first])
    expect(later).not.toBe(first)
  })

  it('is another for another account, detector or secret', () => {
    const one = jitterOf('a', NOW_MS)
    expect(jitterOf('b', NOW_MS)).not.toBe(one)
    expect(jitterOf('a', NOW_MS, 8)).not.toBe(one)
    expect(jitterOf('a', NOW_MS, 7, OTHER)).not.toBe(one)
  })

  it('lies between -1 and 1, evenly', () => {
    const all = Array.from({ length: 2_000 }, (_, at) => jitterOf(`account-${at}`, NOW_MS))
    expect(Math.min(...all)).toBeGreaterThanOrEqual(-1)
    expect(Math.max(...all)).toBeLessThanOrEqual(1)
    for (const edge of [-0.5, 0, 0.5]) {
      const below = all.filter((one) => one < edge).length / all.length
      expect(Math.abs(below - (edge + 1) / 2)).toBeLessThan(0.04)
    }
  })

  it('is nothing where there is to be none', () => {
    expect(new Jitter(NO_JITTER).of('a', NOW_MS, 7)).toBe(0)
  })
})
