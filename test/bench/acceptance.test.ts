/** What the acceptance run concludes from its seeds: bounds, bars and shares that people quote. */
import { describe, expect, it } from 'vitest'
import type { Found, SeedOutcome, Wrong } from '../../bench/acceptance/outcome.ts'
import { poissonUpper95 } from '../../bench/acceptance/poisson.ts'
import { reportOf } from '../../bench/acceptance/report.ts'

it.each([
  [0, 2.9957],
  [1, 4.7439],
  [2, 6.2958],
  [10, 16.9622],
])('of %i events the upper 95 %% bound is %d', (count, bound) => {
  expect(poissonUpper95(count)).toBeCloseTo(bound, 3)
})

const wrong = (kind: string, accountId = 'a'): Wrong => {
  return { accountId, kind, detectorId: 'd', day: 3, reason: 'x 1' }
}
const found = (evasion: number, delayMs: number | null, gainPerHour: number): Found => {
  const rest = { detectorId: 'd', anyDelayMs: delayMs, followed: null, gain: 'requests' } as const
  return { ...rest, evasion, delayMs, gainPerHour }
}
const seed = (number: number, wrongs: readonly Wrong[], all: readonly Found[]): SeedOutcome => ({
  seed: number,
  honestAccounts: 3_000,
  honestAccountDays: 30_000,
  honestRequests: 6_000_000,
  requests: 7_000_000,
  wrongs,
  found: all,
  cpuSeconds: 1,
})

describe('the report', () => {
  it('reaches its bars where no honest account was touched', () => {
    expect(reportOf([seed(1, [], []), seed(2, [], [])], 12).bars.map(({ reached }) => reached)).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  it('judges warnings by their bound, and restrictions by accounts', () => {
    const acts = [wrong('warning'), wrong('warning', 'b'), wrong('restriction'), wrong('restriction')]
    const { bars, warningsPer10000Upper95 } = reportOf([seed(1, acts, []), seed(2, [], [])], 12)
    expect(warningsPer10000Upper95).toBeCloseTo(6.2958 / 6, 3)
    expect(bars.map(({ seen, reached }) => [seen, reached])).toEqual([
      ['60000', true],
      ['12000000', true],
      ['1', false],
      ['1.05', false],
    ])
  })

  it('does not reach its bars with too little', () => {
    expect(reportOf([seed(1, [], [])], 12).bars.map(({ reached }) => reached)).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('tells recall, median delay and what the attacker keeps, level by level', () => {
    const all = [found(0, 60_000, 100), found(0.5, 180_000, 40), found(0.5, null, 60)]
    const { levels } = reportOf([seed(1, [], all), seed(2, [], [found(0, 120_000, 300)])], 12)
    expect(levels[0]).toMatchObject({ abusers: 2, found: 2, medianDelayMinutes: 2, gainShare: 1 })
    expect(levels[2]).toMatchObject({ abusers: 2, found: 1, medianDelayMinutes: 3, gainShare: 0.25 })
    expect(levels[1]).toMatchObject({ abusers: 0, found: 0, medianDelayMinutes: null })
  })
})
