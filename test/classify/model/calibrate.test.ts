import { describe, expect, it } from 'vitest'
import { calibrate, quantisedLogit } from '../../../src/classify/model/calibrate.ts'
import type { LabelEntry } from '../../../src/classify/model/manifest.ts'

const ENTRY: LabelEntry = {
  label: 'malware',
  clauses: ['prohibited.malware'],
  standsAlone: true,
  calibration: { slope: 2, offset: 1, cap: 4.605, floor: -2.303 },
  thresholds: { onePercent: 0.1, onePerMille: 0.5, extreme: 0.9 },
  trainingPositives: 10,
}

describe('calibration', () => {
  it('turns a logit into a ratio and a probability at the prior', () => {
    const { score, logLikelihoodRatio } = calibrate(ENTRY, 0.01, 1)
    expect(logLikelihoodRatio).toBe(3)
    expect(score).toBe(0.169) // 20.1 to 1, at 1 to 99
  })

  it('caps the ratio on both sides, not the score', () => {
    expect(calibrate(ENTRY, 0.01, 9)).toEqual({ label: 'malware', score: 1, logLikelihoodRatio: 4.605 })
    expect(calibrate(ENTRY, 0.01, -9)).toEqual({ label: 'malware', score: 0, logLikelihoodRatio: -2.303 })
  })

  it('quantises, so that the last digits of a provider do not show', () => {
    expect(quantisedLogit(0.731058)).toBe(quantisedLogit(0.731059))
    expect(quantisedLogit(0)).toBe(-quantisedLogit(1))
    expect(Number.isFinite(quantisedLogit(1))).toBe(true)
  })
})
