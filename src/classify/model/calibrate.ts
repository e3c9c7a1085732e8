/**
 * Raw model outputs to what a verdict carries.
 *
 * K1. Logits are quantised to three decimals before anything is derived from them, so that batching and execution
 *     providers, which move the last digits, seldom move a verdict (P5).
 * K2. The ratio is capped on both sides: no single text proves anything.
 */
import type { LabelScore } from '../../domain/verdict.ts'
import type { LabelEntry } from './manifest.ts'

const LEAST = 1e-7

/** The logit of a probability, quantised (K1). */
export function quantisedLogit(raw: number): number {
  const share = Math.min(Math.max(raw, LEAST), 1 - LEAST)
  return round3(Math.log(share / (1 - share)))
}

/** Calibrated score and capped log-likelihood ratio of one label. */
export function calibrate(entry: LabelEntry, prior: number, logit: number): LabelScore {
  const { slope, offset, cap, floor } = entry.calibration
  const ratio = slope * logit + offset
  const score = 1 / (1 + Math.exp(-(ratio + Math.log(prior / (1 - prior)))))
  return {
    label: entry.label,
    score: round3(score),
    logLikelihoodRatio: round3(Math.min(Math.max(ratio, floor), cap)),
  }
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000 + 0
}
